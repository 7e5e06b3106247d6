"""The demonstration's story: what a desk sees in its first five minutes, done by real keys.

Each chapter is data; a new one is one more entry in `CHAPTERS`, with a function for its deeds.
"""

from __future__ import annotations

from models.instruments import Instrument
from models.limits import Outcome
from models.order_state import OrderStatus
from models.orders import Order
from models.workflow import Strategy, StrategyKind, Style
from ui.autopilot import Autopilot, StepFailed
from ui.story.narrator import Chapter, Stage

S = OrderStatus
_SECOND = 1_000_000_000


def _instrument(pilot: Autopilot, symbol: str) -> Instrument:
    return pilot.session.core.state.instruments[symbol]


def _price(pilot: Autopilot, symbol: str, ticks: int, *, of_ask: bool) -> str:
    """Return a price `ticks` away from the best bid or offer, as a person types it."""
    quote, instrument = pilot.session.core.quotes[symbol], _instrument(pilot, symbol)
    price = (quote.ask if of_ask else quote.bid) or quote.last
    return instrument.show_price(price + ticks * instrument.tick_at(price)).replace(",", "")


async def _enter_resting(stage: Stage) -> tuple[Order, str]:
    pilot = stage.pilot
    qty = 500 + 100 * len(stage.steps)  # unlike the last one, or it would be a duplicate
    price = _price(pilot, "AAPL", -150, of_ask=False)
    order = await pilot.enter(f"b {qty} aapl {price} acct growth")
    return order, await pilot.reaches(order, S.NEW)


async def _one_line(stage: Stage) -> None:
    rested = await stage.step(
        "enter a limit order that rests", "new", lambda: _enter_resting(stage)
    )
    if rested is not None:
        stage.orders["rested"] = rested
        stage.pilot.select(rested)


async def _amend(stage: Stage) -> None:
    order = stage.orders.pop("rested", None)
    if order is None:
        return

    async def amend() -> tuple[Order, str]:
        pilot = stage.pilot
        pilot.select(order)
        pilot.do("amend")
        edit = pilot.window.ticket.limit_edit
        edit.selectAll()
        await pilot.write(edit, _price(pilot, "AAPL", 60, of_ask=True))
        await pilot.pace.rest(3)
        await pilot.until("an amendment that may be sent", lambda: pilot.window.ticket.can_send)
        pilot.do("send")
        return order, await pilot.reaches(order, S.FILLED)

    if await stage.step("amend it to the market and fill", "filled", amend) is not None:
        stage.orders["filled"] = order


async def _history(stage: Stage) -> None:
    order = stage.orders.get("filled")
    if order is not None:
        stage.pilot.select(order)
        stage.pilot.do("history")


async def _sell_at_market(stage: Stage) -> None:
    async def sell() -> tuple[Order, str]:
        order = await stage.pilot.enter("s 300 msft mkt acct index")
        return order, await stage.pilot.reaches(order, S.FILLED)

    await stage.step("sell at market, filled at once", "filled", sell)


async def _cancel(stage: Stage) -> None:
    pilot = stage.pilot
    doomed = await stage.step("enter an order to cancel", "new", lambda: _enter_resting(stage))
    if doomed is None:
        return
    await pilot.pace.rest(2)

    async def cancel() -> tuple[Order, str]:
        pilot.select(doomed)
        pilot.do("cancel")
        return doomed, await pilot.reaches(doomed, S.CANCELED)

    await stage.step("cancel it with Del", "canceled", cancel)


async def _enter_stop(stage: Stage) -> None:
    async def enter() -> tuple[Order, str]:
        pilot = stage.pilot
        stop = _price(pilot, "NVDA", -400, of_ask=False)
        qty = 400 + len(stage.steps)
        order = await pilot.enter(f"s {qty} nvda stop {stop} gtc acct pension")
        reached = await pilot.reaches(order, S.NEW)
        return order, reached if order.awaits_trigger else "triggered"

    await stage.step("enter a stop that waits", "new", enter)


async def _buy_bond(stage: Stage) -> None:
    async def buy() -> tuple[Order, str]:
        pilot = stage.pilot
        instrument, quote = _instrument(pilot, "UST10Y"), pilot.session.core.quotes["UST10Y"]
        ticks = (quote.ask + 4 * instrument.tick_at(quote.ask)) * 32 // 1_000_000_000 + 1
        line = f"b 100k ust10y {ticks // 32}-{ticks % 32:02d} acct income"
        order = await pilot.enter(line)
        return order, await pilot.reaches(order, S.FILLED)

    await stage.step("buy a bond in 32nds", "filled", buy)


async def _work_care_order(stage: Stage) -> None:
    """A large order that the desk keeps, sent to the market in slices by a strategy."""
    pilot = stage.pilot

    async def take() -> tuple[Order, str]:
        qty = 6_000 + 100 * len(stage.steps)
        price = _price(pilot, "KO", 80, of_ask=True)
        order = await pilot.enter(f"b {qty} ko {price} care acct growth")
        return order, await pilot.reaches(order, S.NEW)

    care = await stage.step("take a care order", "new", take)
    if care is None:
        return
    pilot.select(care)
    await pilot.pace.rest(2)

    async def work() -> tuple[Order, str]:
        start = pilot.session.core.store_ts
        strategy = Strategy(
            kind=StrategyKind.TWAP,
            start_ts=start,
            end_ts=start + 300 * _SECOND,
            every_ns=10 * _SECOND,
            style=Style.CROSS,
        )
        pilot.session.work.start_strategy(care.order_id, strategy)
        return care, await pilot.reaches(care, S.PARTIALLY_FILLED)

    await stage.step("work it by TWAP", "partially_filled", work)


