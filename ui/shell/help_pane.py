"""The help pane: one page at a time, links between them, an index and a search."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar, Final

from PySide6.QtCore import QEvent, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import resources
from ui import theme
from ui.shell.help_pages import INDEX, HelpPages
from ui.shell.help_typography import set_page, set_width

_BACK_MAX = 50
_DARK_PICTURE: Final = re.compile(r"(\(images/[a-z-]+)-dark-")


class HelpPane(QFrame):
    """Shows help.

    Attributes:
        browser: the page.
        search_edit: what is searched for, in all pages.
        page: the name of the page that is shown.
    """

    help_page: ClassVar[str] = INDEX

    def __init__(self, pages: HelpPages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._pages = pages
        self._before: list[str] = []
        self.page = INDEX
        self._back = self._button("←", "The page before (Alt+Left)", self.go_back)
        contents = self._button("☰", "All pages", self._show_contents)
        self.search_edit = QLineEdit(self)
        self.search_edit.setPlaceholderText("Search the help")
        self.search_edit.setAccessibleName("Search the help")
        self.search_edit.setClearButtonEnabled(True)
        self.search_edit.textChanged.connect(self._on_searched)
        self.browser = QTextBrowser(self)
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setProperty("role", "page")
        self.browser.setOpenLinks(False)
        self.browser.setAccessibleName("Help page")
        self.browser.setSearchPaths([str(resources.path("help"))])
        self.browser.anchorClicked.connect(self._on_link)
        self.browser.document().setDocumentMargin(10)
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 8, 4)
        top.setSpacing(4)
        for widget in (self._back, contents):
            top.addWidget(widget)
        top.addWidget(self.search_edit, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.browser, 1)
        self._show()

    def _button(self, text: str, tip: str, do: Any) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(do)
        return button

    def show_page(self, name: str) -> None:
        """Show a page."""
        if name != self.page:
            self._before = [*self._before, self.page][-_BACK_MAX:]
            self.page = name
        if self.search_edit.text():
            self.search_edit.blockSignals(True)
            self.search_edit.clear()
            self.search_edit.blockSignals(False)
        self._show()

    @Slot()
    def _show_contents(self) -> None:
        self.show_page(INDEX)

    @Slot()
    def go_back(self) -> None:
        """Show the page before this one."""
        if self._before:
            self.page = self._before.pop()
            self._show()

    def focus_pane(self) -> None:
        """Put the keyboard on the page."""
        self.browser.setFocus()

    def save_state(self) -> dict[str, Any]:
        """Return which page is shown."""
        return {"page": self.page}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Show the page that was."""
        page = state.get("page")
        if isinstance(page, str) and page in self._pages.names:
            self.page = page
            self._show()

    def _show(self) -> None:
        self._put(self._pages.text(self.page))
        self._back.setEnabled(bool(self._before))

    def _put(self, markdown: str) -> None:
        document = self.browser.document()
        document.setDefaultFont(theme.ui_font())
        # Every picture is there in a dark and a light version; the pages name the dark one.
        look = "dark" if theme.current().is_dark else "light"
        self.browser.setMarkdown(_DARK_PICTURE.sub(rf"\1-{look}-", markdown))
        set_page(document)
        set_width(document, self.browser.viewport().width())
        self.browser.verticalScrollBar().setValue(0)

    @Slot(str)
    def _on_searched(self, typed: str) -> None:
        if not typed.strip():
            self._show()
            return
        hits = self._pages.search(typed)
        lines = [f"**{len(hits)} page{'' if len(hits) == 1 else 's'}**", ""]
        lines += [f"- [{hit.title}]({hit.page}.md)  \n  {escape(hit.excerpt)}" for hit in hits]
        if not hits:
            lines += ["No page holds all of these words. Try fewer. [All pages](index.md)"]
        self._put("\n".join(lines))

    @Slot(QUrl)
    def _on_link(self, url: QUrl) -> None:
        name = url.fileName().removesuffix(".md")
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif name in self._pages.names:
            self.show_page(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Left goes back; the rest is Qt's."""
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Left and is_alt:
            self.go_back()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep lines no longer than can be read."""
        super().resizeEvent(event)
        set_width(self.browser.document(), self.browser.viewport().width())

    def changeEvent(self, event: QEvent) -> None:
        """Links take the new theme's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "browser"):
            self._show()
