"""What a kill would do, counted and said in words before it is done. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.desk_state import halt_key
from app.session.step import SessionCore
from models.orders import Order


@dataclass(frozen=True)
class KillPlan:
    """What will happen, and to whom; `trader` is empty for the whole desk."""

    trader: str
    is_halted: bool
    order_count: int
    headline: str
    sentences: tuple[str, ...]


def working_orders(core: SessionCore, trader: str) -> list[Order]:
    """Return the orders that a kill of `trader` (empty: everybody at the desk) would cancel.

    Care orders stay: they are the client's, and work at no venue.
    """
    return [order for order in _live(core, trader) if order.is_routed]


def _live(core: SessionCore, trader: str) -> list[Order]:
    return [
        order
        for order in core.state.live_orders()
        if order.desk == core.desk and trader in ("", order.trader)
    ]


def kill_plan(core: SessionCore, trader: str, *, halts: bool = True) -> KillPlan:
    """Return what halting `trader` and cancelling their orders does; `halts` false only cancels."""
    orders = working_orders(core, trader)
    count, is_halted = len(orders), halt_key(core.desk, trader) in core.state.halts
    is_own = trader == core.login
    whom = "your own trading" if is_own else f"{trader}'s trading" if trader else "the whole desk"
    whose = "your" if is_own else f"{trader}'s" if trader else "the desk's"
    sentences = []
    if halts and is_halted:
        sentences.append(f"Trading of {trader or f'the desk {core.desk}'} is halted already.")
    elif halts:
        who = "You" if is_own else trader or f"Everybody at {core.desk}"
        sentences.append(
            f"{who} can enter and amend nothing until a desk head or compliance resumes it."
        )
    if count:
        plural = "order" if count == 1 else "orders"
        sentences.append(
            f"{count:,} working {plural} of {_breakdown(orders, trader)} will be cancelled. "
            "An order may still fill before the venue confirms."
        )
    else:
        sentences.append("No order is working, so none is cancelled.")
    care = sum(order.is_care for order in _live(core, trader))
    if care:
        stay = "1 care order stays" if care == 1 else f"{care:,} care orders stay"
        sentences.append(f"{stay} open, with no strategy at work.")
    sentences.append("Positions stay as they are.")
    orders_words = f"cancel {whose} {count:,} working order{'' if count == 1 else 's'}"
    headline = f"Halt {whom} and {orders_words}?" if halts else f"{orders_words.capitalize()}?"
    return KillPlan(trader, is_halted, count, headline, tuple(sentences))


def resume_plan(core: SessionCore, trader: str) -> KillPlan:
    """Return what lifting the halt of `trader` (empty: of the whole desk) does."""
    halts = core.state.halts
    whom = trader or f"the whole desk {core.desk}"
    sentences = [f"{trader or 'Everybody who is not halted by name'} can enter and amend again."]
    sentences.append("Orders that were cancelled stay cancelled.")
    others = [key for key in halts if key.startswith(f"{core.desk}|") and halts[key].trader]
    if trader and halt_key(core.desk, "") in halts:
        sentences.append("The whole desk is halted too: that halt stays until it is lifted.")
    elif not trader and others:
        names = ", ".join(sorted(halts[key].trader for key in others))
        sentences.append(f"Still halted by name: {names}.")
    is_halted = halt_key(core.desk, trader) in halts
    return KillPlan(trader, is_halted, 0, f"Resume trading of {whom}?", tuple(sentences))


def _breakdown(orders: list[Order], trader: str) -> str:
    """Return whose orders they are, with counts where there are several traders."""
    counts: dict[str, int] = {}
    for order in orders:
        counts[order.trader] = counts.get(order.trader, 0) + 1
    if trader or len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{name} ({count:,})" for name, count in sorted(counts.items()))
