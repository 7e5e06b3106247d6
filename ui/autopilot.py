"""Drives the real window by its own keys: for the demonstration and the round-trip benchmark."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from app.session.client import Session
from app.session.step import Link
from models.order_state import OrderStatus
from models.orders import Order
from ui.main_window import MainWindow
from ui.story.pace import Pace

_POLL_S = 0.01
_KEY_S = 0.07  # told time between two keys
_TIMEOUT_S = 10.0


class StepFailed(Exception):
    """Something that the autopilot did has not led where it should."""


@dataclass(frozen=True)
class Step:
    """One thing that was done, and whether it ended as it should."""

    name: str
    order_id: str
    expected: str
    reached: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it did."""
        return self.expected == self.reached


class Autopilot:
    """Hands on the window's keyboard.

    Attributes:
        pace: how fast it types, and whether it is to go on at all; instant unless told otherwise.
        is_acting: whether a key that arrives just now is its own.
    """

    def __init__(self, window: MainWindow, session: Session, pace: Pace | None = None) -> None:
        self.window = window
        self.session = session
        self.pace = pace or Pace(instant=True)
        self.is_acting = False

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Say that the keys of this block are its own, not the person's."""
        self.is_acting = True
        try:
            yield
        finally:
            self.is_acting = False

    async def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until `holds`; raises `StepFailed` after ten seconds."""
        give_up = time.monotonic() + _TIMEOUT_S
        while not holds():
            if time.monotonic() > give_up:
                raise StepFailed(f"Waited {_TIMEOUT_S:.0f} s in vain for: {what}.")
            await asyncio.sleep(_POLL_S)

    async def ready(self, *, keyboard: bool = True) -> None:
        """Wait until orders can be entered: keyboard, live, the day open, every name quoted."""
        core = self.session.core
        if keyboard:
            self.window.activateWindow()  # no window manager need be there to give it the keyboard
            await self.until("the keyboard", self.window.isActiveWindow)
        await self.until(
            "a live session with an open day and quotes",
            lambda: (
                core.link is Link.LIVE
                and core.state.day_open
                and core.state.rule_book is not None
                and len(core.quotes) >= len(core.state.instruments) > 0
            ),
        )

    def press(self, widget: QWidget, key: Qt.Key, control: bool = False) -> None:
        """Press one key on `widget`."""
        modifiers = (
            Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        )
        with self.acting():
            QTest.keyClick(widget, key, modifiers)

    def do(self, name: str) -> None:
        """Do what a key does, also where another window has the keyboard."""
        action = self.window.findChild(QAction, name)
        if action is None:
            raise StepFailed(f"The window has no action {name!r}.")
        with self.acting():
            action.trigger()

    def type_line(self, line: str) -> None:
        """Type a whole one-line order into a fresh buy ticket, at once."""
        self.press(self.window, Qt.Key.Key_F2)
        with self.acting():
            QTest.keyClicks(self.window.ticket.line_edit, line)

    async def write(self, edit: QLineEdit, text: str) -> None:
        """Type `text` into `edit`, key by key, in the story's pace."""
        edit.setFocus()
        for letter in text:
            with self.acting():
                QTest.keyClicks(edit, letter)
            await self.pace.rest(_KEY_S)

    async def enter(self, line: str, reason: str = "") -> Order:
        """Type an order, send it with Ctrl+Enter, and wait for the log to have it."""
        ticket = self.window.ticket
        self.do("new_buy")
        await self.write(ticket.line_edit, line)
        if reason:
            await self.write(ticket.reason_edit, reason)
        await self.until(f"a button that sends {line!r}", lambda: ticket.can_send)
        sent: list[str] = []
        ticket.order_sent.connect(sent.append)
        if self.window.isActiveWindow():
            self.press(ticket.line_edit, Qt.Key.Key_Return, control=True)
        else:
            self.do("send")  # keys of a window are heard only while it has the keyboard
        ticket.order_sent.disconnect(sent.append)
        if not sent:
            raise StepFailed(f"Ctrl+Enter did not send {line!r}.")
        return await self.order_of(sent[0])

    async def order_of(self, command_id: str) -> Order:
        """Wait for the order that a command made."""
        found: list[Order] = []

        def look() -> bool:
            orders = reversed(self.session.core.state.orders.values())
            found.extend(order for order in orders if order.command_id == command_id)
            return bool(found)

        await self.until("the order in the log", look)
        return found[0]

    async def reaches(self, order: Order, *statuses: OrderStatus) -> str:
        """Wait until the order has one of `statuses`; return the status that it has."""
        orders = self.session.core.state.orders
        try:
            await self.until(
                f"{order.order_id} to become {statuses[0]}",
                lambda: orders[order.order_id].status in statuses,
            )
        except StepFailed:
            return orders[order.order_id].status.value
        return orders[order.order_id].status.value

    def select(self, order: Order) -> None:
        """Select the order's row in the blotter."""
        if not self.window.orders.show_order(order.order_id):
            raise StepFailed(f"{order.order_id} is not in the blotter.")
        self.window.orders.table.setFocus()
