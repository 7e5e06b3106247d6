"""How reference data changes the state."""

from __future__ import annotations

from app.core.desk_state import DeskState
from app.core.evolve.registry import evolves
from models.events import (
    AccountOpened,
    CalendarAdopted,
    CommissionsAdopted,
    InstrumentListed,
    RuleBookAdopted,
    SymbolReleased,
    SymbolRestricted,
    TraderEntitled,
)


@evolves(InstrumentListed)
def instrument_listed(state: DeskState, event: InstrumentListed) -> None:
    state.instruments[event.instrument.symbol] = event.instrument


@evolves(AccountOpened)
def account_opened(state: DeskState, event: AccountOpened) -> None:
    state.accounts[event.account.code] = event.account


@evolves(TraderEntitled)
def trader_entitled(state: DeskState, event: TraderEntitled) -> None:
    state.traders[event.trader.login] = event.trader


@evolves(RuleBookAdopted)
def rule_book_adopted(state: DeskState, event: RuleBookAdopted) -> None:
    state.rule_book = event.rule_book


@evolves(CommissionsAdopted)
def commissions_adopted(state: DeskState, event: CommissionsAdopted) -> None:
    state.commissions = event.schedule


@evolves(CalendarAdopted)
def calendar_adopted(state: DeskState, event: CalendarAdopted) -> None:
    state.calendars[event.calendar.mic] = event.calendar


@evolves(SymbolRestricted)
def symbol_restricted(state: DeskState, event: SymbolRestricted) -> None:
    state.restricted[event.symbol] = event.note


@evolves(SymbolReleased)
def symbol_released(state: DeskState, event: SymbolReleased) -> None:
    del state.restricted[event.symbol]
