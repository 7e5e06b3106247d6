"""What lets more through needs a second person, where the store asks for one."""

from __future__ import annotations

import msgspec
import pytest

from app.core.decide import decide
from models.commands import (
    SYSTEM,
    AdoptRuleBook,
    Command,
    RestrictSymbol,
    decode_command,
    encode_command,
    needs_second_person,
)
from models.events import CommandFailed, RuleBookAdopted, SymbolReleased, SymbolRestricted
from tests.builders import Desk, cancel, new_id, rule_book, submit

BOOK = msgspec.structs.replace(rule_book(), version=7)


@pytest.fixture
def desk() -> Desk:
    """A desk where ACME is restricted."""
    made = Desk()
    made.run(RestrictSymbol(id="s", author=SYSTEM, symbol="ACME", note="a deal"))
    return made


def adopt(author: str = "olga") -> AdoptRuleBook:
    return AdoptRuleBook(id=new_id(), author=author, rule_book=BOOK)


def release(author: str = "olga") -> RestrictSymbol:
    return RestrictSymbol(id=new_id(), author=author, symbol="ACME", note="", restricted=False)


@pytest.mark.parametrize("command", [adopt(), release()], ids=["rule book", "release"])
def test_command_without_an_approval_is_refused_with_the_way_out(
    desk: Desk, command: Command
) -> None:
    context = msgspec.structs.replace(desk.context, approvals={"another": "carl"})
    (event,) = decide(desk.state, command, context)
    assert isinstance(event, CommandFailed)
    assert event.text.startswith(f"{type(command).__name__} needs a second person here")


@pytest.mark.parametrize("command", [adopt(), release()], ids=["rule book", "release"])
def test_command_that_was_approved_says_by_whom(desk: Desk, command: Command) -> None:
    context = msgspec.structs.replace(desk.context, approvals={command.id: "carl"})
    (event,) = decide(desk.state, command, context)
    assert isinstance(event, RuleBookAdopted | SymbolReleased)
    assert event.approved_by == "carl"


@pytest.mark.parametrize("command", [adopt(SYSTEM), release(SYSTEM)], ids=["rule book", "release"])
def test_who_administers_the_store_is_not_asked(desk: Desk, command: Command) -> None:
    context = msgspec.structs.replace(desk.context, approvals={})
    (event,) = decide(desk.state, command, context)
    assert isinstance(event, RuleBookAdopted | SymbolReleased)
    assert event.approved_by == ""


def test_restricting_needs_nobody_else(desk: Desk) -> None:
    context = msgspec.structs.replace(desk.context, approvals={})
    alone = RestrictSymbol(id=new_id(), author="olga", symbol="BETA", note="at once")
    (event,) = decide(desk.state, alone, context)
    assert isinstance(event, SymbolRestricted)


def test_approval_does_not_make_a_trader_an_administrator(desk: Desk) -> None:
    command = adopt("alice")
    context = msgspec.structs.replace(desk.context, approvals={command.id: "carl"})
    (event,) = decide(desk.state, command, context)
    assert isinstance(event, CommandFailed)
    assert "may not change reference data" in event.text


def test_what_needs_a_second_person_is_told_from_what_does_not() -> None:
    order = Desk().accepted()
    needed = [adopt(), release()]
    others = [submit(), cancel(order), msgspec.structs.replace(release(), restricted=True)]
    assert [needs_second_person(command) for command in (*needed, *others)] == [
        *(True, True),
        *(False, False, False),
    ]
    assert all(needs_second_person(decode_command(encode_command(each))) for each in needed)