async def _restricted(stage: Stage) -> None:
    """The ticket won't send a hard breach; a program that sends it all the same is denied."""
    pilot = stage.pilot
    price = _price(pilot, "GME", 0, of_ask=False)
    pilot.do("new_buy")
    await pilot.write(pilot.window.ticket.line_edit, f"b 100 gme {price} acct growth")
    await pilot.pace.rest(4)

    async def send_past_it() -> tuple[Order, str]:
        terms = pilot.window.ticket.draft.terms()
        if isinstance(terms, list) or pilot.window.ticket.can_send:
            raise StepFailed("The ticket would have sent a restricted name.")
        if pilot.session.preview(terms).outcome is not Outcome.HARD:
            raise StepFailed("The preview let a restricted name pass.")
        order = await pilot.order_of(pilot.session.submit(terms))
        reached = await pilot.reaches(order, S.DENIED)
        alerts = pilot.session.core.state.alerts
        await pilot.until(
            "an alert about it", lambda: any(a.order_id == order.order_id for a in alerts.values())
        )
        return order, reached

    await stage.step("a restricted name is denied", "denied", send_past_it)
    pilot.do("drop")


async def _filter(stage: Stage) -> None:
    pilot = stage.pilot
    edit = pilot.window.orders.filter_edit
    pilot.do("filter")
    edit.clear()
    await pilot.write(edit, "status:open side:buy")
    await pilot.pace.rest(6)
    edit.clear()


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "A desk's day, by itself",
        "This is alice's desktop. Ben and Chloe trade beside her, through the same engine; the "
        "market is simulated, everything else is real. <b>Touch anything and the story waits.</b>",
        14,
    ),
    Chapter(
        "The blotter",
        "Every order of the desk, the newest at the top. Nothing jumps: what you select and where "
        "you have scrolled to stays, at thousands of changes a second.",
        14,
        "orders",
    ),
    Chapter(
        "One line is an order",
        "<b>F2</b>, then type it as you would say it. The fields follow, the engine's own checks "
        "run with every key, and the button says exactly what <b>Ctrl+Enter</b> sends.",
        11,
        "ticket",
        _one_line,
        6,
    ),
    Chapter(
        "Amend, with old and new side by side",
        "<b>Ctrl+E</b> takes the selected order into the ticket. It says what changes and whether "
        "the order keeps its place in the queue. Moved to the market, this one trades.",
        12,
        "ticket",
        _amend,
        5,
    ),
    Chapter(
        "What happened to it, provably",
        "<b>Ctrl+H</b>: every event of the order with who, when, old and new, and each check with "
        "its numbers, out of one numbered and hash-chained log.",
        8,
        "history",
        _history,
        10,
    ),
    Chapter(
        "The market",
        "Depth with your own orders in it, the price with its VWAP and your fills, and every "
        "trade. A click on the ladder puts the price into the ticket; it never sends.",
        16,
        "depth",
    ),
    Chapter(
        "Sell at market",
        "From the key to the filled row takes about a fiftieth of a second; on disk before it "
        "leaves the house.",
        10,
        "orders",
        _sell_at_market,
        6,
    ),
    Chapter(
        "Cancel is one key",
        "<b>Del</b> on the row, at once. Cancels go ahead of everything else that waits, and no "
        "limit ever stands in their way.",
        10,
        "orders",
        _cancel,
        5,
    ),
    Chapter(
        "A stop that waits",
        "Good till cancelled, on the right side of the market: a stop that would go off at once "
        "is refused with the reason.",
        10,
        "orders",
        _enter_stop,
        4,
    ),
    Chapter(
        "Bonds in 32nds",
        "The same line takes Treasuries as their desks quote them.",
        9,
        "ticket",
        _buy_bond,
        4,
    ),
    Chapter(
        "A large order, worked",
        "<b>care</b> keeps an order at the desk. A TWAP slices it: a parent can't be oversent, a "
        "halt pauses it, and every slice passes the same checks. <b>Ctrl+T</b> shows the family.",
        10,
        "orders",
        _work_care_order,
        6,
    ),
    Chapter(
        "Many at once",
        "A basket comes from a file or the clipboard, whole or not at all, with each wrong cell "
        "named; it goes out in waves, and its progress is here.",
        10,
        "baskets",
    ),
    Chapter(
        "What may not be sent is not sent",
        "GME is on the restricted list. The ticket says so while it is typed and has no button for "
        "it. A program that sends it all the same is denied by the engine, and compliance sees it.",
        12,
        "ticket",
        _restricted,
        4,
    ),
    Chapter(
        "Compliance alerts",
        "What a rule stopped or questioned, with the value, the limit and the way out. <b>F8</b> "
        "acknowledges, <b>Ctrl+J</b> goes to the order.",
        13,
        "alerts",
    ),
    Chapter(
        "Ask the blotter",
        "<b>Ctrl+F</b> and a few words: columns, numbers, ages, free text. A filter can be kept "
        "as a chip; rows can be grouped with subtotals.",
        9,
        "orders",
        _filter,
        3,
    ),
    Chapter(
        "If it all goes wrong",
        "<b>Ctrl+Shift+K</b> halts trading and cancels what works, ahead of everything. Kill the "
        "engine or this window: nothing that was acknowledged is lost, nothing is sent twice.",
        14,
    ),
    Chapter(
        "Your turn",
        "The desk stays open. <b>F2</b> buys, <b>F1</b> explains the pane you are in, "
        "<b>Ctrl+K</b> finds everything.",
        14,
    ),
)
