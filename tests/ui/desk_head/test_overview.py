"""The overview: real numbers a trader, kept up order by order, unknown shown as unknown."""

from __future__ import annotations

import random

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.alerts import Alert, Severity
from models.commands import HaltTrading
from models.events import AlertRaised
from models.order_state import Trigger
from models.orders import DESK as CARE
from models.orders import Order, Side
from tests.builders import DESK, NOW, Desk, market_terms, money, new_id, px, terms
from tests.ui.still_desk import StillDesk
from ui.desk_head.overview_columns import short_money
from ui.desk_head.overview_pane import OverviewPane
from ui.desk_head.trader_rows import DeskBook, TraderRow


@pytest.fixture
def still() -> StillDesk:
    return StillDesk(login="dana")


def work(desk: Desk, author: str = "alice", **changes: object) -> Order:
    order = desk.accepted(terms(**changes), author, reason="known")
    desk.report(order, Trigger.ACKNOWLEDGE)
    return order


def rows(still: StillDesk, book: DeskBook | None = None) -> dict[str, TraderRow]:
    still.sync()
    book = book or DeskBook(still.session.core)
    book.take_in(still.desk.state.orders)
    return {row.login: row for row in book.rows(book.traders())}


def test_working_order_counts_what_is_left_at_its_limit(still: StillDesk) -> None:
    order = work(still.desk, qty=100, limit_px=px(50))
    still.desk.fill(order, 40, px(50))
    row = rows(still)["alice"]
    assert (row.working_count, row.order_count) == (1, 1)
    assert (row.working, row.done) == (money(3_000), money(2_000))


def test_done_order_works_on_nothing(still: StillDesk) -> None:
    order = work(still.desk, qty=100, limit_px=px(100))
    still.desk.fill(order, 100, px("99.50"))
    row = rows(still)["alice"]
    assert (row.working_count, row.working, row.done) == (0, 0, money(9_950))


def test_exposure_is_what_fills_have_built_up_at_last_prices(still: StillDesk) -> None:
    still.desk.fill(work(still.desk, qty=100), 100, px(100))
    sold = work(still.desk, symbol="BETA", side=Side.SELL, qty=50)
    still.desk.fill(sold, 50, px(100))
    still.desk.move_market(px(110))
    row = rows(still)["alice"]
    assert row.gross == money(11_000 + 5_000)
    assert row.net == money(11_000 - 5_000)


def test_exposure_of_a_name_without_a_price_is_not_known(still: StillDesk) -> None:
    still.desk.fill(work(still.desk, qty=100), 100, px(100))
    del still.desk.quotes["ACME"]
    row = rows(still)["alice"]
    assert (row.gross, row.net) == (None, None)
    assert row.done == money(10_000)
    assert short_money(row.gross) == "–"


def test_desk_nets_its_traders_against_each_other(still: StillDesk) -> None:
    still.desk.fill(work(still.desk, qty=100), 100, px(100))
    sold = work(still.desk, "ben", side=Side.SELL, qty=100)
    still.desk.fill(sold, 100, px(100))
    found = rows(still)
    assert found["alice"].net == -(found["ben"].net or 0) == money(10_000)
    assert (found[""].gross, found[""].net) == (0, 0)
    assert found[""].order_count == 2


def test_largest_order_is_held_against_the_notional_limit(still: StillDesk) -> None:
    work(still.desk, qty=15_000, limit_px=px(100))
    work(still.desk, qty=10, limit_px=px(100))
    row = rows(still)["alice"]
    assert row.limit == money(20_000_000)
    assert row.limit_use_bps == 750
    assert row.over_soft == 1


def test_market_order_without_a_price_makes_the_value_unknown(still: StillDesk) -> None:
    order = still.desk.accepted(market_terms(qty=100))
    still.desk.report(order, Trigger.ACKNOWLEDGE)
    del still.desk.quotes["ACME"]
    assert rows(still)["alice"].working is None


