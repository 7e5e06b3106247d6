"""How the desktop looks: palettes, fonts, and one compact style sheet for the application.

Colours are looked up by what they mean (`colour("buy")`, `brush("warning")`), never by value. Every
text colour reads on every ground that it is put on: `tests/ui/test_theme.py` computes the
contrasts (WCAG 2.2, 1.4.3: at least 4.5:1). Colour never speaks alone: what is tinted also carries
a sign or a word.

Widgets opt into a role with a dynamic property, set before they are shown:
`role` = `send`, `send_sell`, `buy`, `sell`, `kill` or `chip` on buttons;
`bar`, `panel`, `cell` on frames and widgets;
`muted`, `title`, `error`, `warning`, `good`, `buy`, `sell` on labels; `command` on line edits;
`invalid` = `true` on inputs whose text can't be taken, `soft` where it wants a reason.

After `apply` a widget that holds colours of its own looks them up again in `changeEvent`, on
`QEvent.Type.PaletteChange`.
"""

from __future__ import annotations

import atexit
import functools
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from string import Template
from tempfile import TemporaryDirectory
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QImage,
    QPainter,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QApplication

import resources

FONT_PX: Final = 13
TABLE_FONT_PX: Final = 12
ROW_PX: Final = 22
ROW_PX_COMPACT: Final = 18
LIFT: Final = 0.3

_SANS: Final = ("Inter", "IBM Plex Sans")
_MONO: Final = ("JetBrains Mono", "IBM Plex Mono", "DejaVu Sans Mono", "Menlo", "Consolas")

# Names that mean the same colour as another.
_SAME_AS: Final = {
    "short": "sell",
    "rejected": "blocked",
    "kill": "blocked",
    "working": "gain",
    "info": "accent",
}


@dataclass(frozen=True)
class Theme:
    """A set of colours as `#RRGGBB`, each named by what it means.

    Grounds: `window` behind docks, `surface` panes and table rows, `alternate` every other row,
    `raised` headers and inputs, `selection` selected rows (neutral, so that it isn't taken for a
    buy), `bar` and `bar_selected` progress behind a number, `glow` a cell that has just changed,
    `send` and `send_sell` the buttons that send, with `on_send` written on them.
    Text and tones: the rest, except `line`, the hairline between panes.
    """

    name: str
    is_dark: bool
    window: str
    surface: str
    alternate: str
    raised: str
    line: str
    selection: str
    bar: str
    bar_selected: str
    glow: str
    text: str
    muted: str
    accent: str
    buy: str
    sell: str
    gain: str
    loss: str
    blocked: str
    warning: str
    pending: str
    stale: str
    send: str
    send_sell: str
    on_send: str
    _colours: dict[str, QColor] = field(default_factory=dict, compare=False, repr=False)
    _brushes: dict[str, QBrush] = field(default_factory=dict, compare=False, repr=False)

    def colour(self, name: str) -> QColor:
        """Return the colour that `name` means; raises `KeyError` for a name that means none.

        `name` is a field, one of the aliases (`short`, `rejected`, `kill`, `working`, `info`), or
        either followed by `+`: the same tone lifted towards the text, to be read on a selection
        or a glow. The object is shared: copy it before changing it.
        """
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = self._mix(name)
        return found

    def brush(self, name: str) -> QBrush:
        """Return a solid brush of `colour(name)`, shared like it."""
        found = self._brushes.get(name)
        if found is None:
            found = self._brushes[name] = QBrush(self.colour(name))
        return found

    def _mix(self, name: str) -> QColor:
        plain = name.removesuffix("+")
        plain = _SAME_AS.get(plain, plain)
        if plain not in COLOUR_NAMES:
            raise KeyError(name)
        colour = QColor(getattr(self, plain))
        return blend(colour, QColor(self.text), LIFT) if name.endswith("+") else colour


COLOUR_NAMES: Final = frozenset(
    f.name for f in fields(Theme) if f.type == "str" and f.name != "name"
)

DARK: Final = Theme(
    name="dark",
    is_dark=True,
    window="#0E1116",
    surface="#151A21",
    alternate="#12171E",
    raised="#1C232C",
    line="#2A333F",
    selection="#2B3644",
    bar="#233A59",
    bar_selected="#335075",
    glow="#264064",
    text="#E6EDF3",
    muted="#8B98A8",
    accent="#4C9AFF",
    buy="#4C9AFF",
    sell="#FF6B6B",
    gain="#3FB950",
    loss="#FF6B6B",
    blocked="#FF5C8A",
    warning="#E3B341",
    pending="#C678DD",
    stale="#8A93A0",
    send="#1F6FEB",
    send_sell="#C93C3C",
    on_send="#FFFFFF",
)

