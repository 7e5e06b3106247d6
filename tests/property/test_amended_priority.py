"""What the desk says of an order's place in the queue is what the venue's book does.

Orders rest at a few prices and are amended at random; nothing trades. After each amendment the
queue of every price has to be in the order in which the desk would give the orders back.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from models.order_state import OrderStatus
from models.orders import Order, OrderTerms, OrderType, Side, TimeInForce
from tests.builders import (
    SECOND,
    TOMORROW,
    EngineBench,
    amend,
    market_limit,
    market_order,
    px,
    quote,
    submit,
    terms,
)

PRICES = (px("99.00"), px("98.50"))
STOPS = (px("101.00"), px("101.50"))
AMENDMENTS = 60


def _entered(pick: Random) -> OrderTerms:
    display = pick.choice((None, None, 20, 50))
    price = pick.choice(PRICES)
    draw = pick.random()
    if draw < 0.25:
        stop = pick.choice(STOPS)
        return terms(order_type=OrderType.STOP, stop_px=stop, limit_px=None)
    if draw < 0.4:
        kind, side = OrderType.TRAILING_STOP, Side.SELL
        trail = px(pick.choice(("0.50", "1.00")))
        return terms(order_type=kind, side=side, limit_px=None, trail_px=trail)
    return terms(limit_px=price, display_qty=display)


def _change(pick: Random, order: Order) -> dict[str, Any]:
    """One or two terms, to what they may be."""
    kinds: dict[str, list[dict[str, Any]]] = {
        "qty": [{"qty": qty} for qty in (40, 60, 80, 100, 120)],
        "force": [
            {"time_in_force": TimeInForce.GTC, "expire_day": ""},
            {"time_in_force": TimeInForce.DAY, "expire_day": ""},
            {"time_in_force": TimeInForce.GTD, "expire_day": TOMORROW},
        ],
        "words": [{"instructions": text} for text in ("", "slowly", "careful")],
    }
    if order.order_type is OrderType.LIMIT:
        kinds["shows"] = [
            {"display_qty": shown, "varies": varies}
            for shown in (10, 20, 30, 50)
            for varies in (False, True)
        ] + [{"display_qty": None, "varies": False}]
        kinds["price"] = [{"limit_px": price} for price in PRICES]
    elif order.order_type is OrderType.STOP:
        kinds["price"] = [{"stop_px": price} for price in STOPS]
    else:
        kinds["trail"] = [{"trail_px": px(text)} for text in ("0.50", "1.00", "1.50")]
    chosen = pick.sample(sorted(kinds), pick.randint(1, 2))
    return {k: v for name in chosen for k, v in pick.choice(kinds[name]).items()}


def _audit(bench: EngineBench) -> None:
    book = bench.venue.books["ACME"]
    book.validate()
    state = bench.core.state
    rank = {order_id: at for at, order_id in enumerate(state.live)}
    for side in (book.bids, book.offers):
        for level in side.from_best():
            queue = [order.order_id for order in level]
            assert queue == sorted(queue, key=rank.__getitem__), level.key
    waiting = [stop.order_id for stop in book.stops.stops()]
    assert waiting == sorted(waiting, key=rank.__getitem__)
    for order_id in rank:
        order = state.orders[order_id]
        resting = book.orders.get(order_id)
        if resting is not None:
            assert (book.leaves_of(order_id), resting.price) == (order.leaves_qty, order.limit_px)
            assert resting.leaves <= (order.leaves_qty if order.display_qty is None else 10_000)
        else:
            stop = book.stops.by_id[order_id]
            assert (stop.qty, stop.stop_px) == (order.leaves_qty, order.stop_px)


@pytest.mark.parametrize("seed", range(20))
def test_place_in_the_queue_is_the_same_at_the_desk_and_in_the_book(seed: int) -> None:
    pick, bench = Random(seed), EngineBench().lead()
    bench.market(market_limit(False, px(100), 10), market_order(True, 10))  # trails begin there
    for _ in range(8):
        bench.tick(20 * SECOND)
        bench.see_market(quote())
        bench.ask(submit(_entered(pick)))
    done = 0
    for _ in range(AMENDMENTS):
        bench.tick(20 * SECOND)
        bench.see_market(quote())
        order = pick.choice(list(bench.core.state.live_orders()))
        version = order.version
        bench.ask(amend(order, **_change(pick, order)))
        assert order.status is OrderStatus.NEW
        done += order.version > version
        _audit(bench)
    assert done > AMENDMENTS // 2
