"""Drafts survive a crash, and what was sent does not come back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.session import step
from models.order_state import Trigger
from models.orders import Order, Side
from tests.builders import Desk, px, quote
from tests.ui.ticket_bench import TicketBench
from ui.ticket import draft_keeper
from ui.ticket.draft import Draft
from ui.ticket.draft_file import SavedDraft, read_draft, write_draft


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "draft.json"


def start(qtbot: QtBot, file: Path, desk: Desk | None = None, **more: object) -> TicketBench:
    """Start a desktop that keeps its drafts in `file`."""
    bench = TicketBench(desk, **more)  # type: ignore[arg-type]
    qtbot.addWidget(bench.ticket)
    bench.ticket.show()
    bench.ticket.use_drafts(file)
    return bench


def written(qtbot: QtBot, file: Path) -> SavedDraft:
    qtbot.waitUntil(lambda: read_draft(file) is not None)
    saved = read_draft(file)
    assert saved is not None
    return saved


def crash(bench: TicketBench) -> Desk:
    """End the desktop without a word; return what the log has."""
    bench.ticket._keeper._timer.stop()
    bench.ticket._keeper._waiting = None
    return bench.desk


def test_draft_survives_a_crash_with_all_its_fields(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("s 15k acme 100.50 gtc acct income")
    QTest.keyClicks(bench.ticket.reason_edit, "client instruction")
    qtbot.waitUntil(lambda: written(qtbot, file).reason == "client instruction")
    again = start(qtbot, file, crash(bench))
    assert again.ticket.draft == bench.ticket.draft
    assert again.ticket.draft.side is Side.SELL
    assert again.ticket.reason_edit.text() == "client instruction"
    label = again.ticket._face.restored_label
    assert label.isVisible()
    assert label.words.startswith("◌ Restored from ")
    assert label.words.endswith("prices are new")
    assert again.ticket.can_send


def test_draft_file_is_its_owners_alone_and_replaced_whole(file: Path) -> None:
    saved = SavedDraft(login="a", desk="EQ", command_id="c", saved_ts=1, draft=Draft(qty="5"))
    write_draft(file, saved)
    write_draft(file, saved)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert read_draft(file) == saved


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"login":"a"}', b"\xff\xfe", b'"' + b"x" * 100_000 + b'"'],
)
def test_draft_file_that_cannot_be_read_is_no_draft(
    qtbot: QtBot, file: Path, content: bytes
) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    bench = start(qtbot, file)
    assert bench.ticket.draft.is_blank
    bench.type("b 100 acme 100")
    assert written(qtbot, file).draft.qty == "100"


def test_draft_is_written_once_a_moment_after_the_last_key(
    qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[SavedDraft] = []
    monkeypatch.setattr(draft_keeper, "write_draft", lambda path, saved: writes.append(saved))
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    assert not writes
    qtbot.waitUntil(lambda: bool(writes))
    qtbot.wait(draft_keeper.WRITE_AFTER_MS + 100)
    assert [each.draft.limit for each in writes] == ["100"]


def test_draft_that_waits_is_written_when_the_window_closes(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    assert not file.exists()
    bench.ticket.hide()
    assert file.exists()


def test_draft_dropped_by_its_person_is_gone(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    bench.ticket.drop()
    assert not file.exists()


def test_draft_is_gone_once_its_order_is_in_the_log(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    saved = written(qtbot, file)
    bench.ticket.send()
    assert saved.command_id == bench.submitted[0].id
    assert file.exists()  # until somebody has it
    bench.decide_last()
    assert not file.exists()


def test_next_draft_stays_when_the_last_order_is_settled(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    bench.ticket.send()
    bench.type("b 200 acme 100")
    bench.ticket._keeper.flush()
    bench.decide_last()
    assert written(qtbot, file).draft.qty == "200"


def test_draft_whose_order_was_sent_before_the_crash_does_not_come_back(
    qtbot: QtBot, file: Path
) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    bench.ticket.send()
    bench.desk.run(bench.submitted[0])  # the engine has it, the desktop died before it heard
    again = start(qtbot, file, crash(bench))
    assert again.ticket.draft.is_blank
    assert not file.exists()
    (order_id,) = bench.desk.state.orders
    assert any(order_id in words for words, _ in again.said)


def test_draft_that_was_being_sent_does_not_come_back_and_says_so(qtbot: QtBot, file: Path) -> None:
    """The engine was down: the command is in the store, and decided after the restart."""
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    bench.ticket.send()
    assert written(qtbot, file).was_sent
    again = start(qtbot, file, crash(bench))
    assert again.ticket.draft.is_blank
    assert any("Look for it in the blotter" in words for words, _ in again.said)
    assert not file.exists()


def test_restored_draft_waits_for_the_log(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    again = start(qtbot, file, crash(bench), live=False)
    assert again.session.core.link is step.Link.STARTING
    assert again.ticket.draft.is_blank
    again.refresh()
    assert again.ticket.draft.qty == "100"


def test_restored_draft_is_judged_by_the_prices_of_now(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    desk = crash(bench)
    desk.quotes["ACME"] = quote(last=px(80))
    again = start(qtbot, file, desk)
    assert not again.ticket.can_send
    assert "above the last 80.00" in again.checks


def test_restored_draft_does_not_overwrite_what_is_typed_meanwhile(
    qtbot: QtBot, file: Path
) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    again = start(qtbot, file, crash(bench), live=False)
    QTest.keyClicks(again.ticket.qty_edit, "7")
    again.refresh()
    assert again.ticket.draft.qty == "7"


def test_somebody_elses_draft_is_left_alone(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    bench.type("b 100 acme 100")
    written(qtbot, file)
    again = start(qtbot, file, crash(bench), login="ben")
    assert again.ticket.draft.is_blank
    assert file.exists()


def amending(bench: TicketBench) -> Order:
    order = bench.resting()
    bench.ticket.begin_amend(order)
    bench.ticket.qty_edit.selectAll()
    QTest.keyClicks(bench.ticket.qty_edit, "800")
    bench.ticket._keeper.flush()
    return order


def test_draft_of_an_amendment_comes_back_with_its_order(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    order = amending(bench)
    again = start(qtbot, file, crash(bench))
    assert again.ticket.amends is not None
    assert again.ticket.amends.order_id == order.order_id
    assert again.button == f"AMEND {order.order_id} 500 → 800 @ 99.00"


def test_draft_of_an_amendment_that_was_sent_does_not_come_back(qtbot: QtBot, file: Path) -> None:
    bench = start(qtbot, file)
    amending(bench)
    bench.ticket.send()
    bench.desk.run(bench.submitted[-1])
    again = start(qtbot, file, crash(bench))
    assert again.ticket.amends is None
    assert any("was changed meanwhile" in words for words, _ in again.said)
    assert not file.exists()


def test_draft_of_an_amendment_of_an_order_that_ended_does_not_come_back(
    qtbot: QtBot, file: Path
) -> None:
    bench = start(qtbot, file)
    order = amending(bench)
    bench.desk.report(bench.desk.order(order.order_id), Trigger.CANCEL)
    again = start(qtbot, file, crash(bench))
    assert again.ticket.amends is None
    assert any("it is over" in words for words, _ in again.said)


def test_draft_that_cannot_be_kept_is_said_once(qtbot: QtBot, file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    bench = start(qtbot, file)
    for line in ("b 100 acme 100", "b 200 acme 100"):
        bench.type(line)
        bench.ticket._keeper.flush()
    said = [words for words, _ in bench.said if "can't be kept" in words]
    assert len(said) == 1
    assert bench.ticket.can_send
