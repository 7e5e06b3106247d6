"""Recorded order flow: LOBSTER message files, and their replay as a market.

LOBSTER has no header; a line is time (seconds after midnight), type (1 new, 2 partial cancel,
3 delete, 4 execution of a visible order, 5 of a hidden one, 6 cross, 7 halt), order id, size,
price × 10,000, direction of the resting order (1 buy, -1 sell).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from app.ports import Heartbeat, MarketAction
from models.errors import BadInput
from models.market import Bar
from models.money import PRICE_SCALE

NEW, REDUCE, DELETE, EXECUTE, EXECUTE_HIDDEN, CROSS, HALT = range(1, 8)

FIELDS = 6
LINE_MAX = 200
LINES_MAX = 50_000_000
_LOBSTER_PRICE = PRICE_SCALE // 10_000
_NANO_DIGITS = 9
_FRACTION_MAX = 15  # some files carry what a float made of the time; beyond nanoseconds is noise


class Recorded(NamedTuple):
    """One line. `ts` nanoseconds after midnight; `price` in 1e-9 units; `is_buy` of the resting."""

    ts: int
    kind: int
    order_id: int
    qty: int
    price: int
    is_buy: bool


def read_lobster(path: Path) -> list[Recorded]:
    """Read a whole LOBSTER message file.

    Raises `BadInput` with file, line and reason at the first line that is cut or wrong; nothing
    is handed out before all of it has been read.
    """
    try:
        with path.open("rb") as file:
            lines = file.read().split(b"\n")
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    if lines[-1]:
        raise BadInput(
            f"{path}, line {len(lines)}: the file ends in the middle of a line. Fetch it again."
        )
    lines.pop()
    if not lines:
        raise BadInput(f"{path} is empty. Choose a LOBSTER message file.")
    found: list[Recorded] = []
    before = 0
    for number, line in enumerate(lines, 1):
        message = _parse(path, number, line)
        if message.ts < before:
            raise BadInput(
                f"{path}, line {number}: time {line.split(b',')[0].decode()} goes backwards. "
                "Sort or fetch the file again."
            )
        before = message.ts
        found.append(message)
    return found


def _parse(path: Path, number: int, line: bytes) -> Recorded:
    fields = line.rstrip(b"\r").split(b",")
    if len(line) > LINE_MAX or len(fields) != FIELDS:
        raise BadInput(
            f"{path}, line {number}: {len(fields)} fields where {FIELDS} are expected "
            "(time, type, order id, size, price, direction)."
        )
    try:
        ts = _seconds(fields[0])
        kind, order_id, qty, price, direction = map(_integer, fields[1:])
    except ValueError as error:
        raise BadInput(f"{path}, line {number}: {error}.") from None
    if kind not in range(NEW, HALT + 1):
        raise BadInput(f"{path}, line {number}: type {kind} is not one of 1 to 7.")
    if kind < CROSS and (qty <= 0 or price <= 0 or direction not in (1, -1)):
        raise BadInput(
            f"{path}, line {number}: size {qty}, price {price} and direction {direction} must be "
            "positive, positive, and 1 or -1."
        )
    return Recorded(ts, kind, order_id, qty, price * _LOBSTER_PRICE, direction == 1)


def _integer(field: bytes) -> int:
    digits = field[1:] if field.startswith(b"-") else field
    if not digits.isdigit():
        raise ValueError(f"{field.decode(errors='replace')!r} is not a whole number")
    return int(field)


def _seconds(field: bytes) -> int:
    whole, _, part = field.partition(b".")
    if not whole.isdigit() or (part and not part.isdigit()) or len(part) > _FRACTION_MAX:
        raise ValueError(f"time {field.decode(errors='replace')!r} is not seconds after midnight")
    nanos = int(part[:_NANO_DIGITS].ljust(_NANO_DIGITS, b"0"))
    return int(whole) * int(10**_NANO_DIGITS) + nanos


def priority_of(order_id: int) -> int:
    """Return the priority key of a recorded order.

    Order ids grow with arrival, and the file re-emits old orders when they enter its window: by
    its id such an order ranks where it really stands. The gaps leave room for the desk's orders.
    """
    return order_id << 20


class Timed(Protocol):
    """Anything recorded: `ts` are nanoseconds from whatever the record counts from."""

    @property
    def ts(self) -> int: ...


M = TypeVar("M", bound=Timed)


class PlayedFlow(Generic[M]):
    """A recorded session as a `MarketFlow`, at `speed` times its own pace."""

    def __init__(self, messages: Sequence[M], feed: str, speed: float) -> None:
        """`feed` is what the record is called."""
        self._messages = messages
        self._feed = feed
        self._speed = speed
        self._at = 0
        self._started: int | None = None
        self._alive_ts = 0

    @property
    def done(self) -> int:
        """How many messages have been played."""
        return self._at

    @property
    def is_over(self) -> bool:
        """Whether all of it has been played."""
        return self._at == len(self._messages)

    def heartbeat(self, ts: int) -> Heartbeat:
        """Return the last sign of life: a recording that is over has given its last one."""
        return Heartbeat(self._feed, self._alive_ts)

    def past(self) -> Sequence[Bar]:
        return ()  # what came before the recording is not in it

    def actions(self, ts: int, last_px: Callable[[str], int]) -> Sequence[MarketAction]:
        if self._started is None:
            self._started = ts
        if not self.is_over:
            self._alive_ts = ts
        until = self._messages[0].ts + int((ts - self._started) * self._speed)
        found: list[MarketAction] = []
        while self._at < len(self._messages) and self._messages[self._at].ts <= until:
            found += self._play(self._messages[self._at])
            self._at += 1
        return found

    def _play(self, message: M) -> Sequence[MarketAction]:
        """Return what a message means for a book."""
        raise NotImplementedError


class RecordedFlow(PlayedFlow[Recorded]):
    """Recorded order flow of one symbol."""

    def __init__(self, messages: Sequence[Recorded], symbol: str, speed: float) -> None:
        super().__init__(messages, f"recording of {symbol}", speed)
        self._symbol = symbol

    def _play(self, message: Recorded) -> Sequence[MarketAction]:
        action = to_action(message, self._symbol)
        return () if action is None else (action,)


_KINDS = {
    NEW: "limit",
    REDUCE: "reduce",
    DELETE: "cancel",
    EXECUTE: "execute",
    EXECUTE_HIDDEN: "execute",
}


def to_action(message: Recorded, symbol: str) -> MarketAction | None:
    """Return what a line means for a book; crosses and halts leave it as it is."""
    kind = _KINDS.get(message.kind)
    if kind is None:
        return None
    return MarketAction(
        kind=kind,
        symbol=symbol,
        order_id="" if message.kind == EXECUTE_HIDDEN else f"L{message.order_id}",
        is_buy=message.is_buy,
        price=message.price,
        qty=message.qty,
        priority=priority_of(message.order_id) if message.kind == NEW else None,
    )
