"""How a help page is set: sizes of headings, air between paragraphs, tables, a width to read."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextTable,
    QTextTableFormat,
)

READING_PX: Final = 820
_HEADING_PX: Final = {1: 19, 2: 15}
_MARGIN_PX: Final = 12


def set_page(document: QTextDocument) -> None:
    """Set all that a page made from Markdown holds."""
    block = document.begin()
    while block.isValid():
        _set_block(block)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = QTextTableFormat(frame.format())
            shape.setBorder(0)
            shape.setCellPadding(4)
            shape.setCellSpacing(0)
            shape.setTopMargin(2)
            shape.setBottomMargin(10)
            frame.setFormat(shape)


def set_width(document: QTextDocument, width: int) -> None:
    """Keep lines no longer than can be read, however wide the pane is."""
    root = document.rootFrame()
    shape = root.frameFormat()
    wanted = max(_MARGIN_PX, width - READING_PX)
    if shape.rightMargin() != wanted or shape.leftMargin() != _MARGIN_PX:
        shape.setLeftMargin(_MARGIN_PX)
        shape.setRightMargin(wanted)
        root.setFrameFormat(shape)


def _set_block(block: QTextBlock) -> None:
    cursor = QTextCursor(block)
    shape = block.blockFormat()
    level = shape.headingLevel()
    if level:
        shape.setTopMargin(4 if level == 1 else 14)
        shape.setBottomMargin(6)
        size = QTextCharFormat()
        font = block.charFormat().font()
        font.setPixelSize(_HEADING_PX.get(level, 14))
        font.setWeight(QFont.Weight.DemiBold)
        size.setFont(font)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.mergeCharFormat(size)
        cursor = QTextCursor(block)
    elif cursor.currentTable() is None:
        shape.setTopMargin(0)
        shape.setBottomMargin(3 if block.textList() is not None else 8)
    cursor.setBlockFormat(shape)
