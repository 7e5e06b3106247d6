"""The live Fills blotter: every execution of the day, as it happens."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from app.core.decide.executions import authority_objection
from app.session.client import Session
from app.session.step import Changed
from models.executions import Execution
from ui.blotter.fill_columns import fill_columns
from ui.blotter.filter_bar import Chip
from ui.blotter.pane import BlotterPane
from ui.blotter.signs import short_money, signed_tenths
from ui.blotter.words import fill_words, known_values
from ui.desk.questions import ask_bust, ask_correct

_ANY_NOTE: Final = "-"  # whether they may at all; why is asked later
CHIPS: Final = (
    Chip("Mine", "trader:me", "Fills of orders that I entered"),
    Chip("Buys", "side:buy", "What was bought"),
    Chip("Sales", "side:sell,short", "What was sold, short sales too"),
)
GROUPS: Final = ("symbol", "trader", "account", "side", "order")


class FillsPane(BlotterPane):
    """Fills blotter with its filter and totals.

    Signals:
        order_wanted: a fill's order should be shown; carries its id.
        dialog_wanted: a question should be asked.
    """

    help_page: ClassVar[str] = "fills"
    noun: ClassVar[str] = "fill"
    has_totals: ClassVar[bool] = True

    order_wanted = Signal(str)
    dialog_wanted = Signal(QDialog)

    def __init__(self, session: Session, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        core = session.core
        super().__init__(
            session,
            zone,
            fill_columns(core, zone),
            lambda fill: fill.exec_id,
            title="Fills",
            vocabulary=fill_words(core, zone),
            values=known_values(core),
            chips=CHIPS,
            groups=GROUPS,
            parent=parent,
        )
        self.bar.edit.setPlaceholderText("symbol:aapl notional>100k slip>2")
        self.table.set_empty_text("No fills yet", "Each execution shows here as it happens")
        self.table.sortByColumn(self.model.column_index("time"), Qt.SortOrder.DescendingOrder)
        self._known: set[str] = set()
        self._take_in(core.state.executions)  # it may be opened in the middle of the day
        session.listeners.append(self.on_changed)

    def on_changed(self, changed: Changed) -> None:
        """Take in the executions that are new; corrections and busts change the rest."""
        executions = self._session.core.state.executions
        if changed.reference:
            self._known = set(executions)
            self.model.reset(executions.values())
        elif changed.orders:
            self._take_in(executions)

    def _take_in(self, executions: dict[str, Execution]) -> None:
        fresh: list[Execution] = []
        for exec_id in reversed(executions):  # the newest are last
            if exec_id in self._known:
                break
            fresh.append(executions[exec_id])
        self._known.update(fill.exec_id for fill in fresh)
        if fresh:
            self.model.upsert(reversed(fresh))
        if len(self._known) != len(executions):
            gone = self._known - executions.keys()
            self._known -= gone
            self.model.remove(gone)

    def figures(self) -> list[str]:
        """Return what was traded, and what it cost against arrival."""
        notional, slip = self.total_of("notional"), self.total_of("slip")
        return [
            "" if notional is None else f"notional {short_money(notional)}",
            "" if slip is None else f"slip {signed_tenths(slip)} bp",
        ]

    def activate(self, row: Any) -> None:
        """Show the fill's order."""
        self.order_wanted.emit(row.order_id)

    def fill_row_menu(self, menu: QMenu, row: Any) -> None:
        """Show the order; for those with authority, bust and correct the fill."""
        order_id = row.order_id
        menu.addAction(f"Show order {order_id}").triggered.connect(
            lambda: self.order_wanted.emit(order_id)
        )
        core = self._session.core
        if authority_objection(core.state, core.login, row.exec_id, _ANY_NOTE):
            return
        session = self._session
        menu.addAction("Correct…").triggered.connect(
            lambda: self.dialog_wanted.emit(ask_correct(session, row, self))
        )
        menu.addAction("Bust…").triggered.connect(
            lambda: self.dialog_wanted.emit(ask_bust(session, row, self))
        )
        menu.addSeparator()

    def fill_filter_menu(self, menu: QMenu, row: Any) -> None:
        """Filter by order and account."""
        for name, value in (("order", row.order_id), ("account", row.account)):
            menu.addAction(f"Only {value}").triggered.connect(
                lambda _=False, name=name, value=value: self.bar.set_term(name, value.lower())
            )
