"""What each trader of a desk has done, works on and risks, kept up order by order. No Qt.

Money is in millionths of the rule book's currency. Nothing that is not known is counted as 0: a
sum with a part that can't be valued is `None`. A care order counts, for whoever has it, and its
slices within it; the limit of one order is held against what is sent to a venue, slices among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from app.core.desk_state import DeskState, halt_key
from app.session.step import SessionCore
from models.alerts import AlertState
from models.instruments import Instrument
from models.money import BPS, MONEY_SCALE, PRICE_PER_MONEY
from models.orders import Order
from models.parties import Role, Trader

DESK_TOTAL = ""
_LIMIT_RULE = "NOTIONAL"
_TRADES = frozenset({Role.TRADER, Role.DESK_HEAD})


class Share(NamedTuple):
    """What one order adds to its trader's row; money `None` where it can't be valued.

    `is_counted` is false for a slice, whose care order counts; `whole` is None for a care order.
    """

    trader: str
    symbol: str
    is_working: bool
    has_fills: bool
    signed_qty: int
    working: int | None
    done: int | None
    whole: int | None
    is_counted: bool = True


@dataclass
class TraderRow:
    """One trader, or the whole desk where `login` is empty.

    Attributes:
        working_count, order_count: orders that may still fill, and all of today, without slices.
        working, done: their value that is still to be done, and that is done.
        gross, net: what today's fills have built up, at last prices: all added up, and sold less
            bought taken off.
        largest: the value of the largest order of today.
        limit: the hard limit that one order has (the soft one where there is no hard one).
        over_soft: orders of today over the soft limit.
        open_alerts: alerts about them that nobody has seen.
        halted_by: who has halted them, empty for nobody; `is_desk_halt` when the whole desk is.
    """

    login: str
    name: str = ""
    role: str = ""
    working_count: int = 0
    order_count: int = 0
    working: int | None = 0
    done: int | None = 0
    gross: int | None = 0
    net: int | None = 0
    largest: int | None = None
    limit: int | None = None
    over_soft: int = 0
    open_alerts: int = 0
    halted_by: str = ""
    is_desk_halt: bool = False

    @property
    def limit_use_bps(self) -> int | None:
        """The largest order as a share of the limit, in basis points."""
        if self.largest is None or not self.limit:
            return None
        return self.largest * BPS // self.limit


@dataclass
class _Sums:
    """What a trader's orders add up to, before anything is valued at last prices."""

    working_count: int = 0
    order_count: int = 0
    working: int = 0
    done: int = 0
    unvalued: int = 0
    net_qty: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)  # of each order, by its id