LIGHT: Final = Theme(
    name="light",
    is_dark=False,
    window="#E8ECF1",
    surface="#FFFFFF",
    alternate="#F8FAFC",
    raised="#F4F6F9",
    line="#D5DBE3",
    selection="#DDE3EA",
    bar="#BCD3F0",
    bar_selected="#A5C0E2",
    glow="#CEE0F5",
    text="#1B232C",
    muted="#5B6878",
    accent="#0B63CE",
    buy="#0B63CE",
    sell="#C5221F",
    gain="#16752F",
    loss="#C5221F",
    blocked="#B0194F",
    warning="#8A5C00",
    pending="#7A3FD0",
    stale="#5F6874",
    send="#0B63CE",
    send_sell="#C5221F",
    on_send="#FFFFFF",
)

HIGH_CONTRAST: Final = Theme(
    name="high contrast",
    is_dark=True,
    window="#000000",
    surface="#000000",
    alternate="#0B0B0B",
    raised="#141414",
    line="#8A8A8A",
    selection="#333333",
    bar="#123A6B",
    bar_selected="#1B4F90",
    glow="#1D3F6E",
    text="#FFFFFF",
    muted="#CFCFCF",
    accent="#7AB8FF",
    buy="#7AB8FF",
    sell="#FF9A9A",
    gain="#6EE787",
    loss="#FF9A9A",
    blocked="#FF9DBB",
    warning="#FFD866",
    pending="#E3B3F2",
    stale="#C4CAD2",
    send="#1558C0",
    send_sell="#A62626",
    on_send="#FFFFFF",
)

THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}

_state: dict[str, Theme] = {"current": DARK}


def current() -> Theme:
    """Return the theme that was applied last; `DARK` before any was."""
    return _state["current"]


def colour(name: str) -> QColor:
    """Return what `name` means in the current theme; see `Theme.colour`."""
    return _state["current"].colour(name)


def brush(name: str) -> QBrush:
    """Return a brush of what `name` means in the current theme; see `Theme.brush`."""
    return _state["current"].brush(name)


def blend(ground: QColor, over: QColor, share: float) -> QColor:
    """Return `ground` with `share` (0 to 1) of `over` mixed into it, opaque."""
    keep = 1.0 - share
    return QColor(
        round(ground.red() * keep + over.red() * share),
        round(ground.green() * keep + over.green() * share),
        round(ground.blue() * keep + over.blue() * share),
    )


def of_system(app: QApplication) -> Theme:
    """Return the theme that the system asks for: `LIGHT` where it says so, else `DARK`."""
    is_light = app.styleHints().colorScheme() == Qt.ColorScheme.Light
    return LIGHT if is_light else DARK


def named(name: str, app: QApplication) -> Theme:
    """Return the theme called `name`; `system` is what the system asks for, others are dark."""
    return of_system(app) if name == "system" else THEMES.get(name.replace("_", " "), DARK)


def apply(app: QApplication, theme: Theme) -> None:
    """Give the application `theme`; may be called again at any time to change it."""
    _state["current"] = theme
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(ui_font())
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


# --------------------------------------------------------------------------------------- fonts


def _load_fonts() -> None:
    """Load the shipped fonts once; without them the system's sans serves."""
    if _SANS[0] in QFontDatabase.families():
        return
    folder = resources.path("fonts")
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in (".ttf", ".otf"):
                QFontDatabase.addApplicationFont(str(path))


def _font(families: tuple[str, ...], px: int, hint: QFont.StyleHint) -> QFont:
    _load_fonts()
    known = set(QFontDatabase.families())
    font = QFont()
    wanted = [family for family in families if family in known]
    if wanted:
        font.setFamilies(wanted)
    font.setStyleHint(hint)
    font.setPixelSize(px)
    # Figures of one width: a column of numbers lines up, and a changing number doesn't tremble.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def ui_font(px: int = FONT_PX) -> QFont:
    """Return the application's font at `px` logical pixels, with tabular figures."""
    return _font(_SANS, px, QFont.StyleHint.SansSerif)


def table_font(px: int = TABLE_FONT_PX) -> QFont:
    """Return the font of table cells."""
    return ui_font(px)


def mono_font(px: int = FONT_PX) -> QFont:
    """Return a fixed-pitch font, for the order line and filters."""
    return _font(_MONO, px, QFont.StyleHint.Monospace)


# ------------------------------------------------------------------------- palette, style sheet


