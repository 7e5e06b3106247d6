"""What a start imports: what it does not show, it does not pay for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pyqtgraph",
    "xlsxwriter",
    "openpyxl",
    "polars",
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "psycopg",
)
_SCRIPT = """
import sys
import ui.desktop
print(*sorted(name for name in {heavy!r} if name in sys.modules))
"""


@pytest.fixture(scope="module")
def imported() -> list[str]:
    script = _SCRIPT.format(heavy=HEAVY)
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout.split()


@pytest.mark.parametrize("name", HEAVY)
def test_window_imports_nothing_heavy(imported: list[str], name: str) -> None:
    assert name not in imported
