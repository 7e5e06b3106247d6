"""The security master out of the log: what is in force, and every version that was."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.ports import Store
from app.securities.preview import Change, changes_of
from models.events import FIRM_STREAM, AnyEvent, InstrumentListed, RuleBookAdopted, decode_event
from models.instruments import Instrument

_PAGE = 5_000
_KINDS = frozenset({InstrumentListed.__name__, RuleBookAdopted.__name__})


class Master(msgspec.Struct, kw_only=True):
    """The lines in force, by symbol, and the rule book's rates (`None` before there is one)."""

    instruments: dict[str, Instrument] = {}
    rates: dict[str, int] | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was from `ts` (nanoseconds UTC) on, and what it changed of the one before."""

    version: int
    ts: int
    command_id: str
    instrument: Instrument
    changes: tuple[Change, ...]


def _facts(store: Store) -> Iterator[tuple[AnyEvent, str]]:
    """Yield what the firm's stream says of reference data, with the command that caused it."""
    seq = 0
    while page := store.read([FIRM_STREAM], seq, _PAGE):
        for row in page:
            if row.kind in _KINDS:
                yield decode_event(row.body), row.command_id
        seq = page[-1].seq


def current_master(store: Store) -> Master:
    """Return what is in force at the head of the log."""
    master = Master()
    for event, _ in _facts(store):
        if isinstance(event, InstrumentListed):
            master.instruments[event.instrument.symbol] = event.instrument
        elif isinstance(event, RuleBookAdopted):
            master.rates = event.rule_book.fx
    return master


def versions_of(store: Store, symbol: str) -> list[Version]:
    """Return every version of a line, the oldest first."""
    found: list[Version] = []
    for event, command_id in _facts(store):
        if not isinstance(event, InstrumentListed) or event.instrument.symbol != symbol:
            continue
        new = event.instrument
        changes = changes_of(found[-1].instrument, new) if found else ()
        found.append(
            Version(
                version=new.version,
                ts=event.ts,
                command_id=command_id,
                instrument=new,
                changes=changes,
            )
        )
    return found
