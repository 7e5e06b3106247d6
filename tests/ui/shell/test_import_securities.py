"""Importing securities in the window: seen first, decided by the person, sent once, followed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import ListInstruments
from models.instruments import Instrument
from tests.builders import Desk, instrument
from tests.ui.shell.conftest import Open
from tests.ui.still_desk import StillDesk
from ui.securities.import_dialog import ImportDialog, import_objection
from ui.securities.preview_model import PreviewModel

HEADER = "symbol,name,asset class,isin,currency,mic,lot,tick,adv,close"
NEW = "KO,Coca-Cola Co,share,US1912161007,USD,XNYS,1,0.01,14500000,63.92"
OpenDialog = Callable[..., ImportDialog]


@pytest.fixture
def olga() -> StillDesk:
    return StillDesk(Desk(), "olga")


@pytest.fixture
def open_dialog(qtbot: QtBot) -> OpenDialog:
    def opened(still: StillDesk, folder: Path, *lines: str) -> ImportDialog:
        path = folder / "list.csv"
        path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        dialog = ImportDialog(still.session)
        qtbot.addWidget(dialog)
        dialog.open()
        dialog.read(path)
        assert not dialog.import_button.isEnabled()
        qtbot.waitUntil(lambda: not dialog.file_label.text().startswith("Reading"), timeout=20_000)
        return dialog

    return opened


def texts(model: PreviewModel) -> list[list[str]]:
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def decide(still: StillDesk, command: ListInstruments) -> None:
    """Let the desk decide, and the session read of it."""
    still.desk.run(command)
    del still.session.core.requests[command.id]
    still.tell(Changed(requests=frozenset({command.id}), reference=True))


def last_sent(still: StillDesk) -> ListInstruments:
    command = still.sent()[-1]
    assert isinstance(command, ListInstruments)
    return command


def test_import_shows_what_it_would_do_and_sends_it_once(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path
) -> None:
    unchanged = "ACME,ACME Corp,share,,USD,XNAS,1,0.01,1000000,100"
    dialog = open_dialog(olga, tmp_path, unchanged, NEW)
    assert texts(dialog.model) == [
        ["3", "KO", "new", "Coca-Cola Co, share, KO@XNYS in USD"],
    ]
    assert "2 lines: 1 new, 0 changed, 1 unchanged, 0 wrong." in dialog.totals.text()
    assert dialog.good_box.isHidden()
    assert dialog.warnings_box.isHidden()
    assert dialog.import_button.text() == "Import 1 line"
    assert olga.sent() == []
    for _ in range(5):
        QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
        dialog.send()
    assert len(olga.sent()) == 1
    command = last_sent(olga)
    assert command.author == "olga"
    decide(olga, command)
    assert "1 taken: they are in force." in dialog.answer.text()
    assert olga.desk.state.instruments["KO"].version == 1


def test_import_of_a_wrong_line_waits_until_only_the_good_are_wanted(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path
) -> None:
    dialog = open_dialog(olga, tmp_path, NEW, NEW.replace("KO,", "PEP,").replace("0.01", "x"))
    first, second = texts(dialog.model)
    assert first[:3] == ["3", "PEP", "wrong"]
    assert "Ticks 'x'" in first[3]
    assert second[1:3] == ["KO", "new"]
    assert dialog.detail.text().startswith("Line 3, PEP: ")
    dialog.table.selectRow(1)
    assert dialog.detail.text().startswith("Line 2, KO: Coca-Cola Co")
    assert not dialog.import_button.isEnabled()
    assert "1 of 2 lines is wrong" in dialog.import_button.toolTip()
    dialog.send()
    assert olga.sent() == []
    dialog.good_box.setChecked(True)
    assert dialog.import_button.isEnabled()
    QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert [each.symbol for each in last_sent(olga).instruments] == ["KO"]


def test_import_of_a_warned_line_waits_for_the_tick(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path
) -> None:
    moved = "ACME,ACME Corp,share,US0378331005,USD,XNAS,1,0.01,1000000,10"
    olga.desk.state.instruments.pop("BETA")  # it shares ACME's identifier in the tests' master
    dialog = open_dialog(olga, tmp_path, moved)
    (row,) = texts(dialog.model)
    assert "⚠ ACME's previous close goes from 100 to 10, down 90%" in row[3]
    assert not dialog.import_button.isEnabled()
    dialog.warnings_box.setChecked(True)
    QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert last_sent(olga).instruments[0].version == 1


def test_import_that_the_desk_refuses_says_so(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path
) -> None:
    olga.desk.state.instruments.pop("BETA")
    dialog = open_dialog(
        olga, tmp_path, "ACME,ACME Corp,share,US0378331005,USD,XNAS,1,0.01,2000000,100"
    )
    QTest.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    meanwhile = instrument(adv=7)
    olga.desk.run(ListInstruments(id="m", author="carl", instruments=(meanwhile,)))
    decide(olga, last_sent(olga))
    assert "The desk did not take ACME" in dialog.answer.text()
    assert olga.desk.state.instruments["ACME"].adv == 7


def test_import_of_a_file_that_is_none_says_why(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = open_dialog(olga, tmp_path, NEW)
    dialog.read(tmp_path / "nowhere.csv")
    qtbot.waitUntil(lambda: "can't be read" in dialog.answer.text(), timeout=20_000)
    assert dialog.model.rowCount() == 0
    assert not dialog.import_button.isEnabled()


def test_preview_model_keeps_qts_rules(
    olga: StillDesk, open_dialog: OpenDialog, tmp_path: Path
) -> None:
    dialog = open_dialog(olga, tmp_path, NEW, "PEP,,,,,,,,,")
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(dialog.model, fatal, dialog)
    found = dialog._found
    assert found is not None
    dialog.model.show_lines(())
    dialog.model.show_lines(found.lines)
    assert tester.model() is dialog.model
    assert isinstance(found.lines[0].instrument, Instrument)


@pytest.mark.parametrize(
    ("login", "may"), [("olga", True), ("carl", True), ("alice", False), ("dana", False)]
)
def test_import_is_for_operations_and_compliance(open_window: Open, login: str, may: bool) -> None:
    still = StillDesk(Desk(), login)
    window = open_window(still)
    assert bool(import_objection(still.session)) is not may
    window.import_securities()
    shown = [type(each) for each in window.dialogs.shown]
    assert shown == ([ImportDialog] if may else [])
    if not may:
        return
    (dialog,) = window.dialogs.shown
    dialog.reject()
    assert len(still.session.listeners) > 0
    still.tell_all()  # nobody listens who is gone
