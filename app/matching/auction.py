"""The price of an auction, worked out from what both sides ask for; and the calls before it.

Equal prices are told apart by the rules of the large European markets: most volume, then least
surplus, then where the surplus is (all of it on the buy side takes the highest price, on the sell
side the lowest), then whichever is nearest to the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from models.money import BPS

_ANY_PRICE = 1 << 80

# (limit price, quantity); a market order's price is 0.
Interest = tuple[int, int]


class Call(StrEnum):
    """Why a book takes orders without matching them."""

    OPENING = "opening"
    CLOSING = "closing"
    VOLATILITY = "volatility"
    HALT = "halt"
    RESUMPTION = "resumption"
    CLOSED = "closed"


class Auction(NamedTuple):
    """What an auction would do: its price (0 for none), what pairs at it, and what would not.

    `imbalance` is what one side has too much at that price: positive on the buy side, negative on
    the sell side. Where there is no price it is that of the market orders.
    """

    price: int = 0
    qty: int = 0
    imbalance: int = 0


class Bands(NamedTuple):
    """How far from its references a trade may be, in basis points; 0 for no such band.

    The static reference is the last auction's price (before one, the first trade's), the dynamic
    one the price of the last trade.
    """

    static_bps: int = 0
    dynamic_bps: int = 0

    def around(self, static_px: int, last_px: int) -> tuple[int, int]:
        """Return the lowest and the highest price at which may be traded now."""
        low, high = 0, _ANY_PRICE
        for reference, bps in ((static_px, self.static_bps), (last_px, self.dynamic_bps)):
            if reference and bps:
                low = max(low, reference - reference * bps // BPS)
                high = min(high, reference + reference * bps // BPS)
        return low, high


def equilibrium(
    bids: Sequence[Interest], offers: Sequence[Interest], reference_px: int = 0
) -> Auction:
    """Return at which price an auction trades, and how much.

    Of prices that are equally good the one nearest to `reference_px` is taken; without a reference
    the lowest. Where there are market orders alone, the reference is their price.
    """
    prices = sorted({price for price, _ in (*bids, *offers) if price})
    if not prices and reference_px:
        prices = [reference_px]
    found = _best(prices, _demand(bids, prices), _supply(offers, prices))
    if not found:
        at_market = [sum(qty for price, qty in side if not price) for side in (bids, offers)]
        return Auction(imbalance=at_market[0] - at_market[1])
    price = _choose([at for at, _, _ in found], [over for _, _, over in found], reference_px)
    bought = sum(qty for limit, qty in bids if not limit or limit >= price)
    sold = sum(qty for limit, qty in offers if limit <= price)
    return Auction(price, min(bought, sold), bought - sold)


def _best(
    prices: Sequence[int], demand: Sequence[int], supply: Sequence[int]
) -> list[tuple[int, int, int]]:
    """Return (price, volume, surplus) of the prices with most volume and then least surplus."""
    all_of_them = [
        (price, min(bought, sold), bought - sold)
        for price, bought, sold in zip(prices, demand, supply, strict=True)
    ]
    most = max((qty for _, qty, _ in all_of_them), default=0)
    if not most:
        return []
    least = min(abs(over) for _, qty, over in all_of_them if qty == most)
    return [each for each in all_of_them if each[1] == most and abs(each[2]) == least]


def _choose(prices: Sequence[int], surpluses: Sequence[int], reference_px: int) -> int:
    """Return one of `prices` (ascending), or the reference where it lies among them."""
    if all(over > 0 for over in surpluses):
        return prices[-1]
    if all(over < 0 for over in surpluses):
        return prices[0]
    return min(max(reference_px, prices[0]), prices[-1])


def _demand(bids: Sequence[Interest], prices: Sequence[int]) -> list[int]:
    """Return how much is bid for at each of `prices` (ascending) or better."""
    by_price = dict.fromkeys(prices, 0)
    at_market = 0
    for price, qty in bids:
        if price:
            by_price[price] += qty
        else:
            at_market += qty
    return [at_market + total for total in accumulate(reversed(by_price.values()))][::-1]


def _supply(offers: Sequence[Interest], prices: Sequence[int]) -> list[int]:
    """Return how much is offered at each of `prices` (ascending) or better."""
    by_price = dict.fromkeys(prices, 0)
    at_market = 0
    for price, qty in offers:
        if price:
            by_price[price] += qty
        else:
            at_market += qty
    return [at_market + total for total in accumulate(by_price.values())]
