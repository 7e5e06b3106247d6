"""What a file would do to the security master: each line new, changed, unchanged or wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from app.securities.columns import CLEARED, COLUMNS, Column, exact, read_columns
from app.securities.sheets import Row, Sheet
from models.errors import BadInput
from models.instruments import Instrument

_IDENTIFIERS: Final = ("isin", "sedol", "figi", "cusip")
_WHOLE_LINE: Final = "Line"


class LineState(StrEnum):
    """What a line of a file is to the security master."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


class CellFault(msgspec.Struct, frozen=True):
    """A cell that can't be taken: its column, what stands there, and why (and what to do)."""

    title: str
    value: str
    why: str

    @property
    def text(self) -> str:
        """All of it in one sentence."""
        shown = f" {self.value!r}" if self.value else ""
        return f"{self.title}{shown}: {self.why}."


class Change(msgspec.Struct, frozen=True):
    """A field that would be another than it is."""

    title: str
    old: str
    new: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file; `instrument` is what it would list, under the version that was seen."""

    number: int
    symbol: str
    state: LineState
    instrument: Instrument | None = None
    changes: tuple[Change, ...] = ()
    faults: tuple[CellFault, ...] = ()
    warnings: tuple[str, ...] = ()


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file; `unused` are the headings that mean nothing here."""

    file: str
    lines: tuple[Line, ...]
    unused: tuple[str, ...] = ()

    @property
    def totals(self) -> dict[LineState, int]:
        """How many lines there are of each kind."""
        counted = Counter(line.state for line in self.lines)
        return {state: counted[state] for state in LineState}

    @property
    def warned(self) -> int:
        """How many lines that could be taken have a warning."""
        return sum(1 for line in self._takeable if line.warnings)

    @property
    def _takeable(self) -> Iterable[Line]:
        return (line for line in self.lines if line.state in (LineState.NEW, LineState.CHANGED))

    def taken(self, *, only_good: bool, accept_warnings: bool) -> tuple[Instrument, ...]:
        """Return what is to be listed; raises `BadInput` when the person has to decide first."""
        wrong = [line for line in self.lines if line.state is LineState.WRONG]
        if wrong and not only_good:
            raise BadInput(
                f"{self.file}: {len(wrong):,} of {len(self.lines):,} lines "
                f"{'is' if len(wrong) == 1 else 'are'} wrong, the first is line "
                f"{wrong[0].number}: {wrong[0].faults[0].text} Nothing was taken. Put it right, "
                "or take only the good lines."
            )
        if self.warned and not accept_warnings:
            first = next(line for line in self._takeable if line.warnings)
            raise BadInput(
                f"{self.file}: {self.warned:,} of {len(self.lines):,} lines "
                f"{'has a warning' if self.warned == 1 else 'have warnings'}, the first is line "
                f"{first.number}: {first.warnings[0]} Nothing was taken. Check it, and accept the "
                "warnings."
            )
        return tuple(line.instrument for line in self._takeable if line.instrument is not None)


class _Read(msgspec.Struct):
    """A line on its way: what its cells say, and what is wrong with them."""

    row: Row
    values: dict[str, Any]
    faults: list[CellFault]
    symbol: str = ""
    base: Instrument | None = None
    instrument: Instrument | None = None


def preview(
    sheet: Sheet, listed: Mapping[str, Instrument], rates: Mapping[str, int] | None = None
) -> Preview:
    """Hold a table against what is `listed`; raises `BadInput` when it can't be one of securities.

    `rates` are the rule book's currencies: orders in any other are refused, so that is a warning.
    An empty cell, or a column that is not there, leaves a listed line as it is.
    """
    columns, unused = read_columns(sheet.file, sheet.header)
    by_market = {each.market_code: each.symbol for each in listed.values()}
    by_identifier = _index(listed.values())
    reads = []
    for row in sheet.rows:
        read = _read_cells(row, columns)
        read.symbol = _symbol_of(read, by_market, by_identifier)
        read.base = listed.get(read.symbol)
        _build(read)
        reads.append(read)
    _find_twins(reads, listed)
    return Preview(
        file=sheet.file, lines=tuple(_line(read, rates) for read in reads), unused=unused
    )


