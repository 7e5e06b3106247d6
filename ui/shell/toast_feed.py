"""Which events are worth a notice: the person's own fills and refusals, and alerts. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from app.session.client import Session
from app.session.step import Changed
from models.alerts import Alert, Severity
from models.commands import AmendOrder, CancelOrder, SubmitOrder
from models.events import AlertRaised, AnyEvent, OrderDenied, OrderFilled, OrderRejected
from models.orders import Order
from models.parties import Role
from ui.shell.toasts import Notice

# More news than this at once is a flood: the blotter tells it better.
_NOTICES_MAX: Final = 8
_SEES_ALL: Final = frozenset({Role.DESK_HEAD, Role.COMPLIANCE})


class ToastFeed:
    """Turns what the session says into notices, and hands them to `tell`."""

    def __init__(self, session: Session, tell: Callable[[Notice], None]) -> None:
        self._session = session
        self._tell = tell
        session.listeners.append(self.on_changed)

    def on_changed(self, changed: Changed) -> None:
        """Tell the last few of what is news to this person."""
        notices: dict[str, Notice] = {}
        for event in changed.events:
            notice = self._of_event(event)
            if notice is not None:
                notices.pop(notice.key, None)
                notices[notice.key] = notice
        for notice in self._of_requests(changed):
            notices[notice.key] = notice
        for notice in list(notices.values())[-_NOTICES_MAX:]:
            self._tell(notice)

    def _of_event(self, event: AnyEvent) -> Notice | None:
        if isinstance(event, OrderFilled):
            return self._of_fill(event)
        if isinstance(event, OrderDenied | OrderRejected):
            return self._of_refusal(event)
        if isinstance(event, AlertRaised):
            return self._of_alert(event.alert)
        return None

    def _own(self, order_id: str) -> Order | None:
        core = self._session.core
        order = core.state.orders.get(order_id)
        return order if order is not None and order.trader == core.login else None

    def _of_fill(self, event: OrderFilled) -> Notice | None:
        order = self._own(event.order_id)
        if order is None:
            return None
        instrument = self._session.core.state.instruments.get(order.symbol)
        px = instrument.show_price(order.avg_px) if instrument is not None else ""
        is_done = order.leaves_qty == 0 and order.cum_qty == order.qty
        what = "Filled" if is_done else "Part filled"
        left = "" if is_done else f", {order.leaves_qty:,} to go"
        return Notice(
            "fill",
            f"{what}: {order.side.label} {order.cum_qty:,} {order.symbol} @ {px}",
            f"of {order.qty:,}{left} · {order.account}",
            sign="✔" if is_done else "◐",
            tone="gain",
            key=f"fill {order.order_id}",
            order_id=order.order_id,
        )

    def _of_refusal(self, event: OrderDenied | OrderRejected) -> Notice | None:
        order = self._own(event.order_id)
        if order is None:
            return None
        by = "Denied" if isinstance(event, OrderDenied) else "Rejected by the venue"
        return Notice(
            "denial",
            f"{by}: {order.side.label} {order.qty:,} {order.symbol}",
            event.text,
            sign="✕",
            tone="blocked",
            key=f"denial {order.order_id}",
            order_id=order.order_id,
        )

    def _of_alert(self, alert: Alert) -> Notice | None:
        """An alert about the person's own order is told as its denial already."""
        core = self._session.core
        person = core.state.traders.get(core.login)
        sees_all = person is not None and person.role in _SEES_ALL
        is_own = alert.trader == core.login
        if not (sees_all or is_own) or (is_own and alert.order_id):
            return None
        about = f"{alert.trader}: " if alert.trader else ""
        return Notice(
            "alert",
            f"{about}{alert.rule}",
            alert.text,
            sign="⚠" if alert.severity is Severity.WARNING else "■",
            tone="warning" if alert.severity is Severity.WARNING else "blocked",
            key=f"alert {alert.rule} {alert.order_id or alert.alert_id}",
            order_id=alert.order_id,
        )

    def _of_requests(self, changed: Changed) -> Iterator[Notice]:
        requests = self._session.core.requests
        for command_id in changed.requests:
            request = requests.get(command_id)
            if request is None or not request.text:
                continue
            what = {
                SubmitOrder: "An order",
                AmendOrder: "An amendment",
                CancelOrder: "A cancel",
            }.get(type(request.command), "A request")
            state = "is not known to have arrived" if request.is_open else "was not taken"
            yield Notice(
                "request",
                f"{what} {state}",
                request.text,
                sign="?" if request.is_open else "✕",
                tone="warning" if request.is_open else "blocked",
                key=f"request {command_id}",
            )
