"""`decide(state, command, context) -> events`: all that the desk may say to a request.

One module a family of commands; each registers its deciders with `@decides(CommandType)`.
"""

from __future__ import annotations

from app.core.context import Context
from app.core.decide import (
    baskets,
    care,
    day,
    executions,
    groups,
    halts,
    orders,
    reference,
    sign_off,
    staging,
    strategies,
    venue,
)
from app.core.decide.registry import DECIDERS
from app.core.desk_state import DeskState
from models.commands import Command
from models.events import AnyEvent

__all__ = ["decide"]

_FAMILIES = (
    baskets,
    care,
    day,
    executions,
    groups,
    halts,
    orders,
    reference,
    sign_off,
    staging,
    strategies,
    venue,
)


def decide(state: DeskState, command: Command, context: Context) -> list[AnyEvent]:
    """Return the events that `command` causes; pure, and `state` is left as it was.

    Raises whatever a poisoned command makes a decider raise; the engine turns that into
    `CommandFailed`.
    """
    return DECIDERS[type(command)](state, command, context)
