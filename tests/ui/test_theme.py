"""The themes can be read, and are applied and changed while running."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui import theme

CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3
TEXTS = (
    "text",
    "muted",
    "accent",
    "buy",
    "sell",
    "gain",
    "loss",
    "blocked",
    "warning",
    "pending",
    "stale",
)
GROUNDS = ("window", "surface", "alternate", "raised")

every_theme = pytest.mark.parametrize("look", theme.THEMES.values(), ids=lambda look: look.name)


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_faint(look: theme.Theme, pairs: list[tuple[str, QColor]]) -> list[tuple[str, float]]:
    found = ((text, contrast(look.colour(text), ground)) for text, ground in pairs)
    return [(text, round(ratio, 2)) for text, ratio in found if ratio < CONTRAST_MIN]


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast(QColor("#000000"), QColor("#FFFFFF")) == pytest.approx(21.0)


@every_theme
def test_text_on_every_ground_has_enough_contrast(look: theme.Theme) -> None:
    pairs = [(text, look.colour(g)) for text, g in itertools.product(TEXTS, GROUNDS)]
    assert too_faint(look, pairs) == []


@every_theme
def test_lifted_text_on_selection_and_glow_has_enough_contrast(look: theme.Theme) -> None:
    rows = [look.colour(name) for name in ("surface", "alternate", "selection")]
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    # A glow fades into the row's ground: each step between them is a ground too.
    grounds = [theme.blend(row, look.colour("glow"), step) for row in rows for step in steps]
    pairs = [(f"{text}+", ground) for text, ground in itertools.product(TEXTS, grounds)]
    assert too_faint(look, pairs) == []


@every_theme
def test_text_on_bars_and_send_buttons_has_enough_contrast(look: theme.Theme) -> None:
    pairs = [
        ("text", look.colour("bar")),
        ("text+", look.colour("bar_selected")),
        ("on_send", look.colour("send")),
        ("on_send", look.colour("send_sell")),
        ("text", look.colour("selection")),
        ("window", look.colour("blocked")),  # the strip that says what is wrong, and a halt
        ("muted+", look.colour("selection")),  # the palette's chosen line
    ]
    assert too_faint(look, pairs) == []


@every_theme
def test_selection_is_neutral_beside_a_buy(look: theme.Theme) -> None:
    selection = look.colour("selection").hsvSaturationF()
    assert selection < look.colour("buy").hsvSaturationF() * 0.75


def test_colour_of_alias_is_that_of_what_it_means() -> None:
    assert theme.DARK.colour("rejected") == theme.DARK.colour("blocked")
    assert theme.DARK.colour("short+") == theme.DARK.colour("sell+")


def test_colour_of_unknown_name_raises() -> None:
    with pytest.raises(KeyError, match="name"):
        theme.DARK.colour("name")


def test_colour_asked_twice_is_the_same_object() -> None:
    assert theme.DARK.brush("buy") is theme.DARK.brush("buy")
    assert theme.DARK.colour("buy") is theme.DARK.colour("buy")


@every_theme
def test_style_sheet_has_every_colour_and_no_rule_for_items(look: theme.Theme) -> None:
    sheet = theme.style_sheet(look)
    assert "$" not in sheet
    assert look.accent in sheet
    assert "QTableView::item" not in sheet
    assert "QAbstractItemView::item" not in sheet


def test_apply_changes_theme_while_running(
    qapp: QApplication, dark: theme.Theme, qtbot: QtBot
) -> None:
    assert theme.current() is dark
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.show()
    theme.apply(qapp, theme.LIGHT)
    assert theme.current() is theme.LIGHT
    assert theme.colour("buy") == QColor(theme.LIGHT.buy)
    assert pane.palette().color(QPalette.ColorRole.Window) == QColor(theme.LIGHT.window)
    assert theme.LIGHT.surface in qapp.styleSheet()


def test_ui_font_has_figures_of_one_width(qapp: QApplication) -> None:
    for weight in (QFont.Weight.Normal, QFont.Weight.DemiBold):
        font = theme.table_font()
        font.setWeight(weight)
        metrics = QFontMetrics(font)
        widths = {metrics.horizontalAdvance(str(figure) * 8) for figure in range(10)}
        assert len(widths) == 1


def test_app_font_stays_tabular_under_style_sheet(qapp: QApplication, dark: theme.Theme) -> None:
    button = QPushButton("1,000")
    button.setProperty("role", "send")  # a rule that changes the weight
    button.ensurePolished()
    assert button.font().weight() == QFont.Weight.DemiBold
    assert button.font().isFeatureSet(QFont.Tag("tnum"))
