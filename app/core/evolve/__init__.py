"""`evolve(state, event)`: the only thing that changes a `DeskState`.

One module a family of events; each registers its evolvers with `@evolves(EventType)`.
"""

from __future__ import annotations

from app.core.desk_state import DeskState
from app.core.evolve import day, halts, orders, reference, workflow
from app.core.evolve.registry import EVOLVERS
from models.events import Event

__all__ = ["evolve"]

_FAMILIES = (day, halts, orders, reference, workflow)


def evolve(state: DeskState, event: Event) -> None:
    """Apply `event` to `state`. An exception means a damaged log or a bug: the caller halts."""
    EVOLVERS[type(event)](state, event)
