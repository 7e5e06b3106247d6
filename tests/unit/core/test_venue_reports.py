"""What venues say: applied by the table, ignored when said before, else kept and alerted."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from app.core.decide import decide
from app.core.desk_state import position_key, state_hash
from models.alerts import Severity
from models.commands import VenueReport
from models.events import (
    AlertRaised,
    AmendRejected,
    AnyEvent,
    CancelRejected,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAcknowledged,
    OrderAmended,
    OrderCanceled,
    OrderDoneForDay,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRestated,
    OrderResumed,
    OrderSuspended,
    OrderTriggered,
    ReportRefused,
)
from models.order_state import OrderStatus, Trigger
from models.orders import Order, OrderType, Replacement, Side
from tests.builders import (
    DESK,
    Desk,
    end_day,
    exec_id,
    fill_report,
    money,
    new_id,
    px,
    replace_report,
    report,
    stop_terms,
    terms,
)

S, T = OrderStatus, Trigger

APPLIED = {
    T.ACKNOWLEDGE: OrderAcknowledged,
    T.REJECT: OrderRejected,
    T.PARTIAL_FILL: OrderFilled,
    T.FILL: OrderFilled,
    T.CANCEL: OrderCanceled,
    T.REJECT_CANCEL: CancelRejected,
    T.REJECT_REPLACE: AmendRejected,
    T.EXPIRE: OrderExpired,
    T.ACTIVATE: OrderTriggered,
    T.SUSPEND: OrderSuspended,
    T.RESUME: OrderResumed,
    T.END_DAY: OrderDoneForDay,
    T.RESTATE: OrderRestated,
}
TRIGGERS = list(APPLIED)
# What becomes of each report (columns as in TRIGGERS) on an order in each status:
# + applied, . known already, ! kept, alerted and not applied, ? either is fine.
GRID = """
                   ack rej par fil can rjc rjr exp act sus res eod rst
