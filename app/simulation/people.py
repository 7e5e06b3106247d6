"""People: seeded traders who enter, amend, cancel, acknowledge, click twice and try again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from app.compliance.rulebook import default_rule_book
from app.simulation.desktop import Desktop
from app.simulation.faults import MS
from app.simulation.wishes import CENT, wish
from app.simulation.world import World
from models.alerts import AlertState
from models.commands import (
    SYSTEM,
    AcknowledgeAlert,
    AdoptRuleBook,
    AmendOrder,
    AnyCommand,
    CancelOrder,
    Command,
    EntitleTraders,
    ListInstruments,
    OpenAccounts,
    PauseStrategy,
    ResumeStrategy,
    StartStrategy,
    StopStrategy,
    SubmitOrder,
)
from models.instruments import AssetClass, Instrument, TickBand
from models.orders import DESK as DESK_VENUE
from models.orders import Order, OrderTerms, OrderType, Replacement, Side, TimeInForce
from models.parties import Account, Role, Trader
from models.workflow import Strategy, StrategyKind, Style

DESK = "EQ"
_FIRST_NAMES = ("alice", "ben", "cleo", "dana", "emil")
_PRICE = 10**9
_SECOND = 10**9
_WEIGHTS = (50, 20, 16, 6, 6, 8, 3, 8, 3)

_Deed = Callable[[], AnyCommand | None]


def _instrument(symbol: str, isin: str, prev_close: int) -> Instrument:
    return Instrument(
        symbol=symbol,
        name=symbol,
        asset_class=AssetClass.SHARE,
        isin=isin,
        currency="USD",
        mic="XNAS",
        lot=1,
        ticks=(TickBand(0, CENT),),
        adv=40_000_000,
        prev_close=prev_close,
    )


INSTRUMENTS = (
    _instrument("AAPL", "US0378331005", 230 * _PRICE),
    _instrument("KO", "US1912161007", 62 * _PRICE),
)


def logins(count: int) -> list[str]:
    """Return the names of `count` people."""
    return [*_FIRST_NAMES, *(f"trader{n}" for n in range(len(_FIRST_NAMES), count))][:count]


def reference(people: list[str]) -> list[Command]:
    """Return what the store is told before anybody comes in."""
    traders = tuple(
        Trader(
            login=login,
            name=login.title(),
            desk=DESK,
            role=Role.TRADER,
            accounts=("GROWTH",),
            asset_classes=(AssetClass.SHARE,),
        )
        for login in people
    )
    account = Account(code="GROWTH", name="Growth Fund", client="A client")
    return [
        ListInstruments(id="reference-1", author=SYSTEM, instruments=INSTRUMENTS),
        OpenAccounts(id="reference-2", author=SYSTEM, accounts=(account,)),
        EntitleTraders(id="reference-3", author=SYSTEM, traders=traders),
        AdoptRuleBook(id="reference-4", author=SYSTEM, rule_book=default_rule_book()),
    ]


class Person:
    """One trader at one desktop.

    Attributes:
        desktop: what they look at and click on.
        is_home: nothing is done any more.
    """

    def __init__(self, world: World, desktop: Desktop) -> None:
        self.desktop = desktop
        self.is_home = False
        self._world = world
        self._random: Random = world.dice.random
        self._last: AnyCommand | None = None
        self._deeds: tuple[_Deed, ...] = (
            self._submit,
            self._amend,
            self._cancel,
            self._acknowledge,
            self._again,
            self._retry,
            self._care,
            self._slice,
            self._strategy,
        )
        self._come_back()

    def _come_back(self) -> None:
        self._world.after(self._world.dice.between(30 * MS, 1_000 * MS), self._act)

    def _act(self) -> None:
        if self.is_home:
            return
        if self.desktop.is_up:
            command = self._random.choices(self._deeds, _WEIGHTS)[0]()
            if command is not None and self.desktop.can_send(command):
                self._last = command
                self.desktop.click(command)
        self._come_back()

    def _new_id(self) -> str:
        """Return a UUIDv7 by this machine's clock, which may be anything."""
        desktop = self.desktop
        millis = (self._world.now + desktop.clock_offset_ns) // MS
        value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | 0b10 << 62
        value |= self._random.getrandbits(12) << 64 | self._random.getrandbits(62)
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    # -- what they do ------------------------------------------------------------------------

    def _submit(self) -> AnyCommand | None:
        """Enter an order around the market; now and then a mistaken one."""
        core, instrument = self.desktop.core, self._random.choice(INSTRUMENTS)
        quote = core.quotes.get(instrument.symbol)
        return SubmitOrder(
            id=self._new_id(),
            author=self.desktop.login,
            desk=self.desktop.desk,
            terms=wish(self._random, instrument, quote, core.state.day),
            reason=self._random.choice(("", "agreed", "agreed")),
            seen_ts=core.store_ts,
        )

    def _care(self) -> AnyCommand | None:
        """Take an order that is worked at the desk, by slices or by a strategy."""
        asked = self._submit()
        if not isinstance(asked, SubmitOrder):
            return None
        pick, instrument = self._random, self._random.choice(INSTRUMENTS)
        quote = self.desktop.core.quotes.get(instrument.symbol)
        px = (quote.mid if quote is not None else 0) or instrument.prev_close
        terms = OrderTerms(
            symbol=instrument.symbol,
            side=pick.choice((Side.BUY, Side.SELL)),
            qty=pick.randint(100, 3_000),
            order_type=OrderType.LIMIT,
            account="GROWTH",
            limit_px=px // CENT * CENT + pick.randint(-20, 20) * CENT,
            time_in_force=pick.choice((TimeInForce.DAY, TimeInForce.GTC)),
            venue=DESK_VENUE,
        )
        return msgspec.structs.replace(asked, terms=terms, staged=pick.random() < 0.1)

    def _own_care_order(self) -> Order | None:
        orders = self.desktop.core.state.live_orders()
        own = [o for o in orders if o.is_care and o.trader == self.desktop.login]
        return self._random.choice(own) if own else None

    def _slice(self) -> AnyCommand | None:
        """Send a part of a care order, now and then more than is left of it."""
        parent, asked = self._own_care_order(), self._submit()
        if parent is None or parent.limit_px is None or not isinstance(asked, SubmitOrder):
            return None
        pick = self._random
        terms = msgspec.structs.replace(
            parent.terms(),
            qty=pick.randint(1, max(1, parent.room + 50)),
            limit_px=parent.limit_px - parent.side.sign * pick.randint(0, 10) * CENT,
            time_in_force=TimeInForce.DAY,
            venue="SIM",
        )
        return msgspec.structs.replace(asked, terms=terms, parent_id=parent.order_id)

    def _strategy(self) -> AnyCommand | None:
        """Let a strategy work a care order, or pause, resume or stop the one that does."""
        parent, pick, core = self._own_care_order(), self._random, self.desktop.core
        if parent is None:
            return None
        whose = {
            "id": self._new_id(),
            "author": self.desktop.login,
            "desk": self.desktop.desk,
            "order_id": parent.order_id,
        }
        if parent.order_id in core.state.strategies:
            draw = pick.random()
            if draw < 0.3:
                return PauseStrategy(**whose)
            return (
                ResumeStrategy(**whose, seen_ts=core.store_ts)
                if draw < 0.8
                else StopStrategy(**whose)
            )
        strategy = Strategy(
            kind=pick.choice((StrategyKind.TWAP, StrategyKind.POV, StrategyKind.ICEBERG)),
            start_ts=core.store_ts,
            end_ts=core.store_ts + pick.randint(5, 40) * _SECOND,
            every_ns=pick.randint(1, 5) * _SECOND,
            style=pick.choice(tuple(Style)),
            participation_bps=pick.randint(500, 3_000),
            display_qty=pick.randint(10, 200),
        )
        return StartStrategy(**whose, strategy=strategy, seen_ts=core.store_ts)

    def _an_order(self) -> Order | None:
        """Pick a working order, mostly one of their own."""
        orders = list(self.desktop.core.state.live_orders())
        own = [order for order in orders if order.trader == self.desktop.login]
        mostly = own if own and self._random.random() < 0.85 else orders
        return self._random.choice(mostly) if mostly else None

    def _amend(self) -> AnyCommand | None:
        """Change an order's quantity or price; sometimes one that was changed since they looked."""
        order, pick = self._an_order(), self._random
        if order is None:
            return None
        # Whoever moves a trailing stop's price by hand is denied: seldom, for that.
        by_hand = not order.order_type.trails or pick.random() < 0.1
        away = pick.randint(-5, 5) * CENT if by_hand else 0
        replacement = Replacement(
            qty=max(1, order.qty + pick.randint(-300, 300)),
            limit_px=order.limit_px + away if order.limit_px is not None else None,
            stop_px=order.stop_px,
        )
        return AmendOrder(
            id=self._new_id(),
            author=self.desktop.login,
            desk=self.desktop.desk,
            order_id=order.order_id,
            version=order.version - (pick.random() < 0.1),
            replacement=replacement,
            reason="agreed",
            seen_ts=self.desktop.core.store_ts,
        )

    def _cancel(self) -> AnyCommand | None:
        order = self._an_order()
        if order is None:
            return None
        return CancelOrder(
            id=self._new_id(),
            author=self.desktop.login,
            desk=self.desktop.desk,
            order_id=order.order_id,
        )

    def _acknowledge(self) -> AnyCommand | None:
        alerts = self.desktop.core.state.alerts.values()
        waiting = [alert.alert_id for alert in alerts if alert.state is AlertState.OPEN]
        if not waiting:
            return None
        return AcknowledgeAlert(
            id=self._new_id(),
            author=self.desktop.login,
            desk=self.desktop.desk,
            alert_id=self._random.choice(waiting),
        )

    def _again(self) -> AnyCommand | None:
        """The same click twice, at once or much later."""
        return self._last

    def _retry(self) -> AnyCommand | None:
        """What was refused is entered again by hand: a new id, and today's prices beside it."""
        while self.desktop.refused:
            command = self.desktop.refused.popleft()
            if isinstance(command, SubmitOrder):
                return msgspec.structs.replace(
                    command, id=self._new_id(), seen_ts=self.desktop.core.store_ts
                )
        return None
