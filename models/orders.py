"""Orders: the terms that a person asks for, and the order that the events build from them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.money import Int64
from models.order_state import TERMINAL, WORKING, OrderStatus

_PART = 10**18

DESK = "DESK"  # the venue of an order that people work by hand or by strategy: a care order


class Side(StrEnum):
    """FIX tag 54."""

    BUY = "buy"
    SELL = "sell"
    SELL_SHORT = "sell_short"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sale."""
        return 1 if self is Side.BUY else -1

    @property
    def label(self) -> str:
        """The side as it is written on a ticket."""
        return {"buy": "BUY", "sell": "SELL", "sell_short": "SHORT"}[self.value]


_TYPE_LABELS = {
    "market": "MKT",
    "limit": "LMT",
    "stop": "STP",
    "stop_limit": "STL",
    "market_to_limit": "MTL",
    "trailing_stop": "TRL",
    "trailing_stop_limit": "TRLL",
    "pegged": "PEG",
}


class OrderType(StrEnum):
    """FIX tag 40."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    MARKET_TO_LIMIT = "market_to_limit"
    TRAILING_STOP = "trailing_stop"
    TRAILING_STOP_LIMIT = "trailing_stop_limit"
    PEGGED = "pegged"

    @property
    def has_limit(self) -> bool:
        """Whether a limit price is part of its terms."""
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def may_have_limit(self) -> bool:
        """Whether a limit price may be part of its terms; a peg's is how far it goes at most."""
        return self.has_limit or self is OrderType.PEGGED

    @property
    def has_stop(self) -> bool:
        """Whether a stop price is part of its terms."""
        return self in (OrderType.STOP, OrderType.STOP_LIMIT)

    @property
    def trails(self) -> bool:
        """Whether the venue keeps its stop price behind the market's best."""
        return self in (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)

    @property
    def label(self) -> str:
        """The type as it is written in a blotter."""
        return _TYPE_LABELS[self.value]


class TimeInForce(StrEnum):
    """FIX tag 59."""

    DAY = "day"
    IOC = "ioc"
    FOK = "fok"
    GTC = "gtc"
    GTD = "gtd"
    OPG = "opg"
    CLS = "cls"

    @property
    def label(self) -> str:
        """The time in force as it is written in a blotter."""
        return self.value.upper()

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once stays in the book."""
        return self in (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD)

    @property
    def is_for_auction(self) -> bool:
        """Whether it trades in the opening or the closing auction alone."""
        return self in (TimeInForce.OPG, TimeInForce.CLS)


class Peg(StrEnum):
    """What a pegged order's price follows: the best of its own side, the mid, or the other side."""

    PRIMARY = "primary"
    MID = "mid"
    MARKET = "market"


class Capacity(StrEnum):
    """In which capacity the firm trades (FIX tag 528)."""

    AGENCY = "agency"
    PRINCIPAL = "principal"
    RISKLESS_PRINCIPAL = "riskless_principal"


class OrderTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked for. Prices in 1e-9 units, only where the type has them.

    `display_qty` is the most that the book shows of it (`varies` in size from tranche to tranche),
    `min_qty` the least that has to trade at once; `post_only` lets it rest but never take;
    `expire_day` is the last day of a GTD order, as an ISO date. A trailing stop keeps `trail_px`
    (1e-9 units) or `trail_bps` behind the best price; its limit goes `limit_offset` beyond it.
    A pegged order stands `peg_offset` (1e-9 units, towards the other side when positive) from what
    `peg` names, never beyond its limit; an `all_or_none` order trades whole or not at all.
    `investment_decision` and `execution_decision` name who decided what to trade and how (MiFID
    RTS 22); `instructions` are the client's words as received.
    """

    symbol: str
    side: Side
    qty: Int64
    order_type: OrderType
    account: str
    limit_px: Int64 | None = None
    stop_px: Int64 | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    venue: str = "SIM"
    display_qty: Int64 | None = None
    varies: bool = False
    min_qty: Int64 | None = None
    post_only: bool = False
    expire_day: str = ""
    trail_px: Int64 | None = None
    trail_bps: Int64 | None = None
    limit_offset: Int64 | None = None
    all_or_none: bool = False
    peg: Peg | None = None
    peg_offset: Int64 | None = None
    capacity: Capacity = Capacity.AGENCY
    investment_decision: str = ""
    execution_decision: str = ""
    instructions: str = ""


class Handling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What else of an order may change while it works, whole: what is to be, not what differs."""

    time_in_force: TimeInForce = TimeInForce.DAY
    expire_day: str = ""
    display_qty: Int64 | None = None
    varies: bool = False
    trail_px: Int64 | None = None
    trail_bps: Int64 | None = None
    limit_offset: Int64 | None = None
    peg_offset: Int64 | None = None
    instructions: str = ""