pending_new         +   +   +   +   +   .   .   +   +   !   !   !   +
new                 .   +   +   +   +   .   .   +   +   +   !   +   +
partially_filled    .   !   +   +   +   .   .   +   +   +   !   +   +
filled              .   !   !   !   !   .   .   !   !   !   !   !   +
suspended           .   !   +   +   +   .   .   +   !   !   +   !   +
done_for_day        .   !   +   +   +   .   .   +   !   !   +   !   +
pending_cancel      +   +   +   +   +   +   ?   +   +   +   +   +   +
pending_replace     .   +   +   +   +   .   +   +   +   +   +   +   +
canceled            .   !   +   +   .   .   .   .   !   !   !   !   !
rejected            .   .   !   !   !   .   .   !   !   !   !   !   !
expired             .   !   +   +   .   .   .   .   !   !   !   !   !
denied              !   !   !   !   !   .   .   !   !   !   !   !   !
"""
CELLS = [
    (OrderStatus(line.split()[0]), trigger, mark)
    for line in GRID.strip().splitlines()[1:]
    for trigger, mark in zip(TRIGGERS, line.split()[1:], strict=True)
    if mark != "?"
]


def _report(order: Order, trigger: Trigger) -> VenueReport:
    if trigger is T.FILL:
        return fill_report(order, max(1, order.qty - order.cum_qty))
    if trigger is T.PARTIAL_FILL:
        return fill_report(order, 10)
    return report(order, trigger, text="says the venue")


def refused(desk: Desk, events: list[AnyEvent], said: VenueReport, order: Order | None) -> str:
    """Return why a report was refused: kept whole, and a fault is raised about it."""
    kept, alert = events
    assert isinstance(kept, ReportRefused)
    assert kept.report == said
    assert isinstance(alert, AlertRaised)
    assert (alert.alert.severity, alert.alert.rule) == (Severity.FAULT, "ILLEGAL_REPORT")
    assert alert.alert.text == kept.text
    assert kept.order_id == alert.alert.order_id == (order.order_id if order else "")
    assert kept.desk == alert.desk == (order.desk if order else "")
    return kept.text


@pytest.mark.parametrize(
    ("status", "trigger", "mark"),
    CELLS,
    ids=[f"{status.value}-{trigger.value}" for status, trigger, _ in CELLS],
)
def test_report_is_applied_ignored_or_kept_as_the_table_says(
    status: OrderStatus, trigger: Trigger, mark: str
) -> None:
    desk = Desk()
    order = desk.order_in(status)
    said = _report(order, trigger)
    events = decide(desk.state, said, desk.context)
    if mark == "+":
        assert isinstance(events[0], APPLIED[trigger])
        desk.apply(*events)
    elif mark == ".":
        assert events == []
    else:
        before = msgspec.json.encode(order)
        desk.apply(*events)
        text = refused(desk, events, said, order)
        assert order.order_id in text
        assert msgspec.json.encode(order) == before


def test_report_on_an_unknown_order_is_kept_for_the_firm() -> None:
    desk = Desk()
    said = VenueReport(id="r", author="SIM", cl_ord_id="O-7/1", trigger=T.ACKNOWLEDGE)
    assert refused(desk, desk.run(said), said, None) == (
        "SIM reports on O-7/1, which this desk does not know."
    )


@pytest.mark.parametrize("cl_ord_id", ["", "/", "garbage", "O-1122-000001"])
def test_report_with_a_garbled_id_is_kept(cl_ord_id: str) -> None:
    desk = Desk()
    desk.order_in(S.NEW)
    said = VenueReport(id="r", author="SIM", cl_ord_id=cl_ord_id, trigger=T.CANCEL)
    refused(desk, desk.run(said), said, None)


@pytest.mark.parametrize("trigger", [T.STAGE, T.SEND, T.LOSE, T.ACCEPT, T.DENY, T.ROUTE])
def test_report_of_a_local_step_is_kept(trigger: Trigger) -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    said = report(order, trigger)
    refused(desk, desk.run(said), said, order)


@pytest.mark.parametrize("author", ["alice", "mallory", "XLON", "system"])
def test_report_by_anybody_but_the_orders_venue_is_not_applied(author: str) -> None:
    """Commands come through the shared inbox: a person could write a fill there."""
    desk = Desk()
    order = desk.order_in(S.NEW)
    desk.run(fill_report(order, 100, author=author))
    assert (order.cum_qty, order.status) == (0, S.NEW)
    assert not desk.state.executions


# -- trades --------------------------------------------------------------------------------------


def test_fill_books_order_execution_and_position() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    (event,) = desk.fill(order, 40, px("99.50"), exec_id="e1", ts=77)
    assert isinstance(event, OrderFilled)
    fill = event.execution
    assert (fill.exec_id, fill.qty, fill.px, fill.ts, fill.venue) == (
        "e1",
        40,
        px("99.50"),
        77,
        "SIM",
    )
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.PARTIALLY_FILLED, 40, 60)
    assert (order.last_qty, order.last_px, order.avg_px) == (40, px("99.50"), px("99.50"))
    position = desk.state.positions[position_key(DESK, "GROWTH", "ACME")]
    assert (position.qty, position.cost) == (40, money(3_980))


def test_fill_of_a_sale_lowers_the_position() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW, side=Side.SELL_SHORT)
    desk.fill(order, 100, px(101))
    position = desk.state.positions[position_key(DESK, "GROWTH", "ACME")]
    assert (position.qty, position.cost) == (-100, -money(10_100))
    assert order.status is S.FILLED
    assert order.order_id not in desk.state.live


def test_fill_averages_exactly() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    for qty, price in ((10, "99.97"), (20, "99.98"), (70, "99.99")):
        desk.fill(order, qty, px(price))
    assert order.avg_px == px("99.986")


@pytest.mark.parametrize("said", [T.PARTIAL_FILL, T.FILL])
def test_fill_is_whole_when_nothing_is_left_whatever_the_venue_calls_it(said: Trigger) -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    first = msgspec.structs.replace(fill_report(order, 40), trigger=said)
    last = msgspec.structs.replace(fill_report(order, 60), trigger=said)
    desk.run(first)
    assert order.status is S.PARTIALLY_FILLED
    desk.run(last)
    assert order.status is S.FILLED


def test_fill_sent_again_is_ignored() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    said = fill_report(order, 40)
    desk.run(said)
    before = state_hash(desk.state)
    assert desk.run(said) == []
    assert state_hash(desk.state) == before


@pytest.mark.parametrize(("qty", "price"), [(0, 1), (-5, 1), (61, 1), (10, 0), (10, -1)])
def test_fill_that_cannot_be_is_kept_and_not_applied(qty: int, price: int) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    said = fill_report(order, qty, price)
    text = refused(desk, desk.run(said), said, order)
    assert f"{qty:,} traded" in text
    assert "60 can still trade" in text
    assert order.cum_qty == 40


def test_fill_without_an_execution_id_is_kept_and_not_lost() -> None:
    """Two fills without ids would look like one."""
    desk = Desk()
    order = desk.order_in(S.NEW)
    for _ in range(2):
        said = fill_report(order, 10, exec_id="")
        refused(desk, desk.run(said), said, order)
    assert order.cum_qty == 0


def test_fill_with_the_id_of_another_orders_execution_is_not_dropped() -> None:
    desk = Desk()
    first = desk.order_in(S.PARTIALLY_FILLED)
    second = desk.order_in(S.NEW)
    events = desk.fill(second, 10, exec_id=exec_id(first, 40))
    assert events != []
    assert second.cum_qty == 10 or isinstance(events[0], ReportRefused)


@pytest.mark.parametrize("status", [S.CANCELED, S.EXPIRED])
def test_late_partial_trade_is_booked_and_alerted(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    filled, alert = desk.fill(order, 10)
    assert isinstance(filled, OrderFilled)
    assert isinstance(alert, AlertRaised)
    assert alert.alert.rule == "LATE_TRADE"
    assert alert.alert.severity is Severity.FAULT
    assert alert.alert.text == f"{order.order_id} traded 10 after it was {status.value}."
    assert (order.status, order.cum_qty, order.leaves_qty) == (status, 50, 0)
    assert order.order_id not in desk.state.live


def test_late_trade_of_all_that_was_left_fills_the_order() -> None:
    desk = Desk()
    order = desk.order_in(S.CANCELED)
    desk.fill(order, 60, exec_id="late")
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.FILLED, 100, 0)


def test_late_trade_that_is_busted_leaves_the_order_cancelled() -> None:
    """The venue took it out: a bust must not make it work again, here or after a restart."""
    desk = Desk()
    order = desk.order_in(S.CANCELED)
    desk.fill(order, 60, exec_id="late")
    desk.report(order, T.BUST, exec_id="b", exec_ref="late")
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.CANCELED, 40, 0)
    assert order.order_id not in desk.state.live


# -- requests pending ----------------------------------------------------------------------------


def test_fill_while_a_cancel_is_pending_leaves_it_pending() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_CANCEL)
    desk.fill(order, 40)
    assert (order.status, order.underlying_status) == (S.PENDING_CANCEL, S.PARTIALLY_FILLED)
    assert (order.cum_qty, order.leaves_qty) == (40, 60)
    desk.report(order, T.CANCEL)
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.CANCELED, 40, 0)


def test_whole_fill_while_a_cancel_is_pending_is_filled_once_the_cancel_is_rejected() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_CANCEL)
    desk.fill(order, 100)
    assert (order.status, order.leaves_qty) == (S.PENDING_CANCEL, 0)
    desk.report(order, T.REJECT_CANCEL, text="too late")
    assert (order.status, order.leaves_qty, order.reason) == (S.FILLED, 0, "too late")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.PENDING_NEW, S.PENDING_NEW),
        (S.NEW, S.NEW),
        (S.PARTIALLY_FILLED, S.PARTIALLY_FILLED),
        (S.SUSPENDED, S.SUSPENDED),
        (S.DONE_FOR_DAY, S.DONE_FOR_DAY),
    ],
)
def test_cancel_reject_goes_back_to_the_status_before(
    before: OrderStatus, after: OrderStatus
) -> None:
    desk = Desk()
    order = desk.order_in(before)
    leaves = order.leaves_qty
    desk.cancel(order)
    desk.report(order, T.REJECT_CANCEL)
    assert (order.status, order.leaves_qty) == (after, leaves)
    assert desk.cancel(order)[0].__class__.__name__ == "CancelRequested"


def test_acknowledgement_that_crosses_a_cancel_is_noted() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_NEW)
    desk.cancel(order)
    desk.report(order, T.ACKNOWLEDGE)
    assert order.status is S.PENDING_CANCEL
    desk.report(order, T.REJECT_CANCEL)
    assert order.status is S.NEW


def test_rejection_that_crosses_a_cancel_ends_the_order() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_NEW)
    desk.cancel(order)
    desk.report(order, T.REJECT, text="unknown account")
    assert (order.status, order.leaves_qty, order.reason) == (S.REJECTED, 0, "unknown account")


def test_rejection_of_an_order_with_fills_is_illegal_though_a_cancel_is_pending() -> None:
    """FIX 4.4 App. D: an order that has traded is never Rejected."""
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    desk.cancel(order)
    said = report(order, T.REJECT)
    refused(desk, desk.run(said), said, order)
    assert order.status is S.PENDING_CANCEL


def test_replace_done_applies_the_new_terms() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    desk.amend(order, qty=200, limit_px=px("100.50"))
    (event,) = desk.run(replace_report(order))
    assert isinstance(event, OrderAmended)
    assert event.replacement == Replacement(qty=200, limit_px=px("100.50"))
    assert (order.status, order.qty, order.leaves_qty) == (S.NEW, 200, 200)
    assert (order.limit_px, order.cl_ord_id, order.pending) == (
        px("100.50"),
        f"{order.order_id}/2",
        None,
    )


def test_fill_while_a_replace_is_pending_carries_the_old_terms() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.fill(order, 30)
    assert (order.status, order.qty, order.cum_qty, order.leaves_qty) == (
        S.PENDING_REPLACE,
        100,
        30,
        70,
    )
    desk.run(replace_report(order))
    assert (order.status, order.qty, order.leaves_qty) == (S.PARTIALLY_FILLED, 200, 170)


def test_fill_that_overtook_its_replace_brings_the_new_terms_with_it() -> None:
    """The venue can only have traded more than the old terms allow on the new ones."""
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    amended, filled = desk.run(fill_report(order, 101))
    assert isinstance(amended, OrderAmended)
    assert isinstance(filled, OrderFilled)
    assert (order.qty, order.cum_qty, order.status) == (200, 101, S.PARTIALLY_FILLED)
    late = report(order, T.REPLACE, cl_ord_id=f"{order.order_id}/2")
    assert desk.run(late) == []


def test_fill_beyond_the_new_terms_while_a_replace_is_pending_is_kept() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    said = fill_report(order, 201)
    refused(desk, desk.run(said), said, order)


def test_whole_fill_of_the_old_terms_then_replace_up_works_on() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.fill(order, 100)
    assert (order.status, order.leaves_qty) == (S.PENDING_REPLACE, 0)
    desk.run(replace_report(order))
    assert (order.status, order.leaves_qty) == (S.PARTIALLY_FILLED, 100)
    assert order.order_id in desk.state.live


def test_whole_fill_of_the_old_terms_then_replace_rejected_is_filled() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.fill(order, 100)
    desk.report(order, T.REJECT_REPLACE, text="too late")
    assert (order.status, order.leaves_qty, order.pending) == (S.FILLED, 0, None)


@pytest.mark.parametrize("qty", [10, 40])
def test_replace_at_or_below_cum_qty_sets_the_order_filled(qty: int) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    desk.amend(order, qty=qty)
    (event,) = desk.run(replace_report(order))
    assert isinstance(event, OrderAmended)
    assert event.replacement.qty == 40
    assert (order.status, order.qty, order.cum_qty, order.leaves_qty) == (S.FILLED, 40, 40, 0)


def test_replace_overtaken_by_fills_becomes_what_was_filled() -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    desk.amend(order, qty=50)
    desk.fill(order, 70)
    desk.run(replace_report(order))
    assert (order.status, order.qty, order.cum_qty) == (S.FILLED, 70, 70)


@pytest.mark.parametrize("before", [S.NEW, S.PARTIALLY_FILLED])
def test_replace_reject_goes_back_to_the_status_and_terms_before(before: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(before)
    desk.amend(order, qty=200)
    (event,) = desk.report(order, T.REJECT_REPLACE, text="too late")
    assert isinstance(event, AmendRejected)
    assert (order.status, order.qty, order.pending, order.reason) == (before, 100, None, "too late")
    assert order.cl_ord_id == f"{order.order_id}/1"


def test_replace_sent_again_is_ignored() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    said = replace_report(order)
    desk.run(said)
    assert desk.run(said) == []


def test_replace_of_an_earlier_version_sent_again_does_not_confirm_the_next() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    second = replace_report(order)
    desk.run(second)
    desk.amend(order, qty=900)
    desk.run(second)
    assert (order.status, order.qty) == (S.PENDING_REPLACE, 200)


def test_replace_reject_of_an_earlier_version_sent_again_does_not_end_the_next() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    second = report(order, T.REJECT_REPLACE, cl_ord_id=f"{order.order_id}/2")
    desk.run(second)
    desk.amend(order, qty=900)
    desk.run(second)
    assert order.status is S.PENDING_REPLACE
    assert order.pending is not None


def test_replace_done_after_the_venue_had_rejected_it_is_kept() -> None:
    """The venue contradicts itself: nobody knows which terms work there."""
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    said = replace_report(order)
    desk.report(order, T.REJECT_REPLACE)
    refused(desk, desk.run(said), said, order)
    assert (order.status, order.qty) == (S.NEW, 100)


@pytest.mark.parametrize("status", [S.NEW, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED])
def test_replace_that_nobody_asked_for_is_kept(status: OrderStatus) -> None:
    """It was never amended, so it can't have been said before."""
    desk = Desk()
    order = desk.order_in(status)
    said = report(order, T.REPLACE)
    refused(desk, desk.run(said), said, order)


