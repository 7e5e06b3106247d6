"""What the command palette finds: actions, panes, symbols, orders. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final, Protocol

from app.session.step import SessionCore
from models.orders import Order
from ui.actions import ACTIONS
from ui.shell.fuzzy import score
from ui.shell.keymap import KeyMap

FOUND_MAX: Final = 14
_ORDERS_MAX: Final = 6
_SYMBOLS_MAX: Final = 8
_SYMBOL_LENGTH_MAX: Final = 12
# Newest first, and no further than a person waits between two keys.
_ORDERS_LOOKED_AT: Final = 100_000
_NOT_CHOSEN: Final = frozenset({"palette", "drop"})
GO_PANES: Final = {"blotter": "orders"}  # where a key's name is not the pane's


@dataclass(frozen=True)
class Entry:
    """One thing that can be chosen.

    Attributes:
        kind: "action", "pane", "symbol" or "order"; shown at the left.
        title: what it is, and what is searched.
        run: does it.
        detail: words after the title.
        key: the key that does it too.
        also: further words that it is found by.
    """

    kind: str
    title: str
    run: Callable[[], object] = field(compare=False)
    detail: str = ""
    key: str = ""
    also: str = ""


@dataclass(frozen=True)
class Deeds:
    """What choosing a symbol or an order does."""

    choose_symbol: Callable[[str], object]
    show_order: Callable[[str], object]


class Triggered(Protocol):
    """What is done by being triggered, such as a window's action."""

    def trigger(self) -> None: ...


class Titled(Protocol):
    """What holds a pane, such as its dock."""

    @property
    def pane_title(self) -> str: ...


def window_entries(
    actions: Mapping[str, Triggered],
    keymap: KeyMap,
    panes: Mapping[str, Titled],
    go_to: Callable[[str], object],
) -> list[Entry]:
    """Return an entry for each action that one may choose, and for each pane."""
    entries = [
        Entry("action", spec.title, actions[spec.name].trigger, "", keymap.first(spec.name),
              spec.group)
        for spec in ACTIONS
        if spec.name not in _NOT_CHOSEN and not spec.name.startswith("go_")
    ]  # fmt: skip
    going = [spec.name for spec in ACTIONS if spec.name.startswith("go_")]
    keys = {GO_PANES.get(name[3:], name[3:]): keymap.first(name) for name in going}
    return entries + [
        Entry("pane", pane.pane_title, partial(go_to, name), "", keys.get(name, ""), "show pane")
        for name, pane in panes.items()
    ]


def find(typed: str, entries: Sequence[Entry], core: SessionCore, deeds: Deeds) -> list[Entry]:
    """Return what `typed` finds, the best first; what is often wanted when nothing is typed."""
    wanted = typed.strip()
    if not wanted:
        return list(entries[:FOUND_MAX])
    scored = []
    for place, entry in enumerate(entries):
        best = score(wanted, entry.title)
        if entry.also:
            other = score(wanted, entry.also)
            best = other if best is None else max(best, other - 2 if other is not None else best)
        if best is not None:
            scored.append((best, -place, entry))
    for place, (points, entry) in enumerate(_symbols(wanted, core, deeds)):
        scored.append((points, -place - len(entries), entry))
    scored.sort(key=lambda found: found[:2], reverse=True)
    orders = list(_orders(wanted, core, deeds))
    return [*orders, *(entry for _, _, entry in scored)][:FOUND_MAX]


def _symbols(typed: str, core: SessionCore, deeds: Deeds) -> Iterator[tuple[int, Entry]]:
    upper = typed.upper()
    found: list[tuple[int, str]] = []
    for symbol, instrument in core.state.instruments.items():
        points = score(typed, instrument.name)
        if symbol == upper:
            points = 1_000
        elif len(upper) <= _SYMBOL_LENGTH_MAX and symbol.startswith(upper):
            points = max(points or 0, 60 + 4 * len(upper))
        if points is not None:
            found.append((points, symbol))
    found.sort(key=lambda each: (-each[0], each[1]))
    for points, symbol in found[:_SYMBOLS_MAX]:
        name = core.state.instruments[symbol].name
        yield points, Entry("symbol", symbol, partial(deeds.choose_symbol, symbol), name)


def _orders(typed: str, core: SessionCore, deeds: Deeds) -> Iterator[Entry]:
    """Yield orders whose id holds what is typed; only a number can mean one."""
    wanted = typed.upper()
    if not any(letter.isdigit() for letter in wanted) or " " in wanted:
        return
    orders = core.state.orders
    exact = orders.get(wanted)
    if exact is not None:
        yield _order_entry(exact, deeds)
        return
    newest = islice(reversed(orders), _ORDERS_LOOKED_AT)
    hits = (order_id for order_id in newest if wanted in order_id.upper())
    for order_id in islice(hits, _ORDERS_MAX):
        yield _order_entry(orders[order_id], deeds)


def _order_entry(order: Order, deeds: Deeds) -> Entry:
    words = f"{order.side.label} {order.qty:,} {order.symbol} · {order.trader} · "
    words += order.status.replace("_", " ")
    return Entry("order", order.order_id, lambda: deeds.show_order(order.order_id), words)
