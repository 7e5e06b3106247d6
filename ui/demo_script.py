"""The demonstration's own orders: entered, amended, filled, cancelled and denied by real keys."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models.instruments import Instrument
from models.limits import Outcome
from models.order_state import OrderStatus
from models.orders import Order
from ui.autopilot import Autopilot, Step, StepFailed

S = OrderStatus
Tell = Callable[[str], None]


class DemoScript:
    """Runs every step, also after one has failed, and keeps what became of each."""

    def __init__(self, pilot: Autopilot, tell: Tell) -> None:
        self.steps: list[Step] = []
        self._pilot = pilot
        self._tell = tell

    async def run(self) -> list[Step]:
        """Do all steps in order."""
        await self._pilot.ready()
        rested = await self._step("enter a limit order that rests", "new", self._enter_resting)
        if rested is not None:
            await self._step(
                "amend it to the market and fill", "filled", lambda: self._amend(rested)
            )
        await self._step("sell at market, filled at once", "filled", self._sell_at_market)
        doomed = await self._step("enter an order to cancel", "new", self._enter_resting)
        if doomed is not None:
            await self._step("cancel it with Del", "canceled", lambda: self._cancel(doomed))
        await self._step("enter a stop that waits", "new", self._enter_stop)
        await self._step("buy a bond in 32nds", "filled", self._buy_bond)
        await self._step("a restricted name is denied", "denied", self._restricted)
        return self.steps

    async def _step(
        self, name: str, expected: str, do: Callable[[], Awaitable[tuple[Order, str]]]
    ) -> Order | None:
        started, order, reached = time.monotonic(), None, "nothing"
        try:
            order, reached = await do()
        except StepFailed as failure:
            reached = str(failure)
        order_id = order.order_id if order is not None else ""
        step = Step(name, order_id, expected, reached, round(time.monotonic() - started, 3))
        self.steps.append(step)
        self._tell(f"  {'✓' if step.ok else '✕'} {name}: {order_id} {reached}")
        return order if step.ok else None

    def _instrument(self, symbol: str) -> Instrument:
        return self._pilot.session.core.state.instruments[symbol]

    def _price(self, symbol: str, ticks: int, of_ask: bool) -> str:
        """Return a price `ticks` away from the best bid or offer, as a person types it."""
        quote, instrument = self._pilot.session.core.quotes[symbol], self._instrument(symbol)
        price = (quote.ask if of_ask else quote.bid) or quote.last
        return instrument.show_price(price + ticks * instrument.tick_at(price)).replace(",", "")

    async def _enter_resting(self) -> tuple[Order, str]:
        qty = 500 + 100 * len(self.steps)  # unlike the last one, or it would be a duplicate
        price = self._price("AAPL", -150, of_ask=False)
        order = await self._pilot.enter(f"b {qty} aapl {price} acct growth")
        return order, await self._pilot.reaches(order, S.NEW)

    async def _amend(self, order: Order) -> tuple[Order, str]:
        pilot = self._pilot
        pilot.select(order)
        pilot.press(pilot.window, Qt.Key.Key_E, control=True)
        edit = pilot.window.ticket.limit_edit
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, self._price("AAPL", 60, of_ask=True))
        await pilot.until("an amendment that may be sent", lambda: pilot.window.ticket.can_send)
        pilot.press(edit, Qt.Key.Key_Return, control=True)
        return order, await pilot.reaches(order, S.FILLED)

    async def _sell_at_market(self) -> tuple[Order, str]:
        order = await self._pilot.enter("s 300 msft mkt acct index")
        return order, await self._pilot.reaches(order, S.FILLED)

    async def _cancel(self, order: Order) -> tuple[Order, str]:
        self._pilot.select(order)
        self._pilot.press(self._pilot.window.orders.table, Qt.Key.Key_Delete)
        return order, await self._pilot.reaches(order, S.CANCELED)

    async def _enter_stop(self) -> tuple[Order, str]:
        stop = self._price("NVDA", -400, of_ask=False)
        order = await self._pilot.enter(f"s 400 nvda stop {stop} gtc acct pension")
        reached = await self._pilot.reaches(order, S.NEW)
        return order, reached if order.awaits_trigger else "triggered"

    async def _buy_bond(self) -> tuple[Order, str]:
        instrument = self._instrument("UST10Y")
        quote = self._pilot.session.core.quotes["UST10Y"]
        ticks = (quote.ask + 4 * instrument.tick_at(quote.ask)) * 32 // 1_000_000_000 + 1
        order = await self._pilot.enter(f"b 100k ust10y {ticks // 32}-{ticks % 32:02d} acct income")
        return order, await self._pilot.reaches(order, S.FILLED)

    async def _restricted(self) -> tuple[Order, str]:
        """The ticket won't send a hard breach; a program that sends it all the same is denied."""
        pilot = self._pilot
        price = self._price("GME", 0, of_ask=False)
        pilot.type_line(f"b 100 gme {price} acct growth")
        terms = pilot.window.ticket.draft.terms()
        if isinstance(terms, list) or pilot.window.ticket.can_send:
            raise StepFailed("The ticket would have sent a restricted name.")
        if pilot.session.preview(terms).outcome is not Outcome.HARD:
            raise StepFailed("The preview let a restricted name pass.")
        order = await pilot.order_of(pilot.session.submit(terms))
        reached = await pilot.reaches(order, S.DENIED)
        await pilot.until(
            "an alert about it",
            lambda: any(
                alert.order_id == order.order_id
                for alert in pilot.session.core.state.alerts.values()
            ),
        )
        return order, reached
