"""The filter language: `side:buy symbol:aapl,msft qty>10k px<=190.5 age<5m "free text" -symbol:t`.

Terms stand beside each other and all must hold; `-` before one turns it round.

    name:a,b      is one of these; `*` stands for any letters (`symbol:a*`); also `=` and `!=`
    name>10k      numbers compare with < <= > >= = !=; k, m and b are thousands, millions, billions
    age<5m        on a column of times: how long ago (s, m, h, d)
    time>=14:30   on a column of times: the time of day
    word "a b"    text that any text column shows

`parse` gives a `FilterQuery`, or the errors with the places in the text that they are about. No Qt.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final, Generic, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInput
from models.money import parse_price
from ui.tables.columns import NANOS_PER_SECOND, Column, Kind, Row

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# What a column of numbers holds where there is no number, and the range of what it may hold.
NOTHING: Final = -(2**63)
VALUE_MAX: Final = 2**63 - 2
VALUE_MIN: Final = -VALUE_MAX

DAY_NS: Final = 86_400 * NANOS_PER_SECOND

_SUFFIX: Final = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_DURATION_NS: Final = {
    "ms": 10**6,
    "s": NANOS_PER_SECOND,
    "m": 60 * NANOS_PER_SECOND,
    "h": 3_600 * NANOS_PER_SECOND,
    "d": DAY_NS,
}
_NUMBER: Final = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))([kmb]?)%?", re.IGNORECASE)
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_IN_32NDS: Final = re.compile(r"\d+-\d\d[\d+]?")
_FIELD: Final = re.compile(r"(-?)([A-Za-z_%][\w%.]*)(<=|>=|!=|<|>|=|:)")
_VALUE: Final = re.compile(r'"([^"]*)"|([^\s,"]+)')


@dataclass(frozen=True)
class FilterError:
    """Why the letters from `start` up to `end` of a filter can't be taken, in plain words."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Vocabulary:
    """What a filter may say beside the columns' own names and values.

    Attributes:
        names: other names of columns, such as `{"px": "limit", "age": "time"}`.
        values: by column, words that stand for a set of its values, such as
            `{"status": {"working": {"new", "partially_filled"}}, "trader": {"me": {"alice"}}}`.
        utc_offset_s: what is added to UTC to get the times of day that people type.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Iterable[str]]] = field(default_factory=dict)
    utc_offset_s: int = 0


def _bounded(value: int) -> int:
    return min(max(value, VALUE_MIN), VALUE_MAX)


class Cells(Protocol):
    """Cells of n rows by column, for a filter that looks at all of them at once."""

    def numbers(self, name: str) -> IntArray:
        """Return a column's numbers, shape (n,), `NOTHING` where there is none."""

    def texts(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return codes, shape (n,), and the values they stand for, case folded, "" for none."""

    def shown(self, name: str) -> tuple[IntArray, Sequence[str]]:
        """Return codes, shape (n,), and the texts on screen that they stand for, case folded."""


# --------------------------------------------------------------------------------------- terms


@dataclass(frozen=True)
class TextTerm(Generic[Row]):
    """A text column is one of some words, or like one of some patterns."""

    column: Column[Row]
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    is_negated: bool

    def accepts(self, text: str) -> bool:
        """Whether the case-folded `text` is meant, negation apart."""
        if text in self.words:
            return True
        return bool(text) and any(p.fullmatch(text) for p in self.patterns)

    def matches(self, row: Row, now_ns: int) -> bool:
        """Whether `row` passes."""
        value = self.column.value(row)
        text = "" if value is None else str(value).casefold()
        return self.accepts(text) is not self.is_negated

    def mask(self, cells: Cells, now_ns: int) -> BoolArray:
        """Return which rows pass, shape (n,)."""
        found = _mask_of_codes(*cells.texts(self.column.name), self.accepts)
        return ~found if self.is_negated else found


@dataclass(frozen=True)
class NumberTerm(Generic[Row]):
    """A column of numbers lies in one of some ranges, both ends included, in its unit."""

    column: Column[Row]
    ranges: tuple[tuple[int, int], ...]
    is_negated: bool
    # For times: whether ranges are ages (back from now) or times of day (from midnight on).
    is_age: bool = False
    is_time_of_day: bool = False
    utc_offset_ns: int = 0

    def matches(self, row: Row, now_ns: int) -> bool:
        """Whether `row` passes."""
        value = self.column.value(row)
        if value is None:
            return self.is_negated
        array = np.array([_bounded(int(value))], dtype=np.int64)
        return bool(self._inside(array, now_ns)[0]) is not self.is_negated

    def mask(self, cells: Cells, now_ns: int) -> BoolArray:
        """Return which rows pass, shape (n,)."""
        values = cells.numbers(self.column.name)
        found: BoolArray = self._inside(values, now_ns) & (values != NOTHING)
        return ~found if self.is_negated else found

    def _inside(self, values: IntArray, now_ns: int) -> BoolArray:
        if self.is_time_of_day:
            values = (values + self.utc_offset_ns) % DAY_NS
        found: BoolArray = np.zeros(len(values), dtype=np.bool_)
        ranges = self.ranges
        if self.is_age:
            ranges = tuple(
                (_bounded(now_ns - high), _bounded(now_ns - low)) for low, high in ranges
            )
        for low, high in ranges:
            found |= (values >= low) & (values <= high)
        return found


@dataclass(frozen=True)
class WordTerm(Generic[Row]):
    """Some text column shows these letters."""

    columns: tuple[Column[Row], ...]
    word: str
    is_negated: bool

    def accepts(self, text: str) -> bool:
        """Whether the case-folded `text` has the word in it."""
        return self.word in text

    def matches(self, row: Row, now_ns: int) -> bool:
        """Whether `row` passes."""
        found = any(self.word in column.text(row).casefold() for column in self.columns)
        return found is not self.is_negated

    def mask(self, cells: Cells, now_ns: int) -> BoolArray:
        """Return which rows pass, shape (n,)."""
        found: BoolArray | None = None
        for column in self.columns:
            one = _mask_of_codes(*cells.shown(column.name), self.accepts)
            found = one if found is None else found | one
        if found is None:  # a table without text columns shows no words
            raise ValueError("a table without text columns can't be searched")
        return ~found if self.is_negated else found


Term = TextTerm[Row] | NumberTerm[Row] | WordTerm[Row]


def _mask_of_codes(
    codes: IntArray, texts: Sequence[str], accepts: Callable[[str], bool]
) -> BoolArray:
    """Ask `accepts` once per distinct text, then spread the answers over the rows."""
    if len(codes) >= len(texts):
        answers = np.fromiter(map(accepts, texts), np.bool_, len(texts))
        return np.take(answers, codes)
    listed = codes.tolist()
    known = {code: accepts(texts[code]) for code in set(listed)}
    return np.fromiter((known[code] for code in listed), np.bool_, len(listed))


@dataclass(frozen=True)
class FilterQuery(Generic[Row]):
    """A filter that was understood: its text, and terms that all must hold."""

    text: str
    terms: tuple[Term[Row], ...]

    @property
    def needs_now(self) -> bool:
        """Whether the passing of time alone changes which rows pass."""
        return any(isinstance(term, NumberTerm) and term.is_age for term in self.terms)

    @property
    def column_names(self) -> frozenset[str]:
        """The names of the columns that it looks at."""
        names: set[str] = set()
        for term in self.terms:
            columns = term.columns if isinstance(term, WordTerm) else (term.column,)
            names.update(column.name for column in columns)
        return frozenset(names)

    def matches(self, row: Row, now_ns: int = 0) -> bool:
        """Whether one row passes; `now_ns` (UTC) is what ages are counted back from."""
        return all(term.matches(row, now_ns) for term in self.terms)

    def mask(self, cells: Cells, count: int, now_ns: int = 0) -> BoolArray:
        """Return which of the `count` rows of `cells` pass, shape (count,)."""
        found: BoolArray = np.ones(count, dtype=np.bool_)
        for term in self.terms:
            found &= term.mask(cells, now_ns)
        return found


# ------------------------------------------------------------------------------------- parsing


class _Refused(Exception):
    """A value can't be taken; the message is the reason."""


@dataclass
class _Parser(Generic[Row]):
    text: str
    columns: dict[str, Column[Row]]
    vocabulary: Vocabulary
    terms: list[Term[Row]] = field(default_factory=list)
    errors: list[FilterError] = field(default_factory=list)

    def run(self) -> None:
        """Read term after term; an error in one does not hide those in the next."""
        at = 0
        while at < len(self.text):
            if self.text[at].isspace():
                at += 1
                continue
            found = _FIELD.match(self.text, at)
            at = self._field(found) if found else self._word(at)

    def _refuse(self, start: int, end: int, reason: str) -> int:
        self.errors.append(FilterError(start, end, reason))
        return end

    def _word(self, at: int) -> int:
        start = at
        is_negated = self.text[at] == "-" and at + 1 < len(self.text) and self.text[at + 1] > " "
        at += is_negated
        found = re.compile(r'"([^"]*)"|([^\s"]+)').match(self.text, at)
        if found is None:
            return self._refuse(at, len(self.text), 'A quotation mark is missing: write "so".')
        word = (found[1] if found[1] is not None else found[2]).casefold()
        searched = tuple(c for c in self.columns.values() if c.kind is Kind.TEXT)
        if not searched:
            return self._refuse(start, found.end(), "This table has no text to search.")
        if word:
            self.terms.append(WordTerm(searched, word, is_negated))
        return found.end()

    def _field(self, head: re.Match[str]) -> int:
        values, end = self._values(head)
        if end < 0:
            return len(self.text)
        name, sign = head[2].lower(), head[3]
        column = self.columns.get(self.vocabulary.names.get(name, name))
        if column is None:
            return self._refuse(head.start(2), head.end(2), self._no_such_column(name))
        if not values:
            reason = f"Nothing follows {head[2]}{sign}; write {_example(column)}."
            return self._refuse(head.start(), end, reason)
        is_negated = (head[1] == "-") is not (sign == "!=")
        try:
            if column.kind.is_number:
                spelled = "=" if sign in (":", "=", "!=") else sign
                self.terms.append(self._number_term(column, spelled, values, is_negated))
            else:
                self.terms.append(self._text_term(column, sign, values, is_negated))
        except _Refused as refused:
            return self._refuse(head.end(3), end, str(refused))
        return end

    def _values(self, head: re.Match[str]) -> tuple[list[str], int]:
        """Read `a,"b c",d` after an operator: the values and where they end (-1: an open quote)."""
        values: list[str] = []
        at = head.end()
        while found := _VALUE.match(self.text, at):
            values.append(found[1] if found[1] is not None else found[2])
            at = found.end()
            if self.text[at : at + 1] != ",":
                break
            at += 1
        if self.text[at : at + 1] == '"':
            reason = 'A quotation mark is missing: write "so".'
            self._refuse(at, len(self.text), reason)
            return [], -1
        return values, at

    def _no_such_column(self, name: str) -> str:
        names = sorted({*self.columns, *self.vocabulary.names})
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names[:8])}, …"
        return f"There is no column {name}; {hint}"

    def _text_term(
        self, column: Column[Row], sign: str, values: list[str], is_negated: bool
    ) -> TextTerm[Row]:
        if sign not in (":", "=", "!="):
            raise _Refused(
                f"{column.title} is text and has no more or less; write {_example(column)}."
            )
        known = self.vocabulary.values.get(column.name, {})
        words: set[str] = set()
        patterns: list[re.Pattern[str]] = []
        for value in (value.casefold() for value in values):
            if value in known:
                words.update(one.casefold() for one in known[value])
            elif "*" in value:
                pieces = (re.escape(piece) for piece in value.split("*"))
                patterns.append(re.compile(".*".join(pieces), re.DOTALL))
            else:
                words.add(value)
        return TextTerm(column, frozenset(words), tuple(patterns), is_negated)

    def _number_term(
        self, column: Column[Row], sign: str, values: list[str], is_negated: bool
    ) -> NumberTerm[Row]:
        if sign != "=" and len(values) > 1:
            # A list has no more or less, so these commas can only group thousands.
            values = ["".join(values)]
        if column.kind is Kind.TIME:
            return self._time_term(column, sign, values, is_negated)
        ranges = tuple(_range_of(sign, _number(column, value)) for value in values)
        return NumberTerm(column, ranges, is_negated)

    def _time_term(
        self, column: Column[Row], sign: str, values: list[str], is_negated: bool
    ) -> NumberTerm[Row]:
        value = values[0]
        if age := _DURATION.fullmatch(value):
            if sign == "=":
                raise _Refused(f"An age is compared; write {column.name}<{value}.")
            span = Decimal(age[1]) * _DURATION_NS[age[2].lower()]
            return NumberTerm(column, (_range_of(sign, span),), is_negated, is_age=True)
        clock = _CLOCK.fullmatch(value)
        if clock is None or len(values) > 1:
            raise _Refused(f"{value} is neither an age such as 5m nor a time such as 14:30.")
        # 14:30 is the whole minute: `>14:30` starts after it, `<=14:30` takes it in.
        start = (int(clock[1]) * 3_600 + int(clock[2]) * 60 + int(clock[3] or 0)) * NANOS_PER_SECOND
        end = start + (1 if clock[3] else 60) * NANOS_PER_SECOND - 1
        return NumberTerm(
            column,
            (_range(sign, start, end),),
            is_negated,
            is_time_of_day=True,
            utc_offset_ns=self.vocabulary.utc_offset_s * NANOS_PER_SECOND,
        )