def test_cancel_after_amend_then_both_rejected_is_back_where_it_was() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.cancel(order)
    assert order.status is S.PENDING_CANCEL
    desk.report(order, T.REJECT_CANCEL)
    assert order.status is S.PENDING_REPLACE
    desk.report(order, T.REJECT_REPLACE)
    assert (order.status, order.leaves_qty) == (S.NEW, 100)


def test_cancel_after_amend_then_replace_done_and_cancel_rejected_works_on() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.cancel(order)
    desk.run(replace_report(order))
    assert (order.status, order.qty) == (S.PENDING_CANCEL, 200)
    desk.report(order, T.REJECT_CANCEL)
    assert (order.status, order.leaves_qty) == (S.NEW, 200)


def test_cancel_after_amend_then_filled_and_both_rejected_is_filled() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.cancel(order)
    desk.fill(order, 100)
    desk.report(order, T.REJECT_REPLACE)
    desk.report(order, T.REJECT_CANCEL)
    assert (order.status, order.leaves_qty) == (S.FILLED, 0)


def test_cancel_after_amend_then_filled_replaced_up_and_cancel_rejected_works_on() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    desk.cancel(order)
    desk.fill(order, 100)
    desk.run(replace_report(order))
    desk.report(order, T.REJECT_CANCEL)
    assert (order.status, order.qty, order.leaves_qty) == (S.PARTIALLY_FILLED, 200, 100)
    assert order.order_id in desk.state.live


