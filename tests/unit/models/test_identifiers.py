"""Identifiers: published ones pass, one mistyped digit never does, and the sentence says why."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identifiers import (
    cusip_fault,
    double_add_double,
    figi_fault,
    isin_check_digit,
    isin_fault,
    pair_fault,
    sedol_check_digit,
    sedol_fault,
)

GOOD: list[tuple[Callable[[str], str], str]] = [
    *((isin_fault, each) for each in (
        "US0378331005", "GB0002634946", "DE000BAY0017", "US912828U816", "CH0012221716",
        "AU0000XVGZA3", "JP3633400001",
    )),
    *((sedol_fault, each) for each in ("0263494", "B0YBKJ7", "2046251", "BH4HKS3", "0798059")),
    *((cusip_fault, each) for each in ("037833100", "38259P508", "17275R102", "68389X105")),
    *((figi_fault, each) for each in ("BBG000B9XRY4", "BBG000BLNNH6", "BBG000BPH459")),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "text"), GOOD)
def test_identifier_as_published_has_no_fault(fault: Callable[[str], str], text: str) -> None:
    assert fault(text) == ""


@pytest.mark.parametrize(("fault", "text"), GOOD)
def test_identifier_with_one_digit_mistyped_is_always_a_fault(
    fault: Callable[[str], str], text: str
) -> None:
    for at, was in enumerate(text):
        if was.isdigit():
            for digit in set(string.digits) - {was}:
                assert fault(text[:at] + digit + text[at + 1 :])


@pytest.mark.parametrize(
    ("fault", "text", "words"),
    [
        (isin_fault, "US0378331006", "ends in 6 where its check digit is 5"),
        (isin_fault, "US037833100", "an ISIN is two letters"),
        (isin_fault, "us0378331005", "an ISIN is two letters"),
        (isin_fault, "0S0378331005", "an ISIN is two letters"),
        (isin_fault, "US03783310-5", "an ISIN is two letters"),
        (isin_fault, "US037833100٥", "an ISIN is two letters"),
        (isin_fault, "", "an ISIN is two letters"),
        (sedol_fault, "0263495", "ends in 5 where its check digit is 4"),
        (sedol_fault, "A263494", "a SEDOL is six digits or consonants"),
        (sedol_fault, "263494", "a SEDOL is six digits or consonants"),
        (cusip_fault, "037833109", "ends in 9 where its check digit is 0"),
        (cusip_fault, "03783310", "a CUSIP is eight letters or digits"),
        (figi_fault, "BBG000B9XRY5", "ends in 5 where its check digit is 4"),
        (figi_fault, "BBX000B9XRY4", "a G"),
        (figi_fault, "BAG000B9XRY4", "two consonants"),
        (figi_fault, "GBG000B9XRY4", "none begins with GB"),
    ],
)
def test_identifier_that_is_none_is_told_why(
    fault: Callable[[str], str], text: str, words: str
) -> None:
    assert words in fault(text)


def test_fault_of_something_long_is_not_as_long() -> None:
    assert len(isin_fault("X" * 100_000)) < 150


@pytest.mark.parametrize(
    ("isin", "cusip", "is_right"),
    [
        ("US0378331005", "037833100", True),
        ("US0378331005", "594918104", False),
        ("GB0002634946", "037833100", True),
        ("", "037833100", True),
        ("US0378331005", "", True),
    ],
)
def test_pair_of_isin_and_cusip_must_be_one_securitys(
    isin: str, cusip: str, is_right: bool
) -> None:
    assert (pair_fault(isin, cusip) == "") is is_right


_LETTERS = string.digits + "BCDFGHJKLMNPQRSTVWXYZ"


@given(st.text(_LETTERS, min_size=9, max_size=9))
def test_identifier_with_its_own_check_digit_is_right(body: str) -> None:
    assert isin_fault(f"US{body}{isin_check_digit('US' + body)}") == ""
    assert sedol_fault(f"{body[:6]}{sedol_check_digit(body[:6])}") == ""
    assert cusip_fault(f"{body[:8]}{double_add_double(body[:8])}") == ""
    figi = f"BBG{body[:8]}"
    assert figi_fault(f"{figi}{double_add_double(figi)}") == ""
