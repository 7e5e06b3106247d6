"""What the desk says of an order before it is sent: the engine's decision and the ticket's preview.

Both call `judge`, so what the ticket shows is what the engine will say of the same state.
"""

from __future__ import annotations

from datetime import date

import msgspec

from app.compliance.rulebook import Proposal, breaches, run_checks, worst
from app.core.context import Context
from app.core.desk_state import DeskState, twin_key
from app.core.families import child_objection, parent_objection
from models.calendars import Calendar
from models.instruments import Instrument
from models.limits import Check, Outcome, RuleBook
from models.money import BPS, MONEY_SCALE, PRICE_MAX, format_price
from models.order_support import (
    all_or_none_objection,
    display_objection,
    min_qty_objection,
    pair_objection,
    post_only_objection,
)
from models.orders import DESK, Order, OrderTerms, OrderType, Side, TimeInForce

QTY_MAX = 1_000_000_000
PRICE_SENSE_FACTOR = 10
GTD_DAYS_MAX = 366
TRAIL_BPS_MAX = 5_000
PEG_OFFSET_BPS_MAX = 1_000


_AT_MARKET = (OrderType.MARKET, OrderType.MARKET_TO_LIMIT)
_PRICED_BY_VENUE = (OrderType.MARKET_TO_LIMIT, OrderType.TRAILING_STOP_LIMIT)


