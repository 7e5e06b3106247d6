"""Which order type goes with which time in force: one table; the help page is made from it.

An empty text means that the pair is offered, anything else says why not and what to do instead.
"""

from __future__ import annotations

from models.orders import OrderTerms, OrderType, TimeInForce

_NO_PRICE = "It has no price to rest at; choose Day, or a limit order."
_WAITS = "A stop waits for its trigger; choose Day, GTC or GTD."
_RESTS = "What it does not trade at once rests as a limit order; choose Day, or a limit order."
_PEGS = "A peg rests and follows the market; choose Day, GTC or GTD."
_AUCTION = "An auction takes market and limit orders; choose one of these, or Day."

SUPPORT: dict[tuple[OrderType, TimeInForce], str] = {
    (OrderType.MARKET, TimeInForce.DAY): "",
    (OrderType.MARKET, TimeInForce.IOC): "",
    (OrderType.MARKET, TimeInForce.FOK): "",
    (OrderType.MARKET, TimeInForce.GTC): _NO_PRICE,
    (OrderType.MARKET, TimeInForce.GTD): _NO_PRICE,
    (OrderType.MARKET, TimeInForce.OPG): "",
    (OrderType.MARKET, TimeInForce.CLS): "",
    (OrderType.LIMIT, TimeInForce.DAY): "",
    (OrderType.LIMIT, TimeInForce.IOC): "",
    (OrderType.LIMIT, TimeInForce.FOK): "",
    (OrderType.LIMIT, TimeInForce.GTC): "",
    (OrderType.LIMIT, TimeInForce.GTD): "",
    (OrderType.LIMIT, TimeInForce.OPG): "",
    (OrderType.LIMIT, TimeInForce.CLS): "",
    (OrderType.STOP, TimeInForce.DAY): "",
    (OrderType.STOP, TimeInForce.IOC): _WAITS,
    (OrderType.STOP, TimeInForce.FOK): _WAITS,
    (OrderType.STOP, TimeInForce.GTC): "",
    (OrderType.STOP, TimeInForce.GTD): "",
    (OrderType.STOP, TimeInForce.OPG): _AUCTION,
    (OrderType.STOP, TimeInForce.CLS): _AUCTION,
    (OrderType.STOP_LIMIT, TimeInForce.DAY): "",
    (OrderType.STOP_LIMIT, TimeInForce.IOC): _WAITS,
    (OrderType.STOP_LIMIT, TimeInForce.FOK): _WAITS,
    (OrderType.STOP_LIMIT, TimeInForce.GTC): "",
    (OrderType.STOP_LIMIT, TimeInForce.GTD): "",
    (OrderType.STOP_LIMIT, TimeInForce.OPG): _AUCTION,
    (OrderType.STOP_LIMIT, TimeInForce.CLS): _AUCTION,
    (OrderType.TRAILING_STOP, TimeInForce.DAY): "",
    (OrderType.TRAILING_STOP, TimeInForce.IOC): _WAITS,
    (OrderType.TRAILING_STOP, TimeInForce.FOK): _WAITS,
    (OrderType.TRAILING_STOP, TimeInForce.GTC): "",
    (OrderType.TRAILING_STOP, TimeInForce.GTD): "",
    (OrderType.TRAILING_STOP, TimeInForce.OPG): _AUCTION,
    (OrderType.TRAILING_STOP, TimeInForce.CLS): _AUCTION,
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.DAY): "",
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.IOC): _WAITS,
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.FOK): _WAITS,
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.GTC): "",
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.GTD): "",
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.OPG): _AUCTION,
    (OrderType.TRAILING_STOP_LIMIT, TimeInForce.CLS): _AUCTION,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.DAY): "",
    (OrderType.MARKET_TO_LIMIT, TimeInForce.IOC): _RESTS,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.FOK): _RESTS,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.GTC): _RESTS,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.GTD): _RESTS,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.OPG): _AUCTION,
    (OrderType.MARKET_TO_LIMIT, TimeInForce.CLS): _AUCTION,
    (OrderType.PEGGED, TimeInForce.DAY): "",
    (OrderType.PEGGED, TimeInForce.IOC): _PEGS,
    (OrderType.PEGGED, TimeInForce.FOK): _PEGS,
    (OrderType.PEGGED, TimeInForce.GTC): "",
    (OrderType.PEGGED, TimeInForce.GTD): "",
    (OrderType.PEGGED, TimeInForce.OPG): _PEGS,
    (OrderType.PEGGED, TimeInForce.CLS): _PEGS,
}


def pair_objection(order_type: OrderType, time_in_force: TimeInForce) -> str:
    """Return why the two do not go together, empty when they do."""
    return SUPPORT[order_type, time_in_force]


def display_objection(terms: OrderTerms) -> str:
    """Return why these terms can't show a part of their quantity only, empty when they can."""
    if not terms.order_type.has_limit or not terms.time_in_force.rests:
        return (
            "Only a limit order that rests can show a part of itself. Clear the display quantity."
        )
    return ""


def post_only_objection(terms: OrderTerms) -> str:
    """Return why these terms can't be post-only, empty when they can."""
    if terms.order_type is not OrderType.LIMIT or not terms.time_in_force.rests:
        return "Post-only goes with a limit order that rests. Choose Limit and Day, GTC or GTD."
    return ""


def min_qty_objection(terms: OrderTerms) -> str:
    """Return why these terms can't ask for a least quantity, empty when they can."""
    if terms.time_in_force is not TimeInForce.IOC or terms.order_type.has_stop:
        return "A minimum quantity goes with IOC: it is what has to trade at once. Choose IOC."
    return ""


def all_or_none_objection(terms: OrderTerms) -> str:
    """Return why these terms can't be all-or-none, empty when they can."""
    if terms.order_type is not OrderType.LIMIT or not terms.time_in_force.rests:
        return (
            "All-or-none goes with a limit order that rests. Choose Limit and Day, GTC or GTD; "
            "FOK trades whole at once or not at all."
        )
    if terms.display_qty is not None or terms.post_only:
        return (
            "An all-or-none order is not shown and takes when it can. Clear the display quantity "
            "and post-only, or all-or-none."
        )
    return ""