class Replacement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The terms that an amendment changes, whole: what is to be, not what differs.

    `handling` is `None` where all of that stays as it is, as in every message from before there
    was any.
    """

    qty: Int64
    limit_px: Int64 | None = None
    stop_px: Int64 | None = None
    handling: Handling | None = None


class Order(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An order as the events have left it; only `evolve` changes it.

    `cum_px_qty` is Σ price × quantity over its fills, so the average price is exact; it is kept
    in two parts because 300 million face at 98 is beyond the 64 bits of a message's integer;
    `underlying_status` is what `status` would be without a pending cancel or replace;
    `ended` the status in which the venue or the day ended it, which a bust does not undo;
    `restated_ts` and `priced_ts` when the venue last restated its quantity and its prices, by the
    venue's clock;
    `client` and `beneficial_owner` are its account's when it was accepted, `instrument_version` the
    line of the security master that it was decided on. `trader` is whose it
    is, empty while nobody has claimed it, and `entered_by` who entered it where that is another.
    `committed_qty` is what of a care order is done or out in children, the orders
    that name it as their `parent_id`; `counted_qty` is what of a child its parent counts so.
    `canceled_by` asked last for its cancel; empty where a venue took it out by itself.
    `amending` is who asked for what is `pending`; `amended_by`, at `amended_ts`, whose amendment
    its terms are, which made it `amended_version` of what was `amended_from`.
    """

    order_id: str
    command_id: str
    desk: str
    trader: str
    symbol: str
    side: Side
    qty: int
    order_type: OrderType
    account: str
    venue: str
    time_in_force: TimeInForce
    status: OrderStatus
    underlying_status: OrderStatus
    created_ts: int
    updated_ts: int
    limit_px: int | None = None
    stop_px: int | None = None
    leaves_qty: int = 0
    cum_qty: int = 0
    traded_high: int = 0
    traded_low: int = 0
    last_px: int = 0
    last_qty: int = 0
    arrival_px: int = 0
    cl_ord_id: str = ""
    version: int = 1
    triggered: bool = False
    pending: Replacement | None = None
    ended: OrderStatus | None = None
    restated_ts: int = 0
    priced_ts: int = 0
    reason: str = ""
    display_qty: int | None = None
    varies: bool = False
    min_qty: int | None = None
    post_only: bool = False
    expire_day: str = ""
    trail_px: int | None = None
    trail_bps: int | None = None
    limit_offset: int | None = None
    all_or_none: bool = False
    peg: Peg | None = None
    peg_offset: int | None = None
    capacity: Capacity = Capacity.AGENCY
    investment_decision: str = ""
    execution_decision: str = ""
    instructions: str = ""
    client: str = ""
    beneficial_owner: str = ""
    entered_by: str = ""
    parent_id: str = ""
    basket_id: str = ""
    group_id: str = ""
    by_strategy: bool = False
    committed_qty: int = 0
    counted_qty: int = 0
    note: str = ""
    canceled_by: str = ""
    instrument_version: int = 0
    amending: str = ""
    amended_by: str = ""
    amended_ts: int = 0
    amended_version: int = 0
    amended_from: Replacement | None = None

    @property
    def is_care(self) -> bool:
        """Whether it is worked at the desk, by children and by hand, and never sent itself."""
        return self.venue == DESK

    @property
    def is_routed(self) -> bool:
        """Whether a venue has been told of it."""
        return bool(self.cl_ord_id)

    @property
    def is_open(self) -> bool:
        """Whether something of it may still trade, also once it is released."""
        return self.is_live or self.status is OrderStatus.STAGED

    @property
    def room(self) -> int:
        """What of a care order is neither done nor out in children."""
        return max(0, self.qty - self.committed_qty) if self.is_open else 0

    @property
    def is_live(self) -> bool:
        """Whether it may still fill."""
        return self.status in WORKING and self.leaves_qty > 0

    @property
    def may_work_on(self) -> bool:
        """Whether it is live, or a DAY order that the venue has done for the day and may resume."""
        return self.status in WORKING and self.qty > self.cum_qty

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more is expected to happen to it."""
        return self.status in TERMINAL

    @property
    def awaits_trigger(self) -> bool:
        """Whether it is a stop that has not been triggered."""
        return (self.order_type.has_stop or self.order_type.trails) and not self.triggered

    @property
    def cum_px_qty(self) -> int:
        """Σ price × quantity over its fills."""
        return self.traded_high * _PART + self.traded_low

    def add_traded(self, px_qty: int) -> None:
        """Add price × quantity of a fill (negative takes it out)."""
        self.traded_high, self.traded_low = divmod(self.cum_px_qty + px_qty, _PART)

    @property
    def avg_px(self) -> int:
        """Average fill price in 1e-9 units, rounded half up; 0 without fills."""
        cum_qty = self.cum_qty
        return (self.cum_px_qty + cum_qty // 2) // cum_qty if cum_qty else 0

    @property
    def replacement(self) -> Replacement:
        """Its present terms in the form an amendment takes."""
        return Replacement(qty=self.qty, limit_px=self.limit_px, stop_px=self.stop_px)

    def terms(self, replacement: Replacement | None = None) -> OrderTerms:
        """Return its terms, with `replacement` applied when one is given."""
        new = replacement or self.replacement
        how = new.handling or self
        return OrderTerms(
            symbol=self.symbol,
            side=self.side,
            qty=new.qty,
            order_type=self.order_type,
            account=self.account,
            limit_px=new.limit_px,
            stop_px=new.stop_px,
            time_in_force=how.time_in_force,
            venue=self.venue,
            display_qty=how.display_qty,
            varies=how.varies,
            min_qty=self.min_qty,
            post_only=self.post_only,
            expire_day=how.expire_day,
            trail_px=how.trail_px,
            trail_bps=how.trail_bps,
            limit_offset=how.limit_offset,
            all_or_none=self.all_or_none,
            peg=self.peg,
            peg_offset=how.peg_offset,
            capacity=self.capacity,
            investment_decision=self.investment_decision,
            execution_decision=self.execution_decision,
            instructions=how.instructions,
        )

    def outlives(self, day: str) -> bool:
        """Whether it still works after the end of `day` (an ISO date)."""
        return outlives(self.time_in_force, self.expire_day, day)

    def keeps_priority(self, new: Replacement) -> bool:
        """Whether `new` keeps its place in the queue: see `keeps_priority`."""
        return keeps_priority(self, new)


def handling_of(terms: Order | OrderTerms) -> Handling:
    """Return what else of `terms` may be amended beside quantity and prices."""
    return Handling(
        time_in_force=terms.time_in_force,
        expire_day=terms.expire_day,
        display_qty=terms.display_qty,
        varies=terms.varies,
        trail_px=terms.trail_px,
        trail_bps=terms.trail_bps,
        limit_offset=terms.limit_offset,
        peg_offset=terms.peg_offset,
        instructions=terms.instructions,
    )


def keeps_priority(was: Order | OrderTerms, new: Replacement) -> bool:
    """Whether an order with the terms `was` keeps its place in the queue when it gets `new`.

    It may ask for less, show less, work for another time and say something else; any other price,
    trail or peg, more quantity or more of it shown goes to the back.
    """
    if new.qty > was.qty or new.limit_px != was.limit_px or new.stop_px != was.stop_px:
        return False
    how = new.handling
    if how is None or how == (before := handling_of(was)):
        return new.qty < was.qty
    moves = (
        how.varies != before.varies,
        how.trail_px != before.trail_px,
        how.trail_bps != before.trail_bps,
        how.limit_offset != before.limit_offset,
        how.peg_offset != before.peg_offset,
    )
    return shows_no_more(before.display_qty, how.display_qty) and not any(moves)


def with_replacement(terms: OrderTerms, new: Replacement) -> OrderTerms:
    """Return `terms` as an amendment makes them."""
    how = {} if new.handling is None else msgspec.structs.asdict(new.handling)
    return msgspec.structs.replace(
        terms, qty=new.qty, limit_px=new.limit_px, stop_px=new.stop_px, **how
    )


def shows_no_more(was: int | None, new: int | None) -> bool:
    """Whether the display quantity `new` shows no more of an order than `was`; `None` shows all."""
    return new == was or (new is not None and (was is None or new < was))


def outlives(time_in_force: TimeInForce, expire_day: str, day: str) -> bool:
    """Whether an order of these terms still works after the end of `day` (ISO dates)."""
    if time_in_force is TimeInForce.GTD:
        return expire_day > day
    return time_in_force is TimeInForce.GTC


def client_order_id(order_id: str, version: int) -> str:
    """Return the id that a venue knows this version of an order by (FIX tag 11)."""
    return f"{order_id}/{version}"


def order_id_of(cl_ord_id: str) -> str:
    """Return the order that a client order id belongs to."""
    return cl_ord_id.rpartition("/")[0]