class FieldError(msgspec.Struct, frozen=True):
    """A mistake in one field of a ticket: where it stands and what to do about it."""

    field: str
    text: str


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Validation errors, compliance checks (run only when there are no errors), and the figures."""

    errors: tuple[FieldError, ...] = ()
    checks: tuple[Check, ...] = ()
    reference_px: int | None = None
    notional: int | None = None

    @property
    def outcome(self) -> Outcome:
        """Whether it may be sent, may be sent with a reason, or may not be sent."""
        return Outcome.HARD if self.errors else worst(self.checks)

    @property
    def text(self) -> str:
        """Every objection, in plain words."""
        texts = [error.text for error in self.errors]
        texts += [check.text for check in breaches(self.checks)]
        return " ".join(texts)


def judge(
    state: DeskState,
    login: str,
    desk: str,
    terms: OrderTerms,
    context: Context,
    amends: Order | None = None,
    parent: Order | None = None,
    by_strategy: bool = False,
) -> Judgement:
    """Validate `terms` and hold them against the rule book.

    `amends` is the order that they would replace or release, `None` for a new one; `parent` the
    care order that a new one is a slice of, `by_strategy` whether nobody sends it by hand.
    """
    halted = _halt_error(state, login, desk, amends)
    errors = halted or validate(state, terms, context, amends)
    if not errors:
        errors = family_errors(state, terms, amends, parent)
    reference = context.reference_px(terms.symbol)
    book = state.rule_book
    if errors or book is None:
        if book is None:
            errors += (FieldError("", "No rule book is in force. Ask compliance to adopt one."),)
        return Judgement(errors=errors, reference_px=reference)
    proposal = propose(state, book, login, desk, terms, context, amends, by_strategy)
    return Judgement(
        checks=run_checks(book, proposal), reference_px=reference, notional=proposal.notional
    )


def propose(
    state: DeskState,
    book: RuleBook,
    login: str,
    desk: str,
    terms: OrderTerms,
    context: Context,
    amends: Order | None = None,
    by_strategy: bool = False,
) -> Proposal:
    """Return `terms`, in a listed name, with all that the rules look at."""
    instrument = state.instruments[terms.symbol]
    reference = context.reference_px(terms.symbol)
    effective = _effective_px(terms, reference)
    trader = state.traders.get(login)
    return Proposal(
        terms=terms,
        instrument=instrument,
        login=login,
        trader=trader if trader is not None and trader.desk == desk else None,
        ts=context.ts,
        currency=book.currency,
        reference_px=reference,
        effective_px=effective,
        notional=_notional(book, instrument, effective, terms.qty),
        restricted=state.restricted.get(terms.symbol),
        twin=state.twins.get(twin_key(desk, terms)),
        is_amendment=amends is not None,
        is_triggered=amends is not None and amends.triggered,
        is_care=terms.venue == DESK,
        by_strategy=by_strategy or (amends is not None and amends.by_strategy),
    )


def family_errors(
    state: DeskState, terms: OrderTerms, amends: Order | None, parent: Order | None
) -> tuple[FieldError, ...]:
    """Return what is wrong between an order and its children, or between a child and its parent."""
    found = None
    if amends is not None and amends.is_care:
        found = parent_objection(state, amends, terms)
    if amends is not None and amends.parent_id:
        parent = state.orders.get(amends.parent_id)
    if found is None and parent is not None:
        found = child_objection(state, parent, terms, amends)
    return (FieldError(*found),) if found is not None else ()


def _halt_error(
    state: DeskState, login: str, desk: str, amends: Order | None
) -> tuple[FieldError, ...]:
    """Not a rule of the book: no profile can switch a halt off. Cancels pass always."""
    halt = state.halt_of(desk, login)
    if halt is None and amends is not None:
        halt = state.halt_of(amends.desk, amends.trader)
    if halt is None:
        return ()
    because = f" ({halt.note})" if halt.note else ""
    text = (
        f"Trading of {halt.whom} is halted by {halt.author}{because}. Cancels pass; "
        f"{state.who_resumes(halt)} resumes trading."
    )
    return (FieldError("", text),)


def _effective_px(terms: OrderTerms, reference: int | None) -> int | None:
    """Return the worst price that the order may be expected to trade at."""
    prices = [px for px in (terms.limit_px, terms.stop_px) if px is not None]
    if terms.side is Side.BUY and terms.limit_px is not None:
        return terms.limit_px
    if reference is not None:
        prices.append(reference)
        if terms.side is Side.BUY and terms.order_type.trails:
            trail = terms.trail_px or reference * (terms.trail_bps or 0) // BPS
            prices.append(reference + trail + (terms.limit_offset or 0))
        if terms.side is Side.BUY and terms.peg is not None:
            prices.append(reference + (terms.peg_offset or 0))
    if terms.order_type in _AT_MARKET and reference is None:
        return None
    return max(prices, default=None)


def _notional(book: RuleBook, instrument: Instrument, px: int | None, qty: int) -> int | None:
    rate = book.fx.get(instrument.currency)
    if px is None or rate is None:
        return None
    return instrument.notional(px, qty) * rate // MONEY_SCALE


def validate(
    state: DeskState, terms: OrderTerms, context: Context, amends: Order | None = None
) -> tuple[FieldError, ...]:
    """Return what is wrong with `terms` in themselves: fields, grids, sizes and price sense."""
    if not state.day_open:
        return (FieldError("", "The trading day is not open. Wait for the start of day."),)
    instrument = state.instruments.get(terms.symbol)
    if instrument is None:
        text = (
            f"Symbol {terms.symbol or '(none)'} is not in the security master. Choose a listed one."
        )
        return (FieldError("symbol", text),)
    found: list[FieldError] = []
    if not instrument.active and amends is None:
        text = (
            f"{instrument.symbol} is not traded any more: it is inactive in the security master. "
            "Choose another, or ask operations to list it again."
        )
        found.append(FieldError("symbol", text))
    if terms.account not in state.accounts:
        text = f"Account {terms.account or '(none)'} is not open. Choose an open account."
        found.append(FieldError("account", text))
    if terms.venue not in context.venues and terms.venue != DESK:
        text = f"Venue {terms.venue} is not connected. Choose {', '.join(sorted(context.venues))}."
        found.append(FieldError("venue", text))
    unsupported = pair_objection(terms.order_type, terms.time_in_force)
    if unsupported:
        found.append(FieldError("time_in_force", unsupported))
    _validate_qty(found, instrument, terms.qty)
    calendar = state.calendars.get(instrument.mic)
    _validate_instructions(found, instrument, terms, state.day, amends is not None, calendar)
    reference = context.reference_px(terms.symbol)
    for field, wanted, price in (
        ("limit_px", _wants_limit(terms, amends), terms.limit_px),
        ("stop_px", _wants_stop(terms, amends), terms.stop_px),
    ):
        _validate_price(found, instrument, reference, field, wanted, price)
    if not found:
        _validate_stop_sense(found, instrument, terms, reference, amends)
    return tuple(found)


def _wants_limit(terms: OrderTerms, amends: Order | None) -> bool:
    """Some types have a limit price only once the venue has given them one."""
    was_priced = amends is not None and amends.limit_px is not None
    if terms.order_type is OrderType.PEGGED:
        return terms.limit_px is not None
    return terms.order_type.has_limit or (terms.order_type in _PRICED_BY_VENUE and was_priced)


def _wants_stop(terms: OrderTerms, amends: Order | None) -> bool:
    """A trailing stop's price is the venue's to give."""
    was_priced = amends is not None and amends.stop_px is not None
    return terms.order_type.has_stop or (terms.order_type.trails and was_priced)


def _validate_instructions(
    found: list[FieldError],
    instrument: Instrument,
    terms: OrderTerms,
    today: str,
    is_amendment: bool,
    calendar: Calendar | None = None,
) -> None:
    if terms.display_qty is not None:
        _validate_part(found, instrument, terms, "display_qty", terms.display_qty, is_amendment)
        why = display_objection(terms)
        if why:
            found.append(FieldError("display_qty", why))
    if terms.min_qty is not None:
        _validate_part(found, instrument, terms, "min_qty", terms.min_qty)
        why = min_qty_objection(terms)
        if why:
            found.append(FieldError("min_qty", why))
    if terms.post_only and (why := post_only_objection(terms)):
        found.append(FieldError("post_only", why))
    if terms.all_or_none and (why := all_or_none_objection(terms)):
        found.append(FieldError("all_or_none", why))
    _validate_trail(found, instrument, terms)
    _validate_peg(found, instrument, terms)
    if terms.time_in_force is TimeInForce.GTD:
        _validate_expiry(found, terms.expire_day, today, calendar)
    elif terms.expire_day:
        text = f"A last day ({terms.expire_day}) goes with GTD only. Choose GTD, or clear it."
        found.append(FieldError("expire_day", text))


def _validate_trail(found: list[FieldError], instrument: Instrument, terms: OrderTerms) -> None:
    """A trailing stop keeps one distance, in price or in basis points, on the tick."""
    distances = (terms.trail_px, terms.trail_bps)
    offset = terms.limit_offset
    if not terms.order_type.trails:
        if any(each is not None for each in (*distances, offset)):
            text = "A trail belongs to a trailing stop. Choose Trailing stop, or clear it."
            found.append(FieldError("trail", text))
        return
    tick = instrument.tick_at(instrument.prev_close)
    if sum(each is not None for each in distances) != 1:
        text = "Say how far it trails, in price or in basis points: trail 0.50, or trail 25bp."
        found.append(FieldError("trail", text))
    elif terms.trail_bps is not None and not 0 < terms.trail_bps <= TRAIL_BPS_MAX:
        text = f"Trail {terms.trail_bps} bp is not between 1 and {TRAIL_BPS_MAX}. Change it."
        found.append(FieldError("trail", text))
    elif terms.trail_px is not None and (terms.trail_px <= 0 or terms.trail_px % tick):
        text = (
            f"Trail {_exact(terms.trail_px)} is not a positive multiple of {instrument.symbol}'s "
            f"tick of {_exact(tick)}. Change it."
        )
        found.append(FieldError("trail", text))
    wants_offset = terms.order_type is OrderType.TRAILING_STOP_LIMIT
    if wants_offset and (offset is None or offset < 0 or offset % tick):
        text = f"Say how far beyond the stop its limit goes, in ticks of {_exact(tick)}, or 0."
        found.append(FieldError("limit_offset", text))
    elif not wants_offset and offset is not None:
        text = "A limit offset belongs to a trailing stop-limit. Clear it."
        found.append(FieldError("limit_offset", text))


def _validate_peg(found: list[FieldError], instrument: Instrument, terms: OrderTerms) -> None:
    """A peg says what it follows, and how far from it on the tick."""
    if terms.order_type is not OrderType.PEGGED:
        if terms.peg is not None or terms.peg_offset is not None:
            text = "A peg belongs to a pegged order. Choose Pegged, or clear it."
            found.append(FieldError("peg", text))
        return
    if terms.peg is None:
        text = "Say what it follows: primary (its own side's best), mid, or market (the other's)."
        found.append(FieldError("peg", text))
    offset, anchor = terms.peg_offset or 0, instrument.prev_close
    tick = instrument.tick_at(anchor)
    if offset % tick:
        down = offset // tick * tick
        text = (
            f"Peg offset {_exact(offset)} is not on {instrument.symbol}'s tick of {_exact(tick)}. "
            f"Use {_exact(down)} or {_exact(down + tick)}."
        )
        found.append(FieldError("peg_offset", text))
    elif anchor and abs(offset) * BPS > anchor * PEG_OFFSET_BPS_MAX:
        most = anchor * PEG_OFFSET_BPS_MAX // BPS // tick * tick
        text = (
            f"Peg offset {_exact(offset)} is more than {PEG_OFFSET_BPS_MAX // 100}% of "
            f"{instrument.symbol}'s {instrument.show_price(anchor)}. Use {_exact(most)} at most."
        )
        found.append(FieldError("peg_offset", text))


def _validate_part(
    found: list[FieldError],
    instrument: Instrument,
    terms: OrderTerms,
    field: str,
    part: int,
    may_be_more: bool = False,
) -> None:
    name = "Display quantity" if field == "display_qty" else "Minimum quantity"
    if part <= 0 or (part > terms.qty and not may_be_more):
        text = f"{name} {part:,} is not between 1 and the quantity {terms.qty:,}. Change it."
        found.append(FieldError(field, text))
    elif part % instrument.lot:
        text = (
            f"{name} {part:,} is not a multiple of {instrument.symbol}'s lot of "
            f"{instrument.lot:,}. Use {part // instrument.lot * instrument.lot + instrument.lot:,}."
        )
        found.append(FieldError(field, text))


def _validate_expiry(
    found: list[FieldError], last: str, today: str, calendar: Calendar | None
) -> None:
    try:
        ahead = (date.fromisoformat(last) - date.fromisoformat(today)).days
    except ValueError:
        text = f"A GTD order needs its last day; {last or 'nothing'} is no date. Write {today}."
        found.append(FieldError("expire_day", text))
        return
    if not 0 <= ahead <= GTD_DAYS_MAX or len(last) != len(today):
        text = (
            f"Last day {last} is not within {GTD_DAYS_MAX} days from {today}. Choose a nearer one, "
            "or GTC."
        )
        found.append(FieldError("expire_day", text))
    elif calendar is not None and calendar.knows(last) and not calendar.is_trading_day(last):
        before, after = calendar.trading_day(last, -1), calendar.trading_day(last, 1)
        really = f"; it would end with {before}" if before >= today else ""
        days = " or ".join(day for day in (before, after) if day >= today)
        closed = f"{calendar.mic} is closed on the last day {last}{really}."
        text = f"{closed} Write {days or 'another'}."
        found.append(FieldError("expire_day", text))


def _validate_qty(found: list[FieldError], instrument: Instrument, qty: int) -> None:
    if qty <= 0:
        found.append(FieldError("qty", f"Quantity {qty:,} is not positive. Enter at least 1 lot."))
    elif qty > QTY_MAX:
        text = f"Quantity {qty:,} is over the largest that can be entered, {QTY_MAX:,}. Split it."
        found.append(FieldError("qty", text))
    elif qty % instrument.lot:
        down = qty // instrument.lot * instrument.lot
        near = f"{down:,} or {down + instrument.lot:,}" if down else f"{instrument.lot:,}"
        text = (
            f"Quantity {qty:,} is not a multiple of {instrument.symbol}'s lot of "
            f"{instrument.lot:,}. Use {near}."
        )
        found.append(FieldError("qty", text))


def _validate_price(
    found: list[FieldError],
    instrument: Instrument,
    reference: int | None,
    field: str,
    wanted: bool,
    price: int | None,
) -> None:
    name = "Limit price" if field == "limit_px" else "Stop price"
    if price is None:
        if wanted:
            found.append(FieldError(field, f"{name} is missing. Enter one, or change the type."))
        return
    if not wanted:
        found.append(FieldError(field, f"{name} does not belong to this type. Clear it."))
        return
    if price <= 0:
        text = f"{name} {_exact(price)} is not positive. Enter the market's price."
        found.append(FieldError(field, text))
        return
    tick = instrument.tick_at(price)
    if price % tick:
        down = max(tick, price // tick * tick)
        text = (
            f"{name} {_exact(price)} is not on {instrument.symbol}'s tick of "
            f"{_exact(tick)}. Use {instrument.show_price(down)} or "
            f"{instrument.show_price(down + tick)}."
        )
        found.append(FieldError(field, text))
        return
    senseless = sense_objection(instrument, reference, name, price)
    if senseless:
        found.append(FieldError(field, senseless))


def sense_objection(instrument: Instrument, reference: int | None, name: str, price: int) -> str:
    """Return why a price called `name` must be a slip of the hand; empty when it may be right."""
    anchor = reference or instrument.prev_close
    if not anchor and price > PRICE_MAX:
        most = instrument.show_price(PRICE_MAX)
        return f"{name} {instrument.show_price(price)} is over {most}. Check the decimal point."
    if not anchor or anchor <= price * PRICE_SENSE_FACTOR <= anchor * PRICE_SENSE_FACTOR**2:
        return ""
    return (
        f"{name} {instrument.show_price(price)} is more than {PRICE_SENSE_FACTOR} times away "
        f"from {instrument.symbol}'s {instrument.show_price(anchor)}. Check the decimal point."
    )


def _exact(price: int) -> str:
    return format_price(price, 9).rstrip("0").rstrip(".")


def _validate_stop_sense(
    found: list[FieldError],
    instrument: Instrument,
    terms: OrderTerms,
    reference: int | None,
    amends: Order | None,
) -> None:
    """A stop must wait on its own side of the market; a stop-limit must be able to trade."""
    if terms.stop_px is None or terms.order_type.trails:
        return
    if amends is not None and amends.triggered:
        return
    buys = terms.side is Side.BUY
    if reference is not None and (
        terms.stop_px <= reference if buys else terms.stop_px >= reference
    ):
        text = (
            f"Stop price {instrument.show_price(terms.stop_px)} would trigger at once: a "
            f"{'buy' if buys else 'sell'} stop goes {'above' if buys else 'below'} the last "
            f"{instrument.show_price(reference)}. Move it, or use a limit order."
        )
        found.append(FieldError("stop_px", text))
    limit = terms.limit_px
    if limit is not None and (limit < terms.stop_px if buys else limit > terms.stop_px):
        text = (
            f"Limit price {instrument.show_price(limit)} is {'below' if buys else 'above'} the "
            f"stop {instrument.show_price(terms.stop_px)}, so it could not trade when triggered. "
            f"{'Raise' if buys else 'Lower'} it."
        )
        found.append(FieldError("limit_px", text))
