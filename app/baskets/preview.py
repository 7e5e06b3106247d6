"""What a table of orders would become: a line's terms, or which of its cells are wrong and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from app.core.context import Context
from app.core.decide.baskets import basket_judgements
from app.core.desk_state import DeskState
from app.securities.sheets import Row, Sheet
from models.errors import BadInput
from models.instruments import Instrument
from models.money import parse_price, parse_qty
from models.orders import DESK, OrderTerms, OrderType, Side, TimeInForce
from models.workflow import BASKET_LINES_MAX

Value = TypeVar("Value")

# Names that other systems give the columns; the first is ours. All are read without case, spaces,
# points and lines.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "security", "instrument", "isin", "sedol", "cusip", "figi"),
    "side": ("side", "buysell", "bs", "direction", "action"),
    "qty": ("qty", "quantity", "shares", "size", "orderqty", "amount", "face"),
    "type": ("type", "ordertype", "ordtype"),
    "limit": ("limit", "limitprice", "price", "px", "limitpx"),
    "account": ("account", "acct", "fund", "portfolio"),
    "tif": ("tif", "timeinforce", "validity"),
    "instructions": ("instructions", "notes", "note", "comment"),
}
_SIDES = {
    **dict.fromkeys(("b", "buy", "bot", "long", "cover", "1"), Side.BUY),
    **dict.fromkeys(("s", "sell", "sld", "2"), Side.SELL),
    **dict.fromkeys(("ss", "short", "sellshort", "5"), Side.SELL_SHORT),
}
_TYPES = {
    **dict.fromkeys(("", "mkt", "market", "1"), OrderType.MARKET),
    **dict.fromkeys(("lmt", "limit", "2"), OrderType.LIMIT),
}
_FORCES = {
    "": TimeInForce.DAY,
    "day": TimeInForce.DAY,
    "0": TimeInForce.DAY,
    "gtc": TimeInForce.GTC,
    "1": TimeInForce.GTC,
}


class CellFault(msgspec.Struct, frozen=True):
    """One wrong cell: its column's name (empty for the whole line), what stands there, and why."""

    column: str
    value: str
    text: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: its number in the file, its cells by column, and its terms unless it is wrong.

    `warnings` are soft breaches: they need a reason when the line is sent.
    """

    number: int
    cells: dict[str, str]
    terms: OrderTerms | None = None
    faults: tuple[CellFault, ...] = ()
    warnings: str = ""


class BasketPreview(msgspec.Struct, frozen=True, kw_only=True):
    """All lines of a basket, and which columns of the file were not understood."""

    name: str
    lines: tuple[Line, ...]
    ignored: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[Line, ...]:
        """The lines that can't be loaded."""
        return tuple(line for line in self.lines if line.faults)

    @property
    def terms(self) -> tuple[OrderTerms, ...]:
        """What would be loaded; raises `BadInput` while a line is wrong."""
        if self.wrong:
            raise BadInput(f"{len(self.wrong):,} lines are wrong; nothing is loaded by halves.")
        return tuple(line.terms for line in self.lines if line.terms is not None)


def preview(
    sheet: Sheet,
    state: DeskState,
    login: str,
    desk: str,
    context: Context,
    account: str = "",
) -> BasketPreview:
    """Return what `sheet` would load; lines without an account are for `account`.

    Raises `BadInput` where the table as a whole can't be a basket.
    """
    places, ignored = _places(sheet)
    if len(sheet.rows) > BASKET_LINES_MAX:
        raise BadInput(
            f"{sheet.file} has {len(sheet.rows):,} lines; a basket has at most "
            f"{BASKET_LINES_MAX:,}. Split it."
        )
    if not sheet.rows:
        raise BadInput(f"{sheet.file} has a heading and no lines.")
    names = _names(state.instruments.values())
    read = [_line(row, places, state, names, account) for row in sheet.rows]
    return BasketPreview(
        name=sheet.file.rpartition(".")[0] or sheet.file,
        lines=tuple(_judged(read, state, login, desk, context)),
        ignored=ignored,
    )


def _places(sheet: Sheet) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return where each known column stands, and what else is headed."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    known = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    for at, heading in enumerate(sheet.header):
        name = known.get("".join(each for each in heading.lower() if each.isalnum()))
        if name is None or name in places:
            ignored.append(heading)
        else:
            places[name] = at
    missing = [name for name in ("symbol", "qty") if name not in places]
    if missing:
        raise BadInput(
            f"{sheet.file} has no column for {' and '.join(missing)}. Its first line names the "
            f"columns: {', '.join(COLUMNS)}."
        )
    return places, tuple(heading for heading in ignored if heading)


