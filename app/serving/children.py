"""Engines as children of the one who serves: kept alive, and ended when their pipe closes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

_RESPAWN_S = 1.0
_GRACE_S = 20.0


class EngineChild:
    """One engine process; whoever leads, another stands by."""

    def __init__(self, name: str, url: str, environment: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", "app", "engine", "--store", url]
        self._command += ["--while-parent-lives"]
        self._environment = environment
        self._log = log / f"{name}.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, `None` while there is none."""
        return self._child.pid if self._child is not None else None

    def keep(self) -> None:
        """Start it when it is not there, but not more than once a second."""
        if self._child is not None and self._child.poll() is None:
            return
        if time.monotonic() - self._started_s < _RESPAWN_S:
            return
        self._started_s = time.monotonic()
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
        with self._log.open("ab") as log:
            # A session of its own: Ctrl+C is for the one who serves.
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Let it end by itself, and see that it does."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
