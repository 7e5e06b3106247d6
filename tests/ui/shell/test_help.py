"""Help: every pane has a page, pages link to pages that are there, and the search finds them."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import resources
from ui.actions import ACTIONS
from ui.main_window import MainWindow
from ui.shell.help_pages import HelpPages, keys_page
from ui.shell.help_pane import HelpPane
from ui.shell.keymap import KeyMap
from ui.shell.panes import PANES

PAGES = HelpPages(KeyMap())


def test_every_pane_has_a_page_of_its_own() -> None:
    assert [spec.name for spec in PANES if spec.help_page not in PAGES.names] == []


@pytest.mark.parametrize("name", PAGES.names)
def test_links_of_a_page_lead_to_pages_and_pictures_that_are_there(name: str) -> None:
    text = PAGES.text(name)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    missing = [
        target
        for target in targets
        if not target.startswith("http")
        and target.removesuffix(".md") not in PAGES.names
        and not resources.path("help", target).exists()
    ]
    assert missing == []
    assert PAGES.title(name)


def test_index_names_every_page() -> None:
    index = PAGES.text("index")
    assert [name for name in PAGES.names if name != "index" and f"({name}.md)" not in index] == []


def test_keys_page_has_every_action_with_the_keys_in_force() -> None:
    keymap = KeyMap()
    keymap.set("theme", ("F9",))
    page = keys_page(keymap)
    assert [action.title for action in ACTIONS if action.title not in page] == []
    assert "**F9** | Dark or light *(changed)*" in page


def test_page_that_is_not_there_says_so() -> None:
    assert "no page" in PAGES.text("nosuch")
    assert "no page" in PAGES.text("../../pyproject")


def test_search_finds_pages_with_all_words_titles_first() -> None:
    hits = PAGES.search("order ticket")
    assert hits[0].page == "ticket"
    assert all(hit.excerpt for hit in hits)
    assert PAGES.search("zzzz-no-such-word") == []
    assert PAGES.search("   ") == []


def test_f1_shows_the_page_of_the_pane_that_has_the_keyboard(
    window: MainWindow, qapp: QApplication
) -> None:
    window.activateWindow()
    window.go_to("alerts")
    QTest.keyClick(window, Qt.Key.Key_F1)
    pane = window.pane("help")
    assert isinstance(pane, HelpPane)
    assert pane.page == "alerts"
    assert window.is_seen("help")
    QTest.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert pane.page == "keys"


def test_link_opens_its_page_and_back_returns(qtbot: QtBot) -> None:
    pane = HelpPane(PAGES)
    qtbot.addWidget(pane)
    pane.browser.anchorClicked.emit(QUrl("ticket.md"))
    assert pane.page == "ticket"
    pane.browser.anchorClicked.emit(QUrl("nosuch.md"))
    assert pane.page == "ticket"
    pane.go_back()
    assert pane.page == "index"


def test_search_shows_hits_and_an_emptied_line_the_page_again(qtbot: QtBot) -> None:
    pane = HelpPane(PAGES)
    qtbot.addWidget(pane)
    pane.show_page("ticket")
    before = pane.browser.toPlainText()
    pane.search_edit.setText("acknowledge")
    assert "page" in pane.browser.toPlainText().splitlines()[0]
    pane.search_edit.clear()
    assert pane.browser.toPlainText() == before


def test_page_comes_back_as_it_was_left(qtbot: QtBot) -> None:
    pane, other = HelpPane(PAGES), HelpPane(PAGES)
    qtbot.addWidget(pane)
    qtbot.addWidget(other)
    pane.show_page("ticket")
    other.restore_state(pane.save_state())
    assert other.page == "ticket"
    other.restore_state({"page": "nosuch"})
    assert other.page == "ticket"


def test_escape_leaves_the_help_for_where_one_was(window: MainWindow, qapp: QApplication) -> None:
    window.activateWindow()
    window.go_to("alerts")
    QTest.keyClick(window, Qt.Key.Key_F1)
    QTest.keyClick(window.pane("help").browser, Qt.Key.Key_Escape)  # type: ignore[attr-defined]
    assert window.docks["help"].isHidden()
    assert window.current_pane == "alerts"


def test_pages_name_pictures_that_are_there_in_both_looks() -> None:
    folder = resources.path("help")
    named = {
        found
        for page in folder.glob("*.md")
        for found in re.findall(r"\((images/[^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    for picture in named:
        assert (folder / picture).is_file(), picture
        assert (folder / picture.replace("-dark-", "-light-")).is_file(), picture
