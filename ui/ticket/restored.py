"""A draft that a crash left behind: whether it may come back, and how it is marked. No Qt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from app.session.step import Link, SessionCore
from ui.ticket.draft_file import SavedDraft

_NANOS = 1_000_000_000
_UNSURE = (
    "What the ticket held was being sent when this desktop ended, and the log does not have "
    "it yet. Look for it in the blotter before you enter it again."
)


class Restored:
    """Attributes: saved: what the file held; is_taken: whether the ticket holds it now."""

    def __init__(self, saved: SavedDraft) -> None:
        self.saved = saved
        self.is_taken = False
        self._order_id = ""

    @property
    def words(self) -> str:
        """From when it is."""
        then = datetime.fromtimestamp(self.saved.saved_ts // _NANOS).astimezone()
        is_today = then.date() == datetime.now().astimezone().date()
        when = f"{then:%H:%M %Z}" if is_today else f"{then:%d %b %H:%M %Z}"
        return f"◌ Restored from {when}; prices are new"

    @property
    def sent_words(self) -> str:
        """What to say when it turns out to have been sent."""
        return f"The draft was sent before the restart: it is {self._order_id}, and was dropped."

    def is_ready(self, core: SessionCore) -> bool:
        """Whether the log is here to say what became of it."""
        return core.link is Link.LIVE

    def objection(self, core: SessionCore) -> str:
        """Return why it must not come back; empty when it may."""
        if self.was_sent(core, core.state.orders):
            return self.sent_words
        parent = core.state.orders.get(self.saved.parent_id)
        if self.saved.parent_id and (parent is None or not parent.is_live):
            return f"A draft of a slice of {self.saved.parent_id} was dropped: it is over."
        if not self.saved.order_id:
            return _UNSURE if self.saved.was_sent else ""
        order = core.state.orders.get(self.saved.order_id)
        if order is None or not order.is_open:
            return f"A draft to amend {self.saved.order_id} was dropped: it is over."
        if order.version != self.saved.version:
            return f"A draft to amend {order.order_id} was dropped: it was changed meanwhile."
        return _UNSURE if self.saved.was_sent else ""

    def was_sent(self, core: SessionCore, among: Collection[str]) -> bool:
        """Whether one of the orders `among` was made by it."""
        orders = core.state.orders
        for order_id in among:
            order = orders.get(order_id)
            if order is not None and order.command_id == self.saved.command_id:
                self._order_id = order_id
                return True
        return False
