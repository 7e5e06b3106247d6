"""Plays FIX 4.4 Volume 4, Appendix D: matrices written as text, one message and its outcome a line.

    message ; status  order qty  cum qty  leaves qty [average price]

The messages are those of the desk (`enter`, `cancel`, `replace`) and of the venue. The matrices are
told from the broker's side, where a request is pending once the broker says so; the desk has it
pending from when it asks, so where a request and a report cross, the status here is the pending
one, and what the broker says stands behind it in brackets: `pending_cancel[partially_filled]`.
"""

from __future__ import annotations

from collections.abc import Callable

from app.engine.effects import venue_message
from app.ports import ReplaceOrder
from models.commands import VenueReport
from models.events import AnyEvent, ReportRefused, RequestDenied
from models.order_state import Trigger
from models.orders import Order, OrderType, TimeInForce
from tests.builders import Desk, amend, cancel, end_day, fill_report, px, report, start_day, terms

T = Trigger
_SAYS = {
    "ack": T.ACKNOWLEDGE,
    "reject": T.REJECT,
    "pending-cancel": T.REQUEST_CANCEL,
    "canceled": T.CANCEL,
    "cancel-reject": T.REJECT_CANCEL,
    "done-for-day": T.END_DAY,
    "triggered": T.ACTIVATE,
    "expired": T.EXPIRE,
    "suspended": T.SUSPEND,
    "resumed": T.RESUME,
}
_ANSWERS = {
    "pending-replace": T.REQUEST_REPLACE,
    "replaced": T.REPLACE,
    "replace-reject": T.REJECT_REPLACE,
}


