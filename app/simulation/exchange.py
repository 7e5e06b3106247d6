"""Venues as a simulated world has them: one that dies with its engine, one that outlives all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.core.context import Quote
from app.ports import (
    CancelRequest,
    EndSession,
    MarketUpdate,
    NewOrder,
    ReplaceOrder,
    StartSession,
    Venue,
    VenueMessage,
)
from app.simulation.auditor import Auditor
from app.simulation.faults import MS, Dice, S
from app.simulation.world import World
from models.commands import VenueReport
from models.order_state import Trigger
from models.orders import order_id_of

_STEP_NS = 300 * MS
_FILLS = (Trigger.FILL, Trigger.PARTIAL_FILL)


class WatchedVenue:
    """An engine's own venue, with the auditor beside it; implements `Venue`.

    Attributes:
        fills: every trade of the desk's, by execution id.
    """

    def __init__(self, venue: Venue, name: str, auditor: Auditor) -> None:
        self.venue = venue
        self.cancel_on_disconnect = venue.cancel_on_disconnect
        self.fills: dict[str, VenueReport] = {}
        self._name = name
        self._auditor = auditor

    def send(self, messages: Sequence[VenueMessage], ts: int) -> list[VenueReport]:
        for message in messages:
            if isinstance(message, NewOrder):
                self._auditor.venue_got(self._name, message, restored=False)
        return self._watch(self.venue.send(messages, ts))

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        for order in orders:
            self._auditor.venue_got(self._name, order, restored=True)
        return self._watch(self.venue.restore(orders, ts))

    def advance(self, ts: int) -> list[VenueReport]:
        return self._watch(self.venue.advance(ts))

    def _watch(self, reports: list[VenueReport]) -> list[VenueReport]:
        self.fills |= {report.exec_id: report for report in reports if report.trigger in _FILLS}
        return reports

    def market(self) -> MarketUpdate:
        return self.venue.market()


class Exchange:
    """A venue somewhere else: it knows every order it ever got, and its reports take their time.

    Attributes:
        venue: what matches.
        fills: every trade of the desk's, by execution id: what the log must come to say.
        waiting: how many reports are on their way.
    """

    def __init__(self, world: World, venue: Venue, auditor: Auditor) -> None:
        self.venue = venue
        self.fills: dict[str, VenueReport] = {}
        self.waiting = 0
        self.last_quotes: dict[str, Quote] = {}
        self.feed_ts = 0
        self.newest_epoch = 0
        self.links: list[ExchangeLink] = []
        self._world, self._auditor = world, auditor
        self._dice: Dice = world.dice
        self._orders: dict[str, NewOrder] = {}
        self._requests: set[VenueMessage] = set()
        self._said: dict[str, list[VenueReport]] = {}
        self._due: dict[str, int] = {}
        world.after(0, self._advance)

    # -- messages ----------------------------------------------------------------------------

    def take(self, messages: Sequence[VenueMessage], *, restored: bool) -> None:
        """Take messages; what it got before changes nothing and is answered again."""
        for message in messages:
            match message:
                case NewOrder():
                    self._take_order(message, restored=restored)
                case ReplaceOrder() if message in self._requests:
                    self._say_again(message.cl_ord_id)
                case ReplaceOrder() | CancelRequest() | StartSession() | EndSession():
                    self._requests.add(message)
                    self._record(self.venue.send([message], self._world.now))

    def _take_order(self, message: NewOrder, *, restored: bool) -> None:
        order_id = order_id_of(message.cl_ord_id)
        self._auditor.venue_got("exchange", message, restored=restored)
        if order_id not in self._orders:
            self._orders[order_id] = message
            self._record(self.venue.send([message], self._world.now))
        elif not self._dice.faults.venue_replays_all:
            self._say_missed(order_id, message)

    def _say_again(self, cl_ord_id: str) -> None:
        """Answer a request that came before as it was answered then."""
        for report in self._said.get(order_id_of(cl_ord_id), []):
            if report.cl_ord_id == cl_ord_id and report.trigger not in _FILLS:
                self._deliver(report)

    def _say_missed(self, order_id: str, known: NewOrder) -> None:
        """Say again what the desk has missed, if it is as far as `known` says."""
        done, is_later = 0, False
        for report in self._said.get(order_id, []):
            if report.trigger in _FILLS:
                done += report.last_qty
                if done > known.cum_qty or self._dice.faults.venue_shuffled:
                    self._deliver(report)
            elif report.trigger is Trigger.REPLACE:
                if is_later:
                    self._deliver(report)
            elif report.trigger is not Trigger.ACTIVATE or not known.triggered:
                self._deliver(report)
            is_later |= report.cl_ord_id == known.cl_ord_id

    def log_on(self, link: ExchangeLink, epoch: int) -> bool:
        """Open a session unless a later leader has one; what was on its way to others is lost."""
        if not self._dice.faults.two_logons:
            if epoch < self.newest_epoch:
                return False
            self.links.clear()
        self.newest_epoch = max(self.newest_epoch, epoch)
        self.links.append(link)
        faults = self._dice.faults
        if faults.venue_replays_all or faults.venue_shuffled:
            # Where an order's end may overtake its last fill nobody would ask for that again.
            for report in [report for said in self._said.values() for report in said]:
                if faults.venue_replays_all or report.trigger in _FILLS:
                    self._deliver(report)
        return True

    # -- reports -----------------------------------------------------------------------------

    def _record(self, reports: Sequence[VenueReport]) -> None:
        for report in reports:
            self._said.setdefault(order_id_of(report.cl_ord_id), []).append(report)
            if report.trigger in _FILLS:
                self.fills[report.exec_id] = report
            self._deliver(report)

    def _deliver(self, report: VenueReport) -> None:
        """Send a report; reports on one order keep their order, unless that is what goes wrong."""
        dice, now = self._dice, self._world.now
        due = now + dice.between(MS, 5 * MS)
        if dice.hit("venue_late"):
            due += dice.between(10 * MS, 3 * S)
        order_id = order_id_of(report.cl_ord_id)
        if not dice.hit("venue_shuffled"):
            due = self._due[order_id] = max(due, self._due.get(order_id, 0))
        self._send_at(due, report)
        if dice.hit("venue_twice"):
            twice = due + dice.between(MS, 3 * S)
            if not dice.faults.venue_shuffled:
                twice = self._due[order_id] = due
            self._send_at(twice, report)

    def _send_at(self, due: int, report: VenueReport) -> None:
        self.waiting += 1

        open_links = tuple(self.links)

        def arrive() -> None:
            self.waiting -= 1
            for link in open_links:
                link.arrived.append(report)

        self._world.after(due - self._world.now, arrive)

    def _advance(self) -> None:
        self._record(self.venue.advance(self._world.now))
        seen = self.venue.market()
        self.feed_ts = seen.feed_ts
        self.last_quotes.update({quote.symbol: quote for quote in seen.quotes})
        self._world.after(_STEP_NS, self._advance)


class ExchangeLink:
    """One engine's session with the exchange; implements `Venue`.

    A logon ends the sessions of engines that led before: `epoch` says what the engine believes.
    """

    cancel_on_disconnect = "Orders go on working; a logon tells what has become of them."

    def __init__(self, exchange: Exchange, epoch: Callable[[], int]) -> None:
        self.arrived: list[VenueReport] = []
        self._exchange = exchange
        self._epoch = epoch
        self._quoted_ts = -1

    @property
    def _is_open(self) -> bool:
        return self in self._exchange.links

    def send(self, messages: Sequence[VenueMessage], ts: int) -> list[VenueReport]:
        if self._is_open:
            self._exchange.take(messages, restored=False)
        return []

    def restore(self, orders: Sequence[NewOrder], ts: int) -> list[VenueReport]:
        if self._exchange.log_on(self, self._epoch()):
            self._exchange.take(orders, restored=True)
        return []

    def advance(self, ts: int) -> list[VenueReport]:
        arrived, self.arrived = self.arrived, []
        return arrived

    def market(self) -> MarketUpdate:
        """Return its quotes: what else a market shows decides nothing."""
        exchange = self._exchange
        changed = [quote for quote in exchange.last_quotes.values() if quote.ts > self._quoted_ts]
        self._quoted_ts = max((quote.ts for quote in changed), default=self._quoted_ts)
        return MarketUpdate(feed_ts=exchange.feed_ts, quotes=changed)
