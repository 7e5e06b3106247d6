"""Where the evolver of each event is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.desk_state import DeskState
from models.events import Event

Evolver = Callable[[DeskState, Any], None]
EVOLVERS: dict[type[Event], Evolver] = {}


def evolves(event_type: type[Event]) -> Callable[[Evolver], Evolver]:
    """Register the decorated function for `event_type`; a second one is a mistake."""

    def register(evolver: Evolver) -> Evolver:
        if event_type in EVOLVERS:
            raise ValueError(f"{event_type.__name__} is evolved twice")
        EVOLVERS[event_type] = evolver
        return evolver

    return register
