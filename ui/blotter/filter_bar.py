"""The row over a blotter: filter, chips, and what stands behind the three dots.

The filter's line is the one truth: a chip stands for a piece of its text, puts it in and takes it
out, and is lit while it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from ui.blotter.filter_completion import Completion, Values, complete
from ui.blotter.filter_edit import FilterEdit
from ui.tables.columns import Column
from ui.tables.filter_query import FilterQuery, Vocabulary, parse
from ui.ticket.labels import ElidedLabel

_APPLY_MS: Final = 120
# A mistake in the middle of a word is none yet.
_ERRORS_MS: Final = 700
SAVED_MAX: Final = 50
_NAME_MAX: Final = 24


@dataclass(frozen=True)
class Chip:
    """A piece of filter under a name; `is_whole` for a filter of one's own, which stands alone."""

    name: str
    text: str
    tip: str = ""
    is_whole: bool = False


class FilterBar(QWidget):
    """Filter line with completion, chips, a chooser of groups and a menu.

    Attributes:
        edit: the line.
        tree_button: switches the tree; shown where the owner says so.
        menu: what the three dots open; the owner adds to it.
        saved: the person's own filters.

    Signals:
        filter_changed: a filter was understood; carries the `FilterQuery`.
        group_chosen: rows are to be grouped by this column; "" for not at all.
        tree_chosen: rows are to be shown in families, or each for itself.
        state_changed: something that `save_state` holds has changed.
    """

    filter_changed = Signal(object)
    group_chosen = Signal(str)
    tree_chosen = Signal(bool)
    state_changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        vocabulary: Vocabulary,
        values: Values,
        chips: Sequence[Chip],
        groups: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._vocabulary = vocabulary
        self._values = values
        self._chips = tuple(chips)
        self.saved: list[Chip] = []
        self._buttons: list[tuple[Chip, QPushButton]] = []
        self._applied_text = ""
        self.edit = FilterEdit(self._complete, self)
        self.edit.setMinimumWidth(150)
        self._apply_timer = self._timer(_APPLY_MS, self._on_apply_due)
        self._errors_timer = self._timer(_ERRORS_MS, self.apply)
        self.edit.textChanged.connect(self._apply_timer.start)
        self.edit.textEdited.connect(self._errors_timer.start)
        self.edit.applied.connect(self.apply)
        self.error_label = ElidedLabel(self)
        self.error_label.setProperty("role", "error")
        self.error_label.hide()
        self._groups = [column for name in groups for column in columns if column.name == name]
        self._group = ""
        self._lay_out()
        self._make_chips()

    def _timer(self, delay_ms: int, action: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay_ms)
        timer.timeout.connect(action)
        return timer

    def _lay_out(self) -> None:
        self.group_button = QToolButton(self)
        self.group_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.group_button.setMenu(self._group_menu())
        self.group_button.setVisible(bool(self._groups))
        self._show_group()
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu_button = QToolButton(self)
        self.menu_button.setText("…")
        self.menu_button.setToolTip("Save the filter, export, columns")
        self.menu_button.setAccessibleName("More")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(self.menu)
        self.tree_button = QPushButton("Tree", self)
        self.tree_button.setProperty("role", "chip")
        self.tree_button.setCheckable(True)
        self.tree_button.setAccessibleName("Tree of care orders and slices")
        self.tree_button.clicked.connect(self.tree_chosen)
        self.tree_button.hide()
        for button in (self.tree_button, self.group_button, self.menu_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(4)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 6, 5)
        row.setSpacing(6)
        row.addWidget(self.edit, 2)
        row.addWidget(self.error_label, 3)
        row.addLayout(self._chip_row)
        row.addWidget(self.tree_button)
        row.addWidget(self.group_button)
        row.addWidget(self.menu_button)

    # -- the filter ----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The filter's text, as typed."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Put a filter in and apply it."""
        self.edit.setText(text)
        self.apply()

    def set_term(self, name: str, value: str) -> None:
        """Ask for rows whose column `name` is `value`, beside what is asked for already."""
        quoted = f'"{value}"' if " " in value or "," in value or not value else value
        self.set_text(_with_term(self.text, f"{name}:{quoted}"))

    def clear(self) -> None:
        """Show all rows."""
        self.set_text("")

    def focus_edit(self) -> None:
        """Put the cursor into the line."""
        self.edit.setFocus()
        self.edit.selectAll()

    @Slot()
    def _on_apply_due(self) -> None:
        """Apply what is understood; a mistake may be a word that is still being typed."""
        query = parse(self.text, self._columns, self._vocabulary)
        if isinstance(query, FilterQuery) or not self._errors_timer.isActive():
            self.apply()

    @Slot()
    def apply(self) -> None:
        """Apply the filter, or say what of it is not understood; the last one stays in force."""
        self._apply_timer.stop()
        query = parse(self.text, self._columns, self._vocabulary)
        errors = query if isinstance(query, list) else []
        if errors and self._errors_timer.isActive() and self.edit.is_completing:
            return
        self._errors_timer.stop()
        self.edit.show_errors(errors)
        self.error_label.setText(errors[0].reason if errors else "")
        self.error_label.setToolTip("\n".join(error.reason for error in errors))
        self.error_label.setVisible(bool(errors))
        self._show_chips()
        if isinstance(query, FilterQuery) and query.text != self._applied_text:
            self._applied_text = query.text
            self.filter_changed.emit(query)
            self.state_changed.emit()

    def _complete(self, text: str, cursor: int) -> Completion:
        return complete(text, cursor, self._columns, self._vocabulary, self._values)

    # -- chips ---------------------------------------------------------------------------------

    def _make_chips(self) -> None:
        for _, button in self._buttons:
            button.deleteLater()
        self._buttons = [(chip, self._chip_button(chip)) for chip in (*self._chips, *self.saved)]
        self._show_chips()

    def _chip_button(self, chip: Chip) -> QPushButton:
        button = QPushButton(chip.name, self)
        button.setProperty("role", "chip")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(f"{chip.tip}\n{chip.text}" if chip.tip else chip.text)
        button.setAccessibleName(f"Filter {chip.name}")
        button.clicked.connect(lambda is_on, chip=chip: self._on_chip_clicked(chip, is_on))
        if chip.is_whole:
            button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            remove = button.addAction(f"Remove the filter {chip.name}")
            remove.triggered.connect(lambda _=False, name=chip.name: self.remove_saved(name))
        self._chip_row.addWidget(button)
        return button

    def _on_chip_clicked(self, chip: Chip, is_on: bool) -> None:
        if chip.is_whole:
            self.set_text(chip.text if is_on else "")
        elif is_on:
            rivals = [c.text for c in self._chips if _name_of(c.text) == _name_of(chip.text)]
            self.set_text(_with_term(_without(self.text, *rivals), chip.text))
        else:
            self.set_text(_without(self.text, chip.text))

    def _show_chips(self) -> None:
        """Light the chips that the line says, and show as many as there is room for."""
        words = self.text.split()
        has_error = not self.error_label.isHidden()
        room = self.width() - self._room_of_others()
        for chip, button in self._buttons:
            is_on = self.text.split() == chip.text.split() if chip.is_whole else chip.text in words
            button.setChecked(is_on)
            room -= button.sizeHint().width() + self._chip_row.spacing()
            button.setVisible(not has_error and room >= 0)

    def _room_of_others(self) -> int:
        """Return what the row needs beside the chips: half of it is the line's, up to a limit."""
        line = min(260, max(self.edit.minimumWidth(), self.width() * 2 // 5))
        others = self.group_button.sizeHint().width() * bool(self._groups)
        if not self.tree_button.isHidden():
            others += self.tree_button.sizeHint().width() + 6
        return line + others + self.menu_button.sizeHint().width() + 40

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many chips as there is room for."""
        super().resizeEvent(event)
        self._show_chips()

    def minimumSizeHint(self) -> QSize:
        """Chips that don't fit are hidden, so they ask for no room."""
        return QSize(self._room_of_others() // 2, super().minimumSizeHint().height())

    # -- filters of one's own ------------------------------------------------------------------

    def add_filter_actions(self) -> None:
        """Put all filters, and saving and removing one's own, into the menu."""
        self._filters_menu = self.menu.addMenu("Filters")
        self._filters_menu.setToolTipsVisible(True)
        self._save_action = self.menu.addAction("Save this filter…")
        self._save_action.triggered.connect(self._on_save_asked)
        self.menu.aboutToShow.connect(self._on_menu_opened)
        self.menu.addSeparator()

    @Slot()
    def _on_menu_opened(self) -> None:
        """List every filter: a narrow row has no room for all chips."""
        self._save_action.setEnabled(bool(self.text.strip()) and self.error_label.isHidden())
        menu = self._filters_menu
        menu.clear()
        menu.setEnabled(bool(self._buttons))
        for chip, button in self._buttons:
            action = menu.addAction(chip.name)
            action.setToolTip(chip.text)
            action.setCheckable(True)
            action.setChecked(button.isChecked())
            action.triggered.connect(lambda is_on, chip=chip: self._on_chip_clicked(chip, is_on))
        menu.addSeparator()
        for chip in self.saved:
            action = menu.addAction(f"Remove {chip.name}")
            action.triggered.connect(lambda _=False, name=chip.name: self.remove_saved(name))

    @Slot()
    def _on_save_asked(self) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Save filter")
        dialog.setLabelText(f"A name for  {self.text.strip()}")
        dialog.textValueSelected.connect(self.save_as)
        dialog.open()

    @Slot(str)
    def save_as(self, name: str) -> None:
        """Keep the present filter as a chip; one of that name is replaced."""
        name, text = name.strip()[:_NAME_MAX], self.text.strip()
        if not name or not text:
            return
        others = [chip for chip in self.saved if chip.name != name]
        self.saved = [*others, Chip(name, text, is_whole=True)][-SAVED_MAX:]
        self._make_chips()
        self.state_changed.emit()

    def remove_saved(self, name: str) -> None:
        """Forget a saved filter; what it shows stays."""
        self.saved = [chip for chip in self.saved if chip.name != name]
        self._make_chips()
        self.state_changed.emit()

    # -- groups --------------------------------------------------------------------------------

    def _group_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("No groups").triggered.connect(lambda: self.set_group(""))
        for column in self._groups:
            action = menu.addAction(column.title)
            action.triggered.connect(lambda _=False, name=column.name: self.set_group(name))
        return menu

    @property
    def group(self) -> str:
        """The column that rows are grouped by, "" for none."""
        return self._group

    def set_group(self, name: str) -> None:
        """Ask for rows to be grouped by a column of the chooser; "" for none."""
        if not name or name in {column.name for column in self._groups}:
            self.group_chosen.emit(name)

    def show_group(self, name: str) -> None:
        """Say which column rows are grouped by."""
        self._group = name
        self._show_group()

    def _show_group(self) -> None:
        title = next((c.title for c in self._columns if c.name == self._group), "")
        self.group_button.setText(f"By {title.lower()} ▾" if title else "Group ▾")
        self.group_button.setToolTip("Group rows, with subtotals")
        self.group_button.setAccessibleName("Group rows by")

    # -- the tree ------------------------------------------------------------------------------

    def offer_tree(self, tip: str) -> None:
        """Show the button that switches the tree; `tip` explains it."""
        self.tree_button.setToolTip(tip)
        self.tree_button.show()
        self._show_chips()

    # -- state ---------------------------------------------------------------------------------

    def save_state(self) -> dict[str, Any]:
        """Return the filter and the saved ones, as JSON can hold them."""
        saved = [{"name": chip.name, "text": chip.text} for chip in self.saved]
        return {"filter": self._applied_text, "saved": saved}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `save_state` returned; what is broken is left be."""
        entries = state.get("saved")
        self.saved = [
            Chip(entry["name"][:_NAME_MAX], entry["text"], is_whole=True)
            for entry in (entries if isinstance(entries, list) else [])[:SAVED_MAX]
            if isinstance(entry, dict)
            and isinstance(entry.get("name"), str)
            and isinstance(entry.get("text"), str)
            and entry["name"]
        ]
        self._make_chips()
        text = state.get("filter")
        if isinstance(text, str):
            self.set_text(text)


def _name_of(term: str) -> str:
    return term.partition(":")[0]


def _without(text: str, *terms: str) -> str:
    return " ".join(word for word in text.split() if word not in terms)


def _with_term(text: str, term: str) -> str:
    """Return `text` with `term` at its end, once."""
    return f"{_without(text, term)} {term}".strip()
