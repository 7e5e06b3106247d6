"""What a blotter's filter may say: words for sets of values, and the values that exist now."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.session.step import SessionCore
from models.order_state import TERMINAL, WORKING
from models.orders import Capacity, OrderType, Side, TimeInForce
from models.workflow import Contingency, StrategyKind
from ui.blotter.filter_completion import Values
from ui.blotter.pane import utc_offset_s
from ui.blotter.signs import AWAITING_TRIGGER, STATUS
from ui.tables.filter_query import Vocabulary

_OPEN = {STATUS[status][1] for status in WORKING} | {AWAITING_TRIGGER[1]}
_DONE = {STATUS[status][1] for status in TERMINAL}


def order_words(core: SessionCore, zone: ZoneInfo) -> Vocabulary:
    """Return the words of the Orders blotter's filter."""
    return Vocabulary(
        names={"px": "limit", "age": "time", "id": "order", "alert": "flag"},
        values={
            "status": {"open": _OPEN, "working": _OPEN, "done": _DONE},
            "trader": {"me": {core.login}},
            "care": {"care": {"care", "unclaimed"}},
        },
        utc_offset_s=utc_offset_s(zone),
    )


def fill_words(core: SessionCore, zone: ZoneInfo) -> Vocabulary:
    """Return the words of the Fills blotter's filter."""
    return Vocabulary(
        names={"age": "time", "id": "order", "price": "px"},
        values={"trader": {"me": {core.login}}},
        utc_offset_s=utc_offset_s(zone),
    )


def known_values(core: SessionCore) -> Values:
    """Return by column what a person may mean now, for completion."""
    return {
        "status": lambda: [word for _, word, _ in STATUS.values()] + [AWAITING_TRIGGER[1]],
        "side": lambda: [side.label for side in Side],
        "symbol": lambda: core.state.instruments,
        "account": lambda: core.state.accounts,
        "trader": lambda: [t.login for t in core.state.traders.values() if t.desk == core.desk],
        "type": lambda: [kind.label for kind in OrderType],
        "tif": lambda: [force.label for force in TimeInForce],
        "venue": lambda: sorted({order.venue for order in core.state.live_orders()}),
        "currency": lambda: {i.currency for i in core.state.instruments.values()},
        "flag": lambda: ["alert", "seen"],
        "care": lambda: ["care", "unclaimed", "slice"],
        "strategy": lambda: [kind.label for kind in StrategyKind],
        "group": lambda: [kind.label for kind in Contingency],
        "basket": lambda: [basket.name for basket in core.state.baskets.values()],
        "capacity": lambda: [each.value.replace("_", " ") for each in Capacity],
        "client": lambda: sorted({a.client for a in core.state.accounts.values() if a.client}),
        "owner": lambda: sorted(
            {a.beneficial_owner for a in core.state.accounts.values() if a.beneficial_owner}
        ),
        "parent": lambda: [o.order_id for o in core.state.live_orders() if o.is_care],
    }