class Play:
    """One matrix on a desk of its own.

    Attributes:
        desk: the desk that it is played on.
        order: the order of the matrix.
    """

    def __init__(self) -> None:
        self.desk = Desk()
        self.order: Order

    def run(self, script: str) -> None:
        """Play each line and hold what the desk has then against what the matrix says."""
        for at, line in enumerate(script.strip().splitlines(), start=1):
            message, _, outcome = line.partition(";")
            words = message.split()
            self._verb(words[0])(words[1:])
            assert outcome.split(), f"line {at} says nothing of the order"
            found = self._found(len(outcome.split()) > 4)
            assert found == self._expected(outcome), f"line {at}: {message.strip()}"

    def restatement(self, qty: int) -> VenueReport:
        """Return the venue's word that the order is for `qty` now, 0 to leave it."""
        return report(self.order, T.RESTATE, order_qty=qty, ts=self.desk.ts)

    def _found(self, with_price: bool) -> list[str]:
        order = self.order
        status = order.status.value
        if order.underlying_status is not order.status:
            status += f"[{order.underlying_status.value}]"
        found = [status, str(order.qty), str(order.cum_qty), str(order.leaves_qty)]
        assert (order.order_id in self.desk.state.live) is (order.leaves_qty > 0)
        return [*found, str(order.avg_px)] if with_price else found

    @staticmethod
    def _expected(outcome: str) -> list[str]:
        words = outcome.split()
        return [*words[:4], *(str(px(each)) for each in words[4:])]

    def _verb(self, name: str) -> Callable[[list[str]], list[AnyEvent]]:
        if name in _SAYS:
            return lambda words: self._applied(report(self.order, _SAYS[name]))
        if name in _ANSWERS:
            return lambda words: self._answered(_ANSWERS[name], words)
        return getattr(self, f"_{name.replace('-', '_')}")  # type: ignore[no-any-return]

    # -- the desk ------------------------------------------------------------------------------

    def _enter(self, words: list[str]) -> list[AnyEvent]:
        """`enter 10000 [gtc|ioc|fok|stop]`"""
        kind = words[1] if words[1:] else "day"
        asked = terms(qty=int(words[0]))
        if kind == "stop":
            asked = terms(
                qty=int(words[0]), order_type=OrderType.STOP, stop_px=px(101), limit_px=None
            )
        else:
            asked = terms(qty=int(words[0]), time_in_force=TimeInForce(kind))
        self.order = self.desk.accepted(asked, reason="as the client asked")
        return []

    def _cancel(self, _: list[str]) -> list[AnyEvent]:
        return self._not_denied(self.desk.run(cancel(self.order)))

    def _replace(self, words: list[str]) -> list[AnyEvent]:
        """`replace 12000`, or `replace @ 100.02` for a price; under a new client order id."""
        new = {"limit_px": px(words[1])} if words[0] == "@" else {"qty": int(words[0])}
        asked = amend(self.order, reason="as the client asked", **new)
        was = self.order.cl_ord_id
        events = self._not_denied(self.desk.run(asked))
        message = venue_message(self.desk.state, events[0])
        assert isinstance(message, ReplaceOrder)
        # OrigClOrdID is the last one that was not rejected (D.1.b).
        assert message.orig_cl_ord_id == was
        assert message.cl_ord_id == f"{self.order.order_id}/{self.order.version}"
        return events

    def _replace_held(self, words: list[str]) -> list[AnyEvent]:
        """`replace-held 7000`: the desk sends no second request before the first is answered."""
        events = self.desk.run(amend(self.order, qty=int(words[0])))
        assert isinstance(events[0], RequestDenied)
        assert "pending at the venue" in events[0].text
        return events

    def _next_day(self, _: list[str]) -> list[AnyEvent]:
        self.desk.run(end_day())
        return self.desk.run(start_day())

    def _look(self, _: list[str]) -> list[AnyEvent]:
        """A status request: the desk answers from its own state."""
        return []

    @staticmethod
    def _not_denied(events: list[AnyEvent]) -> list[AnyEvent]:
        assert not isinstance(events[0], RequestDenied), events
        return events

    # -- the venue -----------------------------------------------------------------------------

    def _applied(self, said: VenueReport) -> list[AnyEvent]:
        events = self.desk.run(said)
        assert not any(isinstance(event, ReportRefused) for event in events), events
        return events

    def _answered(self, trigger: Trigger, words: list[str]) -> list[AnyEvent]:
        """An answer to a replace, under its client order id: the latest, or a version's."""
        version = words[0] if words else str(self.order.version)
        return self._applied(
            report(self.order, trigger, cl_ord_id=f"{self.order.order_id}/{version}")
        )

    def _trade(self, words: list[str]) -> list[AnyEvent]:
        """`trade B 2000 @ 50`: an execution under the id B."""
        name, qty, _, price = words
        return self._applied(fill_report(self.order, int(qty), px(price), exec_id=name))

    def _correct(self, words: list[str]) -> list[AnyEvent]:
        """`correct F D 9000 @ 100`: F puts D right."""
        name, ref, qty, _, price = words
        return self._applied(
            report(
                self.order,
                T.CORRECT,
                exec_id=name,
                exec_ref=ref,
                last_qty=int(qty),
                last_px=px(price),
            )
        )

    def _bust(self, words: list[str]) -> list[AnyEvent]:
        """`bust E C`: E cancels C."""
        return self._applied(report(self.order, T.BUST, exec_id=words[0], exec_ref=words[1]))

    def _restated(self, words: list[str]) -> list[AnyEvent]:
        """`restated [11000]`"""
        return self._applied(self.restatement(int(words[0]) if words else 0))

    def _kept(self, words: list[str]) -> list[AnyEvent]:
        """`kept reject`: a report that is kept and alerted, and changes nothing."""
        said = report(self.order, _SAYS[words[0]])
        events = self.desk.run(said)
        assert isinstance(events[0], ReportRefused)
        assert events[0].report == said
        return events

    def _kept_split(self, words: list[str]) -> list[AnyEvent]:
        """`kept-split 20000 4000`: restated with another quantity done than we have."""
        qty, cum_qty = map(int, words)
        said = report(self.order, T.RESTATE, order_qty=qty, cum_qty=cum_qty, ts=self.desk.ts)
        events = self.desk.run(said)
        assert isinstance(events[0], ReportRefused)
        return events


def play(script: str) -> Play:
    """Play a matrix and return what it has come to."""
    played = Play()
    played.run(script)
    return played
