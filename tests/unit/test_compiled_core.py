"""A compiled matching core is used only where it was made from the very source that is here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import app.__main__ as entry
from app import matching


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a little source, whose compiled folder is empty; imports go as before after."""
    for folder in ("app/matching", "models", "compiled"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "app/matching/order_book.py").write_text("PRICE = 1\n")
    (tmp_path / "models/money.py").write_text("BPS = 10_000\n")
    monkeypatch.setattr(entry, "_ROOT", tmp_path)
    monkeypatch.setattr(entry, "_COMPILED", tmp_path / "compiled")
    monkeypatch.setattr(matching, "__path__", list(matching.__path__))
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def test_core_made_from_this_source_is_imported_first(tree: Path) -> None:
    folder = entry.compiled_folder()
    folder.mkdir()
    assert entry.use_compiled_core()
    assert matching.__path__[0] == str(folder / "app" / "matching")
    assert sys.path[-1] == str(folder)


@pytest.mark.parametrize("changed", ["app/matching/order_book.py", "models/money.py"])
def test_core_made_from_other_source_is_left_alone(tree: Path, changed: str) -> None:
    entry.compiled_folder().mkdir()
    (tree / changed).write_text("PRICE = 2\n")
    before = list(matching.__path__)
    assert not entry.use_compiled_core()
    assert matching.__path__ == before


def test_without_a_compiled_core_the_source_runs(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not entry.use_compiled_core()
    monkeypatch.setattr(entry, "_COMPILED", tree / "nowhere")
    assert not entry.use_compiled_core()
