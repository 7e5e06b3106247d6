"""One desktop of `blotter bench load`, as a process of its own: as on a machine of its own."""

from __future__ import annotations

import gc
import time
from multiprocessing.connection import Connection
from random import Random

import msgspec

from app.bench.private_desk import Desktop
from app.bootstrap import open_store
from app.config import StoreAddress
from app.core.desk_state import state_hash
from app.session.step import Changed
from models.events import OrderAccepted, OrderDenied

_WATCHED = 5


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What a desktop is to do: `start_ns` is on the machine's monotonic clock."""

    start_ns: int
    seconds: float
    per_s: float


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """When what was taken was sent, and when which order came into this desktop's state.

    Times are monotonic nanoseconds; `refused` is how many the store did not take.
    """

    sent: dict[str, int]
    refused: int
    rows: dict[str, int]
    quotes: int
    depths: int
    state_hash: str
    seq: int


def run_desktop(pipe: Connection, login: str, address: StoreAddress, seed: int, names: int) -> None:
    """Open a session, say so, trade as told, and say what was seen once the log is at rest."""
    gc.set_threshold(50_000, 50, 100)  # as the window's collector: not in an order's way
    desktop = Desktop(login, lambda: open_store(address), seed)
    session, core = desktop.session, desktop.core
    rows: dict[str, int] = {}
    counts = [0, 0]

    def look(changed: Changed) -> None:
        now = time.monotonic_ns()
        counts[0] += len(changed.quotes)
        counts[1] += len(changed.market)
        for event in changed.events:
            if isinstance(event, OrderAccepted | OrderDenied):
                rows[event.command_id] = now

    desktop.until("the market", lambda: desktop.is_ready(names))
    session.listeners.append(look)
    session.watch("bench", sorted(core.quotes)[:_WATCHED])
    pipe.send("ready")
    orders: Orders = pipe.recv()
    desktop.until("the start", lambda: time.monotonic_ns() >= orders.start_ns)
    counts[:] = [0, 0]
    sent = _trade(desktop, orders, seed)
    quotes, depths = counts
    requests = core.requests
    desktop.until("the last answers", lambda: not any(each.is_open for each in requests.values()))
    refused = [sent.pop(each, 0) for each in requests]
    pipe.send("sent")
    while not pipe.poll():
        desktop.pump(0.02)
    head_seq = pipe.recv()
    desktop.until("the end of the log", lambda: core.head_seq >= head_seq)
    desktop.close()
    pipe.send(
        Seen(
            sent=sent,
            refused=len(refused),
            rows=rows,
            quotes=quotes,
            depths=depths,
            state_hash=state_hash(core.state),
            seq=core.seq,
        )
    )


def _trade(desktop: Desktop, orders: Orders, seed: int) -> dict[str, int]:
    """Send orders at random moments, so many a second on average; return when each was sent."""
    sent: dict[str, int] = {}
    random = Random(seed)
    end_ns = orders.start_ns + int(orders.seconds * 1e9)
    due_ns = orders.start_ns
    while True:
        due_ns += int(random.expovariate(orders.per_s) * 1e9)
        if due_ns >= end_ns:
            break
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            desktop.pump(left_ns / 1e9)
        if desktop.is_ready():
            now = time.monotonic_ns()
            sent[desktop.order()] = now
    return sent
