"""What the pages of the Continuity pane have in common: a table, and buttons under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.session.client import Session
from ui.continuity.keeper import OutageKeeper
from ui.tables.columns import Column
from ui.tables.live_table_model import LiveTableModel
from ui.tables.table_view import LiveTableView


class Page(QWidget):
    """One page.

    Attributes:
        model, table: its rows, and the view of them.
        hint: what stands beside the buttons.

    Signals:
        dialog_wanted: a question should be asked.
        message_raised: something to say in passing, with its tone.
    """

    dialog_wanted = Signal(QDialog)
    message_raised = Signal(str, str)

    def __init__(
        self,
        session: Session,
        keeper: OutageKeeper,
        columns: list[Column[Any]],
        key: Callable[[Any], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._keeper = session, keeper
        self.model: LiveTableModel[Any] = LiveTableModel(columns, key, self)
        self.table = LiveTableView(self.model, self)
        self.hint = QLabel(self)
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(8, 4, 8, 6)
        self.foot.setSpacing(6)
        self.foot.addWidget(self.hint, 1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(self.foot)
        self.table.selectionModel().selectionChanged.connect(self.show_chosen)
        self._shown: list[Any] = []

    def button(self, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        """Add a button to the foot."""
        made = QPushButton(text, self)
        made.setToolTip(tip)
        made.clicked.connect(lambda _=False: do())
        self.foot.addWidget(made)
        return made

    def chosen(self) -> list[Any]:
        """Return the selected rows."""
        rows = (self.model.row_for(key) for key in self.table.selected_keys())
        return [row for row in rows if row is not None]

    def put(self, rows: list[Any]) -> None:
        """Show these rows; those that are selected stay so."""
        if rows == self._shown:
            return
        keys = self.table.selected_keys()
        self._shown = rows
        self.model.reset(rows)
        self.table.select_keys(keys)

    def refresh(self) -> None:
        """Show how things stand now."""
        raise NotImplementedError

    def show_chosen(self) -> None:
        """Suit the foot to what is selected."""
