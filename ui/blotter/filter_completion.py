"""What a half-typed filter term may become: a column's name, then one of its values. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ui.tables.columns import Column, Kind
from ui.tables.filter_query import Vocabulary

CANDIDATES_MAX: Final = 8
_HEAD: Final = re.compile(r"(-?)([A-Za-z_%][\w%.]*)(<=|>=|!=|<|>|=|:)")
_PLAIN: Final = re.compile(r'[^\s,"]+')
_SIGNS: Final = {Kind.TIME: "<", Kind.PRICE: "<", Kind.PERCENT: ">", Kind.DURATION: ">"}

# By column, the values that a person may mean now.
Values = Mapping[str, Callable[[], Iterable[str]]]


@dataclass(frozen=True)
class Candidate:
    """What may be meant: the text to put in, and a word on what it is."""

    text: str
    note: str

    @property
    def is_begun(self) -> bool:
        """Whether it asks for more: a value follows."""
        return self.text.endswith((":", "<", ">"))


@dataclass(frozen=True)
class Completion:
    """Candidates for the letters `start` up to `end` of a filter."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


def complete(
    text: str,
    cursor: int,
    columns: Sequence[Column[Any]],
    vocabulary: Vocabulary,
    values: Values,
) -> Completion:
    """Return what the term before `cursor` may become; nothing in the middle of a word."""
    start = _term_start(text, cursor)
    begun = text[start:cursor]
    if not begun or (cursor < len(text) and not text[cursor].isspace()):
        return Completion(cursor, cursor, ())
    head = _HEAD.match(begun)
    if head is None:
        start += begun.startswith("-")
        found = _names(text[start:cursor].casefold(), columns, vocabulary, values)
        return Completion(start, cursor, found)
    start += max(head.end(), begun.rfind(",") + 1)
    name = head[2].lower()
    name = vocabulary.names.get(name, name)
    column = next((column for column in columns if column.name == name), None)
    if column is None or column.kind.is_number:
        return Completion(start, cursor, ())
    letters = text[start:cursor].casefold().lstrip('"')
    return Completion(start, cursor, _values(letters, column, vocabulary, values))


def _term_start(text: str, cursor: int) -> int:
    """Return where the term that `cursor` stands in begins; blanks in quotation marks are of it."""
    start, is_quoted = 0, False
    for at, letter in enumerate(text[:cursor]):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter.isspace() and not is_quoted:
            start = at + 1
    return start


def _names(
    letters: str, columns: Sequence[Column[Any]], vocabulary: Vocabulary, values: Values
) -> tuple[Candidate, ...]:
    """Return names that begin so; then values that do, each with its column's name before it."""
    if not letters or letters.startswith('"'):
        return ()
    by_name = {column.name: column for column in columns}
    other = {name: by_name[of] for name, of in vocabulary.names.items() if of in by_name}
    found = [
        Candidate(f"{name}{_sign(column)}", column.help or column.title)
        for name, column in (by_name | other).items()
        if name.startswith(letters) or column.title.casefold().startswith(letters)
    ]
    found.sort(key=lambda one: not one.text.startswith(letters))
    for column in columns:
        if column.kind is Kind.TEXT:
            for value in _values(letters, column, vocabulary, values):
                found.append(Candidate(f"{column.name}:{value.text}", column.title))
    return tuple(found[:CANDIDATES_MAX])


def _values(
    letters: str, column: Column[Any], vocabulary: Vocabulary, values: Values
) -> tuple[Candidate, ...]:
    """Return the words and values of a column that begin so; nothing when it is all there."""
    words = vocabulary.values.get(column.name, {})
    found = [
        Candidate(word, ", ".join(sorted(stands_for)[:4]))
        for word, stands_for in words.items()
        if word.startswith(letters)
    ]
    known = values[column.name]() if column.name in values else ()
    for value in sorted({value for value in known if value}):
        if value.casefold().startswith(letters) and value.casefold() not in words:
            found.append(Candidate(_quoted(value), column.title))
    if [one.text.casefold() for one in found] == [letters]:
        return ()
    return tuple(found[:CANDIDATES_MAX])


def _sign(column: Column[Any]) -> str:
    return _SIGNS.get(column.kind, ">") if column.kind.is_number else ":"


def _quoted(value: str) -> str:
    plain = value.casefold()
    return plain if _PLAIN.fullmatch(plain) else f'"{plain}"'
