"""What a ticket holds before it is sent: texts as typed, and the terms that they mean. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core.judgement import FieldError
from models.errors import BadInput
from models.instruments import Instrument
from models.money import parse_price, parse_qty
from models.orders import (
    DESK,
    Capacity,
    Order,
    OrderTerms,
    OrderType,
    Peg,
    Side,
    TimeInForce,
)
from models.workflow import Contingency
from ui.ticket.trail import BP, read_offset, read_trail

WORDS_MAX = 500


@dataclass
class Draft:
    """A ticket's fields, as typed. Prices and quantities are text until they are asked for.

    `legs` hang together with it by `contingency`; what they leave out (quantity, symbol) is its
    own. A bracket has no legs but `take_profit` and `stop_loss`.
    """

    side: Side = Side.BUY
    symbol: str = ""
    qty: str = ""
    order_type: OrderType = OrderType.LIMIT
    limit: str = ""
    stop: str = ""
    time_in_force: TimeInForce = TimeInForce.DAY
    account: str = ""
    venue: str = "SIM"
    display: str = ""
    varies: bool = False
    min_qty: str = ""
    post_only: bool = False
    expire: str = ""
    trail: str = ""
    offset: str = ""
    all_or_none: bool = False
    peg: Peg = Peg.PRIMARY
    peg_offset: str = ""
    words: str = ""
    staged: bool = False
    unclaimed: bool = False
    capacity: Capacity = Capacity.AGENCY
    decided_by: str = ""
    take_profit: str = ""
    stop_loss: str = ""
    contingency: Contingency | None = None
    legs: tuple[Draft, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been entered that could be sent."""
        prices = (self.limit, self.stop, self.trail, self.offset, self.peg_offset)
        texts = (self.qty, *prices, self.words, self.decided_by)
        return not any(texts) and not self.is_instructed and not self.is_contingent

    @property
    def is_instructed(self) -> bool:
        """Whether it asks for more than a type, prices and a time in force."""
        return bool(self.display or self.min_qty or self.post_only or self.all_or_none)

    @property
    def is_contingent(self) -> bool:
        """Whether it is the first of several orders that hang together."""
        return bool(self.take_profit or self.stop_loss or self.legs)

    @property
    def is_care(self) -> bool:
        """Whether the desk works it, instead of a venue."""
        return self.venue == DESK

    @property
    def is_unclaimed(self) -> bool:
        """Whether it waits for whoever claims it, which only a care order can."""
        return self.unclaimed and self.is_care

    def has(self, field: str) -> bool:
        """Whether `field` holds anything; what is always chosen from a list does."""
        typed = {
            "symbol": self.symbol,
            "qty": self.qty,
            "limit_px": self.limit,
            "stop_px": self.stop,
            "expire_day": self.expire,
            "trail": self.trail,
            "limit_offset": self.offset,
            "peg_offset": self.peg_offset,
            "take_profit": self.take_profit,
            "stop_loss": self.stop_loss,
        }
        return bool(typed.get(field, "chosen")) and not self.is_blank

    def terms(self, is_priced: bool = False) -> OrderTerms | list[FieldError]:
        """Return the terms that the texts mean, or which of them mean nothing.

        `is_priced` of an order to which the venue has given its limit price.
        """
        errors: list[FieldError] = []
        kind, limit, stop = self.order_type, None, None
        qty = _number(errors, "qty", self.qty, "Quantity is missing. Enter one, such as 5k.")
        is_capped = kind is OrderType.PEGGED and bool(self.limit.strip())
        if kind.has_limit or is_capped or (is_priced and kind is OrderType.MARKET_TO_LIMIT):
            missing = "Limit price is missing. Enter one, or choose a market order."
            limit = _price(errors, "limit_px", self.limit, missing)
        if kind.has_stop:
            missing = "Stop price is missing. Enter the price that triggers the order."
            stop = _price(errors, "stop_px", self.stop, missing)
        trail_px, trail_bps, offset = self._trail(errors)
        peg_offset = self._peg_offset(errors)
        display = _number(errors, "display_qty", self.display) if self.display else None
        min_qty = _number(errors, "min_qty", self.min_qty) if self.min_qty else None
        if not self.symbol:
            errors.insert(0, FieldError("symbol", "Symbol is missing. Type one, such as AAPL."))
        if errors:
            return errors
        return OrderTerms(
            symbol=self.symbol,
            side=self.side,
            qty=qty,
            order_type=kind,
            account=self.account,
            limit_px=limit,
            stop_px=stop,
            time_in_force=self.time_in_force,
            venue=self.venue,
            display_qty=display,
            varies=self.varies and display is not None,
            min_qty=min_qty,
            post_only=self.post_only,
            expire_day=self.expire if self.time_in_force is TimeInForce.GTD else "",
            trail_px=trail_px,
            trail_bps=trail_bps,
            limit_offset=offset,
            all_or_none=self.all_or_none,
            peg=self.peg if kind is OrderType.PEGGED else None,
            peg_offset=peg_offset,
            capacity=self.capacity,
            investment_decision=self.decided_by,
            instructions=self.words,
        )

    def _peg_offset(self, errors: list[FieldError]) -> int | None:
        if self.order_type is not OrderType.PEGGED or not self.peg_offset.strip():
            return None
        try:
            return read_offset(self.peg_offset)
        except BadInput as error:
            errors.append(FieldError("peg_offset", str(error)))
            return None

    def _trail(self, errors: list[FieldError]) -> tuple[int | None, int | None, int | None]:
        """Return the trail in price and in basis points, and the limit's offset."""
        if not self.order_type.trails:
            return None, None, None
        trail_px = trail_bps = offset = None
        try:
            if not self.trail.strip():
                raise BadInput("Say how far it trails: 0.50, or 25bp.")
            trail_px, trail_bps = read_trail(self.trail)
        except BadInput as error:
            errors.append(FieldError("trail", str(error)))
        if self.order_type is OrderType.TRAILING_STOP_LIMIT:
            missing = "Say how far beyond its stop the limit goes: 0.05, or 0."
            offset = _price(errors, "limit_offset", self.offset, missing)
        return trail_px, trail_bps, offset

    def terms_of_any_size(self, is_priced: bool = False) -> OrderTerms | None:
        """Return the terms with whatever quantity there is, 0 for none; `None` if more is wrong."""
        sized = self if _is_number(self.qty) else replace(self, qty="0")
        meaning = sized.terms(is_priced)
        return None if isinstance(meaning, list) else meaning

    def bare_terms(self) -> OrderTerms:
        """Return what can be said of it before there are numbers: what goes with what."""
        return OrderTerms(
            symbol=self.symbol,
            side=self.side,
            qty=0,
            order_type=self.order_type,
            account=self.account,
            time_in_force=self.time_in_force,
        )

    def emptied(self, order_type: OrderType | None = None) -> Draft:
        """Return what is kept after a send: side, symbol, account, type, force and way out.

        After an amendment, which says the new `order_type`, the way out is the usual one.
        """
        way = Draft() if order_type else self
        return Draft(
            side=self.side,
            symbol=self.symbol,
            order_type=order_type or self.order_type,
            time_in_force=self.time_in_force,
            account=self.account,
            venue=way.venue,
            expire=self.expire,
            staged=way.staged,
            unclaimed=way.unclaimed,
        )

    def at_price(self, symbol: str, side: Side, text: str) -> Draft:
        """Return it with a limit price that was chosen in the market of `symbol`."""
        draft = self if symbol == self.symbol else self.emptied()
        draft = replace(draft, symbol=symbol, side=side, limit=text)
        if not draft.order_type.has_limit:
            draft.order_type, draft.stop = OrderType.LIMIT, ""
            draft.trail = draft.offset = draft.peg_offset = ""
        return draft