def palette(theme: Theme) -> QPalette:
    """Return `theme` as Qt's palette."""
    role = QPalette.ColorRole
    made = QPalette()
    for name, roles in {
        "window": (role.Window,),
        "surface": (role.Base,),
        "alternate": (role.AlternateBase,),
        "raised": (role.Button, role.ToolTipBase, role.Midlight, role.Light),
        "line": (role.Mid, role.Dark),
        "selection": (role.Highlight,),
        "text": (
            role.WindowText,
            role.Text,
            role.ButtonText,
            role.BrightText,
            role.ToolTipText,
            role.HighlightedText,
        ),
        "muted": (role.PlaceholderText,),
        "accent": (role.Link, role.LinkVisited, role.Accent),
    }.items():
        for one in roles:
            made.setColor(one, theme.colour(name))
    made.setColor(role.Shadow, QColor("#000000"))
    faint = blend(theme.colour("surface"), theme.colour("muted"), 0.6)
    for one in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, one, faint)
    return made


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet.

    It has no rule for `QTableView` or `::item`: on live tables each would cost milliseconds a
    repaint, so they are painted from the palette and by their delegate.
    """
    faint = blend(theme.colour("surface"), theme.colour("muted"), 0.6).name()
    hover = blend(theme.colour("raised"), theme.colour("text"), 0.08).name()
    glyphs = _glyphs(theme)
    words = {name: getattr(theme, name) for name in COLOUR_NAMES} | {
        "faint": faint,
        "hover": hover,
        "arrow_file": glyphs / "arrow.png",
        "check_file": glyphs / "check.png",
        "send_hover": blend(QColor(theme.send), QColor("#000000"), 0.12).name(),
        "sell_hover": blend(QColor(theme.send_sell), QColor("#000000"), 0.12).name(),
    }
    return Template(_SHEET).substitute(words)


_GLYPHS: Final = {
    # Strokes on a grid of 12, and the colour they are drawn in.
    "arrow": ("muted", ((2.5, 4.5), (6.0, 8.0), (9.5, 4.5))),
    "check": ("on_send", ((2.5, 6.5), (5.0, 9.0), (9.5, 3.5))),
}


@functools.cache
def _glyph_root() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="deskblotter-")
    atexit.register(folder.cleanup)
    return folder


def _glyphs(theme: Theme) -> PurePosixPath:
    """Draw the signs that a style sheet takes from files only; return the folder they are in."""
    folder = Path(_glyph_root().name, theme.name)
    folder.mkdir(exist_ok=True)
    for name, (tone, points) in _GLYPHS.items():
        for scale, suffix in ((1, ""), (2, "@2x")):
            image = QImage(12 * scale, 12 * scale, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(scale, scale)
            painter.setPen(QPen(theme.colour(tone), 1.6))
            painter.drawPolyline([QPointF(x, y) for x, y in points])
            painter.end()
            image.save(str(folder / f"{name}{suffix}.png"))
    return PurePosixPath(folder.as_posix())


_SHEET: Final = """
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QMainWindow::separator { background: $window; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $window; }
QSplitter::handle:hover { background: $accent; }

QWidget[role="bar"] { background: $surface; border-bottom: 1px solid $line; }
QFrame[role="panel"] { background: $surface; border: 1px solid $line; border-radius: 4px; }
QFrame[role="panel"][docked="true"] { border: none; border-radius: 0; }
QFrame[role="dock"] { background: $surface; border: 1px solid $line; border-top: none;
  border-bottom-left-radius: 4px; border-bottom-right-radius: 4px; }
QFrame[role="overlay"] { background: $raised; border: 1px solid $muted; border-radius: 6px; }
QFrame[role="alarm"] { background: $blocked; border: none; }
QFrame[role="alarm"] QLabel { color: $window; font-weight: 600; }
QFrame[role="caution"] { background: $raised; border: none; border-bottom: 1px solid $warning; }
QFrame[role="caution"] QLabel { color: $warning; }
QLabel[role="pill"] { background: $raised; color: $muted; border-radius: 4px; padding: 2px 8px;
  min-height: 16px; }
QPushButton[role="search"] { background: $raised; color: $muted; border-color: $raised;
  padding: 1px 10px; text-align: left; font-weight: 400; }
QPushButton[role="search"]:focus { border-color: $accent; }
QToolButton[role="quiet"] { color: $muted; padding: 1px 6px; }
QToolButton[role="mark"] { font-weight: 600; padding: 3px 4px; font-size: 14px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="headline"] { font-weight: 600; font-size: 16px; }
QLabel[role="error"] { color: $blocked; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="pending"] { color: $pending; }
QLabel[role="good"] { color: $gain; }
QLabel[role="buy"] { color: $buy; }
QLabel[role="sell"] { color: $sell; }
QFrame[role="cell"] { background: $raised; border-radius: 4px; }

QPushButton { background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
  padding: 4px 12px; min-height: 16px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $selection; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; background: $surface; }
QPushButton:flat { background: transparent; border-color: transparent; }
QPushButton:flat:hover { background: $hover; }
QPushButton[role="send"], QPushButton[role="buy"]:checked { background: $send; color: $on_send;
  border-color: $send; font-weight: 600; }
