"""A page of HTML as PDF, on a printer, or from a verb that has no window."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from models.errors import BadInput

_MARGIN_MM = 12.0
_apps: list[QGuiApplication] = []


def page_layout() -> QPageLayout:
    """Return A4 on its side."""
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(
        size, QPageLayout.Orientation.Landscape, margins, QPageLayout.Unit.Millimeter
    )


def document_of(html: str) -> QTextDocument:
    """Return a page as Qt lays it out."""
    document = QTextDocument()
    document.setHtml(html)
    return document


def write_pdf(html: str, path: Path) -> None:
    """Write a page as PDF, through a file beside it; raises `BadInput` when it can't be."""
    beside = path.with_name(f".{path.name}.part")
    writer = QPdfWriter(str(beside))
    writer.setPageLayout(page_layout())
    writer.setCreator("Deskblotter")
    document_of(html).print_(writer)
    del writer  # it ends the file
    try:
        if not beside.stat().st_size:
            raise BadInput(f"{path} can't be written: nothing came of it.")
        beside.replace(path)
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.") from None


def begin_without_window() -> None:
    """Make fonts and printing work in a process that opens no window."""
    if QCoreApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _apps.append(QGuiApplication([]))