# -- priority ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "keeps"),
    [({"qty": 50}, True), ({"qty": 150}, False), ({"limit_px": px("99.99")}, False)],
)
def test_replace_keeps_its_place_only_when_quantity_falls(
    change: dict[str, int], keeps: bool
) -> None:
    desk = Desk()
    first, second = desk.order_in(S.NEW), desk.order_in(S.NEW)
    desk.amend(first, **change)
    desk.run(replace_report(first))
    ids = [order.order_id for order in desk.state.live_orders()]
    assert (ids == [first.order_id, second.order_id]) is keeps
    assert sorted(ids) == [first.order_id, second.order_id]


def test_triggered_stop_goes_to_the_back() -> None:
    desk = Desk()
    stop = desk.accepted(stop_terms(px(101), px(102)))
    desk.report(stop, T.ACKNOWLEDGE)
    limit = desk.order_in(S.NEW)
    desk.report(stop, T.ACTIVATE)
    assert stop.triggered
    assert [order.order_id for order in desk.state.live_orders()] == [limit.order_id, stop.order_id]
    assert desk.report(stop, T.ACTIVATE) == []


# -- corrections and busts -----------------------------------------------------------------------


def test_correct_computes_quantities_position_and_status_again() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    (event,) = desk.report(
        order,
        T.CORRECT,
        exec_id="c",
        exec_ref=exec_id(order, 60),
        last_qty=50,
        last_px=px(101),
    )
    assert isinstance(event, ExecutionCorrected)
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.PARTIALLY_FILLED, 90, 10)
    assert order.cum_px_qty == 40 * px(100) + 50 * px(101)
    assert set(desk.state.executions) == {exec_id(order, 40), "c"}
    position = desk.state.positions[position_key(DESK, "GROWTH", "ACME")]
    assert (position.qty, position.cost) == (90, money(4_000 + 5_050))


