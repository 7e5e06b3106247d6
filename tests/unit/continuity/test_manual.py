"""Telephone executions written down in an outage, and the file that keeps them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from app.continuity.contacts import load_contacts
from app.continuity.journal import Journal, read_journal, write_journal
from app.continuity.manual import DraftState, ManualExecution, capture_objection, waiting
from app.continuity.outage import Outage, open_orders
from models.orders import DESK as CARE
from models.orders import Order, Side
from tests.builders import DESK, NOW, SECOND, Desk, px, terms

BROKERS = """
[[broker]]
venue = "SIM"
name = "Exchange"
phone = "+1 212 555 0143"
"""


def draft(order_id: str = "O-1", **changes: object) -> ManualExecution:
    fields = {
        "draft_id": "d-1",
        "order_id": order_id,
        "symbol": "ACME",
        "side": Side.BUY,
        "account": "GROWTH",
        "qty": 40,
        "px": px(100),
        "counterparty": "HARB",
        "traded_ts": NOW,
        "captured_ts": NOW,
        "captured_by": "alice",
    }
    return ManualExecution(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def care() -> Order:
    return Desk().accepted(terms(qty=100, venue=CARE))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"qty": 0}, "Quantity has to be above 0"),
        ({"qty": 101}, "101 is more than the 100 left"),
        ({"px": 0}, "Price has to be above 0"),
        ({"counterparty": " "}, "Say who it was dealt with"),
        ({"traded_ts": NOW + 1}, "in the future"),
        ({"traded_ts": NOW - 8 * 86_400 * SECOND}, "more than 7 days ago"),
        ({}, ""),
    ],
)
def test_capture_is_held_against_what_is_known(
    care: Order, changes: dict[str, object], reason: str
) -> None:
    fields = {"qty": 100, "px": px(99), "counterparty": "HARB", "traded_ts": NOW, **changes}
    said = capture_objection(care, now_ts=NOW, drafts=[], **fields)  # type: ignore[arg-type]
    assert reason in said
    assert bool(said) is bool(reason)


def test_drafts_of_the_same_order_take_its_room_unless_dropped(care: Order) -> None:
    taken = draft(care.order_id, qty=70)

    def objection(*drafts: ManualExecution) -> str:
        return capture_objection(care, 40, px(99), "HARB", NOW, NOW, drafts)

    assert "40 is more than the 30 left" in objection(taken)
    assert objection(msgspec.structs.replace(taken, state=DraftState.DROPPED)) == ""
    assert objection(draft("O-other", qty=70)) == ""
    assert waiting([taken, msgspec.structs.replace(taken, state=DraftState.BOOKED)]) == 1


def test_order_that_is_not_chosen_can_not_be_dealt_on() -> None:
    assert "Choose the order" in capture_objection(None, 1, 1, "HARB", NOW, NOW, [])


def test_journal_comes_back_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    desk = Desk()
    desk.accepted(terms())
    outage = Outage(
        desk=DESK, started_ts=1, known_ts=2, reason="gone", orders=open_orders(desk.state, DESK)
    )
    outage.note(5, "alice", "called")
    kept = Journal(login="alice", desk=DESK, outage=outage, drafts=[draft()])
    path = tmp_path / "deep" / "journal.json"
    write_journal(path, kept)
    assert read_journal(path, "alice", DESK) == kept
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_journal(path, "ben", DESK) == Journal(login="ben", desk=DESK)


def test_journal_that_cannot_be_read_is_put_aside_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.json"
    path.write_text('{"login": "alice", "drafts": [', encoding="utf-8")
    assert read_journal(path, "alice", DESK) == Journal(login="alice", desk=DESK)
    assert not path.exists()
    assert (tmp_path / "journal.json.unreadable").exists()


def test_contacts_are_copied_and_the_copy_serves_when_the_file_is_away(tmp_path: Path) -> None:
    source, copy = tmp_path / "desk.toml", tmp_path / "mine" / "contacts.json"
    source.write_text(BROKERS, encoding="utf-8")
    first = load_contacts(source, copy)
    assert ([each.phone for each in first.brokers], first.trouble) == (["+1 212 555 0143"], "")
    source.unlink()
    second = load_contacts(source, copy)
    assert second.brokers == first.brokers
    assert second.trouble.startswith("This machine's copy: ")
    copy.write_text("nonsense", encoding="utf-8")
    assert load_contacts(source, copy).brokers == ()
    assert load_contacts(source, None).brokers == ()
