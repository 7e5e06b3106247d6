"""How well a few typed letters match a phrase. No Qt."""

from __future__ import annotations

_WORD_START = 8
_IN_A_ROW = 5
_ANYWHERE = 1
_GAP = 1
_BREAKS = " -_./:·,("


def score(typed: str, phrase: str) -> int | None:
    """Return how well `typed` matches `phrase`, higher is better; `None` where it does not.

    Every word of what is typed has to be found as letters in their order; starts of words and
    letters in a row count more, and short phrases more than long ones.
    """
    whole = 0
    lowered = phrase.lower()
    for word in typed.lower().split():
        found = _word_score(word, lowered)
        if found is None:
            return None
        whole += found
    return whole * 4 - len(phrase) // 4


def _word_score(word: str, phrase: str) -> int | None:
    at = phrase.find(word)
    while at > 0 and phrase[at - 1] not in _BREAKS:  # a start of a word is worth looking for
        further = phrase.find(word, at + 1)
        if further < 0:
            break
        at = further
    if at >= 0:
        starts = at == 0 or phrase[at - 1] in _BREAKS
        bonus = _WORD_START * 2 if at == 0 else _WORD_START if starts else 0
        return len(word) * _IN_A_ROW + bonus + (4 if len(word) == len(phrase) else 0)
    return _scattered(word, phrase)


def _scattered(word: str, phrase: str) -> int | None:
    """Score letters that are not in a row: each has to start a word or follow the one before."""
    total, at, last = 0, 0, -2
    for letter in word:
        at = _next_place(letter, phrase, at, last)
        if at < 0:
            return None
        if at == last + 1:
            total += _IN_A_ROW
        elif at == 0 or phrase[at - 1] in _BREAKS:
            total += _WORD_START
        else:
            total += _ANYWHERE
        total -= _GAP if at > last + 1 else 0
        last, at = at, at + 1
    # Letters strewn about match almost anything: most of them have to mean something.
    return total if total >= 3 * len(word) else None


def _next_place(letter: str, phrase: str, start: int, last: int) -> int:
    """Return where `letter` comes next: right after the last, else at a word's start, else -1."""
    if start == last + 1 and start < len(phrase) and phrase[start] == letter:
        return start
    first = phrase.find(letter, start)
    at = first
    while at >= 0:
        if at == 0 or phrase[at - 1] in _BREAKS:
            return at
        at = phrase.find(letter, at + 1)
    return first
