"""The fast book and its oracle on one seeded sequence of requests: they must not differ at all.

`run_sequence(seed)` is the whole of it; a difference is told in words that reproduce it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from app.matching.auction import Bands, Call
from app.matching.instructions import PLAIN, Instructions, PegTo, SelfTrade, Trail
from app.matching.order_book import OrderBook
from app.matching.reference_book import ReferenceBook
from app.matching.reports import CLS, DAY, FOK, IOC, OPG
from models.orders import Peg

Book = OrderBook | ReferenceBook

STEPS = 120
NAMES = 50
MIDDLE = 100
BANDS = (Bands(), Bands(), Bands(300, 0), Bands(0, 200), Bands(400, 100))


class Request(NamedTuple):
    """What is asked of both books: a method of theirs, and its arguments."""

    name: str
    arguments: tuple[object, ...]

    def ask(self, book: Book) -> object:
        """Ask `book`, and return what it answers."""
        if self.name == "bands":
            (book.bands,) = self.arguments  # type: ignore[assignment]
            return None
        return getattr(book, self.name)(*self.arguments)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


def run_sequence(seed: int, steps: int = STEPS) -> str:
    """Return where the books differ on the sequence of this seed, empty where they do not."""
    pick = Random(seed)
    mode = pick.choice(list(SelfTrade))
    requests = sequence(pick, steps)
    found = differences(requests, mode)
    return f"seed {seed}, {mode.value}: {found}" if found else ""


def differences(requests: list[Request], mode: SelfTrade = SelfTrade.CANCEL_NEWEST) -> str:
    """Return where the books differ on `requests`, empty where they do not; both end drained."""
    fast, oracle = OrderBook(mode), ReferenceBook(mode)
    drain = [Request("cancel", (f"o{number}",)) for number in range(NAMES)]
    for at, each in enumerate([*requests, *drain]):
        answers = each.ask(fast), each.ask(oracle)
        found = difference(fast, oracle) or ("" if answers[0] == answers[1] else f"{answers}")
        if found:
            return f"request {at}, {each}: {found}"
        fast.reports.clear()
        oracle.reports.clear()
    if fast.orders or len(fast.stops) or fast.depth(True, 1) or fast.depth(False, 1):
        return f"the drained book still holds {sorted(fast.orders)}"
    return ""


def difference(fast: OrderBook, oracle: ReferenceBook) -> str:
    """Return in what the two differ, or how one contradicts itself; empty for neither."""
    try:
        fast.validate()
        oracle.validate()
    except AssertionError as error:
        return f"a book contradicts itself: {error}"
    if fast.reports != oracle.reports:
        return f"reports {fast.reports} and {oracle.reports}"
    shown: list[Callable[[Book], object]] = [
        lambda book: (book.last_px, book.static_px, book.call, book.bands),
        lambda book: (book.best_bid, book.best_offer),
        lambda book: (book.depth(True, 99), book.depth(False, 99)),
        lambda book: book.indicative() if book.call else None,
        lambda book: book.state_hash(),
    ]
    for say in shown:
        if say(fast) != say(oracle):
            return f"{say(fast)} and {say(oracle)}"
    return ""


# -- what is asked -------------------------------------------------------------------------------


def sequence(pick: Random, steps: int = STEPS) -> list[Request]:
    """Return requests of all kinds; mostly calls and auctions take turns with trading."""
    found: list[Request] = []
    has_calls, is_calling = pick.random() < 0.7, False
    switches_at = pick.randint(0, 30)
    for at in range(steps):
        if has_calls and at == switches_at:
            found.append(_switch(pick, is_calling))
            is_calling, switches_at = not is_calling, at + pick.randint(6, 25)
        elif has_calls and pick.random() < 0.02:
            found.append(_switch(pick, pick.random() < 0.5))
        else:
            found.append(request(pick))
    return found


def _switch(pick: Random, is_calling: bool) -> Request:
    if pick.random() < 0.15:
        return Request("bands", (pick.choice(BANDS),))
    if is_calling:
        return Request("uncross", (pick.choice((0, 0, 98, 100, 103)),))
    return Request("begin_call", (pick.choice(list(Call)),))


def request(pick: Random) -> Request:
    """Return a request around a middle where about half of what comes in trades."""
    draw = pick.random()
    name, is_buy, qty = f"o{pick.randrange(NAMES)}", pick.random() < 0.5, pick.randint(1, 9)
    price = MIDDLE + pick.randint(-6, 2) * (1 if is_buy else -1)
    if draw < 0.72:
        return _order(pick, name, is_buy, price, qty)
    if draw < 0.8:
        return Request("cancel", (name,))
    if draw < 0.92:
        prices = (None, None, pick.randint(95, 105))
        return Request("replace", (name, qty, pick.choice(prices), pick.choice(prices)))
    if draw < 0.96:
        return Request("reduce", (name, qty))
    return Request("hit", (name, qty, "rec"))


def _order(pick: Random, name: str, is_buy: bool, price: int, qty: int) -> Request:
    draw, asks = pick.random(), _instructions(pick)
    away = 1 if is_buy else -1
    if draw < 0.5:
        tif = pick.choice([DAY] * 8 + [IOC, FOK, OPG, CLS])
        priority = pick.randint(1, 30) << 20 if pick.random() < 0.1 else None
        qty *= pick.choice((1, 1, 4))
        return Request("limit", (name, is_buy, price, qty, tif, priority, asks))
    if draw < 0.62:
        tif = pick.choice((DAY, IOC, IOC, FOK, OPG, CLS))
        return Request("market", (name, is_buy, qty, tif, asks))
    if draw < 0.68:
        return Request("market_to_limit", (name, is_buy, qty, asks))
    if draw < 0.84:
        peg = PegTo(pick.choice(list(Peg)), pick.choice((0, 0, -1, -2, 1)), pick.choice((1, 1, 2)))
        cap = pick.choice((0, 0, MIDDLE + pick.randint(-2, 3)))
        return Request("pegged", (name, is_buy, qty, peg, cap, asks))
    if draw < 0.93:
        stop_px = MIDDLE + pick.randint(-2, 5) * away
        return Request("stop", (name, is_buy, stop_px, qty, pick.choice((None, price)), asks))
    trail = Trail(pick.choice((0, 1, 3)), 250, 1, pick.choice((None, 0, 2)))
    stop_px = pick.choice((0, 0, MIDDLE + pick.randint(1, 5) * away))
    return Request("stop", (name, is_buy, stop_px, qty, None, asks, trail))


def _instructions(pick: Random) -> Instructions:
    if pick.random() < 0.4:
        return PLAIN
    return Instructions(
        owner=pick.choice(("", "", "fund", "scheme")),
        display=pick.choice((0, 0, 1, 2, 3)),
        seed=pick.choice((0, 7)),
        post_only=pick.random() < 0.1,
        min_qty=pick.choice((0, 0, 0, 0, 0, 3)),
        all_or_none=pick.random() < 0.15,
    )
