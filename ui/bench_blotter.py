"""Measures the Orders blotter's table: sorting, filtering, live changes, and its start."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter, thread_time
from typing import Any, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.session.client import Session
from app.session.step import Link, SessionCore
from models.instruments import Instrument
from models.order_state import WORKING, OrderStatus
from models.orders import DESK, Order, OrderType, Side, TimeInForce
from ui.autopilot import Autopilot
from ui.blotter.columns import order_columns
from ui.blotter.orders_pane import OrdersPane
from ui.blotter.signs import STATUS
from ui.desktop import OpenSession, application, run_desktop
from ui.main_window import MainWindow
from ui.tables.filter_query import FilterQuery, Vocabulary, parse
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView

_ZONE: Final = ZoneInfo("America/New_York")
_SIZE: Final = (1270, 700)
_START_TS: Final = 1_700_000_000_000_000_000
_SORTED: Final = ("symbol", "qty", "limit", "status", "account", "order", "leaves", "time")
_FILTERED: Final = (
    "status:working side:buy",
    "symbol:a*",
    "qty>10k",
    '"growth"',
    "-trader:ben",
    "",
)
_UPDATES_PER_S: Final = 2_000
_FAMILY: Final = 10  # a care order and its slices, in a tree
_INSERTS_PER_S: Final = 20
_SETTLE_S: Final = 30.0
_FRAME_S: Final = 0.05  # as the peer gets


class OrderFlow:
    """Orders as a busy desk has them, and what becomes of them; the same for every run."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._random = random.Random(7)
        self._instruments = list(instruments)
        self._count = 0

    def orders(self, count: int) -> list[Order]:
        """Return new orders, each a tenth of a second after the one before."""
        return [self._order() for _ in range(count)]

    def _order(self) -> Order:
        pick, self._count = self._random.choice, self._count + 1
        instrument = pick(self._instruments)
        qty = self._random.randint(1, 400) * 100
        done = pick((0, 0, qty // 300 * 100, qty))
        status = OrderStatus.NEW if not done else OrderStatus.PARTIALLY_FILLED
        ts = _START_TS + self._count * 100_000_000
        order = Order(
            order_id=f"O-231114-{self._count:06d}",
            command_id=f"c{self._count:07d}",
            desk="EQ",
            trader=pick(("alice", "ben", "chloe")),
            symbol=instrument.symbol,
            side=pick(list(Side)),
            qty=qty,
            order_type=OrderType.LIMIT,
            account=pick(("GROWTH", "INDEX", "PENSION", "HEDGE-2")),
            venue="SIM",
            time_in_force=TimeInForce.DAY,
            status=OrderStatus.FILLED if done == qty else status,
            underlying_status=status,
            created_ts=ts,
            updated_ts=ts,
            limit_px=instrument.prev_close + pick(range(-40, 41)) * instrument.ticks[0].tick,
            leaves_qty=qty - done,
            cum_qty=done,
            arrival_px=instrument.prev_close,
        )
        order.add_traded(done * instrument.prev_close)
        return order

    def change(self, order: Order) -> None:
        """Fill a lot of an order, or begin it anew once it is done."""
        if order.leaves_qty < 100:
            order.cum_qty, order.leaves_qty = 0, order.qty
            order.traded_high = order.traded_low = 0
            order.status = OrderStatus.NEW
        order.cum_qty += 100
        order.leaves_qty -= 100
        order.add_traded(100 * order.arrival_px)
        order.updated_ts += 1_000_000
        order.status = OrderStatus.PARTIALLY_FILLED if order.leaves_qty else OrderStatus.FILLED

    def some(self, orders: Sequence[Order], count: int) -> list[Order]:
        """Return any `count` of these orders, perhaps one twice."""
        return self._random.choices(orders, k=count)


class _Loop:
    """Turns the window's loop, and notes for how long at most it did not come round.

    Attributes:
        longest_s: by the clock, since it was last set to 0.
        longest_cpu_s: what the thread itself worked in its longest block, ever: on a machine that
            does other things as well the clock counts those too.
    """

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.longest_s = 0.0
        self.longest_cpu_s = 0.0

    def turn(self) -> None:
        """Do what waits, as one block."""
        self._block(self._app.processEvents)

    def act(self, action: Callable[[], object]) -> float:
        """Do something and paint what came of it; return the seconds until it was on screen."""
        started = perf_counter()
        self._block(action)
        self.turn()
        return perf_counter() - started

    def _block(self, action: Callable[[], object]) -> None:
        started, worked = perf_counter(), thread_time()
        action()
        self.longest_s = max(self.longest_s, perf_counter() - started)
        self.longest_cpu_s = max(self.longest_cpu_s, thread_time() - worked)


class _Table:
    """The Orders blotter's table in a window, with `count` orders in it."""

    def __init__(
        self, instruments: Sequence[Instrument], count: int, *, is_tree: bool = False
    ) -> None:
        """`is_tree` makes of every ten orders a care order and nine slices, and shows them so."""
        self.app = application("dark")
        self.loop = _Loop(self.app)
        core = SessionCore("alice", "EQ")
        core.state.instruments.update({each.symbol: each for each in instruments})
        self.columns = order_columns(core, _ZONE)
        self.model = LiveTableModel(
            self.columns, key=lambda order: order.command_id, nesting=OrdersPane.nesting
        )
        self.view = LiveTableView(self.model)
        self.view.totals_row()
        self.view.resize(*_SIZE)
        self.view.sortByColumn(self.model.column_index("time"), Qt.SortOrder.DescendingOrder)
        self.view.show()
        self.flow = OrderFlow(instruments)
        self.orders = self.flow.orders(count)
        if is_tree:
            for place, order in enumerate(self.orders):
                care = self.orders[place - place % _FAMILY]
                order.parent_id = "" if order is care else care.order_id
                order.venue = DESK if order is care else order.venue
        self.model.set_tree(is_tree)
        self.model.reset(self.orders)
        self._settle()
        self.loop.longest_s = self.loop.longest_cpu_s = (
            0.0  # filling is no part of what is measured
        )

    def _settle(self) -> None:
        """Wait until the columns have been read in idle moments, as they are soon after a start."""
        give_up = perf_counter() + _SETTLE_S
        while self.model.is_reading_ahead and perf_counter() < give_up:
            self.loop.turn()

    def close(self) -> None:
        """Take the window off."""
        self.view.hide()
        self.view.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def query(self, text: str) -> FilterQuery[Order]:
        """Return the filter that `text` says."""
        working = {STATUS[status][1] for status in WORKING}
        found = parse(text, self.columns, Vocabulary(values={"status": {"working": working}}))
        assert isinstance(found, FilterQuery), found
        return found

    def update(self, count: int) -> None:
        """Change any `count` orders, and tell the model of each by itself, as a session does."""
        for order in self.flow.some(self.orders, count):
            self.flow.change(order)
            self.model.touch((order.command_id,))

    def insert(self, count: int) -> None:
        """Let `count` orders arrive, each by itself."""
        for order in self.flow.orders(count):
            self.orders.append(order)
            self.model.upsert((order,))

    def wait_until_shown(self) -> None:
        """Wait until the model has applied everything, and paint it."""
        while self.model.is_behind:
            self.loop.turn()
        self.loop.turn()


def measured_table(
    instruments: Sequence[Instrument], count: int, seconds: float
) -> dict[str, float]:
    """Sort, filter and change a table of `count` orders; return the figures by name."""
    table = _Table(instruments, count)
    sorts = _sort_times(table)
    filters = _filter_times(table)
    figures = {
        "sort_ms": round(max(sorts) * 1e3, 1),
        "sort_p50_ms": round(sorted(sorts)[len(sorts) // 2] * 1e3, 1),
        "filter_ms": round(max(filters) * 1e3, 1),
        "filter_p50_ms": round(sorted(filters)[len(filters) // 2] * 1e3, 1),
        "sort_and_filter_longest_block_ms": round(table.loop.longest_s * 1e3, 1),
    }
    table.loop.longest_s = 0.0
    figures |= _live(table, seconds)
    figures["grouped_live_longest_block_ms"] = _grouped_live(table, seconds / 2)
    figures["longest_block_ms"] = max(
        value for name, value in figures.items() if name.endswith("longest_block_ms")
    )
    figures["longest_block_cpu_ms"] = round(table.loop.longest_cpu_s * 1e3, 1)
    table.close()
    return figures | _tree(instruments, count, seconds / 2)


def _tree(instruments: Sequence[Instrument], count: int, seconds: float) -> dict[str, float]:
    """The same as a tree of care orders, each with nine slices."""
    table = _Table(instruments, count, is_tree=True)
    figures = {
        "tree_sort_ms": round(max(_sort_times(table)) * 1e3, 1),
        "tree_filter_ms": round(max(_filter_times(table)) * 1e3, 1),
    }
    table.loop.longest_s = 0.0
    live = _live(table, seconds)
    figures["tree_updates_per_s"] = live["updates_per_s"]
    figures["tree_selection_and_scroll_undisturbed"] = live["selection_and_scroll_undisturbed"]
    figures["tree_live_longest_block_ms"] = live["live_longest_block_ms"]
    table.close()
    return figures


def _sort_times(table: _Table) -> list[float]:
    times = []
    for name in _SORTED:
        at = table.model.column_index(name)
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            times.append(table.loop.act(partial(table.view.sortByColumn, at, order)))
    return times


def _filter_times(table: _Table) -> list[float]:
    queries = [table.query(text) for text in _FILTERED]
    return [table.loop.act(partial(table.model.set_filter, query)) for query in queries]


def _live(table: _Table, seconds: float) -> dict[str, float]:
    """Change 2,000 orders a second in random places while others arrive at the top.

    Somebody has scrolled down and selected three rows: whether these stay is a figure too.
    """
    view, model = table.view, table.model
    view.verticalScrollBar().setValue(len(table.orders) // 2)
    top = view.rowAt(0)
    reading = model.key_at(top)
    chosen = [model.key_at(top + at) for at in (3, 7, 8)]
    view.select_keys(chosen)
    y = view.rowViewportPosition(model.row_of_key(chosen[0]))
    done = arrived = 0
    started = perf_counter()
    while (spent := perf_counter() - started) < seconds:
        due = int(spent * _UPDATES_PER_S) - done
        if due:
            table.loop.act(partial(table.update, due))
            done += due
        if spent * _INSERTS_PER_S >= arrived + 1:
            table.loop.act(lambda: table.insert(1))
            arrived += 1
        table.loop.turn()
    spent = perf_counter() - started
    table.wait_until_shown()
    is_in_place = (
        view.selected_keys() == chosen
        and model.key_at(view.rowAt(0)) == reading
        and view.rowViewportPosition(model.row_of_key(chosen[0])) == y
    )
    return {
        "updates_per_s": round(done / spent),
        "selection_and_scroll_undisturbed": float(is_in_place),
        "shows_what_is": float(_shows_what_is(table)),
        "live_longest_block_ms": round(table.loop.longest_s * 1e3, 1),
    }


def _grouped_live(table: _Table, seconds: float) -> float:
    """The same, grouped by status and sorted by what changes, so that rows move all the time."""
    table.loop.longest_s = 0.0
    table.loop.act(lambda: table.view.group_by("status"))
    leaves = table.model.column_index("leaves")
    table.loop.act(lambda: table.view.sortByColumn(leaves, Qt.SortOrder.AscendingOrder))
    started, done = perf_counter(), 0
    while (spent := perf_counter() - started) < seconds:
        due = int(spent * _UPDATES_PER_S) - done
        table.loop.act(partial(table.update, due))
        done += due
    table.wait_until_shown()
    table.loop.act(lambda: table.view.group_by(None))
    return round(table.loop.longest_s * 1e3, 1)


def _shows_what_is(table: _Table) -> bool:
    """Whether the cells on screen say what their orders are now."""
    view, model = table.view, table.model
    first = view.rowAt(0)
    rows = range(first, first + view.viewport().height() // view.rowHeight(first))
    return all(
        model.cell(row, at).text == model.columns[at].text(model.row_at(row))
        for row in rows
        for at in view.shown_columns()
    )


def measured_rates(
    instruments: Sequence[Instrument], held: int, inserts: int, updates: int
) -> dict[str, float]:
    """Return orders and changes a second that a table of `held` orders takes in, flat out."""
    table = _Table(instruments, held)
    view = table.view
    view.verticalScrollBar().setValue(0)

    def rate(step: Callable[[int], None], count: int) -> float:
        started = perf_counter()
        left, turned = count, started
        while left:
            now = min(left, 25)
            step(now)
            left -= now
            if perf_counter() - turned > _FRAME_S:
                table.loop.turn()
                turned = perf_counter()
        table.wait_until_shown()
        return count / (perf_counter() - started)

    figures: dict[str, float] = {
        "inserts_per_s": round(rate(table.insert, inserts)),
        "updates_per_s": round(rate(table.update, updates)),
    }
    table.close()
    return figures


# ----------------------------------------------------------------------------- the window's start


class _FirstPaint(QObject):
    """Tells when the window has been painted for the first time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.is_done = False
        window.orders.table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.is_done = True
        return False


def opened_window(
    open_session: OpenSession, orders: int, timezone: str, tell: Callable[[], None]
) -> int:
    """Open the desktop; call `tell` once it shows `orders` orders and answers a key, and close."""
    tasks: list[asyncio.Task[None]] = []

    def opened(window: MainWindow, session: Session) -> None:
        use = _use(Autopilot(window, session), orders, tell)
        tasks.append(asyncio.get_running_loop().create_task(use))

    code = run_desktop(open_session, timezone=timezone, on_opened=opened)
    for task in tasks:
        task.result()
    return code


async def _use(pilot: Autopilot, orders: int, tell: Callable[[], None]) -> None:
    window, core = pilot.window, pilot.session.core
    painted = _FirstPaint(window)
    try:
        await pilot.until("the first picture", lambda: painted.is_done)
        await pilot.until(
            f"a live window with {orders} orders",
            lambda: core.link is Link.LIVE and window.orders.model.total_count >= orders,
        )
        line: Any = window.ticket.line_edit
        QTest.keyClicks(line, "b")
        await pilot.until("the ticket to take a key", lambda: line.text() == "b")
        tell()
    finally:
        window.close()