def test_correct_up_to_all_that_was_ordered_fills_it() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    correction = {"exec_id": "c", "exec_ref": exec_id(order, 40), "last_px": px(100)}
    desk.report(order, T.CORRECT, last_qty=100, **correction)
    assert (order.status, order.leaves_qty) == (S.FILLED, 0)


def test_bust_of_a_filled_order_makes_it_work_again() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    (event,) = desk.report(order, T.BUST, exec_id="b", exec_ref=exec_id(order, 60), text="error")
    assert isinstance(event, ExecutionBusted)
    assert (order.status, order.cum_qty, order.leaves_qty) == (S.PARTIALLY_FILLED, 40, 60)
    assert order.order_id in desk.state.live


@pytest.mark.parametrize("fills", [(130,), (90, 40), (40, 90), (110, 20)])
def test_fill_from_before_a_lower_quantity_is_booked_when_it_comes_after_it(
    fills: tuple[int, ...],
) -> None:
    """The venue had 130 of 200 done when 120 was asked for; its word of that came first."""
    desk = Desk()
    order = desk.accepted(terms(qty=200))
    desk.report(order, T.ACKNOWLEDGE)
    desk.amend(order, qty=120)
    desk.run(replace_report(order))
    assert (order.qty, order.leaves_qty) == (120, 120)
    for qty in fills:
        desk.fill(order, qty, cl_ord_id=f"{order.order_id}/1")
    assert (order.status, order.qty, order.cum_qty, order.leaves_qty) == (S.FILLED, 130, 130, 0)
    assert order.order_id not in desk.state.live


