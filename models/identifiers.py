"""Identifiers of securities: their form and check digits, told in sentences. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_SEDOL = re.compile(r"[0-9BCDFGHJKLMNPQRSTVWXYZ]{6}[0-9]")
_CUSIP = re.compile(r"[A-Z0-9*@#]{8}[0-9]")
_FIGI = re.compile(r"[BCDFGHJKLMNPQRSTVWXYZ]{2}G[BCDFGHJKLMNPQRSTVWXYZ0-9]{8}[0-9]")
_SEDOL_WEIGHTS: Final = (1, 3, 1, 7, 3, 9)
# A FIGI must not be taken for an ISIN of these countries.
_NOT_FIGI: Final = frozenset({"BS", "BM", "GG", "GB", "GH", "KY", "VG"})
_CUSIP_COUNTRIES: Final = frozenset({"US", "CA"})


def _value(character: str) -> int:
    """Return 0–9 for a digit, 10–35 for a letter, and 36–38 for what only a CUSIP has."""
    return 36 + "*@#".index(character) if character in "*@#" else int(character, 36)


def _digit_sum(number: int) -> int:
    return number // 10 + number % 10


def isin_check_digit(body: str) -> int:
    """Return the check digit of an ISIN's first eleven characters (ISO 6166, Luhn's formula)."""
    digits = "".join(str(_value(character)) for character in body)
    doubled = (
        int(digit) * (1 if at % 2 else 2) for at, digit in enumerate(reversed(digits))
    )  # the check digit itself stands to the right of the first doubled one
    return -sum(map(_digit_sum, doubled)) % 10


def sedol_check_digit(body: str) -> int:
    """Return the check digit of a SEDOL's first six characters (weights 1, 3, 1, 7, 3, 9)."""
    return -sum(_value(c) * w for c, w in zip(body, _SEDOL_WEIGHTS, strict=True)) % 10


def double_add_double(body: str) -> int:
    """Return the check digit of a CUSIP (ANSI X9.6) or a FIGI (OMG, Annex B): every second ×2."""
    return -sum(_digit_sum(_value(c) * (1 + at % 2)) for at, c in enumerate(body)) % 10


def _fault(text: str, form: re.Pattern[str], shape: str, digit_of: Callable[[str], int]) -> str:
    if form.fullmatch(text) is None:
        return shape
    digit = digit_of(text[:-1])
    if int(text[-1]) != digit:
        return (
            f"it ends in {text[-1]} where its check digit is {digit}; one of its characters is "
            "mistyped"
        )
    return ""


def isin_fault(isin: str) -> str:
    """Return what is wrong with an ISIN, to follow it in a sentence; empty when nothing is."""
    shape = "an ISIN is two letters, nine letters or digits, and a check digit"
    return _fault(isin, _ISIN, shape, isin_check_digit)


def sedol_fault(sedol: str) -> str:
    """Return what is wrong with a SEDOL; empty when nothing is."""
    shape = "a SEDOL is six digits or consonants, and a check digit"
    return _fault(sedol, _SEDOL, shape, sedol_check_digit)


def cusip_fault(cusip: str) -> str:
    """Return what is wrong with a CUSIP; empty when nothing is."""
    shape = "a CUSIP is eight letters or digits, and a check digit"
    return _fault(cusip, _CUSIP, shape, double_add_double)


def figi_fault(figi: str) -> str:
    """Return what is wrong with a FIGI; empty when nothing is."""
    shape = "a FIGI is two consonants, a G, eight consonants or digits, and a check digit"
    if figi[:2] in _NOT_FIGI:
        return f"none begins with {figi[:2]}"
    return _fault(figi, _FIGI, shape, double_add_double)


def pair_fault(isin: str, cusip: str) -> str:
    """Return why an ISIN and a CUSIP can't be one security's: a US or Canadian ISIN holds it."""
    if not (isin and cusip) or isin[:2] not in _CUSIP_COUNTRIES or isin[2:11] == cusip:
        return ""
    return f"has ISIN {isin}, which holds the CUSIP {isin[2:11]}, and CUSIP {cusip}; one is wrong"
