"""A rule book and a released symbol need two people on PostgreSQL, from request to event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest
import structlog

from app.bootstrap import open_approvals
from app.config import StoreAddress
from app.engine.process import EngineRunner
from app.ports import Approval, Store
from app.session.approvals import Approvals, in_words
from app.session.ids import new_command_id
from app.session.step import submission_of
from app.store.approvals import PostgresApprovals
from app.store.memory import MemoryStore
from app.venues.sim import SimVenue
from models.commands import SYSTEM, AdoptRuleBook, Command, EntitleTraders, RestrictSymbol
from models.errors import BadInput, StoreRefused
from models.events import CommandFailed, Event, RuleBookAdopted, SymbolReleased, decode_event
from models.parties import Role
from tests.builders import TODAY, ScriptedFlow, reference_commands, rule_book, trader
from tests.postgres import PostgresServer
from tests.store.builders import wait_until
from tests.store.shared_desk import SharedDesk

NEXT_BOOK = msgspec.structs.replace(rule_book(), version=7)


class Running:
    """A store with an engine at work on a thread of its own."""

    def __init__(self, store: Store, reader: Store) -> None:
        self.reader = reader
        self._runner = EngineRunner(
            store, SimVenue(ScriptedFlow()), "engine", lambda ts: TODAY, structlog.get_logger()
        )
        self._thread = threading.Thread(target=self._runner.run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._runner.stop()
        self._thread.join(30)

    def outcome(self, command_id: str) -> Event:
        """Wait for the event that a command caused."""
        found: list[Event] = []

        def look() -> bool:
            rows = self.reader.read(None, 0, 10_000)
            found[:] = [decode_event(r.body) for r in rows if r.command_id == command_id]
            return bool(found)

        wait_until(look)
        return found[0]


def _reference() -> list[Command]:
    people = (trader("odo", role=Role.OPS, accounts=()), trader("cora", role=Role.COMPLIANCE))
    return [
        *reference_commands(),
        EntitleTraders(id="t2", author=SYSTEM, traders=people),
        RestrictSymbol(id="s", author=SYSTEM, symbol="ACME", note="a deal"),
    ]


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server)) as made:
        with closing(_admin_store(made)) as store:
            store.submit_many([submission_of(command) for command in _reference()])
        yield made


def _admin_store(desk: SharedDesk) -> Store:
    from app.store.postgres import PostgresStore

    return PostgresStore(desk.server.url(desk.name))


@pytest.fixture(scope="module")
def running(desk: SharedDesk) -> Iterator[Running]:
    with closing(desk.store("eng")) as store, closing(desk.store("eng")) as reader:
        made = Running(store, reader)
        made.outcome("s")
        yield made
        made.stop()


def at(desk: SharedDesk, login: str) -> PostgresApprovals:
    return PostgresApprovals(desk.url(login))


def command_id(asked: Approval) -> str:
    return str(msgspec.json.decode(asked.body)["id"])


def test_rule_book_is_adopted_when_somebody_else_approves_and_the_log_says_who(
    desk: SharedDesk, running: Running
) -> None:
    with at(desk, "odo") as odo, at(desk, "cora") as cora:
        asked = Approvals(odo).adopt_rule_book(NEXT_BOOK)
        (waiting,) = [each for each in Approvals(cora).waiting() if each == asked]
        assert in_words(waiting) == f"put rule book {NEXT_BOOK.name} version 7 into force"
        done = Approvals(cora).approve(asked.approval_id, waiting.body_hash[:12])
        assert done.checker == "cora"
        assert Approvals(cora).waiting() == []
    event = running.outcome(command_id(asked))
    assert isinstance(event, RuleBookAdopted), event
    assert event.approved_by == "cora"
    with at(desk, "odo") as odo:
        assert odo.get(asked.approval_id).used_ts > 0


def test_symbol_is_released_when_somebody_else_approves(desk: SharedDesk, running: Running) -> None:
    with at(desk, "odo") as odo, at(desk, "dana") as dana:
        asked = Approvals(odo).release("ACME", "the deal is public")
        assert in_words(asked) == "let ACME be traded again: the deal is public"
        Approvals(dana).approve(asked.approval_id, asked.body_hash)
    event = running.outcome(command_id(asked))
    assert isinstance(event, SymbolReleased), event
    assert event.approved_by == "dana"


def test_ones_own_request_is_not_approved(desk: SharedDesk) -> None:
    with at(desk, "cora") as cora:
        asked = Approvals(cora).release("BETA", "")
        with pytest.raises(BadInput, match="it is your own"):
            Approvals(cora).approve(asked.approval_id, asked.body_hash)


@pytest.mark.parametrize("kind", ["rule book", "release"])
def test_command_that_is_sent_alone_is_refused_with_the_way_out(
    desk: SharedDesk, running: Running, kind: str
) -> None:
    fields = {"id": new_command_id(), "author": "odo", "desk": "EQ"}
    alone: Command
    if kind == "rule book":
        book = msgspec.structs.replace(rule_book(), version=8)
        alone = AdoptRuleBook(rule_book=book, **fields)
    else:
        with closing(_admin_store(desk)) as store:
            again = RestrictSymbol(id=new_command_id(), author=SYSTEM, symbol="UST10Y", note="x")
            store.submit(submission_of(again))
        running.outcome(again.id)
        alone = RestrictSymbol(symbol="UST10Y", note="", restricted=False, **fields)
    with closing(desk.store("odo")) as store:
        store.submit(submission_of(alone))
    event = running.outcome(alone.id)
    assert isinstance(event, CommandFailed), event
    assert "needs a second person here" in event.text
    assert "blotter approvals request" in event.text


def test_symbol_is_put_on_the_list_by_one_alone(desk: SharedDesk, running: Running) -> None:
    """What holds more back never waits for anybody."""
    alone = RestrictSymbol(
        id=new_command_id(), author="cora", desk="EQ", symbol="BETA", note="at once"
    )
    with closing(desk.store("cora")) as store:
        store.submit(submission_of(alone))
    assert type(running.outcome(alone.id)).__name__ == "SymbolRestricted"


def test_approval_with_another_hash_than_what_was_read_is_refused(
    desk: SharedDesk, running: Running
) -> None:
    with at(desk, "odo") as odo, at(desk, "cora") as cora:
        asked = Approvals(odo).release("ACME", "")
        for seen in ("", asked.body_hash[:7], "0" * 64):
            with pytest.raises(BadInput, match="Read what it asks for"):
                Approvals(cora).approve(asked.approval_id, seen)
        assert Approvals(odo).refuse(asked.approval_id).refused_by == "odo"
        with pytest.raises(BadInput, match="it was refused"):
            Approvals(cora).approve(asked.approval_id, asked.body_hash)


def test_who_may_not_answer_or_ask_is_told(desk: SharedDesk) -> None:
    with at(desk, "odo") as odo, at(desk, "ben") as ben, at(desk, "ada") as ada:
        asked = Approvals(odo).release("ACME", "")
        with pytest.raises(StoreRefused, match="ben is trader here"):
            Approvals(ben).approve(asked.approval_id, asked.body_hash)
        with pytest.raises(StoreRefused, match="ada is auditor here"):
            Approvals(ada).release("ACME", "")
        with pytest.raises(BadInput, match="there is no such request"):
            odo.get("nothing")


def test_store_that_enforces_nothing_says_that_nobody_is_asked(
    desk: SharedDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    with pytest.raises(BadInput, match="enforces nothing, so no second person is asked for"):
        open_approvals(StoreAddress(f"sqlite:///{path}", path))
    with pytest.raises(StoreRefused, match="is held to nothing"):
        PostgresApprovals(desk.server.url(desk.name))


def test_rule_book_on_a_store_that_enforces_nothing_needs_nobody() -> None:
    tables = MemoryStore().tables
    store = MemoryStore(tables)
    store.submit_many([submission_of(command) for command in _reference()])
    alone = AdoptRuleBook(id="alone", author="odo", desk="EQ", rule_book=NEXT_BOOK)
    store.submit(submission_of(alone))
    running = Running(store, MemoryStore(tables))
    try:
        event = running.outcome("alone")
    finally:
        running.stop()
    assert isinstance(event, RuleBookAdopted)
    assert event.approved_by == ""
