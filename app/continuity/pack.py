"""The pack: a folder with all that a desk needs on paper, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.continuity.outage import open_orders
from app.continuity.page import page
from app.continuity.tables import clock, contacts_table, orders_table, positions_table
from app.core.desk_state import DeskState
from app.reports.render import write_csv, write_xlsx
from models.contacts import Broker
from models.errors import BadInput

KEPT = 24
_PREFIX = "pack-"
_HIDDEN = ".writing-"
WritePdf = Callable[[str, Path], None]


class Source(NamedTuple):
    """What a pack is made of: a state, as of the store's clock, and what goes with it."""

    state: DeskState
    desk: str
    known_ts: int
    brokers: tuple[Broker, ...]
    notices: Mapping[str, str]
    zone: ZoneInfo


class Pack(NamedTuple):
    """A pack that was written: its folder, the files in it, and how many open orders it has."""

    folder: Path
    files: tuple[str, ...]
    orders: int


def write_pack(out: Path, source: Source, now_ts: int, write_pdf: WritePdf | None) -> Pack:
    """Write a pack into a folder of its own below `out`, and let go of all but the last ones.

    It is written aside and gets its name when it is whole. Raises `BadInput` when it can't be.
    """
    name = f"{_PREFIX}{datetime.fromtimestamp(now_ts // 10**9, UTC):%Y%m%dT%H%M%SZ}"
    aside, folder = out / f"{_HIDDEN}{os.getpid()}", out / name
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        count = _fill(aside, source, now_ts, write_pdf)
        files = tuple(sorted(path.name for path in aside.iterdir()))
        if folder.exists():  # the same second: the newer one counts
            shutil.rmtree(folder)
        aside.rename(folder)
        _point_to(out, name)
        _let_go(out)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise BadInput(f"The pack can't be written to {out}: {error.strerror or error}.") from None
    return Pack(folder, files, count)


def _fill(folder: Path, source: Source, now_ts: int, write_pdf: WritePdf | None) -> int:
    state, zone = source.state, source.zone
    orders = open_orders(state, source.desk).values()
    tables = (
        orders_table(orders, source.brokers, zone),
        positions_table(state, source.desk),
        contacts_table(source.brokers),
    )
    for table in tables:
        stem = table.title.lower().replace(" ", "-")
        write_csv(table, folder / f"{stem}.csv")
    write_xlsx(tables[0], folder / "open-orders.xlsx")
    facts = {
        "Desk": source.desk,
        "Trading day": state.day or "not begun",
        "Known as of": clock(source.known_ts, zone),
        "Written": clock(now_ts, zone),
    }
    html = page(f"Continuity pack of desk {source.desk}", facts, tables)
    (folder / "pack.html").write_text(html, encoding="utf-8")
    if write_pdf is not None:
        write_pdf(html, folder / "pack.pdf")
    for name, text in source.notices.items():
        (folder / f"notice-{name}.txt").write_text(text, encoding="utf-8")
    return len(orders)


def _point_to(out: Path, name: str) -> None:
    """Say in a file which pack is the newest: links do not survive every network drive."""
    beside = out / f"{_HIDDEN}latest"
    beside.write_text(f"{name}\n", encoding="utf-8")
    beside.replace(out / "LATEST")


def _let_go(out: Path) -> None:
    for old in sorted(path for path in out.glob(f"{_PREFIX}*") if path.is_dir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