def test_fill_from_before_a_replace_that_filled_the_order_is_booked() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=200))
    desk.fill(order, 100)
    desk.amend(order, qty=90)
    desk.run(replace_report(order))
    assert (order.status, order.qty) == (S.FILLED, 100)
    desk.fill(order, 30, cl_ord_id=f"{order.order_id}/1")
    assert (order.status, order.qty, order.cum_qty) == (S.FILLED, 130, 130)


@pytest.mark.parametrize(("version", "qty"), [(1, 201), (2, 121), (2, 130)])
def test_fill_of_more_than_any_terms_allowed_is_kept(version: int, qty: int) -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=200))
    desk.report(order, T.ACKNOWLEDGE)
    desk.amend(order, qty=120)
    desk.run(replace_report(order))
    said = fill_report(order, qty, cl_ord_id=f"{order.order_id}/{version}")
    assert "120 can still trade" in refused(desk, desk.run(said), said, order)
    assert (order.qty, order.cum_qty) == (120, 0)


def test_restatement_may_overtake_the_acknowledgement() -> None:
    desk = Desk()
    order = desk.accepted(terms())
    desk.report(order, T.RESTATE, order_qty=70, ts=5)
    assert (order.status, order.qty) == (S.PENDING_NEW, 70)
    desk.report(order, T.ACKNOWLEDGE)
    assert (order.status, order.qty) == (S.NEW, 70)


