"""What a decision knows beside the state: quotes while the feed lives."""

from __future__ import annotations

import pytest

from app.core.context import FEED_TIMEOUT_NS, Quote
from tests.builders import NOW, context, px, quote


@pytest.mark.parametrize(
    ("given", "mid"),
    [
        (quote(bid=px(99), ask=px(101)), px(100)),
        (quote(last=px(98), bid=0), px(98)),
        (quote(last=px(98), ask=0), px(98)),
        (Quote("ACME"), 0),
        (Quote("ACME", bid=1, ask=2), 1),
    ],
)
def test_mid_is_of_both_sides_else_the_last(given: Quote, mid: int) -> None:
    assert given.mid == mid


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        (quote(last=px(98)), px(98)),
        (Quote("ACME", bid=px(99), ask=px(101)), px(100)),
        (Quote("ACME", bid=px(99)), None),
        (Quote("ACME"), None),
    ],
)
def test_reference_px_is_the_last_else_the_mid_else_none(
    given: Quote, reference: int | None
) -> None:
    assert context(quotes=(given,)).reference_px("ACME") == reference


def test_reference_px_of_a_name_never_quoted_is_none() -> None:
    assert context().reference_px("XYZ") is None


@pytest.mark.parametrize(
    ("silent_ns", "live"), [(FEED_TIMEOUT_NS, True), (FEED_TIMEOUT_NS + 1, False)]
)
def test_quote_is_gone_when_the_feed_is_silent_too_long(silent_ns: int, live: bool) -> None:
    assert (context(feed_ts=NOW - silent_ns).quote("ACME") is not None) is live


def test_quote_without_any_sign_of_life_is_none() -> None:
    assert context(feed_ts=0).quote("ACME") is None
