"""What a half-typed word may become."""

from __future__ import annotations

import pytest

from app.core.context import Quote
from tests.builders import account, instrument
from ui.ticket.completion import SUGGESTIONS_MAX, complete_line, complete_symbol
from ui.ticket.draft import Draft
from ui.ticket.one_line import parse

LISTED = {
    name: instrument(name, name=words)
    for name, words in (
        ("AAPL", "Apple Inc"),
        ("AAPL43", "Apple Inc 3.850% 4 May 2043"),
        ("MSFT", "Microsoft Corp"),
        ("T", "AT&T Inc"),
        ("TSLA", "Tesla Inc"),
    )
}
ACCOUNTS = {code: account(code) for code in ("GROWTH", "GILTS", "INDEX")}


def words(text: str, cursor: int | None = None) -> list[str]:
    found = complete_line(text, len(text) if cursor is None else cursor, LISTED, ACCOUNTS)
    return [each.word for each in found.suggestions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s", ["s", "ss"]),
        ("b 100 aa", ["aapl", "aapl43"]),
        ("b 100 appl", ["aapl", "aapl43"]),
        ("b 100 t", ["t", "tsla", "trail", "tp", "then"]),
        ("b 100 aapl g", ["gtc", "gtd"]),
        ("b 100 aapl m", ["mkt", "mtl", "min", "mid"]),
        ("b 100 aapl i", ["ioc", "iceberg"]),
        ("b 100 aapl p", ["post", "peg", "pool"]),
        ("b 100 aapl cap p", ["principal"]),
        ("b 100 aapl by p", []),  # a name
        ('b 100 aapl note "work ca', []),  # what a client says
        ("b 100 aapl 190 then b", ["b", "by"]),
        ("b 100 aapl 190 oco s", ["s", "ss", "stop", "stl", "stage", "sl"]),
        ("b 100 aapl 190 tp l", ["last"]),
        ("b 100 aapl peg m", ["mid", "market"]),
        ("b 100 aapl o", ["opg", "oco"]),
        ("b 100 aapl c", ["cap", "cls", "care"]),
        ("b 100 aapl r", []),  # how an iceberg's tranches vary
        ("b 100 aapl iceberg 50 r", ["random"]),
        ("b 100 aapl l", ["lmt", "last"]),
        ("b 100 aapl trail 25bp l", ["limit", "lmt", "last"]),
        ("b 100 aapl gtd d", []),  # a day is typed
        ("b 100 aapl acct g", ["growth", "gilts"]),
        ("b 100 aapl stop b", ["bid"]),
        ("b 100 aapl aa", []),  # there is a symbol already
        ("b 100 aapl gtc", []),  # all there
        ("b 10", []),
        ("b 100 ", []),
        ("", []),
        ("b 100 zzz", []),
    ],
)
def test_complete_line_word_may_become(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_complete_line_within_a_word_suggests_nothing() -> None:
    assert words("b 100 aapl", cursor=8) == []


def test_complete_line_says_which_letters_are_replaced() -> None:
    found = complete_line("b 100 aa 190", 8, LISTED, ACCOUNTS)
    assert (found.start, found.end) == (6, 8)


def test_complete_symbol_by_symbol_or_name_in_capitals() -> None:
    found = complete_symbol("app", LISTED)
    assert [each.word for each in found.suggestions] == ["AAPL", "AAPL43"]
    assert complete_symbol("aapl43", LISTED).suggestions == ()


def test_complete_symbol_shows_no_more_than_fit() -> None:
    many = {f"X{at}": instrument(f"X{at}") for at in range(50)}
    assert len(complete_symbol("x", many).suggestions) == SUGGESTIONS_MAX


@pytest.mark.parametrize("letter", "abcdefghijklmnopqrstuvwxyz")
def test_complete_line_every_word_suggested_is_understood(letter: str) -> None:
    quotes = {"AAPL": Quote("AAPL", bid=10**11, ask=10**11, last=10**11)}
    for word in words(f"b 100 aapl {letter}"):
        line = parse(f"b 100 aapl {word}", Draft(), LISTED, ACCOUNTS, quotes)
        assert all("missing" in mistake.reason for mistake in line.mistakes), word
    for word in words(letter):
        assert not parse(word, Draft(), LISTED, ACCOUNTS).mistakes
