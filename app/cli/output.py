"""How verbs print: JSON for programs, a line a fact for people."""

from __future__ import annotations

import sys
import time

import msgspec
import structlog


def say(result: object, as_json: bool) -> None:
    """Print `result` (a struct or mapping of facts)."""
    facts = msgspec.to_builtins(result)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
        return
    _lines(facts, "")


def _lines(facts: dict[str, object], prefix: str) -> None:
    for name, value in facts.items():
        if isinstance(value, dict):
            _lines(value, f"{prefix}{name}.")
        else:
            print(f"{prefix}{name}: {value}")


def log_to_stderr() -> structlog.stdlib.BoundLogger:
    """Return a logger that writes one JSON object a line to stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger


class Progress:
    """Says on stderr how far long work is: at a terminal in one line, else now and then."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_terminal = sys.stderr.isatty()
        self._every_s = 0.2 if self._is_terminal else 5.0
        self._next = time.monotonic() + self._every_s

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        is_last = self._is_terminal and done >= total
        if now < self._next and not is_last:
            return
        self._next = now + self._every_s
        text = f"{self._what}: {done:,} of {total:,} events"
        print(
            f"\r{text}" if self._is_terminal else text,
            end="" if self._is_terminal and not is_last else "\n",
            file=sys.stderr,
            flush=True,
        )
