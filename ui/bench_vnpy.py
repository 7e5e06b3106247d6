"""Measures VeighNa's own order monitor; run as a script by an interpreter that has `vnpy`.

    python ui/bench_vnpy.py ROWS INSERTS UPDATES

prints one JSON object with `inserts_per_s` and `updates_per_s`, after ROWS orders are in it.
Orders are given to the monitor as its own event engine gives them, one event at a time.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

# Twenty pictures a second: it spends the rest of its time on orders.
_FRAME_S = 0.05


def main(rows: int, inserts: int, updates: int) -> None:
    """Measure, and print the figures."""
    objects = importlib.import_module("vnpy.trader.object")
    constants = importlib.import_module("vnpy.trader.constant")
    events = importlib.import_module("vnpy.event")
    version = importlib.import_module("vnpy").__version__
    ui = importlib.import_module("vnpy.trader.ui")
    widgets = importlib.import_module("vnpy.trader.ui.widget")
    app = ui.create_qapp()
    monitor = widgets.OrderMonitor(_NoEngine(), events.EventEngine())
    monitor.resize(1270, 700)
    monitor.show()
    pick = random.Random(7)
    orders = [_order(objects, constants, number) for number in range(rows + inserts)]
    monitor.sorting = False  # or filling it would take a minute
    for order in orders[:rows]:
        monitor.process_event(events.Event("eOrder.", order))
    monitor.sorting = True
    monitor.setSortingEnabled(True)
    app.processEvents()

    def give(order: Any) -> None:
        monitor.process_event(events.Event("eOrder.", order))

    def change(order: Any) -> None:
        order.traded = (order.traded + 100) % order.volume
        order.status = constants.Status.PARTTRADED
        give(order)

    new = iter(orders[rows:])
    held = orders[:rows]
    figures = {
        "version": version,
        "inserts_per_s": _rate(app, lambda: give(next(new)), inserts),
        "updates_per_s": _rate(app, lambda: change(pick.choice(held)), updates),
    }
    print(json.dumps(figures))


class _NoEngine:
    """The monitor asks its engine for something only when an order is canceled by hand."""


def _order(objects: Any, constants: Any, number: int) -> Any:
    pick = random.Random(number)
    return objects.OrderData(
        gateway_name="SIM",
        symbol=pick.choice(("AAPL", "MSFT", "NVDA", "JPM", "XOM", "KO", "SPY")),
        exchange=constants.Exchange.NASDAQ,
        orderid=f"{number:07d}",
        type=constants.OrderType.LIMIT,
        direction=pick.choice((constants.Direction.LONG, constants.Direction.SHORT)),
        price=100 + pick.randrange(1_000) / 100,
        volume=pick.randint(1, 400) * 100,
        status=constants.Status.NOTTRADED,
        datetime=datetime(2026, 11, 23, 14, 30, number % 60, tzinfo=UTC),
    )


def _rate(app: Any, step: Callable[[], None], count: int) -> float:
    started = turned = perf_counter()
    for _ in range(count):
        step()
        if perf_counter() - turned > _FRAME_S:
            app.processEvents()
            turned = perf_counter()
    app.processEvents()
    return round(count / (perf_counter() - started), 1)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
