"""How a desk works orders: contingent groups, working strategies, baskets, the day's sign-off."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.money import BPS, Int64

BASKET_LINES_MAX = 1_000
SLICES_MAX = 2_000
_SECOND = 1_000_000_000


class Contingency(StrEnum):
    """How the orders of a group hang together (FIX tag 1385).

    OCO: what one of them trades, the others trade less. OTO: the first is sent, and the others
    when it is filled. BRACKET: the first is sent, and as it fills the others, an OCO pair of exits
    over what has been filled.
    """

    OCO = "oco"
    OTO = "oto"
    BRACKET = "bracket"

    @property
    def label(self) -> str:
        """The contingency as it is written on a ticket."""
        return self.value.upper()


class OrderGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders that hang together; `legs` are their ids, the one that the others wait for first.

    `qty` is what the legs of an OCO may trade between them; `done_qty` what legs that are of
    another day, and not among `legs` any more, have traded of it.
    """

    contingency: Contingency
    desk: str
    legs: tuple[str, ...]
    qty: int
    done_qty: int = 0


class StrategyKind(StrEnum):
    """How a parent order is sliced over time."""

    TWAP = "twap"
    VWAP = "vwap"
    POV = "pov"
    ICEBERG = "iceberg"

    @property
    def label(self) -> str:
        """The strategy as it is written in a blotter."""
        return {"iceberg": "ICE"}.get(self.value, self.value.upper())


class Style(StrEnum):
    """Where a slice is priced: at the best of its own side, or at the other side's."""

    JOIN = "join"
    CROSS = "cross"


class Strategy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How to work a parent order.

    Times in nanoseconds UTC. TWAP sends as much in every `every_ns`; VWAP as `curve` weighs the
    slices between start and end; POV keeps to `participation_bps` of what the market trades;
    ICEBERG shows `display_qty` at a time. Nothing is ever sent beyond the parent's limit.
    """

    kind: StrategyKind
    start_ts: Int64
    end_ts: Int64
    every_ns: Int64 = 30 * _SECOND
    style: Style = Style.JOIN
    participation_bps: Int64 = 0
    display_qty: Int64 = 0
    curve: tuple[Int64, ...] = ()
    venue: str = "SIM"

    @property
    def slices(self) -> int:
        """In how many slices the time from start to end is divided."""
        return len(self.curve) or -(-(self.end_ts - self.start_ts) // self.every_ns)

    @property
    def slice_ns(self) -> int:
        """How long one slice takes."""
        return -(-(self.end_ts - self.start_ts) // self.slices)

    def fault(self) -> str:
        """Return what is wrong with it, empty when it can be started."""
        if self.end_ts <= self.start_ts:
            return "ends before it starts. Choose a later end"
        if self.every_ns < _SECOND:
            return f"slices every {self.every_ns:,} ns; at least 1 second is needed. Choose more"
        if self.kind is StrategyKind.VWAP and not self.curve:
            return "has no volume curve. Choose TWAP, or give a curve"
        if self.curve and (min(self.curve) < 0 or not sum(self.curve)):
            return "has a volume curve with a negative weight, or with none above 0. Give another"
        if not 0 < self.slices <= SLICES_MAX:
            return f"has {self.slices:,} slices, not 1 to {SLICES_MAX:,}. Slice less often"
        if self.kind is StrategyKind.POV and not 0 < self.participation_bps <= BPS // 2:
            return (
                f"takes {self.participation_bps:,} bp of the volume, not between 1 and "
                f"{BPS // 2:,}. Change it"
            )
        if self.kind is StrategyKind.ICEBERG and self.display_qty <= 0:
            return f"shows {self.display_qty:,} at a time. Show at least a lot"
        return ""


class RunState(StrEnum):
    """Whether a strategy sends slices."""

    RUNNING = "running"
    PAUSED = "paused"


class StrategyRun(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A strategy at work on an order, as the events have left it.

    `base_qty` was committed before it started and `total_qty` is what it works from there;
    `next_ts` is when its next slice is due; `volume` the day's volume when it started, in units;
    `target_qty` what should be out or done by now, `children` how many orders it has made.
    `reason` confirms soft limits that its slices break.
    """

    order_id: str
    strategy: Strategy
    author: str
    total_qty: int
    base_qty: int = 0
    next_ts: int = 0
    volume: int = 0
    slices: int = 0
    target_qty: int = 0
    children: int = 0
    state: RunState = RunState.RUNNING
    text: str = ""
    reason: str = ""


class Basket(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Orders that were loaded together and are sent in waves; `sent_bps` of each line so far."""

    basket_id: str
    name: str
    desk: str
    author: str
    ts: int
    orders: tuple[str, ...]
    waves: int = 0
    sent_bps: int = 0


class DayCheck(msgspec.Struct, frozen=True, array_like=True):
    """One thing that is looked at when a day starts or ends, and what was found."""

    name: str
    passed: bool
    text: str = ""


class SignOff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A desk head's word on a day: `note` says why, where a check had not passed."""

    day: str
    author: str
    ts: int
    checks: tuple[DayCheck, ...] = ()
    note: str = ""
