"""Reference data: the security master, accounts, entitlements, the rule book, restricted names."""

from __future__ import annotations

import msgspec

from app.core.context import Context
from app.core.decide.registry import decides, may_administer, refuse
from app.core.desk_state import DeskState
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
from models.events import (
    AccountOpened,
    AnyEvent,
    CalendarAdopted,
    CommissionsAdopted,
    InstrumentListed,
    RuleBookAdopted,
    SymbolReleased,
    SymbolRestricted,
    TraderEntitled,
)
from models.instruments import Instrument


def _unauthorised(command: Command, context: Context) -> list[AnyEvent]:
    why = f"{command.author} may not change reference data. Ask operations or compliance."
    return refuse(command, context, why)


def _approver(command: Command, context: Context) -> str | None:
    """Return who approved it. Who signs as the schedule administers the store: nobody binds him."""
    return "" if command.author == SYSTEM else context.approver(command.id)


def _alone(command: Command, context: Context) -> list[AnyEvent]:
    why = (
        f"{type(command).__name__} needs a second person here, and nobody has approved these very "
        "bytes in time. Ask with blotter approvals request."
    )
    return refuse(command, context, why)


@decides(ListInstruments)
def list_instruments(
    state: DeskState, command: ListInstruments, context: Context
) -> list[AnyEvent]:
    """List what is new or different, each under its next version.

    A line that is in force already changes nothing; one that somebody else has changed since its
    author saw it refuses the whole list.
    """
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    for instrument in command.instruments:
        fault = instrument.fault()
        if fault:
            why = f"Instrument {instrument.symbol!r} {fault}. Nothing of the list was taken."
            return refuse(command, context, why)
        known = state.instruments.get(instrument.symbol)
        if known is not None and instrument.version not in (0, known.version):
            why = (
                f"{instrument.symbol} was changed meanwhile (version {known.version}, you saw "
                f"{instrument.version}). Nothing of the list was taken; look at it again."
            )
            return refuse(command, context, why)
    listed = {each.symbol: each for each in command.instruments}
    return [
        InstrumentListed(ts=context.ts, instrument=new)
        for new in (_next_version(state, each) for each in listed.values())
        if new is not None
    ]


def _next_version(state: DeskState, asked: Instrument) -> Instrument | None:
    """Return the line under the version that it would get; `None` when it changes nothing."""
    known = state.instruments.get(asked.symbol)
    last = 0 if known is None else known.version
    if known is not None and msgspec.structs.replace(asked, version=last) == known:
        return None
    return msgspec.structs.replace(asked, version=last + 1)


@decides(OpenAccounts)
def open_accounts(state: DeskState, command: OpenAccounts, context: Context) -> list[AnyEvent]:
    """Open what is new or different."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    return [
        AccountOpened(ts=context.ts, account=account)
        for account in command.accounts
        if state.accounts.get(account.code) != account
    ]


@decides(EntitleTraders)
def entitle_traders(state: DeskState, command: EntitleTraders, context: Context) -> list[AnyEvent]:
    """Entitle whoever is new or different."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    return [
        TraderEntitled(ts=context.ts, trader=trader)
        for trader in command.traders
        if state.traders.get(trader.login) != trader
    ]


@decides(AdoptRuleBook)
def adopt_rule_book(state: DeskState, command: AdoptRuleBook, context: Context) -> list[AnyEvent]:
    """Put a rule book into force for every order from here on."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    for currency, rate in command.rule_book.fx.items():
        if rate <= 0:
            why = f"The rate of {currency} is {rate}; at that, its orders would have no value."
            return refuse(command, context, why)
    if state.rule_book == command.rule_book:
        return []
    approved_by = _approver(command, context)
    if approved_by is None:
        return _alone(command, context)
    adopted = RuleBookAdopted(ts=context.ts, rule_book=command.rule_book, approved_by=approved_by)
    return [adopted]


@decides(AdoptCommissions)
def adopt_commissions(
    state: DeskState, command: AdoptCommissions, context: Context
) -> list[AnyEvent]:
    """Put a schedule of commissions into force."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    for asset_class, rate in command.schedule.rates.items():
        fault = rate.fault()
        if fault:
            return refuse(command, context, f"The commission on {asset_class}: {fault}.")
    if state.commissions == command.schedule:
        return []
    return [CommissionsAdopted(ts=context.ts, schedule=command.schedule)]


@decides(AdoptCalendar)
def adopt_calendar(state: DeskState, command: AdoptCalendar, context: Context) -> list[AnyEvent]:
    """Put a market's calendar into force: the days that orders may be good till."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    calendar = command.calendar
    fault = calendar.fault()
    if fault:
        return refuse(command, context, f"The calendar of {calendar.mic or 'a market'} {fault}.")
    if state.calendars.get(calendar.mic) == calendar:
        return []
    return [CalendarAdopted(ts=context.ts, calendar=calendar)]


@decides(RestrictSymbol)
def restrict_symbol(state: DeskState, command: RestrictSymbol, context: Context) -> list[AnyEvent]:
    """Put a symbol on the restricted list, or take it off."""
    if not may_administer(state, command.author):
        return _unauthorised(command, context)
    listed = state.restricted.get(command.symbol)
    if not command.restricted:
        if listed is None:
            return []
        approved_by = _approver(command, context)
        if approved_by is None:
            return _alone(command, context)
        return [SymbolReleased(ts=context.ts, symbol=command.symbol, approved_by=approved_by)]
    if listed == command.note:
        return []
    return [SymbolRestricted(ts=context.ts, symbol=command.symbol, note=command.note)]