def _index(listed: Iterable[Instrument]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for instrument in listed:
        for field in _IDENTIFIERS:
            if code := getattr(instrument, field):
                found.setdefault((field, code), set()).add(instrument.symbol)
    return found


def _read_cells(row: Row, columns: list[Column | None]) -> _Read:
    read = _Read(row, {}, [])
    for column, cell in zip(columns, row.cells, strict=False):
        if column is None or not cell:
            continue
        if cell == CLEARED and column.cleared is not None:
            read.values[column.field] = column.cleared
            continue
        try:
            read.values[column.field] = column.read(cell)
        except BadInput as error:
            read.faults.append(CellFault(column.title, cell, str(error).removesuffix(".")))
    if any(row.cells[len(columns) :]):
        why = f"it has more cells than the {len(columns)} headings; check delimiters and quotes"
        read.faults.append(CellFault(_WHOLE_LINE, "", why))
    return read


def _symbol_of(
    read: _Read,
    by_market: Mapping[str, str],
    by_identifier: Mapping[tuple[str, str], set[str]],
) -> str:
    """Return the desk's symbol: as written, else that of the market's code, else of an identifier.

    A market's code that is nobody's yet becomes the symbol of a new line.
    """
    values = read.values
    if "symbol" in values:
        return str(values["symbol"])
    ticker, mic = values.get("ticker", ""), values.get("mic", "")
    if ticker and (known := by_market.get(f"{ticker}@{mic}")):
        return known
    for field in _IDENTIFIERS:
        owners = by_identifier.get((field, values.get(field, "")), set())
        if len(owners) == 1:
            return next(iter(owners))
    if ticker and " " not in ticker:
        return str(ticker)
    if not read.faults:
        why = "it is missing, and no identifier of the line is listed under just one; write it"
        read.faults.append(CellFault("Symbol", "", why))
    return ""


def _build(read: _Read) -> None:
    """Make the instrument that the line would list, unless something is wrong or missing."""
    values = {**read.values, "symbol": read.symbol}
    if read.base is None and read.symbol and (lacking := _lacking(read)):
        why = (
            f"{read.symbol} is not listed, and a new line needs {', '.join(lacking)} too; add what "
            "is missing, or check the symbol"
        )
        read.faults.append(CellFault(_WHOLE_LINE, "", why))
    if read.faults:
        return
    if read.base is None:
        read.instrument = Instrument(**{"isin": "", **values})
    else:
        read.instrument = msgspec.structs.replace(read.base, **values)
    fault = read.instrument.fault()
    if fault:
        read.faults.append(CellFault(_WHOLE_LINE, "", f"{read.symbol} {fault}"))


def _lacking(read: _Read) -> list[str]:
    """Return what a new line has to say and does not; what it says wrongly is told already."""
    wrong = {fault.title for fault in read.faults}
    lacking = [
        column.title
        for column in COLUMNS
        if column.needed and column.field not in read.values and column.title not in wrong
    ]
    titles = [field.upper() for field in _IDENTIFIERS]
    if not any(read.values.get(field) for field in _IDENTIFIERS) and not wrong & set(titles):
        lacking.append(f"an identifier ({', '.join(titles)})")
    return lacking


def _keys(instrument: Instrument) -> list[tuple[str, str]]:
    """Return what no two lines may share. One issue may be listed at several markets."""
    market = f" at {instrument.mic} in {instrument.currency}"
    shared = [("ISIN", instrument.isin), ("CUSIP", instrument.cusip)]
    keys = [(title, code + market) for title, code in shared if code]
    own = [("SEDOL", instrument.sedol), ("FIGI", instrument.figi)]
    keys += [(title, code) for title, code in own if code]
    return [*keys, ("Ticker and MIC", instrument.market_code)]


def _find_twins(reads: list[_Read], listed: Mapping[str, Instrument]) -> None:
    """Find lines that name what another line, or another listed name, is named by."""
    numbers: dict[tuple[str, str], list[int]] = {}
    keys: list[list[tuple[str, str]]] = []
    for read in reads:
        own = [("Symbol", read.symbol)] if read.symbol else []
        if read.instrument is not None:
            own += _keys(read.instrument)
        keys.append(own)
        for key in own:
            numbers.setdefault(key, []).append(read.row.number)
    in_file = {read.symbol for read in reads}
    owners = {
        key: each.symbol
        for each in listed.values()
        if each.symbol not in in_file and each.active
        for key in _keys(each)
    }
    for read, own in zip(reads, keys, strict=True):
        before = set(_keys(read.base)) if read.base is not None else set()
        for title, code in own:
            others = [number for number in numbers[title, code] if number != read.row.number]
            owner = owners.get((title, code)) if (title, code) not in before else None
            if others:
                where = ", ".join(map(str, others[:5]))
                why = f"it stands in line {where} too; keep one of them"
            elif owner:
                why = f"it is {owner}'s already; check which is which"
            else:
                continue
            read.faults.append(CellFault(title, code, why))


def _line(read: _Read, rates: Mapping[str, int] | None) -> Line:
    number, symbol, base, new = read.row.number, read.symbol, read.base, read.instrument
    if read.faults or new is None:
        return Line(number=number, symbol=symbol, state=LineState.WRONG, faults=tuple(read.faults))
    if new == base:
        return Line(number=number, symbol=symbol, state=LineState.UNCHANGED, instrument=new)
    return Line(
        number=number,
        symbol=symbol,
        state=LineState.NEW if base is None else LineState.CHANGED,
        instrument=new,
        changes=changes_of(base, new) if base is not None else (),
        warnings=tuple(_warnings(base, new, rates)),
    )


def changes_of(old: Instrument, new: Instrument) -> tuple[Change, ...]:
    """Return the fields in which two lines differ, as they are written."""
    return tuple(
        Change(column.title, column.show(old), column.show(new))
        for column in COLUMNS
        if column.show(old) != column.show(new)
    )


def _warnings(
    old: Instrument | None, new: Instrument, rates: Mapping[str, int] | None
) -> Iterable[str]:
    if rates is not None and new.currency not in rates:
        yield (
            f"{new.symbol} is in {new.currency}, for which the rule book has no rate: its orders "
            "will be refused."
        )
    if old is None:
        return
    if old.currency != new.currency:
        yield (
            f"{new.symbol} changes from {old.currency} to {new.currency}: are its prices in the "
            "new one?"
        )
    if old.asset_class is not new.asset_class:
        yield (f"{new.symbol} changes from a {old.asset_class.words} to a {new.asset_class.words}.")
    was, now = old.prev_close, new.prev_close
    if was and 2 * abs(now - was) > was:
        percent = (200 * abs(now - was) + was) // (2 * was)
        yield (
            f"{new.symbol}'s previous close goes from {exact(was)} to {exact(now)}, "
            f"{'up' if now > was else 'down'} {percent:,}%: over the 50% that pass unasked."
        )
