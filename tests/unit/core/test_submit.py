"""Entering orders: accepted and routed, or denied in words a person can act on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.core.decide import decide
from app.core.decide.orders import REASON_MAX
from app.core.desk_state import state_hash
from app.core.judgement import QTY_MAX
from models.alerts import AlertState, Severity
from models.commands import SYSTEM, AdoptRuleBook, ListInstruments, RestrictSymbol
from models.events import AlertRaised, OrderAccepted, OrderDenied, OrderRouted, RequestDenied
from models.instruments import TickBand
from models.limits import Limit, Outcome
from models.money import MONEY_SCALE
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side, TimeInForce
from tests.builders import (
    DESK,
    NOW,
    OTHER_DESK,
    Desk,
    end_day,
    instrument,
    market_terms,
    new_id,
    px,
    quote,
    rule_book,
    start_day,
    stop_terms,
    submit,
    terms,
)


def denial(desk: Desk, asked: OrderTerms, /, **more: Any) -> str:
    """Submit terms that have to be denied, and return why."""
    event = desk.submit(asked, **more)[0]
    assert isinstance(event, OrderDenied), event
    order = desk.order(event.order_id)
    assert (order.status, order.leaves_qty, order.reason) == (OrderStatus.DENIED, 0, event.text)
    assert order.order_id not in desk.state.live
    return event.text


# -- accepted ------------------------------------------------------------------------------------


def test_submit_good_order_is_accepted_then_routed() -> None:
    desk = Desk()
    command = submit()
    accepted, routed = desk.run(command)
    assert isinstance(accepted, OrderAccepted)
    assert (accepted.command_id, accepted.trader, accepted.terms, accepted.desk) == (
        command.id,
        "alice",
        command.terms,
        DESK,
    )
    assert [check.rule for check in accepted.checks] == [
        "ENTITLEMENT",
        "RESTRICTED",
        "COLLAR",
        "NOTIONAL",
        "ADV",
        "DUPLICATE",
    ]
    assert all(check.outcome is Outcome.PASS for check in accepted.checks)
    assert isinstance(routed, OrderRouted)
    assert (routed.venue, routed.cl_ord_id) == ("SIM", f"{accepted.order_id}/1")
    assert desk.order(accepted.order_id).status is OrderStatus.PENDING_NEW


def test_submit_leaves_the_state_as_it_was() -> None:
    desk = Desk()
    before = state_hash(desk.state)
    decide(desk.state, submit(), desk.context)
    assert state_hash(desk.state) == before


def test_submit_writes_the_arrival_mid_into_the_event() -> None:
    desk = Desk()
    desk.quotes["ACME"] = quote(bid=px("99.90"), ask=px("100.00"))
    event = desk.submit()[0]
    assert isinstance(event, OrderAccepted)
    assert event.arrival_px == px("99.95")


def test_submit_ids_carry_the_day_and_never_repeat() -> None:
    desk = Desk()
    ids = [desk.accepted().order_id]
    denied, alert = desk.submit(terms(qty=20_000))
    assert isinstance(denied, OrderDenied)
    assert isinstance(alert, AlertRaised)
    ids += [denied.order_id, alert.alert.alert_id]
    desk.run(end_day())
    desk.run(start_day())
    ids.append(desk.accepted().order_id)
    unsigned = len(desk.state.alerts)  # each desk's day that was not signed off
    assert ids[:3] == ["O-1122-000001", "O-1122-000002", "A-1122-000003"]
    assert ids[3] == f"O-1125-{4 + unsigned:06}"


def test_submit_ids_are_shared_out_between_desks() -> None:
    desk = Desk()
    ours = desk.accepted()
    theirs = desk.submit(terms(qty=7), author="frank", desk=OTHER_DESK)[0]
    assert isinstance(theirs, OrderAccepted)
    assert ours.order_id != theirs.order_id
    assert theirs.order_id == "O-1122-000002"


@pytest.mark.parametrize(
    "asked",
    [
        market_terms(),
        market_terms(time_in_force=TimeInForce.FOK),
        terms(side=Side.SELL_SHORT),
        terms(time_in_force=TimeInForce.GTC),
        terms(time_in_force=TimeInForce.IOC),
        stop_terms(px("100.01")),
        stop_terms(px("99.99"), side=Side.SELL, time_in_force=TimeInForce.GTC),
        stop_terms(px(101), px("101.01")),
        stop_terms(px(101), px(101)),
        stop_terms(px(99), px(99), side=Side.SELL),
    ],
)
def test_submit_supported_terms_are_accepted(asked: OrderTerms) -> None:
    assert Desk().accepted(asked).terms() == asked


# -- denied in itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (terms(symbol="XYZ"), "Symbol XYZ is not in the security master. Choose a listed one."),
        (terms(symbol=""), "Symbol (none) is not in the security master. Choose a listed one."),
        (terms(account="NOPE"), "Account NOPE is not open. Choose an open account."),
        (terms(venue="XNAS"), "Venue XNAS is not connected. Choose SIM."),
        (terms(qty=0), "Quantity 0 is not positive. Enter at least 1 lot."),
        (terms(qty=-100), "Quantity -100 is not positive. Enter at least 1 lot."),
        (
            terms(qty=QTY_MAX + 1),
            "Quantity 1,000,000,001 is over the largest that can be entered, 1,000,000,000. "
            "Split it.",
        ),
        (
            terms(symbol="UST10Y", qty=1_500),
            "Quantity 1,500 is not a multiple of UST10Y's lot of 1,000. Use 1,000 or 2,000.",
        ),
        (
            terms(symbol="UST10Y", qty=500),
            "Quantity 500 is not a multiple of UST10Y's lot of 1,000. Use 1,000.",
        ),
        (terms(limit_px=None), "Limit price is missing. Enter one, or change the type."),
        (
            terms(order_type=OrderType.MARKET),
            "Limit price does not belong to this type. Clear it.",
        ),
        (terms(stop_px=px(101)), "Stop price does not belong to this type. Clear it."),
        (
            terms(order_type=OrderType.STOP, limit_px=None),
            "Stop price is missing. Enter one, or change the type.",
        ),
        (terms(limit_px=0), "Limit price 0 is not positive. Enter the market's price."),
        (terms(limit_px=-px(1)), "Limit price -1 is not positive. Enter the market's price."),
        (
            terms(limit_px=px("99.995")),
            "Limit price 99.995 is not on ACME's tick of 0.01. Use 99.99 or 100.00.",
        ),
        (
            terms(limit_px=px("1000.01")),
            "Limit price 1,000.01 is more than 10 times away from ACME's 100.00. "
            "Check the decimal point.",
        ),
        (
            terms(limit_px=px("9.99")),
            "Limit price 9.99 is more than 10 times away from ACME's 100.00. "
            "Check the decimal point.",
        ),
        (
            market_terms(time_in_force=TimeInForce.GTC),
            "It has no price to rest at; choose Day, or a limit order.",
        ),
        (
            stop_terms(px(101), time_in_force=TimeInForce.IOC),
            "A stop waits for its trigger; choose Day, GTC or GTD.",
        ),
        (
            stop_terms(px(101), px(102), time_in_force=TimeInForce.FOK),
            "A stop waits for its trigger; choose Day, GTC or GTD.",
        ),
        (
            stop_terms(px(100)),
            "Stop price 100.00 would trigger at once: a buy stop goes above the last 100.00. "
            "Move it, or use a limit order.",
        ),
        (
            stop_terms(px(100), side=Side.SELL),
            "Stop price 100.00 would trigger at once: a sell stop goes below the last 100.00. "
            "Move it, or use a limit order.",
        ),
        (
            stop_terms(px(102), px(101)),
            "Limit price 101.00 is below the stop 102.00, so it could not trade when triggered. "
            "Raise it.",
        ),
        (
            stop_terms(px(98), px(99), side=Side.SELL_SHORT),
            "Limit price 99.00 is above the stop 98.00, so it could not trade when triggered. "
            "Lower it.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_submit_bad_terms_are_denied_with_value_limit_and_way_out(
    asked: OrderTerms, sentence: str
) -> None:
    assert denial(Desk(), asked) == sentence


@pytest.mark.parametrize("price", [px(10), px(1_000)])
def test_submit_price_exactly_ten_times_away_is_judged_by_the_collar(price: int) -> None:
    side = Side.BUY if price < px(100) else Side.SELL
    assert Desk().accepted(terms(limit_px=price, side=side))


def test_submit_several_mistakes_are_all_named() -> None:
    text = denial(Desk(), terms(qty=-1, account="NOPE", limit_px=px("99.995")))
    assert "Account NOPE" in text
    assert "Quantity -1" in text
    assert "Limit price 99.995" in text


def test_submit_price_below_one_tick_is_told_a_price_that_passes() -> None:
    desk = Desk()
    desk.run(
        ListInstruments(
            id="p", author=SYSTEM, instruments=(instrument("PENNY", prev_close=px("0.02")),)
        )
    )
    text = denial(desk, terms(symbol="PENNY", limit_px=px("0.005")))
    assert "Use 0.01" in text


def test_submit_off_a_fine_tick_is_told_prices_that_pass() -> None:
    desk = Desk()
    fine = instrument("UST3Y", ticks=(TickBand(0, px("0.00390625")),))
    desk.run(ListInstruments(id="p", author=SYSTEM, instruments=(fine,)))
    text = denial(desk, terms(symbol="UST3Y", limit_px=px("99.001")))
    assert "or 99.00390625." in text


def test_submit_before_the_day_is_open_is_denied() -> None:
    text = denial(Desk(open_day=False), terms())
    assert text == "The trading day is not open. Wait for the start of day."


def test_submit_after_the_day_ended_is_denied() -> None:
    desk = Desk()
    desk.run(end_day())
    assert "not open" in denial(desk, terms())


def test_submit_without_a_rule_book_is_denied() -> None:
    desk = Desk()
    desk.state.rule_book = None
    text = denial(desk, terms())
    assert text == "No rule book is in force. Ask compliance to adopt one."


# -- compliance ----------------------------------------------------------------------------------


def test_submit_hard_breach_is_denied_with_an_alert_even_with_a_reason() -> None:
    desk = Desk()
    denied, alert = desk.submit(terms(limit_px=px("105.01")), reason="client insists")
    assert isinstance(denied, OrderDenied)
    assert denied.text == (
        "Limit price 105.01 is 5.01% above the last 100.00; the collar allows 5%. "
        "Lower it to 105.00."
    )
    assert isinstance(alert, AlertRaised)
    assert alert.alert == desk.state.alerts[alert.alert.alert_id]
    assert (alert.alert.severity, alert.alert.rule, alert.alert.trader, alert.alert.order_id) == (
        Severity.BLOCK,
        "COLLAR",
        "alice",
        denied.order_id,
    )
    assert (alert.alert.text, alert.alert.note) == (denied.text, "client insists")
    assert alert.alert.state is AlertState.OPEN


@pytest.mark.parametrize("reason", ["", "   ", "\t\n"])
def test_submit_soft_breach_without_a_reason_is_denied(reason: str) -> None:
    desk = Desk()
    denied, alert = desk.submit(terms(qty=20_000), reason=reason)
    assert isinstance(denied, OrderDenied)
    assert denied.text == (
        "Order value 2,000,000 USD is over the order limit, which warns over 1,000,000. "
        "Lower the quantity to 10,000 or give a reason."
    )
    assert isinstance(alert, AlertRaised)
    assert alert.alert.severity is Severity.WARNING


def test_submit_soft_breach_with_a_reason_is_accepted_with_an_alert() -> None:
    accepted, routed, alert = Desk().submit(terms(qty=20_000), reason="block agreed with client")
    assert isinstance(accepted, OrderAccepted)
    assert accepted.reason == "block agreed with client"
    assert isinstance(routed, OrderRouted)
    assert isinstance(alert, AlertRaised)
    assert (alert.alert.severity, alert.alert.note) == (
        Severity.WARNING,
        "block agreed with client",
    )


def test_submit_every_breach_gets_an_alert_of_its_own() -> None:
    events = Desk().submit(terms(qty=300_000, limit_px=px(104)))
    alerts = [event.alert for event in events if isinstance(event, AlertRaised)]
    assert [(alert.rule, alert.severity) for alert in alerts] == [
        ("COLLAR", Severity.WARNING),
        ("NOTIONAL", Severity.BLOCK),
        ("ADV", Severity.BLOCK),
    ]
    assert len({alert.alert_id for alert in alerts}) == 3


def test_submit_long_reason_is_cut_not_refused() -> None:
    accepted = Desk().submit(terms(qty=20_000), reason="x" * 10_000)[0]
    assert isinstance(accepted, OrderAccepted)
    assert len(accepted.reason) == REASON_MAX


def test_submit_restricted_name_is_denied() -> None:
    desk = Desk()
    desk.run(RestrictSymbol(id="r", author="carl", symbol="ACME", note="research, since 09:00"))
    text = denial(desk, terms(), reason="please")
    assert text == "ACME is on the restricted list: research, since 09:00. Ask compliance."


@pytest.mark.parametrize(
    ("author", "desk_name", "says"),
    [
        ("mallory", DESK, "mallory is not known at this desk"),
        ("frank", DESK, "frank is not known at this desk"),
        ("alice", OTHER_DESK, "alice is not known at this desk"),
        ("carl", DESK, "carl is compliance, who may not send orders"),
        ("olga", DESK, "olga is ops, who may not send orders"),
        ("axel", DESK, "axel is auditor, who may not send orders"),
        (SYSTEM, DESK, "system is not known at this desk"),
        ("", DESK, " is not known at this desk"),
    ],
)
def test_submit_by_somebody_unauthorised_is_denied(author: str, desk_name: str, says: str) -> None:
    assert says in denial(Desk(), terms(), author=author, desk=desk_name, reason="please")


def test_submit_by_the_desk_head_is_accepted() -> None:
    assert Desk().accepted(author="dana").trader == "dana"


def test_submit_market_order_without_a_live_price_is_denied() -> None:
    desk = Desk()
    desk.feed_age_ns = 15 * 10**9 + 1
    text = denial(desk, market_terms(), reason="now")
    assert "ACME has no live reference price" in text
    assert "ACME can't be valued: it has no live price" in text


def test_submit_with_a_feed_exactly_at_its_timeout_is_accepted() -> None:
    desk = Desk()
    desk.feed_age_ns = 15 * 10**9
    assert desk.accepted(market_terms())


def test_submit_quiet_name_on_a_live_feed_keeps_its_last_price() -> None:
    desk = Desk()
    desk.quotes["ACME"] = quote(ts=NOW - 10**15)
    assert desk.accepted(market_terms())


def test_submit_name_without_any_quote_is_denied() -> None:
    desk = Desk()
    del desk.quotes["ACME"]
    assert "no live reference price" in denial(desk, terms())


def test_submit_name_with_an_empty_quote_is_denied() -> None:
    desk = Desk()
    desk.quotes["ACME"] = quote(last=0, bid=px(99), ask=0)
    assert "no live reference price" in denial(desk, terms())


def test_submit_currency_without_a_rate_is_denied() -> None:
    desk = Desk()
    desk.run(
        ListInstruments(id="g", author=SYSTEM, instruments=(instrument("VOD", currency="GBX"),))
    )
    desk.move_market(px(70), "VOD")
    usual = rule_book()
    with_gbp = msgspec.structs.replace(usual, fx={**usual.fx, "GBP": 1_250_000})
    desk.run(AdoptRuleBook(id="b", author=SYSTEM, rule_book=with_gbp))
    text = denial(desk, terms(symbol="VOD", limit_px=px(70)), reason="x")
    assert "VOD can't be valued: there is no rate from GBX to USD" in text


def test_submit_value_is_converted_at_the_rule_books_rate() -> None:
    desk = Desk()
    desk.run(
        ListInstruments(id="g", author=SYSTEM, instruments=(instrument("VOD", currency="GBX"),))
    )
    desk.move_market(px(70), "VOD")
    usual = rule_book()
    with_gbx = msgspec.structs.replace(usual, fx={**usual.fx, "GBX": 12_500})
    desk.run(AdoptRuleBook(id="b", author=SYSTEM, rule_book=with_gbx))
    event = desk.submit(terms(symbol="VOD", qty=1_000, limit_px=px(70)))[0]
    assert isinstance(event, OrderAccepted)
    values = {check.rule: check.value for check in event.checks}
    assert values["NOTIONAL"] == 875_000_000


@pytest.mark.parametrize(
    ("currency", "price", "is_accepted"),
    [("GBX", 70, True), ("GBP", 70, False), ("GBP", "0.70", True), ("GBX", 7_000, False)],
)
def test_submit_pence_and_pounds_are_worth_what_their_own_rates_say(
    currency: str, price: float | str, is_accepted: bool
) -> None:
    """20,000 at 70 pence are 17,500 USD; at 70 pounds they are 1,750,000, over the limit."""
    desk = Desk()
    name = instrument("VOD", currency=currency, prev_close=px(price), adv=100_000_000)
    desk.run(ListInstruments(id="g", author=SYSTEM, instruments=(name,)))
    desk.move_market(px(price), "VOD")
    usual = rule_book(NOTIONAL=Limit(hard=1_000_000 * MONEY_SCALE))
    fx = {**usual.fx, "GBP": 1_250_000, "GBX": 12_500}
    desk.run(AdoptRuleBook(id="b", author=SYSTEM, rule_book=msgspec.structs.replace(usual, fx=fx)))
    event = desk.submit(terms(symbol="VOD", qty=20_000, limit_px=px(price)))[0]
    assert isinstance(event, OrderAccepted) is is_accepted
    (value,) = [check.value for check in event.checks if check.rule == "NOTIONAL"]
    assert value == (17_500 if is_accepted else 1_750_000) * MONEY_SCALE


def test_submit_an_inactive_name_is_denied_until_it_is_listed_again() -> None:
    desk = Desk()
    desk.run(ListInstruments(id="g", author="olga", instruments=(instrument(active=False),)))
    assert "ACME is not traded any more" in denial(desk, terms())
    desk.run(ListInstruments(id="h", author="olga", instruments=(instrument(),)))
    assert desk.accepted(terms())


def test_amend_and_cancel_of_a_name_that_went_inactive_still_pass() -> None:
    desk = Desk()
    first, second = desk.order_in(OrderStatus.NEW), desk.order_in(OrderStatus.NEW)
    desk.run(ListInstruments(id="g", author="olga", instruments=(instrument(active=False),)))
    assert not isinstance(desk.amend(first, qty=50)[0], RequestDenied)
    assert not isinstance(desk.cancel(second)[0], RequestDenied)


def test_order_keeps_the_version_of_the_line_that_it_was_decided_on() -> None:
    desk = Desk()
    before = desk.accepted(terms())
    desk.run(ListInstruments(id="g", author="olga", instruments=(instrument(adv=2_000_000),)))
    after = desk.accepted(terms())
    assert (before.instrument_version, after.instrument_version) == (1, 2)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (terms(qty=10, limit_px=px(99)), 990),
        (terms(qty=10, side=Side.SELL, limit_px=px(99)), 1_000),
        (terms(qty=10, side=Side.SELL, limit_px=px(101)), 1_010),
        (terms(qty=10, side=Side.SELL_SHORT, limit_px=px(99)), 1_000),
        (market_terms(qty=10), 1_000),
        (market_terms(qty=10, side=Side.SELL), 1_000),
        (stop_terms(px(110), qty=10), 1_100),
        (stop_terms(px(90), qty=10, side=Side.SELL), 1_000),
        (stop_terms(px(110), px(111), qty=10), 1_110),
    ],
)
def test_submit_is_valued_at_the_worst_price_it_may_trade_at(asked: OrderTerms, value: int) -> None:
    event = Desk().submit(asked)[0]
    assert isinstance(event, OrderAccepted)
    assert {check.rule: check.value for check in event.checks}["NOTIONAL"] == value * 10**6


def test_submit_same_order_within_five_seconds_is_held() -> None:
    desk = Desk(step_ns=0)
    first = desk.accepted()
    desk.ts += 1_200_000_000
    text = denial(desk, terms())
    assert text == (
        f"Same account, side, quantity and price as {first.order_id}, 1.2 s earlier; orders alike "
        "within 5.0 s are held. Wait, or give a reason if it is meant."
    )
    assert desk.accepted(reason="meant twice")


def test_submit_same_order_after_a_denied_one_is_not_a_duplicate() -> None:
    desk = Desk(step_ns=0)
    denial(desk, terms(qty=20_000))
    alerts = [e for e in desk.submit(terms(qty=20_000), reason="y") if isinstance(e, AlertRaised)]
    assert [event.alert.rule for event in alerts] == ["NOTIONAL"]


@pytest.mark.parametrize(
    "other",
    [
        terms(side=Side.SELL),
        terms(qty=101),
        terms(limit_px=px("99.99")),
        terms(account="INCOME"),
        terms(symbol="BETA"),
    ],
)
def test_submit_different_order_at_once_is_accepted(other: OrderTerms) -> None:
    desk = Desk(step_ns=0)
    desk.accepted()
    assert desk.accepted(other)


def test_submit_rule_switched_off_is_not_checked() -> None:
    desk = Desk()
    book = rule_book(COLLAR=Limit(enabled=False))
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    event = desk.submit(terms(limit_px=px(150)))[0]
    assert isinstance(event, OrderAccepted)
    assert "COLLAR" not in [check.rule for check in event.checks]


def test_submit_rule_that_the_book_does_not_name_counts_with_its_own_limits() -> None:
    desk = Desk()
    book = msgspec.structs.replace(rule_book(), limits={})
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    assert "the collar allows 5%" in denial(desk, terms(limit_px=px(106)))