def _names(instruments: Iterable[Instrument]) -> dict[str, str]:
    """Return by which names a security may be called."""
    found: dict[str, str] = {}
    for each in instruments:
        for name in ("symbol", "isin", "sedol", "cusip", "figi"):
            value = getattr(each, name, "")
            if value:
                found.setdefault(value.upper(), each.symbol)
    return found


def _line(
    row: Row,
    places: Mapping[str, int],
    state: DeskState,
    names: Mapping[str, str],
    account: str,
) -> Line:
    cells = {name: row.cells[at] if at < len(row.cells) else "" for name, at in places.items()}
    faults: list[CellFault] = []

    def read(column: str, value: Callable[[str], Value], otherwise: Value) -> Value:
        text = cells.get(column, "")
        try:
            return value(text)
        except BadInput as error:
            faults.append(CellFault(column, text, str(error)))
            return otherwise

    symbol = read("symbol", lambda text: _symbol(text, names), "")
    signed = read("qty", _qty, 0)
    side = read("side", lambda text: _side(text, signed), Side.BUY)
    limit = read("limit", _limit, None)
    kind = read("type", lambda text: _type(text, limit), OrderType.MARKET)
    force = read("tif", _force, TimeInForce.DAY)
    whose = read("account", lambda text: _account(text or account, state), "")
    if faults:
        return Line(number=row.number, cells=cells, faults=tuple(faults))
    terms = OrderTerms(
        symbol=symbol,
        side=side,
        qty=abs(signed),
        order_type=kind,
        account=whose,
        limit_px=limit,
        time_in_force=force,
        venue=DESK,
        instructions=cells.get("instructions", "")[:200],
    )
    return Line(number=row.number, cells=cells, terms=terms)


def _judged(
    lines: list[Line], state: DeskState, login: str, desk: str, context: Context
) -> list[Line]:
    """Have the desk's own checks look at the lines that could be read."""
    terms = tuple(line.terms for line in lines if line.terms is not None)
    judged = iter(basket_judgements(state, login, desk, terms, context))
    found: list[Line] = []
    for line in lines:
        if line.terms is None:
            found.append(line)
            continue
        judgement = next(judged)
        faults = tuple(
            CellFault(_COLUMN_OF.get(e.field, ""), line.cells.get(_COLUMN_OF.get(e.field, ""), ""),
                      e.text)
            for e in judgement.errors
        )  # fmt: skip
        warnings = "" if faults else judgement.text
        terms_now = None if faults else line.terms
        found.append(
            msgspec.structs.replace(line, terms=terms_now, faults=faults, warnings=warnings)
        )
    return found


_COLUMN_OF = {
    "symbol": "symbol",
    "qty": "qty",
    "limit_px": "limit",
    "account": "account",
    "time_in_force": "tif",
}


def _symbol(text: str, names: Mapping[str, str]) -> str:
    if not text:
        raise BadInput("The symbol is missing.")
    symbol = names.get(text.upper())
    if symbol is None:
        raise BadInput(f"{text} is no symbol or identifier of the security master.")
    return symbol


def _qty(text: str) -> int:
    if not text:
        raise BadInput("The quantity is missing.")
    negative = text.startswith(("-", "−", "("))
    qty = parse_qty(text.strip("-−()+ "))
    if not qty:
        raise BadInput("A quantity of 0 is no order. Take the line out.")
    return -qty if negative else qty


def _side(text: str, signed: int) -> Side:
    word = "".join(each for each in text.lower() if each.isalnum())
    negative = signed < 0
    if not word:
        return Side.SELL if negative else Side.BUY
    side = _SIDES.get(word)
    if side is None:
        raise BadInput(f"{text} is no side. Write buy, sell or short.")
    if negative and side is Side.BUY:
        raise BadInput("A negative quantity is a sale, but the side says buy. Correct one.")
    return side


def _type(text: str, limit: int | None) -> OrderType:
    if not text:
        return OrderType.MARKET if limit is None else OrderType.LIMIT
    kind = _TYPES.get(text.lower())
    if kind is None:
        raise BadInput(f"{text} is no type of a basket line. Write market or limit.")
    if kind is OrderType.MARKET and limit is not None:
        raise BadInput("A market order has no limit price. Clear the price, or write limit.")
    return kind


def _limit(text: str) -> int | None:
    return parse_price(text) if text else None


def _force(text: str) -> TimeInForce:
    force = _FORCES.get(text.lower())
    if force is None:
        raise BadInput(f"{text} is no time in force of a basket line. Write DAY or GTC.")
    return force


def _account(text: str, state: DeskState) -> str:
    account = next((code for code in state.accounts if code.lower() == text.lower()), None)
    if account is None:
        raise BadInput(f"Account {text or '(none)'} is not open. Choose an open account.")
    return account
