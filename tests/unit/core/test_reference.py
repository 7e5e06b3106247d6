"""Reference data: who may change it, and that only what is new becomes an event."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.core.desk_state import desk_view
from models.calendars import Calendar
from models.commands import (
    SYSTEM,
    AdoptCalendar,
    AdoptCommissions,
    AdoptRuleBook,
    Command,
    EntitleTraders,
    ListInstruments,
    OpenAccounts,
    RestrictSymbol,
)
from models.commission import CommissionRate, CommissionSchedule
from models.events import (
    AccountOpened,
    CalendarAdopted,
    CommandFailed,
    CommissionsAdopted,
    InstrumentListed,
    OrderAccepted,
    OrderDenied,
    RequestDenied,
    RuleBookAdopted,
    SymbolReleased,
    SymbolRestricted,
    TraderEntitled,
)
from models.limits import Limit
from models.order_state import Trigger
from models.orders import TimeInForce
from tests.builders import Desk, account, amend, instrument, px, rule_book, terms, trader

COMMISSIONS = CommissionSchedule(
    name="agency",
    effective="2024-01-01",
    currency="USD",
    rates={"share": CommissionRate(per_unit=5_000)},
)

NASDAQ = Calendar(
    mic="XNAS",
    first="2024-11-01",
    last="2024-12-31",
    holidays=("2024-11-28", "2024-12-25"),
    early_closes={"2024-11-29": "13:00"},
)

CHANGES: list[tuple[type[Command], dict[str, Any], type]] = [
    (ListInstruments, {"instruments": (instrument("NEWCO"),)}, InstrumentListed),
    (OpenAccounts, {"accounts": (account("NEW"),)}, AccountOpened),
    (EntitleTraders, {"traders": (trader("zoe"),)}, TraderEntitled),
    (AdoptRuleBook, {"rule_book": rule_book(ADV=Limit(soft=1))}, RuleBookAdopted),
    (AdoptCommissions, {"schedule": COMMISSIONS}, CommissionsAdopted),
    (RestrictSymbol, {"symbol": "ACME", "note": "x"}, SymbolRestricted),
    (AdoptCalendar, {"calendar": NASDAQ}, CalendarAdopted),
]
IDS = [kind.__name__ for kind, _, _ in CHANGES]


@pytest.mark.parametrize(("kind", "fields", "event_type"), CHANGES, ids=IDS)
@pytest.mark.parametrize("author", [SYSTEM, "olga", "carl"])
def test_change_by_operations_is_an_event_of_the_firm_once(
    kind: type[Command], fields: dict[str, Any], event_type: type, author: str
) -> None:
    desk = Desk()
    (event,) = desk.run(kind(id="x", author=author, desk="EQ", **fields))
    assert isinstance(event, event_type)
    assert event.stream == "firm"
    assert desk.run(kind(id="y", author=author, desk="EQ", **fields)) == []


@pytest.mark.parametrize(("kind", "fields", "event_type"), CHANGES, ids=IDS)
@pytest.mark.parametrize("author", ["alice", "dana", "axel", "mallory", ""])
def test_change_by_somebody_else_is_refused(
    kind: type[Command], fields: dict[str, Any], event_type: type, author: str
) -> None:
    desk = Desk()
    (event,) = desk.run(kind(id="x", author=author, desk="EQ", **fields))
    assert isinstance(event, CommandFailed)
    assert event.text == f"{author} may not change reference data. Ask operations or compliance."
    assert (event.command, event.command_id) == (kind.__name__, "x")


def test_list_instruments_only_changed_lines_are_listed() -> None:
    desk = Desk()
    changed = instrument("BETA", adv=5)
    (event,) = desk.run(ListInstruments(id="x", author=SYSTEM, instruments=(instrument(), changed)))
    assert isinstance(event, InstrumentListed)
    assert desk.state.instruments["BETA"] == msgspec.structs.replace(changed, version=2)


def test_list_instruments_each_change_is_the_next_version() -> None:
    desk = Desk()
    assert desk.state.instruments["BETA"].version == 1
    for adv in (5, 6, 7):
        desk.run(ListInstruments(id="x", author=SYSTEM, instruments=(instrument("BETA", adv=adv),)))
    assert desk.state.instruments["BETA"].version == 4
    versions = [
        event.instrument.version
        for event in desk.log
        if isinstance(event, InstrumentListed) and event.instrument.symbol == "BETA"
    ]
    assert versions == [1, 2, 3, 4]


def test_list_instruments_the_same_line_again_keeps_its_version() -> None:
    desk = Desk()
    listed = desk.state.instruments["BETA"]
    for again in (listed, instrument("BETA")):
        assert desk.run(ListInstruments(id="x", author=SYSTEM, instruments=(again,))) == []


def test_list_instruments_line_that_was_changed_meanwhile_is_refused_whole() -> None:
    desk = Desk()
    seen = desk.state.instruments["BETA"]
    desk.run(ListInstruments(id="x", author="olga", instruments=(instrument("BETA", adv=5),)))
    late = msgspec.structs.replace(seen, adv=6)
    asked = (instrument("NEWCO"), late)
    (event,) = desk.run(ListInstruments(id="y", author="carl", instruments=asked))
    assert isinstance(event, CommandFailed)
    assert "BETA was changed meanwhile (version 2, you saw 1)" in event.text
    assert "NEWCO" not in desk.state.instruments


def test_list_instruments_a_line_twice_is_listed_once_as_it_stands_last() -> None:
    desk = Desk()
    twice = (instrument("NEWCO", adv=1), instrument("NEWCO", adv=2))
    (event,) = desk.run(ListInstruments(id="y", author="carl", instruments=twice))
    assert isinstance(event, InstrumentListed)
    assert (event.instrument.adv, event.instrument.version) == (2, 1)


def test_entitle_trader_again_changes_what_they_may() -> None:
    desk = Desk()
    less = trader("alice", accounts=())
    desk.run(EntitleTraders(id="x", author="olga", traders=(less,)))
    assert desk.submit(terms())[0].__class__.__name__ == "OrderDenied"


def test_restrict_again_with_another_note_is_an_event() -> None:
    desk = Desk()
    desk.run(RestrictSymbol(id="x", author="carl", symbol="ACME", note="old"))
    (event,) = desk.run(RestrictSymbol(id="y", author="carl", symbol="ACME", note="new"))
    assert isinstance(event, SymbolRestricted)
    assert desk.state.restricted == {"ACME": "new"}


@pytest.mark.parametrize("note", ["research", ""])
def test_restricted_symbol_is_refused_until_released(note: str) -> None:
    desk = Desk()
    desk.run(RestrictSymbol(id="x", author="carl", symbol="ACME", note=note))
    assert desk.submit(terms())[0].__class__.__name__ == "OrderDenied"
    (event,) = desk.run(
        RestrictSymbol(id="y", author="carl", symbol="ACME", note="", restricted=False)
    )
    assert isinstance(event, SymbolReleased)
    assert desk.accepted()


def test_release_of_what_is_not_restricted_changes_nothing() -> None:
    command = RestrictSymbol(id="y", author="carl", symbol="ACME", note="", restricted=False)
    assert Desk().run(command) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"lot": 0},
        {"lot": -1},
        {"ticks": ()},
        {"adv": -1},
        {"tier": 0},
        {"tier": 40},
        {"prev_close": -px(1)},
        {"symbol": ""},
        {"currency": ""},
        {"isin": "US0378331006"},
        {"sedol": "2046252"},
        {"maturity": "2034-11-15"},
    ],
    ids=str,
)
def test_list_instruments_line_that_cannot_be_is_refused_whole(changes: dict[str, Any]) -> None:
    """A lot of 0 would make every order in it fail, and the market simulator with it."""
    desk = Desk()
    odd = msgspec.structs.replace(instrument("ODD"), **changes)
    (event,) = desk.run(ListInstruments(id="x", author="olga", instruments=(odd,)))
    assert isinstance(event, CommandFailed)
    assert "ODD" not in desk.state.instruments


@pytest.mark.parametrize("rate", [0, -1_000_000])
def test_adopt_rule_book_with_a_rate_that_values_nothing_is_refused(rate: int) -> None:
    """At a rate of 0 every order is worth 0 and passes the value limit."""
    desk = Desk()
    usual = rule_book()
    free = msgspec.structs.replace(usual, fx={**usual.fx, "EUR": rate})
    (event,) = desk.run(AdoptRuleBook(id="x", author="carl", rule_book=free))
    assert isinstance(event, CommandFailed)


def test_adopt_commissions_are_in_force_for_every_desk() -> None:
    desk = Desk()
    assert desk.state.commissions is None
    desk.run(AdoptCommissions(id="x", author=SYSTEM, schedule=COMMISSIONS))
    assert desk.state.commissions == COMMISSIONS
    assert desk_view(desk.state, "FI").commissions == COMMISSIONS


def test_adopt_commissions_below_zero_are_refused() -> None:
    desk = Desk()
    below = CommissionSchedule(
        name="x", effective="", currency="USD", rates={"etf": CommissionRate(minimum=-1)}
    )
    (event,) = desk.run(AdoptCommissions(id="x", author="carl", schedule=below))
    assert isinstance(event, CommandFailed)
    assert "etf" in event.text
    assert desk.state.commissions is None


def test_calendar_with_a_fault_is_refused() -> None:
    desk = Desk()
    broken = msgspec.structs.replace(NASDAQ, holidays=("28 November",))
    (failed,) = desk.run(AdoptCalendar(id="x", author=SYSTEM, calendar=broken))
    assert isinstance(failed, CommandFailed)
    assert failed.text == (
        "The calendar of XNAS has '28 November' for a day; write it as 2026-11-26."
    )
    assert not desk.state.calendars


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("2024-11-27", ""),
        ("2024-11-29", ""),
        ("2024-11-28", "it would end with 2024-11-27. Write 2024-11-27 or 2024-11-29."),
        ("2024-11-30", "it would end with 2024-11-29. Write 2024-11-29 or 2024-12-02."),
        ("2024-11-23", "it would end with 2024-11-22. Write 2024-11-22 or 2024-11-25."),
        ("2025-01-01", ""),  # beyond what the calendar knows
    ],
)
def test_last_day_of_a_gtd_order_is_a_trading_day_of_its_market(last: str, says: str) -> None:
    desk = Desk()
    desk.run(AdoptCalendar(id="x", author=SYSTEM, calendar=NASDAQ))
    asked = terms(time_in_force=TimeInForce.GTD, expire_day=last)
    event = desk.submit(asked)[0]
    if not says:
        assert isinstance(event, OrderAccepted)
        return
    assert isinstance(event, OrderDenied)
    assert event.text == f"XNAS is closed on the last day {last}; {says}"


def test_last_day_is_judged_when_an_order_is_amended_to_it() -> None:
    desk = Desk()
    desk.run(AdoptCalendar(id="x", author=SYSTEM, calendar=NASDAQ))
    order = desk.accepted()
    desk.report(order, Trigger.ACKNOWLEDGE)
    changes = {"time_in_force": TimeInForce.GTD, "expire_day": "2024-11-28"}
    (denied,) = desk.run(amend(order, **changes))
    assert isinstance(denied, RequestDenied)
    assert "XNAS is closed" in denied.text


def test_last_day_on_a_market_without_a_calendar_is_not_judged() -> None:
    desk = Desk()
    desk.run(AdoptCalendar(id="x", author=SYSTEM, calendar=NASDAQ))
    desk.run(ListInstruments(id="y", author=SYSTEM, instruments=(instrument(mic="BTEC"),)))
    asked = terms(time_in_force=TimeInForce.GTD, expire_day="2024-11-28")
    assert isinstance(desk.submit(asked)[0], OrderAccepted)
