"""Kills the engines of this machine by their kill file, and says what came of it."""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from app.engine.kill import LocalKill
from app.engine.kill_file import KillFile
from app.session.ids import new_command_id
from models.errors import BadInput

_POLL_S = 0.05


def kill_engines(kill_file: KillFile, note: str, wait_s: float) -> Iterator[str]:
    """Ask for the kill, and yield what the engine says about it; raises `BadInput`."""
    at = datetime.now(UTC).strftime("%H:%M:%S")
    why = f": {note}" if note else ""
    words = f"Killed on {socket.gethostname()} by {getpass.getuser()} at {at} UTC{why}"
    kill = LocalKill(f"kill-{new_command_id()}", words)
    try:
        kill_file.ask(kill)
    except OSError as error:
        raise BadInput(
            f"{kill_file.path} can't be written ({error.strerror}). Run this as the engine's user, "
            "or make that file by any other means: that it is there kills."
        ) from None
    answer = None
    give_up = time.monotonic() + wait_s
    while time.monotonic() < give_up:
        answer = kill_file.answered(kill.kill_id)
        if answer is not None and answer.recorded:
            break
        time.sleep(_POLL_S)
    if answer is None:
        yield f"No engine that leads has answered within {wait_s:g} s; the kill stays in force:"
        yield "an engine that starts, or takes over, here kills before anything else."
        yield f"To withdraw it, remove {kill_file.path}."
        return
    plural = "" if answer.cancels == 1 else "s"
    yield f"Killed: engine {answer.pid} sent {answer.cancels:,} cancel{plural} to its venues."
    if answer.recorded:
        yield "The log has it. Every desk stays halted until its head, or compliance, resumes it."
    else:
        yield "The store does not answer yet; the log gets it first thing when it does."
