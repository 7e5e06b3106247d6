"""The price of an auction: each rule decides where those before it leave more than one price."""

from __future__ import annotations

import pytest

from app.matching.auction import Auction, Bands, Interest, equilibrium


@pytest.mark.parametrize(
    ("bids", "offers", "reference", "expected"),
    [
        # most volume
        ([(102, 5), (100, 10)], [(99, 5), (100, 4)], 0, Auction(100, 9, 6)),
        ([(101, 10)], [(100, 10), (99, 3)], 0, Auction(100, 10, -3)),
        # least surplus
        ([(102, 10), (101, 5)], [(100, 10)], 0, Auction(102, 10, 0)),
        ([(102, 10)], [(100, 10), (101, 5)], 0, Auction(100, 10, 0)),
        # market pressure
        ([(102, 15)], [(99, 5), (100, 5)], 100, Auction(102, 10, 5)),
        ([(102, 5), (101, 5)], [(99, 15)], 102, Auction(99, 10, -5)),
        # the reference, where it lies among them, else the nearest
        ([(102, 10)], [(98, 10)], 100, Auction(100, 10, 0)),
        ([(102, 10)], [(98, 10)], 97, Auction(98, 10, 0)),
        ([(102, 10)], [(98, 10)], 103, Auction(102, 10, 0)),
        ([(102, 10)], [(98, 10)], 0, Auction(98, 10, 0)),
        ([(101, 5), (100, 5)], [(100, 5), (101, 5)], 101, Auction(101, 5, -5)),
        ([(101, 5), (100, 5)], [(100, 5), (101, 5)], 99, Auction(100, 5, 5)),
        # market orders
        ([(0, 10)], [(101, 4), (102, 8)], 0, Auction(102, 10, -2)),
        ([(0, 10), (99, 5)], [(0, 4)], 0, Auction(99, 4, 11)),
        ([(0, 10)], [(0, 7)], 100, Auction(100, 7, 3)),
        ([(0, 10)], [(0, 7)], 0, Auction(0, 0, 3)),
        # nothing to trade
        ([(99, 10)], [(101, 10)], 100, Auction()),
        ([(0, 3)], [], 100, Auction(0, 0, 3)),
        ([], [(101, 5), (0, 4)], 100, Auction(0, 0, -4)),
        ([], [], 100, Auction()),
    ],
)
def test_auction_price_follows_volume_surplus_pressure_and_reference_in_this_order(
    bids: list[Interest], offers: list[Interest], reference: int, expected: Auction
) -> None:
    assert equilibrium(bids, offers, reference) == expected


def test_auction_price_is_the_same_in_whatever_order_the_interest_comes() -> None:
    bids, offers = [(102, 5), (0, 3), (100, 10), (101, 2)], [(99, 5), (101, 4), (0, 6)]
    found = equilibrium(bids, offers, 100)
    assert equilibrium(bids[::-1], offers[::-1], 100) == found


@pytest.mark.parametrize(
    ("bands", "static_px", "last_px", "expected"),
    [
        (Bands(1_000, 0), 100_000, 50_000, (90_000, 110_000)),
        (Bands(0, 200), 100_000, 50_000, (49_000, 51_000)),
        (Bands(1_000, 200), 100_000, 109_000, (106_820, 110_000)),
    ],
)
def test_bands_leave_what_is_near_both_references(
    bands: Bands, static_px: int, last_px: int, expected: tuple[int, int]
) -> None:
    assert bands.around(static_px, last_px) == expected


def test_bands_without_a_reference_leave_everything() -> None:
    low, high = Bands(100, 100).around(0, 0)
    assert low == 0
    assert high > 10**18
