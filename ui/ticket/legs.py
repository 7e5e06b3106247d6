"""The orders that hang together with a draft: what each of them asks for. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from app.core.decide.groups import group_objection
from app.core.judgement import FieldError
from models.errors import BadInput
from models.money import parse_price
from models.orders import OrderTerms, OrderType, Side, TimeInForce
from models.workflow import Contingency
from ui.ticket.draft import Draft

TAKE_PROFIT, STOP_LOSS = "Take profit", "Stop loss"
_ONE_WAY = "A bracket has no oco or then beside its exits. Take the one or the other out."
_STAGED = "Orders that hang together go out at once. Uncheck Stage, or take the others out."
_SLICE = "A slice goes alone: orders that hang together are no slices. Take the others out."
_LIKE_THE_FIRST = ("side", "account", "time_in_force", "expire")


@dataclass(frozen=True)
class Leg:
    """One order of a group: what it is called, and the ticket's fields of its terms."""

    name: str
    terms: OrderTerms
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Orders that hang together, the one that others wait for first."""

    contingency: Contingency
    legs: tuple[Leg, ...]

    @property
    def terms(self) -> tuple[OrderTerms, ...]:
        """What is asked of each."""
        return tuple(leg.terms for leg in self.legs)


def closing(side: Side) -> Side:
    """Return the side that closes what `side` opens."""
    return Side.SELL if side is Side.BUY else Side.BUY


def leg_start(first: Draft) -> Draft:
    """Return what a leg of `first` is where it says nothing else; its quantity is the first's."""
    is_then = first.contingency is Contingency.OTO
    return Draft(
        side=closing(first.side) if is_then else first.side,
        account=first.account,
        venue=first.venue,
        time_in_force=first.time_in_force,
        expire=first.expire,
    )


def followed(legs: tuple[Draft, ...], before: Draft, after: Draft) -> tuple[Draft, ...]:
    """Return `legs` as they are when their first changes: what was like it stays like it."""
    was, now = leg_start(before), leg_start(after)
    return tuple(
        replace(
            leg,
            venue=after.venue,
            **{
                name: getattr(now, name)
                for name in _LIKE_THE_FIRST
                if getattr(leg, name) == getattr(was, name)
            },
        )
        for leg in legs
    )


def group_of(
    draft: Draft, first: OrderTerms, *, is_slice: bool = False
) -> Group | list[FieldError] | None:
    """Return the group of which `draft`, which means `first`, is the first order.

    `None` when it stands alone; what is wrong when it can't be sent as a group.
    """
    if not draft.is_contingent:
        return None
    if draft.legs and (draft.take_profit or draft.stop_loss):
        return [FieldError("take_profit" if draft.take_profit else "stop_loss", _ONE_WAY)]
    if is_slice or draft.staged:
        return [FieldError("staged", _SLICE if is_slice else _STAGED)]
    group = _of_legs(draft, first) if draft.legs else _bracket(draft, first)
    if isinstance(group, list):
        return group
    objection = group_objection(group.contingency, group.terms)
    return [FieldError("", objection)] if objection else group


def _of_legs(draft: Draft, first: OrderTerms) -> Group | list[FieldError]:
    contingency = draft.contingency or Contingency.OCO
    name = "Then" if contingency is Contingency.OTO else "OCO"
    legs = [Leg("", first)]
    for number, leg in enumerate(draft.legs, start=1):
        called = f"{name} {number}" if len(draft.legs) > 1 else name
        whole = replace(leg, symbol=leg.symbol or draft.symbol, qty=leg.qty or draft.qty)
        meaning = whole.terms()
        if isinstance(meaning, list):
            return [FieldError("", f"{called}: {error.text}") for error in meaning]
        legs.append(Leg(called, _as_decided(meaning, first)))
    return Group(contingency, tuple(legs))


def _as_decided(terms: OrderTerms, first: OrderTerms) -> OrderTerms:
    """One decision is behind all orders of a group."""
    return msgspec.structs.replace(
        terms,
        capacity=first.capacity,
        investment_decision=first.investment_decision,
        instructions=first.instructions,
    )


def _bracket(draft: Draft, first: OrderTerms) -> Group | list[FieldError]:
    errors: list[FieldError] = []
    profit = _exit_px(errors, "take_profit", draft.take_profit)
    loss = _exit_px(errors, "stop_loss", draft.stop_loss)
    errors = errors or _misplaced(draft, first, profit, loss)
    if errors:
        return errors
    rests = first.time_in_force.rests
    base = OrderTerms(
        symbol=first.symbol,
        side=closing(first.side),
        qty=first.qty,
        order_type=OrderType.LIMIT,
        account=first.account,
        venue=first.venue,
        time_in_force=first.time_in_force if rests else TimeInForce.DAY,
        expire_day=first.expire_day,
    )
    base = _as_decided(base, first)
    legs = [Leg("", first)]
    if profit is not None:
        terms = msgspec.structs.replace(base, limit_px=profit)
        legs.append(Leg(TAKE_PROFIT, terms, {"limit_px": "take_profit"}))
    if loss is not None:
        terms = msgspec.structs.replace(base, order_type=OrderType.STOP, stop_px=loss)
        legs.append(Leg(STOP_LOSS, terms, {"stop_px": "stop_loss"}))
    return Group(Contingency.BRACKET, tuple(legs))


def _exit_px(errors: list[FieldError], field: str, text: str) -> int | None:
    if not text:
        return None
    try:
        return parse_price(text)
    except BadInput as error:
        errors.append(FieldError(field, str(error)))
        return None


def _misplaced(
    draft: Draft, first: OrderTerms, profit: int | None, loss: int | None
) -> list[FieldError]:
    """An exit on the wrong side of the entry would trade at once: its price was mistaken."""
    sign, entry = first.side.sign, first.limit_px
    better, worse = ("above", "below") if sign > 0 else ("below", "above")
    does = "A buy" if sign > 0 else "A sale"
    if profit is not None and loss is not None and (profit - loss) * sign <= 0:
        text = (
            f"Take profit {draft.take_profit} is not {better} the stop {draft.stop_loss}. "
            f"{does} takes its profit {better} it: change one of them."
        )
        return [FieldError("take_profit", text)]
    if entry is None:
        return []
    found = []
    if profit is not None and (profit - entry) * sign <= 0:
        text = f"Take profit {draft.take_profit} is not {better} the entry's {draft.limit}. Move it"
        found.append(FieldError("take_profit", f"{text} {better} it."))
    if loss is not None and (entry - loss) * sign <= 0:
        text = f"Stop loss {draft.stop_loss} is not {worse} the entry's {draft.limit}. Move it"
        found.append(FieldError("stop_loss", f"{text} {worse} it."))
    return found
