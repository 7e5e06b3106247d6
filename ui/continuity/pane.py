"""The Continuity pane: what is down and since when, what is known, what to do, and the return."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.continuity.manual import waiting
from app.continuity.outage import LogLine
from app.continuity.tables import clock, contacts_table, orders_table, report
from app.session.client import Session
from models.errors import BadInput
from ui.continuity.columns import log_columns
from ui.continuity.keeper import OutageKeeper
from ui.continuity.notices_page import NoticesPage
from ui.continuity.orders_page import OrdersPage
from ui.continuity.page import Page
from ui.continuity.phone_page import PhonePage
from ui.continuity.return_page import ReturnPage
from ui.continuity.saving import Sheet, ask_path, ask_printer, save_sheet
from ui.continuity.words import Fact, facts, known_words
from ui.market.freshness import age_words


class LogPage(Page):
    """Everything that happened and was done, and a line for more.

    Attributes:
        note_edit: what else was done; Enter puts it into the log.
    """

    def __init__(
        self, session: Session, keeper: OutageKeeper, zone: ZoneInfo, parent: QWidget
    ) -> None:
        super().__init__(session, keeper, log_columns(zone), _log_key, parent)
        self.table.setAccessibleName("Log of the outage")
        self.table.set_empty_text("No outage yet", "What happens in one is logged here")
        self.hint.hide()
        self.note_edit = QLineEdit(self)
        self.note_edit.setMaxLength(500)
        self.note_edit.setAccessibleName("A line for the log")
        self.note_edit.setPlaceholderText("What was done, such as: called Harbour, all confirmed")
        self.note_edit.returnPressed.connect(self.add)
        self.foot.addWidget(self.note_edit, 1)
        self.refresh()

    def refresh(self) -> None:
        """Show the log as it is now."""
        outage = self._keeper.outage
        lines: list[LogLine] = list(outage.log) if outage is not None else []
        self.put(lines)
        self.note_edit.setEnabled(outage is not None)

    def add(self) -> None:
        """Put what is typed into the log."""
        if text := self.note_edit.text().strip():
            self._keeper.note(text)
            self.note_edit.clear()
            self.refresh()


class ContinuityPane(QFrame):
    """What to do while systems are down.

    Attributes:
        headline, known_label: how it stands in one line; as of when what is shown is true.
        orders, phone, back, notices, log: its pages.
        paper_button: prints and saves.

    Signals:
        dialog_wanted: a question should be asked.
        message_raised: something to say in passing, with its tone.
    """

    help_page: ClassVar[str] = "continuity"

    dialog_wanted = Signal(QDialog)
    message_raised = Signal(str, str)

    def __init__(
        self,
        session: Session,
        keeper: OutageKeeper,
        zone: ZoneInfo,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._session, self._keeper, self._zone = session, keeper, zone
        self.headline, self.known_label = QLabel(self), QLabel(self)
        self.headline.setProperty("role", "headline")
        self.headline.setWordWrap(True)
        self.known_label.setProperty("role", "muted")
        self.known_label.setWordWrap(True)
        self._facts = [(QLabel(self), QLabel(self), QLabel(self)) for _ in range(3)]
        self.orders = OrdersPage(session, keeper, zone, self)
        self.phone = PhonePage(session, keeper, zone, self)
        self.back = ReturnPage(session, keeper, self)
        self.notices = NoticesPage(session, keeper, zone, self)
        self.log = LogPage(session, keeper, zone, self)
        self._pages: dict[str, QWidget] = {
            "Open orders": self.orders,
            "Telephone": self.phone,
            "On return": self.back,
            "Notices": self.notices,
            "Log": self.log,
        }
        for page in (self.orders, self.phone, self.back, self.log):
            page.dialog_wanted.connect(self.dialog_wanted)
            page.message_raised.connect(self.message_raised)
        self._lay_out()
        keeper.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 6)
        top.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.headline, 1)
        head.addWidget(self._build_menu())
        top.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for row, (sign, name, words) in enumerate(self._facts):
            name.setProperty("role", "title")
            words.setWordWrap(True)
            for column, label in enumerate((sign, name, words)):
                grid.addWidget(label, row, column)
        top.addLayout(grid)
        top.addWidget(self.known_label)
        body = QVBoxLayout(self)
        body.setContentsMargins(1, 1, 1, 1)
        body.setSpacing(0)
        body.addLayout(top)
        body.addLayout(self._build_tools())
        body.addWidget(self._stack, 1)

    def _build_tools(self) -> QHBoxLayout:
        self._stack = QStackedWidget(self)
        self._chips: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 0, 8, 4)
        tools.setSpacing(4)
        for title, page in self._pages.items():
            self._stack.addWidget(page)
            chip = QPushButton(title, self)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, title=title: self.show_page(title))
            group.addButton(chip)
            tools.addWidget(chip)
            self._chips[title] = chip
        tools.addStretch(1)
        self._chips["Open orders"].setChecked(True)
        return tools

    def _build_menu(self) -> QPushButton:
        self.paper_button = QPushButton("Print or save", self)
        self.paper_button.setToolTip("Open orders and contacts, or the whole outage's report")
        menu = QMenu(self.paper_button)
        for text, do in (
            ("Print open orders and contacts…", self.ask_print),
            ("Save open orders and contacts…", self.ask_save_orders),
            ("Save the outage's report…", self.ask_save_report),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, do=do: do())
        self.paper_button.setMenu(menu)
        return self.paper_button

    def focus_pane(self) -> None:
        """Put the keyboard on the page that is shown."""
        page = self._stack.currentWidget()
        target = page.table if isinstance(page, Page) else self.notices.text_edit
        target.setFocus()

    def show_page(self, title: str) -> None:
        """Show one of the pages."""
        self._chips[title].setChecked(True)
        self._stack.setCurrentWidget(self._pages[title])
        self.refresh()

    def save_state(self) -> dict[str, Any]:
        """Return which page is shown."""
        return {"page": next(t for t, p in self._pages.items() if p is self._stack.currentWidget())}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Show the page that was shown."""
        if state.get("page") in self._pages:
            self.show_page(str(state["page"]))

    def showEvent(self, event: QShowEvent) -> None:
        """Take up what came while nobody looked."""
        super().showEvent(event)
        self.refresh()

    # -- how it stands -------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Show how things stand, if anybody looks."""
        if not self.isVisible():
            return
        keeper, now = self._keeper, self._keeper.now_ts
        found = facts(self._session, keeper.outage, now, self._zone, keeper.no_engine_ts)
        words, role = self._headline(found)
        _say(self.headline, words, role)
        for labels, fact in zip(self._facts, found, strict=True):
            _show_fact(labels, fact)
        self.known_label.setText(known_words(self._session, now, self._zone))
        page = self._stack.currentWidget()
        if isinstance(page, Page):
            page.refresh()
        self._count()

    def _headline(self, found: list[Fact]) -> tuple[str, str]:
        keeper, outage = self._keeper, self._keeper.outage
        if outage is not None and keeper.is_returning:
            lasted = age_words(outage.ended_ts - outage.started_ts)
            objection = keeper.objection
            what = "look at its lines" if objection else "resume trading"
            return f"The store is back after {lasted}: {what}", "headline"
        if outage is not None and keeper.is_lost and keeper.is_open:
            lost = age_words(keeper.now_ts - outage.started_ts)
            return f"The store has been lost for {lost}: work by telephone", "headline"
        if any(fact.is_down for fact in found):
            return "Something is down", "headline"
        return "All systems answer", "headline"

    def _count(self) -> None:
        outage = self._keeper.outage
        left = sum(not line.is_settled for line in outage.lines) if outage is not None else 0
        counts = {
            "Open orders": self.orders.count,
            "Telephone": waiting(self._keeper.drafts),
            "On return": left if self._keeper.is_open else 0,
        }
        for title, count in counts.items():
            self._chips[title].setText(f"{title} {count:,}" if count else title)

    # -- on paper, and in files ----------------------------------------------------------------

    def orders_sheet(self) -> Sheet:
        """Return open orders and contacts as a sheet."""
        brokers, core = self._keeper.contacts.brokers, self._session.core
        told = {
            "Desk": core.desk,
            "Known as of": clock(core.store_ts, self._zone),
            "Printed": clock(self._keeper.now_ts, self._zone),
        }
        tables = (orders_table(self.orders.orders, brokers, self._zone), contacts_table(brokers))
        return Sheet(f"Open orders of desk {core.desk}", told, tables)

    def report_sheet(self) -> Sheet | None:
        """Return the whole outage as a sheet, `None` where there was none."""
        outage = self._keeper.outage
        if outage is None:
            return None
        told, tables = report(outage, self._keeper.drafts, self._zone)
        return Sheet(f"Outage of desk {outage.desk}", told, tables)

    def ask_print(self) -> None:
        """Ask which printer, and print."""
        ask_printer(self, self.orders_sheet(), lambda: self._keeper.note("Printed the open orders"))

    def ask_save_orders(self) -> None:
        """Ask where to save the open orders."""
        dialog = ask_path(self, "Save the open orders", "open-orders.pdf")
        dialog.fileSelected.connect(lambda path: self.save(self.orders_sheet(), Path(path)))
        dialog.open()

    def ask_save_report(self) -> None:
        """Ask where to save the report."""
        sheet = self.report_sheet()
        if sheet is None:
            self.message_raised.emit("There was no outage to report.", "warning")
            return
        dialog = ask_path(self, "Save the outage's report", "outage.pdf")
        dialog.fileSelected.connect(lambda path: self.save(sheet, Path(path)))
        dialog.open()

    def save(self, sheet: Sheet, path: Path) -> None:
        """Save a sheet, and say so."""
        try:
            save_sheet(sheet, path)
        except BadInput as error:
            self.message_raised.emit(str(error), "blocked")
            return
        self.message_raised.emit(f"Saved {sheet.title.lower()} to {path}", "good")
        self._keeper.note(f"Saved {path.name}")


def _log_key(line: LogLine) -> str:
    return f"{line.ts}|{line.text}"


_ROLES = {"gain": "good", "blocked": "error", "warning": "warning", "pending": "pending"}


def _show_fact(labels: tuple[QLabel, QLabel, QLabel], fact: Fact) -> None:
    for label, text in zip(labels, (fact.sign, fact.name, fact.words), strict=True):
        if label.text() != text:
            label.setText(text)
    _dress(labels[0], _ROLES.get(fact.tone, "muted"))


def _say(label: QLabel, text: str, role: str) -> None:
    if label.text() != text:
        label.setText(text)
    _dress(label, role)


def _dress(label: QLabel, role: str) -> None:
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().polish(label)