def test_care_order_counts_once_with_its_slices(still: StillDesk) -> None:
    care = still.desk.accepted(terms(qty=1_000, limit_px=px(100), venue=CARE))
    slices = [still.desk.accepted(terms(qty=300), parent_id=care.order_id) for _ in range(2)]
    still.desk.fill(slices[0], 300, px(100))
    still.desk.fill(slices[1], 100, px(100))
    row = rows(still)["alice"]
    assert (row.working_count, row.order_count) == (1, 1)
    assert (row.working, row.done) == (money(60_000), money(40_000))
    assert (row.gross, row.net) == (money(40_000), money(40_000))


def test_limit_of_one_order_is_held_against_slices_and_not_the_care_order(
    still: StillDesk,
) -> None:
    care = still.desk.accepted(terms(qty=150_000, limit_px=px(100), venue=CARE), reason="known")
    assert rows(still)["alice"].largest is None
    still.desk.accepted(terms(qty=300, limit_px=px(100)), parent_id=care.order_id)
    row = rows(still)["alice"]
    assert (row.largest, row.over_soft) == (money(30_000), 0)


def test_slice_whose_care_order_is_gone_counts_for_itself(still: StillDesk) -> None:
    care = still.desk.accepted(terms(qty=1_000, venue=CARE))
    still.desk.accepted(terms(qty=300, limit_px=px(100)), parent_id=care.order_id)
    del still.desk.state.orders[care.order_id]
    row = rows(still)["alice"]
    assert (row.order_count, row.working) == (1, money(30_000))


def test_order_that_nobody_has_claimed_is_in_the_desks_row_alone(still: StillDesk) -> None:
    still.desk.submit(terms(qty=100, limit_px=px(100), venue=CARE), "dana", unclaimed=True)
    still.sync()
    book = DeskBook(still.session.core)
    book.take_in(still.desk.state.orders)
    assert "" not in book.traders()
    found = rows(still)
    assert (found[""].working, found["dana"].working) == (money(10_000), 0)


def test_alerts_and_halts_are_counted_with_their_trader(still: StillDesk) -> None:
    alert = Alert(
        alert_id="A-1", desk=DESK, severity=Severity.BLOCK, rule="X", text="", ts=NOW, trader="ben"
    )
    still.desk.apply(AlertRaised(ts=NOW, desk=DESK, alert=alert))
    still.desk.run(HaltTrading(id=new_id(), author="dana", desk=DESK, trader="ben"))
    found = rows(still)
    assert found["ben"].open_alerts == 2  # a halt raises one too
    assert (found["ben"].halted_by, found["ben"].is_desk_halt) == ("dana", False)
    assert found["alice"].halted_by == ""
    still.desk.run(HaltTrading(id=new_id(), author="carl", desk=DESK))
    found = rows(still)
    assert (found["alice"].halted_by, found["alice"].is_desk_halt) == ("carl", True)
    assert found[""].halted_by == "carl"


def test_other_desks_traders_are_not_shown(still: StillDesk) -> None:
    assert set(rows(still)) == {"alice", "ben", "dana", ""}


def test_book_kept_up_order_by_order_is_the_same_as_a_fresh_one(still: StillDesk) -> None:
    """Whatever happens to orders in whatever order, nothing is left behind in the sums."""
    chance, desk = random.Random(11), still.desk
    kept = DeskBook(still.session.core)
    orders: list[Order] = []
    for at in range(150):
        live = [order for order in orders if order.is_live]
        before = len(desk.log)
        draw = chance.random()
        if not live or draw < 0.4:
            side = Side.BUY if at % 2 else Side.SELL
            author = chance.choice(("alice", "ben", "dana"))
            orders.append(work(desk, author, qty=1 + at, side=side))
        elif draw < 0.8:
            order = chance.choice(live)
            desk.fill(order, chance.randint(1, order.leaves_qty))
        else:
            order = chance.choice(live)
            desk.cancel(order)
            desk.report(order, Trigger.CANCEL)
        touched = {getattr(event, "order_id", "") for event in desk.log[before:]} - {""}
        still.sync()
        kept.take_in(touched)
    fresh = DeskBook(still.session.core)
    fresh.take_in(desk.state.orders)
    assert kept.traders() == fresh.traders()
    assert kept.rows(kept.traders()) == fresh.rows(fresh.traders())


