"""Completion of filters: names, then values, and nothing where nothing helps."""

from __future__ import annotations

import pytest

from tests.ui.quotes import line_columns
from ui.blotter.filter_completion import complete
from ui.tables.filter_query import FilterQuery, Vocabulary, parse

COLUMNS = line_columns()
WORDS = Vocabulary(
    names={"px": "limit", "age": "time"}, values={"note": {"working": ("New", "Part filled")}}
)
VALUES = {
    "side": lambda: ["BUY", "SELL", "SHORT"],
    "symbol": lambda: ["AAPL", "AMD", "MSFT"],
    "note": lambda: ["New", "Part filled", "Filled"],
}


def texts(text: str, cursor: int | None = None) -> list[str]:
    at = len(text) if cursor is None else cursor
    return [one.text for one in complete(text, at, COLUMNS, WORDS, VALUES).candidates]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("si", ["side:"]),
        ("q", ["qty>"]),
        ("ag", ["age<"]),
        ("px", ["px<"]),
        ("side:s", ["sell", "short"]),
        ("side:", ["buy", "sell", "short"]),
        ("SIDE:B", ["buy"]),
        ("-side:b", ["buy"]),
        ("side!=b", ["buy"]),
        ("symbol:aapl,m", ["msft"]),
        ("qty>5 side:b", ["buy"]),
        ("note:w", ["working"]),
        ("note:p", ['"part filled"']),
        ('note:"part f', ['"part filled"']),
        ("note:fi", ["filled"]),
    ],
)
def test_complete_of_a_begun_term_offers_what_it_may_become(text: str, found: list[str]) -> None:
    assert texts(text) == found


@pytest.mark.parametrize(
    "text", ["", " ", "side:buy ", "qty>", "qty>1", "nosuch:a", "side:buy", '"two wo', "zzz"]
)
def test_complete_of_nothing_begun_offers_nothing(text: str) -> None:
    assert texts(text) == []


def test_complete_in_the_middle_of_a_word_offers_nothing() -> None:
    assert texts("side:buy", 6) == []


def test_complete_before_another_term_replaces_only_its_own_letters() -> None:
    found = complete("sy qty>5", 2, COLUMNS, WORDS, VALUES)
    assert (found.start, found.end, found.candidates[0].text) == (0, 2, "symbol:")


def test_complete_of_bare_letters_offers_values_with_their_column() -> None:
    assert texts("am") == ["symbol:amd"]


@pytest.mark.parametrize("text", ["note:p", "side:s", "am", "symbol:aapl,m"])
def test_what_completion_puts_in_is_understood_by_the_filter(text: str) -> None:
    found = complete(text, len(text), COLUMNS, WORDS, VALUES)
    whole = text[: found.start] + found.candidates[0].text + text[found.end :]
    assert isinstance(parse(whole, COLUMNS, WORDS), FilterQuery), whole