def test_answer_to_a_replace_that_the_cancel_overtook_changes_nothing() -> None:
    desk = Desk()
    order = desk.order_in(S.PENDING_REPLACE)
    answer = replace_report(order)
    desk.report(order, T.CANCEL)
    assert desk.run(answer) == []
    assert (order.status, order.qty) == (S.CANCELED, 100)


def test_price_of_a_trailing_stop_that_comes_late_is_ignored() -> None:
    desk = Desk()
    kind, side = OrderType.TRAILING_STOP, Side.SELL
    order = desk.accepted(terms(order_type=kind, side=side, limit_px=None, trail_px=px(1)))
    desk.report(order, T.ACKNOWLEDGE)
    desk.report(order, T.RESTATE, stop_px=px(99), ts=9)
    assert desk.report(order, T.RESTATE, stop_px=px(98), ts=8) == []
    assert order.stop_px == px(99)


def test_bust_of_every_fill_leaves_the_order_new_and_the_position_flat() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    desk.report(order, T.BUST, exec_id="b", exec_ref=exec_id(order, 40))
    assert (order.status, order.cum_qty, order.cum_px_qty, order.leaves_qty) == (S.NEW, 0, 0, 100)
    position = desk.state.positions[position_key(DESK, "GROWTH", "ACME")]
    assert (position.qty, position.cost) == (0, 0)


@pytest.mark.parametrize("status", [S.CANCELED, S.EXPIRED, S.SUSPENDED, S.DONE_FOR_DAY])
def test_bust_keeps_a_status_that_quantities_do_not_decide(status: OrderStatus) -> None:
    desk = Desk()
    order = desk.order_in(status)
    desk.report(order, T.BUST, exec_id="b", exec_ref=exec_id(order, 40))
    assert (order.status, order.cum_qty) == (status, 0)


def test_bust_while_a_cancel_is_pending_is_known_when_it_is_rejected() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    desk.cancel(order)
    desk.report(order, T.BUST, exec_id="b", exec_ref=exec_id(order, 40))
    assert (order.status, order.leaves_qty) == (S.PENDING_CANCEL, 100)
    desk.report(order, T.REJECT_CANCEL)
    assert order.status is S.NEW


@pytest.mark.parametrize("trigger", [T.BUST, T.CORRECT])
def test_correction_sent_again_is_ignored(trigger: Trigger) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    said = report(
        order, trigger, exec_id="c", exec_ref=exec_id(order, 40), last_qty=30, last_px=px(100)
    )
    desk.run(said)
    before = state_hash(desk.state)
    assert desk.run(said) == []
    assert state_hash(desk.state) == before


