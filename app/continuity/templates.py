"""Texts with `$fields`: notices to clients, desk, counterparties, regulator; call scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from models.contacts import Broker
from models.errors import BadInput
from models.instruments import Instrument
from models.orders import Order

_FILE_MAX = 20_000
_NO_SCRIPT = "I call about order $order_id: $side $qty $symbol. What is its state?"


def fill(text: str, fields: Mapping[str, str], what: str) -> str:
    """Return `text` with its `$fields` filled; raises `BadInput` for one that is not known."""
    try:
        return Template(text).substitute(fields)
    except KeyError as error:
        raise BadInput(
            f"{what}: ${error.args[0]} is not known; choose among "
            f"{', '.join(f'${name}' for name in fields)}."
        ) from None
    except ValueError:
        raise BadInput(f"{what}: a $ has no name behind it; write $$ for the sign.") from None


def read_templates(folder: Path) -> dict[str, str]:
    """Return the texts in a folder by name, `clients` of `clients.txt`; raises `BadInput`."""
    try:
        return {path.stem: _read(path) for path in sorted(folder.glob("*.txt"))}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Templates in {folder} can't be read: {error}.") from None


def _read(path: Path) -> str:
    if path.stat().st_size > _FILE_MAX:
        raise BadInput(f"{path.name} is over {_FILE_MAX:,} bytes; that is no notice.")
    return path.read_text(encoding="utf-8")


def call_script(
    order: Order, broker: Broker | None, instrument: Instrument | None, person: str
) -> str:
    """Return what to say on the telephone about an order; a script that can't be filled says so."""
    show = instrument.show_price if instrument is not None else str
    fields = {
        "order_id": order.cl_ord_id or order.order_id,
        "side": order.side.label,
        "qty": f"{order.qty:,}",
        "leaves": f"{order.leaves_qty:,}",
        "symbol": order.symbol,
        "limit": show(order.limit_px) if order.limit_px else "at market",
        "account": order.account,
        "desk": order.desk,
        "person": person,
    }
    text = broker.script if broker is not None and broker.script else _NO_SCRIPT
    try:
        return fill(text, fields, f"The script of {broker.name if broker else 'no broker'}")
    except BadInput as error:
        return str(error)