def plain_price(instrument: Instrument, price: int) -> str:
    """Return `price` as it is typed: no separators."""
    return instrument.show_price(price).replace(",", "")


def _is_number(text: str) -> bool:
    try:
        parse_qty(text)
    except BadInput:
        return False
    return True


def _number(errors: list[FieldError], field: str, text: str, missing: str = "") -> int:
    try:
        if not text.strip():
            raise BadInput(missing)
        return parse_qty(text)
    except BadInput as error:
        errors.append(FieldError(field, str(error)))
        return 0


def _price(errors: list[FieldError], field: str, text: str, missing: str) -> int | None:
    try:
        if not text.strip():
            raise BadInput(missing)
        return parse_price(text)
    except BadInput as error:
        errors.append(FieldError(field, str(error)))
        return None


def draft_of(order: Order, instruments: Mapping[str, Instrument]) -> Draft:
    """Return the draft that an amendment of `order` starts from."""
    instrument = instruments[order.symbol]

    def shown(price: int | None) -> str:
        return "" if price is None else plain_price(instrument, price)

    def number(qty: int | None) -> str:
        return "" if qty is None else str(qty)

    trail = shown(order.trail_px) if order.trail_bps is None else f"{order.trail_bps}{BP}"
    return Draft(
        side=order.side,
        symbol=order.symbol,
        qty=str(order.qty),
        order_type=order.order_type,
        limit=shown(order.limit_px),
        stop=shown(order.stop_px),
        time_in_force=order.time_in_force,
        account=order.account,
        venue=order.venue,
        display=number(order.display_qty),
        varies=order.varies,
        min_qty=number(order.min_qty),
        post_only=order.post_only,
        expire=order.expire_day,
        trail=trail,
        offset=shown(order.limit_offset),
        all_or_none=order.all_or_none,
        peg=order.peg or Peg.PRIMARY,
        peg_offset=shown(order.peg_offset),
        words=order.instructions,
        capacity=order.capacity,
        decided_by=order.investment_decision,
    )


def slice_of(parent: Order, instruments: Mapping[str, Instrument], qty: str = "") -> Draft:
    """Return the draft that a slice of the care order `parent` starts from."""
    limit = parent.limit_px
    at_market = parent.order_type is OrderType.MARKET
    return Draft(
        side=parent.side,
        symbol=parent.symbol,
        qty=qty,
        order_type=OrderType.MARKET if at_market else OrderType.LIMIT,
        limit="" if limit is None else plain_price(instruments[parent.symbol], limit),
        account=parent.account,
        capacity=parent.capacity,
        decided_by=parent.investment_decision,
    )