@pytest.mark.parametrize("trigger", [T.BUST, T.CORRECT])
def test_fill_sent_again_after_it_was_corrected_or_busted_is_not_booked_twice(
    trigger: Trigger,
) -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    fill = fill_report(order, 20, exec_id="e1")
    desk.run(fill)
    desk.report(order, trigger, exec_id="c", exec_ref="e1", last_qty=10, last_px=px(100))
    cum_qty = order.cum_qty
    desk.run(fill)
    assert order.cum_qty == cum_qty


@pytest.mark.parametrize("trigger", [T.BUST, T.CORRECT])
def test_correction_of_an_execution_that_the_desk_never_saw_is_kept(trigger: Trigger) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    said = report(order, trigger, exec_id="c", exec_ref="nobody", last_qty=10, last_px=px(100))
    refused(desk, desk.run(said), said, order)


@pytest.mark.parametrize("trigger", [T.BUST, T.CORRECT])
def test_correction_of_another_orders_execution_is_kept_and_changes_neither(
    trigger: Trigger,
) -> None:
    desk = Desk()
    first, second = desk.order_in(S.PARTIALLY_FILLED), desk.order_in(S.PARTIALLY_FILLED)
    said = report(
        second, trigger, exec_id="c", exec_ref=exec_id(first, 40), last_qty=10, last_px=px(100)
    )
    events = desk.run(said)
    assert (first.cum_qty, second.cum_qty) == (40, 40)
    assert len(desk.state.executions) == 2
    refused(desk, events, said, second)


@pytest.mark.parametrize(
    ("qty", "price"), [(0, px(100)), (-1, px(100)), (101, px(100)), (10, 0), (10, -px(1))]
)
def test_correct_to_what_cannot_be_is_kept(qty: int, price: int) -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    said = report(
        order, T.CORRECT, exec_id="c", exec_ref=exec_id(order, 40), last_qty=qty, last_px=price
    )
    refused(desk, desk.run(said), said, order)
    assert (order.cum_qty, order.avg_px) == (40, px(100))


@pytest.mark.parametrize("of_the_same_order", [True, False])
def test_correct_under_the_id_of_another_execution_is_kept_and_overwrites_nothing(
    of_the_same_order: bool,
) -> None:
    desk = Desk()
    order, other = desk.order_in(S.FILLED), desk.order_in(S.FILLED)
    taken = exec_id(order if of_the_same_order else other, 60)
    said = report(
        order, T.CORRECT, exec_id=taken, exec_ref=exec_id(order, 40), last_qty=30, last_px=px(100)
    )
    events = desk.run(said)
    assert sum(fill.qty for fill in desk.state.executions.values()) == 200
    assert (order.cum_qty, other.cum_qty) == (100, 100)
    refused(desk, events, said, order)


def test_correct_without_an_execution_id_is_kept() -> None:
    desk = Desk()
    order = desk.order_in(S.PARTIALLY_FILLED)
    said = report(
        order, T.CORRECT, exec_id="", exec_ref=exec_id(order, 40), last_qty=30, last_px=px(100)
    )
    refused(desk, desk.run(said), said, order)


def test_bust_after_the_day_ended_does_not_make_a_day_order_work_again() -> None:
    desk = Desk()
    order = desk.order_in(S.FILLED)
    desk.run(end_day())
    desk.report(order, T.BUST, exec_id="b", exec_ref=exec_id(order, 60))
    assert order.cum_qty == 40
    assert order.order_id not in desk.state.live


@pytest.mark.parametrize(
    "make",
    [
        lambda order: report(order, T.CANCEL, id=new_id()),
        lambda order: report(order, T.EXPIRE, id=new_id()),
    ],
)
def test_end_reported_twice_is_ignored(make: Callable[[Order], VenueReport]) -> None:
    desk = Desk()
    order = desk.order_in(S.NEW)
    assert len(desk.run(make(order))) == 1
    assert desk.run(make(order)) == []


def test_venues_words_become_the_orders_reason() -> None:
    desk = Desk()
    order = desk.accepted(terms())
    desk.report(order, T.REJECT, text="unknown account")
    assert order.reason == "unknown account"
