"""The error report: calm, one for all errors, and without a secret in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.shell.error_report import ErrorReport, details_of, without_secrets

SECRETS = [
    "postgresql://alice:hunter2@db.example/desk",
    "could not connect: password=hunter2 host=db",
    "{'password': 'hunter2', 'user': 'alice'}",
    'PGPASSWORD="hunter2"',
    "api_key: hunter2",
    "Authorization token=hunter2;",
    "client_secret = 'hunter2'",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_blotted_out(text: str) -> None:
    assert "hunter2" not in without_secrets(text)
    assert "***" in without_secrets(text)


def test_plain_words_stay_as_they_are() -> None:
    text = "order O-1 at 190.50: KeyError('AAPL') in line 12, 3 tokens left"
    assert without_secrets(text) == text


def test_home_folder_is_not_told() -> None:
    assert str(Path.home()) not in without_secrets(f"{Path.home()}/desk.db is locked")


def fail(words: str) -> tuple[type[BaseException], BaseException, object]:
    try:
        raise ValueError(words)
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_report_says_what_matters_and_holds_the_details(qtbot: QtBot) -> None:
    report = ErrorReport()
    qtbot.addWidget(report)
    report.add(*fail("postgresql://a:hunter2@h/d"))  # type: ignore[arg-type]
    assert report.isVisible()
    assert not report.isModal()
    assert "orders are not affected" in report.words
    details = report.details.toPlainText()
    assert "ValueError" in details
    assert "test_error_report.py" in details
    assert "hunter2" not in details
    assert "Deskblotter" in details


def test_many_errors_share_one_report(qtbot: QtBot) -> None:
    report = ErrorReport()
    qtbot.addWidget(report)
    for at in range(60):
        report.add(*fail(f"e{at % 30}"))  # type: ignore[arg-type]
    assert "60 times" in report.words
    assert "e29" in report.details.toPlainText()
    assert report.details.toPlainText().count("Traceback") <= 20
    report.accept()
    report.add(*fail("later"))  # type: ignore[arg-type]
    assert "times" not in report.words


def test_details_are_copied_whole(qtbot: QtBot) -> None:
    report = ErrorReport()
    qtbot.addWidget(report)
    report.add(*fail("boom"))  # type: ignore[arg-type]
    report._on_copy()
    assert QGuiApplication.clipboard().text() == report.details.toPlainText()


def test_details_need_no_traceback() -> None:
    assert "boom" in details_of(ValueError, ValueError("boom"), None)
    assert sys.exc_info() == (None, None, None)
