"""Columns as arrays: keys that sort as Python sorts, and rows that find their places."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.quotes import Line, line_columns
from ui.tables.column_arrays import ColumnArrays, merged, sorted_slots


def sorted_ids(arrays: ColumnArrays[Line], name: str, is_descending: bool) -> list[str]:
    shown = np.ones(len(arrays.rows), dtype=np.bool_)
    slots = sorted_slots(shown, arrays.sort_keys(name, is_descending))
    return [row.key for slot in slots.tolist() if (row := arrays.rows[slot]) is not None]


@pytest.mark.parametrize("is_descending", [False, True])
def test_sort_keys_of_numbers_put_nothing_last_and_keep_ties(is_descending: bool) -> None:
    arrays: ColumnArrays[Line] = ColumnArrays(line_columns())
    prices = {"a": 5, "b": None, "c": -(2**70), "d": 5, "e": 2**70}
    arrays.append(Line(key, px=px) for key, px in prices.items())
    expected = "eadcb" if is_descending else "cadeb"
    assert "".join(sorted_ids(arrays, "limit", is_descending)) == expected


@pytest.mark.parametrize("is_descending", [False, True])
def test_sort_keys_of_texts_ignore_case_and_put_nothing_last(is_descending: bool) -> None:
    arrays: ColumnArrays[Line] = ColumnArrays(line_columns())
    symbols = {"a": "msft", "b": None, "c": "AAPL", "d": "aapl", "e": "T", "f": ""}
    arrays.append(Line(key, symbol=symbol) for key, symbol in symbols.items())
    expected = "eacdbf" if is_descending else "cdaebf"
    assert "".join(sorted_ids(arrays, "symbol", is_descending)) == expected


@pytest.mark.parametrize("batch", [1, 3, 200])
def test_sort_keys_of_texts_that_come_later_rank_among_the_known(batch: int) -> None:
    rnd = random.Random(7)
    arrays: ColumnArrays[Line] = ColumnArrays(line_columns())
    arrays.append(Line(f"{rnd.random()}") for _ in range(300))
    for _ in range(5):
        sorted_ids(arrays, "id", False)  # ranks what is there
        arrays.append(Line(f"{rnd.random()}") for _ in range(batch))
    expected = sorted(row.key for row in arrays.rows if row is not None)
    assert sorted_ids(arrays, "id", False) == expected


def test_refresh_of_changed_row_is_seen_by_sort_and_search() -> None:
    arrays: ColumnArrays[Line] = ColumnArrays(line_columns())
    lines = [Line("a", qty=1, note="x"), Line("b", qty=2, note="y")]
    slots = arrays.append(lines)
    arrays.numbers("qty")
    arrays.shown("note")
    lines[0].qty, lines[0].note = 3, "Z"
    arrays.refresh(slots)
    codes, texts = arrays.shown("note")
    assert arrays.numbers("qty")[:2].tolist() == [3, 2]
    assert [texts[code] for code in codes[:2].tolist()] == ["z", "y"]


def test_read_ahead_in_steps_gives_what_reading_at_once_gives() -> None:
    lines = [Line(f"{at}", symbol=f"S{at % 7}") for at in range(50)]
    stepped: ColumnArrays[Line] = ColumnArrays(line_columns())
    stepped.append(lines)
    steps = 0
    while stepped.read_ahead(8):
        steps += 1
        if steps == 10:
            lines[3].symbol = "new"
            stepped.refresh(np.array([3]))
    codes, texts = stepped.shown("symbol")
    assert steps == (5 + 11) * 7  # texts on screen, and what is sorted by
    assert [texts[code] for code in codes[:50].tolist()] == [
        str(line.symbol).casefold() for line in lines
    ]


def test_keep_renumbers_rows_and_reads_those_that_come_after() -> None:
    arrays: ColumnArrays[Line] = ColumnArrays(line_columns())
    arrays.append(Line(key, qty=at, symbol=key) for at, key in enumerate("abcd"))
    assert sorted_ids(arrays, "qty", True) == ["d", "c", "b", "a"]
    arrays.shown("symbol")
    arrays.keep(np.array([1, 3]))
    arrays.append([Line("e", qty=2, symbol="e")])
    codes, texts = arrays.shown("symbol")
    assert sorted_ids(arrays, "qty", True) == ["d", "e", "b"]
    assert [texts[code] for code in codes[:3].tolist()] == ["b", "d", "e"]


@given(data=st.data(), keys=st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_merged_equals_sorting_all_again(data: st.DataObject, keys: list[int]) -> None:
    by_slot = np.array(keys, dtype=np.int64)
    is_new = np.array([data.draw(st.integers(0, 5)) == 0 for _ in keys])
    kept = sorted_slots(~is_new, by_slot)
    incoming = np.flatnonzero(is_new)[::-1]
    everything = sorted_slots(np.ones(len(keys), dtype=np.bool_), by_slot)
    assert merged(kept, incoming, by_slot).tolist() == everything.tolist()