def _number(column: Column[Any], value: str) -> Decimal:
    """Return `value` in the column's unit; raises `_Refused`."""
    if column.kind is Kind.DURATION and (span := _DURATION.fullmatch(value)):
        return Decimal(span[1]) * _DURATION_NS[span[2].lower()]
    if column.kind is Kind.PRICE and _IN_32NDS.fullmatch(value):
        try:
            return Decimal(parse_price(value))
        except BadInput as error:
            raise _Refused(str(error)) from None
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise _Refused(f"{value} is not a number; write {_example(column)}.")
    return Decimal(found[1]) * _SUFFIX[found[2].lower()] * column.unit


def _range_of(sign: str, bound: Decimal) -> tuple[int, int]:
    """Return the integers that stand in relation `sign` to `bound`, as (lowest, highest)."""
    # Nothing equals a bound that lies between two integers: there the range runs backwards.
    first = int(bound.to_integral_value(ROUND_CEILING))
    return _range(sign, first, int(bound.to_integral_value(ROUND_FLOOR)))


def _range(sign: str, first: int, last: int) -> tuple[int, int]:
    """Return the integers that stand in relation `sign` to what lasts from `first` to `last`."""
    low, high = {
        "<": (VALUE_MIN, first - 1),
        "<=": (VALUE_MIN, last),
        ">": (last + 1, VALUE_MAX),
        ">=": (first, VALUE_MAX),
        "=": (first, last),
    }[sign]
    return _bounded(low), _bounded(high)


def _example(column: Column[Any]) -> str:
    """Return how a filter on `column` is written."""
    return {
        Kind.TIME: f"{column.name}<5m or {column.name}>14:30",
        Kind.DURATION: f"{column.name}>5m",
        Kind.PRICE: f"{column.name}<=190.50",
        Kind.PERCENT: f"{column.name}>=50",
    }.get(
        column.kind,
        f"{column.name}>10k" if column.kind.is_number else f"{column.name}:word",
    )


def parse(
    text: str, columns: Sequence[Column[Row]], vocabulary: Vocabulary | None = None
) -> FilterQuery[Row] | list[FilterError]:
    """Return the filter that `text` says over `columns`, or what is wrong with it, in order.

    An empty text is a filter without terms, which every row passes.
    """
    by_name = {column.name: column for column in columns}
    parser = _Parser(text, by_name, vocabulary or Vocabulary())
    parser.run()
    if parser.errors:
        return sorted(parser.errors, key=lambda error: error.start)
    return FilterQuery(text.strip(), tuple(parser.terms))