class DeskBook:
    """Keeps the traders' sums up to date, order by order, so that a change costs one order.

    `take_in` is told which orders changed; `rows` values what there is at last prices.
    """

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self._shares: dict[str, Share] = {}
        self._sums: dict[str, _Sums] = {}
        self._basis: tuple[object, ...] = ()

    def take_in(self, order_ids: Iterable[str]) -> None:
        """Take in orders that have changed; anew all of them when what values them did."""
        state = self._core.state
        basis = (id(state), state.day, id(state.rule_book), len(state.instruments))
        if basis != self._basis:
            self._basis = basis
            self._shares, self._sums = {}, {}
            order_ids = list(state.orders)
        for order_id in order_ids:
            self._take_out(order_id)
            order = state.orders.get(order_id)
            if order is not None and order.desk == self._core.desk:
                self._put_in(order_id, share_of(order, state, self._price(order.symbol)))

    def _price(self, symbol: str) -> int:
        quote = self._core.quotes.get(symbol)
        return (quote.last or quote.mid) if quote is not None else 0

    def _put_in(self, order_id: str, share: Share) -> None:
        self._shares[order_id] = share
        sums = self._sums.setdefault(share.trader, _Sums())
        _add(sums, share, 1)
        if share.whole is not None:
            sums.values[order_id] = share.whole

    def _take_out(self, order_id: str) -> None:
        share = self._shares.pop(order_id, None)
        if share is not None:
            sums = self._sums[share.trader]
            _add(sums, share, -1)
            sums.values.pop(order_id, None)

    # -- rows ----------------------------------------------------------------------------------

    def rows(self, logins: Iterable[str]) -> list[TraderRow]:
        """Return a row each for `logins`, and the desk's total when there are several."""
        core = self._core
        alerts = self._open_alerts()
        rows = []
        for login in logins:
            row = self._row(self._sums.get(login, _Sums()))
            person = core.state.traders.get(login)
            row.login, row.name, row.role = login, *_words(person)
            row.open_alerts = alerts.get(login, 0)
            self._note_halt(row)
            rows.append(row)
        if len(rows) > 1:
            rows.append(self._total(rows, sum(alerts.values())))
        return rows

    def traders(self) -> list[str]:
        """Return who trades at the desk, or has orders there, by login."""
        core = self._core
        people = core.state.traders.values()
        listed = {p.login for p in people if p.desk == core.desk and p.role in _TRADES}
        busy = {login for login, sums in self._sums.items() if sums.order_count}
        return sorted((listed | busy) - {DESK_TOTAL})  # what nobody has claimed is the desk's alone

    def _row(self, sums: _Sums) -> TraderRow:
        book = self._core.state.rule_book
        limit = book.limits.get(_LIMIT_RULE) if book is not None else None
        soft = limit.soft if limit is not None and limit.enabled else None
        hard = limit.hard if limit is not None and limit.enabled else None
        gross, net = self._exposure(sums.net_qty)
        is_known = not sums.unvalued
        return TraderRow(
            login="",
            working_count=sums.working_count,
            order_count=sums.order_count,
            working=sums.working if is_known else None,
            done=sums.done if is_known else None,
            gross=gross,
            net=net,
            largest=max(sums.values.values(), default=None),
            limit=hard if hard is not None else soft,
            over_soft=sum(v > soft for v in sums.values.values()) if soft is not None else 0,
        )

    def _exposure(self, net_qty: dict[str, int]) -> tuple[int | None, int | None]:
        gross = net = 0
        state = self._core.state
        for symbol, qty in net_qty.items():
            if not qty:
                continue
            instrument, px = state.instruments.get(symbol), self._price(symbol)
            rate = _rate(state, instrument)
            if instrument is None or not px or rate is None:
                return None, None
            value = instrument.notional(px, abs(qty)) * rate // MONEY_SCALE
            gross += value
            net += value if qty > 0 else -value
        return gross, net

    def _total(self, rows: list[TraderRow], open_alerts: int) -> TraderRow:
        """Return the desk's row: its sums over all traders, net of each other where that is so."""
        whole = _Sums()
        for sums in self._sums.values():
            whole.working_count += sums.working_count
            whole.order_count += sums.order_count
            whole.working += sums.working
            whole.done += sums.done
            whole.unvalued += sums.unvalued
            whole.values.update(sums.values)
            for symbol, qty in sums.net_qty.items():
                whole.net_qty[symbol] = whole.net_qty.get(symbol, 0) + qty
        total = self._row(whole)
        total.name = f"Desk {self._core.desk}"
        total.open_alerts = open_alerts
        self._note_halt(total)
        return total

    def _note_halt(self, row: TraderRow) -> None:
        core = self._core
        whole = core.state.halts.get(halt_key(core.desk, ""))
        own = core.state.halts.get(halt_key(core.desk, row.login))
        halt = own or whole
        row.halted_by = halt.author if halt is not None else ""
        row.is_desk_halt = whole is not None and own is not whole

    def _open_alerts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for alert in self._core.state.alerts.values():
            if alert.state is AlertState.OPEN:
                counts[alert.trader] = counts.get(alert.trader, 0) + 1
        return counts


def share_of(order: Order, state: DeskState, last_px: int) -> Share:
    """Return what an order adds to its trader's row, what is to be done valued at its limit."""
    instrument = state.instruments.get(order.symbol)
    rate = _rate(state, instrument)
    is_working = order.is_live
    px = order.limit_px or order.stop_px or last_px
    working = done = whole = None
    if instrument is not None and rate is not None:
        done = _traded(order, instrument) * rate // MONEY_SCALE
        if not is_working:
            working = 0
        elif px:
            working = instrument.notional(px, order.leaves_qty) * rate // MONEY_SCALE
        whole_px = px or order.avg_px
        if whole_px:
            whole = instrument.notional(whole_px, order.qty) * rate // MONEY_SCALE
    signed = order.side.sign * order.cum_qty
    if _is_within(order, state):
        return Share(order.trader, order.symbol, False, False, 0, 0, 0, whole, is_counted=False)
    if order.is_care:
        whole = None
    return Share(
        order.trader, order.symbol, is_working, bool(order.cum_qty), signed, working, done, whole
    )


def _is_within(order: Order, state: DeskState) -> bool:
    """Whether a care order that the desk still has counts for this slice of it."""
    parent = state.orders.get(order.parent_id) if order.parent_id else None
    return parent is not None and parent.desk == order.desk


def _traded(order: Order, instrument: Instrument) -> int:
    divisor = PRICE_PER_MONEY * (100 if instrument.asset_class.is_bond else 1)
    return (order.cum_px_qty + divisor // 2) // divisor


def _rate(state: DeskState, instrument: Instrument | None) -> int | None:
    """Return millionths of the rule book's currency for one unit of the instrument's."""
    if instrument is None or state.rule_book is None:
        return None
    return state.rule_book.fx.get(instrument.currency)


def _add(sums: _Sums, share: Share, sign: int) -> None:
    sums.order_count += sign if share.is_counted else 0
    sums.working_count += sign if share.is_working else 0
    sums.working += sign * (share.working or 0)
    sums.done += sign * (share.done or 0)
    sums.unvalued += sign if share.working is None or share.done is None else 0
    if share.has_fills:
        sums.net_qty[share.symbol] = sums.net_qty.get(share.symbol, 0) + sign * share.signed_qty


def _words(person: Trader | None) -> tuple[str, str]:
    return (person.name, person.role.replace("_", " ")) if person is not None else ("", "")
