"""The memory of a process that a resting order takes; `bench matching` runs it in one of its own.

Some of the engines keep their orders where Python can't count them, so what the process has is
looked at.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Final

from app.bench.matching_engines import engine_named
from app.bench.workloads import LIMIT, TICK, Message

RESTING: Final = 100_000
_ORDERS_A_LEVEL: Final = 50


def bytes_per_order(name: str, orders: int) -> float:
    """Let so many orders rest in an engine's book, and return by how much the process grew."""
    engine = engine_named(name)
    messages = _passive(orders)  # kept: an order may not take memory that they have left
    calls = engine.prepared(messages)
    gc.collect()
    before = _resident_bytes()
    for call, arguments in calls:
        call(*arguments)
        if engine.read is not None:
            engine.read()
    gc.collect()
    grown = _resident_bytes() - before
    engine.close()
    return grown / len(messages)


def _passive(orders: int) -> list[Message]:
    """Return bids and offers in turn, none of which trades."""
    levels = max(1, orders // (2 * _ORDERS_A_LEVEL))
    messages = []
    for number in range(1, orders + 1):
        is_buy, away = number % 2 == 0, (number // 2) % levels
        tick = levels - away if is_buy else levels + 1 + away
        messages.append(Message(LIMIT, number, is_buy, tick * TICK, 10 + number % 90))
    return messages


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
