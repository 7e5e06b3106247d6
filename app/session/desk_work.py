"""What a person asks of the desk itself: staged and care orders, strategies, baskets, the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.session.ids import new_command_id
from models.commands import (
    BustExecution,
    CancelOrders,
    ClaimOrder,
    CorrectExecution,
    HandOver,
    LoadBasket,
    OpenDesk,
    PassOrder,
    PauseStrategy,
    RecordExecution,
    ReleaseOrder,
    ResumeStrategy,
    SendWave,
    SignOffDay,
    StartStrategy,
    StopStrategy,
    SubmitGroup,
)
from models.orders import Order, OrderTerms
from models.workflow import Contingency, Strategy

if TYPE_CHECKING:
    from app.session.client import Session


class DeskWork:
    """The desk's own requests of one session; each returns its command's id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _who(self) -> dict[str, Any]:
        core = self._session.core
        return {"id": new_command_id(), "author": core.login, "desk": core.desk}

    def _seen(self) -> int:
        return self._session.core.store_ts

    # -- orders --------------------------------------------------------------------------------

    def submit_group(
        self,
        contingency: Contingency,
        legs: Sequence[OrderTerms],
        reason: str = "",
        command_id: str = "",
    ) -> str:
        """Enter orders that hang together; the one that others wait for comes first."""
        who = self._who()
        return self._session.send(
            SubmitGroup(
                contingency=contingency,
                legs=tuple(legs),
                reason=reason,
                seen_ts=self._seen(),
                **{**who, "id": command_id or who["id"]},
            )
        )

    def release(self, order: Order, reason: str = "") -> str:
        """Send a staged order, as the person sees it."""
        return self._session.send(
            ReleaseOrder(
                order_id=order.order_id,
                version=order.version,
                reason=reason,
                seen_ts=self._seen(),
                **self._who(),
            )
        )

    def claim(self, order_id: str) -> str:
        """Take a care order that nobody has claimed."""
        return self._session.send(ClaimOrder(order_id=order_id, **self._who()))

    def pass_on(self, order_id: str, to: str, note: str = "") -> str:
        """Give an order to `to`; empty gives it back to all."""
        return self._session.send(PassOrder(order_id=order_id, to=to, note=note, **self._who()))

    def hand_over(self, to: str, trader: str = "", note: str = "") -> str:
        """Give every open order of `trader` (empty: one's own) to `to`."""
        return self._session.send(HandOver(to=to, trader=trader, note=note, **self._who()))

    def cancel_many(self, order_ids: Sequence[str]) -> str:
        """Cancel these orders, whatever they are, in one command."""
        return self._session.send(CancelOrders(order_ids=tuple(order_ids), **self._who()))

    # -- strategies ----------------------------------------------------------------------------

    def start_strategy(self, order_id: str, strategy: Strategy, reason: str = "") -> str:
        """Let a strategy work what is left of a care order."""
        return self._session.send(
            StartStrategy(
                order_id=order_id,
                strategy=strategy,
                reason=reason,
                seen_ts=self._seen(),
                **self._who(),
            )
        )

    def pause_strategy(self, order_id: str) -> str:
        """Send no more slices for now."""
        return self._session.send(PauseStrategy(order_id=order_id, **self._who()))

    def resume_strategy(self, order_id: str) -> str:
        """Go on sending slices."""
        return self._session.send(
            ResumeStrategy(order_id=order_id, seen_ts=self._seen(), **self._who())
        )

    def stop_strategy(self, order_id: str) -> str:
        """End a strategy and cancel what it has out."""
        return self._session.send(StopStrategy(order_id=order_id, **self._who()))

    # -- baskets -------------------------------------------------------------------------------

    def load_basket(self, name: str, lines: Sequence[OrderTerms]) -> str:
        """Stage all lines of a basket; its id is the command's."""
        who = self._who()
        return self._session.send(
            LoadBasket(basket_id=who["id"], name=name, lines=tuple(lines), **who)
        )

    def send_wave(
        self, basket_id: str, share_bps: int, venue: str = "SIM", reason: str = ""
    ) -> str:
        """Send a share of each line."""
        return self._session.send(
            SendWave(
                basket_id=basket_id,
                share_bps=share_bps,
                venue=venue,
                reason=reason,
                seen_ts=self._seen(),
                **self._who(),
            )
        )

    # -- executions ----------------------------------------------------------------------------

    def record_execution(
        self,
        order_id: str,
        qty: int,
        px: int,
        counterparty: str,
        traded_ts: int = 0,
        note: str = "",
    ) -> str:
        """Book what was dealt by telephone on a care order."""
        return self._session.send(
            RecordExecution(
                order_id=order_id,
                qty=qty,
                px=px,
                counterparty=counterparty,
                traded_ts=traded_ts,
                note=note,
                **self._who(),
            )
        )

    def bust(self, exec_id: str, note: str) -> str:
        """Take an execution out, by authority."""
        return self._session.send(BustExecution(exec_id=exec_id, note=note, **self._who()))

    def correct(self, exec_id: str, qty: int, px: int, note: str) -> str:
        """Put an execution right, by authority."""
        return self._session.send(
            CorrectExecution(exec_id=exec_id, qty=qty, px=px, note=note, **self._who())
        )

    # -- the day -------------------------------------------------------------------------------

    def open_desk(self, note: str = "") -> str:
        """Say that the desk is ready to trade."""
        return self._session.send(OpenDesk(note=note, **self._who()))

    def sign_off(self, day: str, note: str = "") -> str:
        """Sign the day off."""
        return self._session.send(SignOffDay(day=day, note=note, **self._who()))