QPushButton[role="send"]:hover { background: $send_hover; }
QPushButton[role="send_sell"], QPushButton[role="sell"]:checked { background: $send_sell;
  color: $on_send; border-color: $send_sell; font-weight: 600; }
QPushButton[role="send_sell"]:hover { background: $sell_hover; }
QPushButton[role="send"], QPushButton[role="send_sell"] { min-height: 28px; }
QPushButton[role="send"]:focus, QPushButton[role="send_sell"]:focus { border: 1px solid $text; }
QPushButton[role="send"]:disabled, QPushButton[role="send_sell"]:disabled { background: $raised;
  color: $faint; border-color: $line; }
QPushButton[role="kill"] { background: $surface; color: $blocked; border-color: $blocked;
  font-weight: 600; }
QPushButton[role="kill"]:hover { background: $hover; }
QPushButton[role="kill"]:focus { border: 2px solid $blocked; }
QPushButton[role="kill"][halted="true"] { background: $blocked; color: $window; }
QPushButton[role="chip"] { border-radius: 11px; padding: 2px 12px; background: $surface;
  color: $muted; }
QPushButton[role="chip"]:checked { background: $selection; color: $text; border-color: $accent; }
QPushButton[role="chip"][in_title="true"] { border-radius: 9px; }
QPushButton[in_title="true"] { padding: 1px 10px; min-height: 16px; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent;
  border-radius: 4px; padding: 3px 6px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $selection; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QDateTimeEdit, QPlainTextEdit,
QTextEdit { background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
  padding: 2px 6px; selection-background-color: $send; selection-color: $on_send; }
QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit { min-height: 20px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus, QTimeEdit:focus,
QPlainTextEdit:focus, QTextEdit:focus { border-color: $accent; }
QTextBrowser[role="page"], QTextBrowser[role="page"]:focus { background: $surface; border: none; }
QTreeView[role="roomy"] { border: 1px solid $line; border-radius: 4px; }
QTreeView[role="roomy"]::item { padding: 3px 4px; }
QLineEdit { placeholder-text-color: $muted; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $faint;
  background: $surface; }
QLineEdit[invalid="true"], QSpinBox[invalid="true"], QComboBox[invalid="true"] {
  border-color: $blocked; }
QLineEdit[invalid="soft"], QComboBox[invalid="soft"] { border-color: $warning; }
QLineEdit[role="command"] { background: $window; padding: 4px 8px; }
QTableView QLineEdit { border-radius: 0; padding: 0 4px; min-height: 0; }
QComboBox { background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
  padding: 2px 6px; min-height: 20px; }
QComboBox:focus, QComboBox:on { border-color: $accent; }
QComboBox:disabled { color: $faint; background: $surface; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url($arrow_file); width: 10px; height: 10px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QCheckBox::indicator, QGroupBox::indicator, QMenu::indicator:non-exclusive { width: 12px;
  height: 12px; border: 1px solid $muted; border-radius: 3px; background: $raised; }
QCheckBox::indicator:checked, QGroupBox::indicator:checked,
QMenu::indicator:non-exclusive:checked { background: $send; border-color: $send;
  image: url($check_file); }
QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:disabled { border-color: $line; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid $muted;
  border-radius: 7px; background: $raised; }
QRadioButton::indicator:checked { background: $accent; border: 3px solid $raised; width: 8px;
  height: 8px; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1px solid $line;
  selection-background-color: $selection; selection-color: $text; outline: none; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: 5px 10px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabBar[role="dock_tabs"] { font-size: 13px; }
QTabBar[role="dock_tabs"]::tab { padding: 5px 2px 5px 2px; margin: 0 8px; min-height: 18px;
  border-bottom: 2px solid transparent; }
QTabBar[role="dock_tabs"]::tab:selected { color: $text; font-weight: 600;
  border-bottom-color: $accent; }
QDockWidget { color: $text; border: none; }

QHeaderView { background: $raised; border: none; }
QHeaderView::section { background: $raised; color: $muted; border: none;
  border-right: 1px solid transparent; padding: 0 6px; font-weight: 400; }
QHeaderView::section:hover { color: $text; background: $hover; border-right-color: $line; }
QTableCornerButton::section { background: $raised; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }

QMenuBar { background: $surface; color: $text; }
QMenuBar::item { padding: 4px 8px; background: transparent; }
QMenuBar::item:selected { background: $selection; }
QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 24px; border-radius: 3px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::indicator { left: 6px; }

QProgressBar { background: $raised; border: none; border-radius: 3px; height: 6px;
  text-align: right; color: $text; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QGroupBox { border: none; margin-top: 18px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; color: $muted; }
"""