# -- the pane ------------------------------------------------------------------------------------


def open_pane(qtbot: QtBot, still: StillDesk) -> OverviewPane:
    pane = OverviewPane(still.session)
    qtbot.addWidget(pane)
    pane.model.throttle.delay_ms = 0
    pane.resize(1000, 240)
    pane.show()
    return pane


def shown(pane: OverviewPane, name: str) -> list[str]:
    pane.model.flush()
    at = pane.model.column_index(name)
    return [pane.model.cell(row, at).text for row in range(pane.model.rowCount())]


def test_pane_follows_the_desk(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(pane.model, fatal)
    assert shown(pane, "trader") == ["alice", "ben", "dana", "Σ desk"]
    order = work(still.desk, "ben")
    still.tell(Changed(orders=frozenset({order.order_id})))
    qtbot.waitUntil(lambda: shown(pane, "working") == ["0", "1", "0", "1"])
    tester.deleteLater()


def test_hidden_pane_does_no_work_and_catches_up(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    pane.hide()
    order = work(still.desk, "ben")
    still.tell(Changed(orders=frozenset({order.order_id})))
    assert not pane._soon.isActive()
    assert not pane._prices.isActive()
    pane.show()
    assert shown(pane, "working")[1] == "1"


def test_trader_sees_their_own_row_without_controls(qtbot: QtBot) -> None:
    pane = open_pane(qtbot, StillDesk(login="alice"))
    assert shown(pane, "trader") == ["alice"]
    buttons = (pane.halt_button, pane.cancel_button, pane.resume_button)
    assert not any(button.isVisible() for button in buttons)


def test_controls_ask_about_the_selected_trader(qtbot: QtBot, still: StillDesk) -> None:
    work(still.desk, "ben")
    pane = open_pane(qtbot, still)
    asked: list[tuple[str, str]] = []
    pane.kill_wanted.connect(lambda deed, trader: asked.append((deed, trader)))
    assert not pane.halt_button.isEnabled()
    pane.table.select_keys(["alice"])
    assert not pane.cancel_button.isEnabled()  # nothing of hers works
    pane.table.select_keys(["ben"])
    pane.cancel_button.click()
    pane.halt_button.click()
    pane.table.select_keys([""])
    pane.halt_button.click()
    assert asked == [("cancel", "ben"), ("kill", "ben"), ("kill", "")]


def test_only_a_halted_trader_can_be_resumed(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    pane.table.select_keys(["ben"])
    assert not pane.resume_button.isEnabled()
    still.desk.run(HaltTrading(id=new_id(), author="dana", desk=DESK, trader="ben"))
    still.sync()
    pane.refresh()
    assert pane.resume_button.isEnabled()
    assert not pane.halt_button.isEnabled()
    assert "halted by dana" in shown(pane, "state")[1]


def test_double_click_asks_for_the_traders_orders(qtbot: QtBot, still: StillDesk) -> None:
    pane = open_pane(qtbot, still)
    pane.table.select_keys(["ben"])
    with qtbot.waitSignal(pane.trader_wanted) as asked:
        pane._on_activated()
    assert asked.args == ["ben"]


def test_columns_come_back(qtbot: QtBot, still: StillDesk) -> None:
    pane, other = open_pane(qtbot, still), open_pane(qtbot, still)
    pane.table.show_column(pane.model.column_index("name"), True)
    other.restore_state(pane.save_state())
    assert other.save_state() == pane.save_state()
    other.restore_state({"table": [], "fills": 3})


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "–"), (0, "0"), (999_999, "999,999"), (1_000_000, "1.00m"), (-2_345_678, "-2.35m")],
)
def test_money_is_short_enough_to_compare(amount: int | None, text: str) -> None:
    assert short_money(None if amount is None else money(amount)) == text
