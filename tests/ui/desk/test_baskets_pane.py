"""The Baskets pane and its dialog over real state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.session.step import Changed
from models.commands import CancelOrder, CancelOrders, LoadBasket, SendWave
from models.orders import Side
from tests.builders import DESK, Desk, new_id, terms
from tests.ui.still_desk import StillDesk
from ui.desk.basket_dialog import BasketDialog
from ui.desk.basket_preview_model import BasketPreviewModel
from ui.desk.baskets_pane import BasketsPane

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


class Bench:
    """A pane over a desk that stands still, with one basket loaded."""

    def __init__(self, qtbot: QtBot) -> None:
        self.desk = Desk()
        self.desk.run(
            LoadBasket(
                id=new_id(),
                author="alice",
                desk=DESK,
                basket_id="b1",
                name="Rebalance",
                lines=(terms(qty=1_000), terms(symbol="BETA", side=Side.SELL, qty=500)),
            )
        )
        self.still = StillDesk(self.desk)
        self.pane = BasketsPane(self.still.session)
        qtbot.addWidget(self.pane)
        self.pane.resize(900, 480)
        self.pane.show()
        qtbot.waitExposed(self.pane)
        self.said: list[tuple[str, str]] = []
        self.pane.message_raised.connect(lambda words, tone: self.said.append((words, tone)))
        self.renew()

    def renew(self) -> None:
        self.still.tell(Changed(baskets=True))
        self.pane.refresh()
        self.pane.model.flush()
        self.pane.line_model.flush()

    def cells(self, model: Any, name: str) -> list[str]:
        at = model.column_index(name)
        return [model.cell(row, at).text for row in range(model.rowCount())]

    def wave(self, share_bps: int) -> None:
        self.desk.run(
            SendWave(id=new_id(), author="alice", desk=DESK, basket_id="b1", share_bps=share_bps)
        )
        self.renew()


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_basket_and_its_lines_are_shown(bench: Bench) -> None:
    assert bench.cells(bench.pane.model, "basket") == ["Rebalance"]
    assert bench.pane.basket_id == "b1"
    assert bench.cells(bench.pane.line_model, "symbol") == ["ACME", "BETA"]
    assert bench.cells(bench.pane.line_model, "status") == ["○ Staged", "○ Staged"]
    QAbstractItemModelTester(bench.pane.line_model, Fatal, bench.pane)


def test_progress_follows_waves_and_fills(bench: Bench) -> None:
    bench.wave(5_000)
    assert bench.cells(bench.pane.model, "waves") == ["1"]
    assert bench.cells(bench.pane.model, "sent") == ["50%"]
    child = next(o for o in bench.desk.state.orders.values() if o.parent_id)
    bench.desk.fill(child, child.qty)
    bench.renew()
    assert bench.cells(bench.pane.line_model, "pct") == ["50%", "0%"]
    assert bench.cells(bench.pane.line_model, "room") == ["500", "250"]


def test_wave_is_sent_with_the_share_and_the_reason(bench: Bench) -> None:
    bench.pane.share_box.setCurrentIndex(1)
    bench.pane.reason_edit.setText("index rebalance")
    bench.pane.wave_button.click()
    (sent,) = bench.still.sent()
    assert isinstance(sent, SendWave)
    assert (sent.basket_id, sent.share_bps, sent.reason) == ("b1", 2_500, "index rebalance")
    assert bench.said[-1][1] == "pending"


def test_cancel_takes_staged_lines_one_by_one(bench: Bench) -> None:
    bench.pane.cancel_button.click()
    assert {type(command) for command in bench.still.sent()} == {CancelOrder}
    assert len(bench.still.sent()) == 2


def test_cancel_takes_open_lines_in_one_command(bench: Bench) -> None:
    bench.wave(5_000)
    bench.pane.cancel_button.click()
    (sent,) = bench.still.sent()
    assert isinstance(sent, CancelOrders)
    assert len(sent.order_ids) == 2


def test_nothing_is_offered_that_can_not_be_done(bench: Bench) -> None:
    bench.wave(10_000)
    assert not bench.pane.wave_button.isEnabled()
    assert bench.pane.cancel_button.isEnabled()


def test_load_asks_with_a_dialog(bench: Bench) -> None:
    asked: list[QDialog] = []
    bench.pane.dialog_wanted.connect(asked.append)
    bench.pane.load_button.click()
    assert isinstance(asked[0], BasketDialog)


# -- the dialog ----------------------------------------------------------------------------------


def dialog(qtbot: QtBot, bench: Bench) -> BasketDialog:
    made = BasketDialog(bench.still.session)
    qtbot.addWidget(made)
    return made


def test_dialog_loads_what_was_pasted(qtbot: QtBot, bench: Bench) -> None:
    made = dialog(qtbot, bench)
    assert not made.load_button.isEnabled()
    QGuiApplication.clipboard().setText("symbol\tside\tqty\nACME\tbuy\t100\nBETA\tsell\t50\n")
    made.paste_button.click()
    assert made.load_button.text() == "Load 2 lines"
    made.name_edit.setText("Pasted")
    made.load_button.click()
    (sent,) = bench.still.sent()
    assert isinstance(sent, LoadBasket)
    assert (sent.name, len(sent.lines)) == ("Pasted", 2)
    assert made.result() == QDialog.DialogCode.Accepted


def test_dialog_marks_wrong_cells_and_loads_nothing(
    qtbot: QtBot, bench: Bench, tmp_path: Path
) -> None:
    made = dialog(qtbot, bench)
    file = tmp_path / "bad.csv"
    file.write_text("symbol,side,qty\nACME,buy,100\nNONE,buy,many\n")
    made.read(file)
    assert not made.load_button.isEnabled()
    assert "2 cells in 1 of 2 lines are wrong" in made.said.text()
    model = made.model
    assert isinstance(model, BasketPreviewModel)
    QAbstractItemModelTester(model, Fatal, made)
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    assert texts[1] == "✕ NONE"
    assert texts[3] == "✕ many"
    made.load()
    assert not bench.still.sent()


def test_dialog_says_why_a_file_can_not_be_read(qtbot: QtBot, bench: Bench, tmp_path: Path) -> None:
    made = dialog(qtbot, bench)
    file = tmp_path / "notes.pdf"
    file.write_text("x")
    made.read(file)
    assert "neither .csv nor .xlsx" in made.said.text()
    assert not made.load_button.isEnabled()


def test_dialog_takes_another_account_for_lines_without_one(qtbot: QtBot, bench: Bench) -> None:
    made = dialog(qtbot, bench)
    QGuiApplication.clipboard().setText("symbol\tqty\nACME\t100\n")
    made.paste_button.click()
    made.account_box.setCurrentIndex(1)
    made.load_button.click()
    (sent,) = bench.still.sent()
    assert sent.lines[0].account == made.account_box.itemText(1)  # type: ignore[union-attr]
