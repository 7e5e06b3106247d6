"""Recorded trades and quotes: a plain CSV of any source, and its replay as a market.

The first line names the columns, in any order: time, symbol, kind (trade or quote), price, size,
bid, bid_size, ask, ask_size. A trade fills price and size, a quote the other four; a side without
a price is empty. Times are ISO (UTC unless they say otherwise) or nanoseconds since 1970.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from app.market.recorded import PlayedFlow
from app.ports import MarketAction
from models.errors import BadInput
from models.money import parse_price

COLUMNS: Final = (
    "time", "symbol", "kind", "price", "size", "bid", "bid_size", "ask", "ask_size"
)  # fmt: skip
LINE_MAX = 400
TICKS_MAX = 2_000_000
SIZE_MAX = 10**12
_SYMBOL_MAX = 32
_NS = 1_000_000_000
_EPOCH_NS_MIN = 10**17  # 1973: what is less was meant as seconds, or milliseconds
_EPOCH_NS_MAX = 2**63
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d):([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_PRIORITY_GAP = 20  # bits between two quotes' priorities, for the desk's orders


class Tick(NamedTuple):
    """One line. `ts` nanoseconds UTC, prices in 1e-9 units; 0 where a trade or quote has none."""

    ts: int
    symbol: str
    is_trade: bool
    price: int = 0
    size: int = 0
    bid: int = 0
    bid_size: int = 0
    ask: int = 0
    ask_size: int = 0


def read_ticks(path: Path, symbol: str = "") -> list[Tick]:
    """Read a whole file of trades and quotes, or of `symbol` those alone.

    Raises `BadInput` with file, line and reason at the first line that is cut or wrong; nothing
    is handed out before all of it has been read.
    """
    try:
        with path.open("rb") as file:
            found = list(_ticks(path, file))
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    if not found:
        raise BadInput(f"{path} holds no trades and no quotes under its header.")
    if symbol:
        wanted = symbol.strip().upper()
        found = [tick for tick in found if tick.symbol == wanted]
        if not found:
            raise BadInput(f"{path} has no line of {wanted}. Leave --symbol out to play all.")
    return found


def _ticks(path: Path, file: BinaryIO) -> Iterator[Tick]:
    reader, before = _Reader(), 0
    for number, line in enumerate(_lines(path, file), 1):
        try:
            fields = _fields(line)
            if number == 1:
                reader.take_header(fields)
                continue
            tick = reader.tick(fields)
        except (BadInput, ValueError, csv.Error) as error:
            raise BadInput(f"{path}, line {number}: {str(error).rstrip('.')}.") from None
        if number > TICKS_MAX + 1:
            raise BadInput(
                f"{path}, line {number}: more than {TICKS_MAX:,} lines. Cut the file into parts."
            )
        if tick.ts < before:
            raise BadInput(
                f"{path}, line {number}: time {fields[reader.place['time']]} goes backwards. Sort "
                "the file by time."
            )
        before = tick.ts
        yield tick


def _lines(path: Path, file: BinaryIO) -> Iterator[str]:
    """Yield the lines without their ends; none is read further than `LINE_MAX`."""
    number = 0
    while line := file.readline(LINE_MAX + 2):
        number += 1
        if not line.endswith(b"\n"):
            if len(line) > LINE_MAX:
                raise BadInput(f"{path}, line {number}: over {LINE_MAX} characters.")
            raise BadInput(
                f"{path}, line {number}: the file ends in the middle of a line. Fetch it again, or "
                "end it with a line break."
            )
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadInput(f"{path}, line {number}: this is no text in UTF-8.") from None
        yield text.rstrip("\r\n")
    if not number:
        raise BadInput(f"{path} is empty. Its first line has to be {','.join(COLUMNS)}.")


def _fields(line: str) -> list[str]:
    fields = next(csv.reader([line], strict=True), []) if '"' in line else line.split(",")
    return [field.strip() for field in fields]


class _Reader:
    """Reads the fields of a line; knows where each column is.

    Attributes: place: each column's place in a line.
    """

    def __init__(self) -> None:
        self.place: dict[str, int] = {}
        self._minutes: dict[tuple[str, str], int] = {}

    def take_header(self, fields: list[str]) -> None:
        names = [field.lower() for field in fields]
        if sorted(names) != sorted(COLUMNS):
            raise ValueError(f"the header has to name {','.join(COLUMNS)}, each once")
        self.place = {name: at for at, name in enumerate(names)}

    def tick(self, fields: list[str]) -> Tick:
        if len(fields) != len(COLUMNS):
            raise ValueError(f"{len(fields)} fields where {len(COLUMNS)} are expected")
        time, symbol, kind, *amounts = (fields[self.place[name]] for name in COLUMNS)
        if not symbol or len(symbol) > _SYMBOL_MAX or not symbol.isprintable():
            raise ValueError(f"symbol {symbol[:_SYMBOL_MAX]!r} is none")
        ts, price_size, sides = self._time(time), amounts[:2], amounts[2:]
        if kind == "trade":
            if any(sides):
                raise ValueError("a trade has no bid and no ask; leave those four fields empty")
            price, size = _pair("price", *price_size)
            if not size:
                raise ValueError("a trade needs a price and a size")
            return Tick(ts, symbol.upper(), True, price, size)
        if kind != "quote":
            raise ValueError(f"kind {kind[:_SYMBOL_MAX]!r} is neither trade nor quote")
        if any(price_size):
            raise ValueError("a quote has no price and no size; leave those two fields empty")
        bid, bid_size = _pair("bid", *sides[:2])
        ask, ask_size = _pair("ask", *sides[2:])
        if bid and ask and bid >= ask:
            raise ValueError(f"bid {sides[0]} is not below ask {sides[2]}")
        return Tick(ts, symbol.upper(), False, 0, 0, bid, bid_size, ask, ask_size)

    def _time(self, field: str) -> int:
        if field.isascii() and field.isdigit():
            ts = int(field) if len(field) < LINE_MAX else _EPOCH_NS_MAX
            if not _EPOCH_NS_MIN <= ts < _EPOCH_NS_MAX:
                raise ValueError(
                    f"time {field[:_SYMBOL_MAX]} is not nanoseconds since 1970; write as many "
                    "digits, or an ISO time"
                )
            return ts
        found = _ISO.fullmatch(field)
        if found is None:
            raise ValueError(
                f"time {field[:_SYMBOL_MAX]!r} is neither ISO (2026-11-23T14:30:00.5Z) nor "
                "nanoseconds since 1970"
            )
        minute, second, fraction, offset = found.groups(default="")
        key = minute, offset or "Z"
        start = self._minutes.get(key)
        if start is None:
            start = self._minutes[key] = _minute_ns(minute + ":00" + key[1])
        return start + int(second) * _NS + int(fraction.ljust(9, "0"))


def _minute_ns(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp()) * _NS
    except ValueError:
        raise ValueError(f"time {text} is not in the calendar") from None


def _pair(name: str, price: str, size: str) -> tuple[int, int]:
    """Return a price and its size, 0 and 0 where both are empty or 0."""
    if not (size.isascii() and size.isdigit()) and size:
        raise ValueError(f"{name}'s size {size[:_SYMBOL_MAX]!r} is not a whole number")
    qty, px = int(size or 0) if len(size) < _SYMBOL_MAX else SIZE_MAX + 1, parse_price(price or "0")
    if px < 0 or (px == 0) != (qty == 0):
        raise ValueError(f"{name} {price or 'empty'} with size {size or 'empty'}: both or neither")
    if qty > SIZE_MAX:
        raise ValueError(f"{name}'s size {size[:_SYMBOL_MAX]} is over {SIZE_MAX:,}")
    return px, qty


class _Standing:
    """What is quoted on one side of a symbol, as far as the record says."""

    __slots__ = ("order_id", "price", "priority", "size")

    def __init__(self, order_id: str, price: int, size: int, priority: int) -> None:
        self.order_id, self.price, self.size = order_id, price, size
        self.priority = priority


class Quotations:
    """What trades and quotes mean for a book: a quote rests there, a trade takes from it.

    A quote that says the same again changes nothing: what the desk took of it stays taken until
    the record quotes another price or size. A price that is quoted on keeps its place in the queue,
    ahead of the desk's orders that came after it. A trade at a quoted price executes there; any
    other is printed, and reaches the desk's orders that stood at its price or at a better one.
    """

    def __init__(self) -> None:
        self._standing: dict[tuple[str, bool], _Standing] = {}
        self._hit_bids: dict[str, bool] = {}
        self._number = 0

    def standing(self, symbol: str, is_buy: bool) -> tuple[int, int]:
        """Return price and size that are quoted, 0 and 0 for none."""
        found = self._standing.get((symbol, is_buy))
        return (found.price, found.size) if found is not None else (0, 0)

    def actions_of(self, tick: Tick) -> list[MarketAction]:
        """Return what others do at `tick`, in order."""
        return self._trade(tick) if tick.is_trade else self._quote(tick)

    def _quote(self, tick: Tick) -> list[MarketAction]:
        """Let old quotes go before new ones come: a rising bid must not meet the old ask."""
        gone: list[MarketAction] = []
        come: list[MarketAction] = []
        for is_buy, price, size in (
            (True, tick.bid, tick.bid_size),
            (False, tick.ask, tick.ask_size),
        ):
            key = tick.symbol, is_buy
            old = self._standing.get(key)
            if old is not None and (old.price, old.size) == (price, size):
                continue
            if old is not None:
                gone.append(MarketAction(kind="cancel", symbol=tick.symbol, order_id=old.order_id))
                del self._standing[key]
            if not size:
                continue
            self._number += 1
            stays = old is not None and old.price == price
            rank = old.priority if old is not None and stays else self._number << _PRIORITY_GAP
            new = self._standing[key] = _Standing(f"Q{self._number}", price, size, rank)
            come.append(
                MarketAction(
                    kind="limit",
                    symbol=tick.symbol,
                    order_id=new.order_id,
                    is_buy=is_buy,
                    price=price,
                    qty=size,
                    priority=rank,
                )
            )
        return gone + come

    def _trade(self, tick: Tick) -> list[MarketAction]:
        hits_bid = self.hits_bid(tick)
        self._hit_bids[tick.symbol] = hits_bid
        key = tick.symbol, hits_bid
        standing, left = self._standing.get(key), tick.size
        found: list[MarketAction] = []
        if standing is not None and standing.price == tick.price:
            taken = min(left, standing.size)
            found.append(_execution(tick, standing.order_id, hits_bid, taken))
            standing.size -= taken
            left -= taken
            if not standing.size:
                del self._standing[key]
        if left:
            found.append(_execution(tick, "", hits_bid, left))
        return found

    def hits_bid(self, tick: Tick) -> bool:
        """Whether a trade's seller came to a bid: nearer to the bid than to the ask.

        In the middle, or where a side is missing, it is as the last trade was.
        """
        bid, ask = self.standing(tick.symbol, True)[0], self.standing(tick.symbol, False)[0]
        if bid and tick.price <= bid:
            return True
        if ask and tick.price >= ask:
            return False
        if bid and ask and 2 * tick.price != bid + ask:
            return 2 * tick.price < bid + ask
        return self._hit_bids.get(tick.symbol, False)


def _execution(tick: Tick, order_id: str, is_buy: bool, qty: int) -> MarketAction:
    return MarketAction(
        kind="execute",
        symbol=tick.symbol,
        order_id=order_id,
        is_buy=is_buy,
        price=tick.price,
        qty=qty,
    )


class QuotedFlow(PlayedFlow[Tick]):
    """Recorded trades and quotes as a `MarketFlow`, at `speed` times their own pace."""

    def __init__(self, ticks: Sequence[Tick], speed: float) -> None:
        super().__init__(ticks, "recorded trades and quotes", speed)
        self._quotations = Quotations()

    def _play(self, message: Tick) -> Sequence[MarketAction]:
        return self._quotations.actions_of(message)
