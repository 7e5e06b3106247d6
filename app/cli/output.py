"""How verbs print: JSON for programs, a line a fact for people."""

from __future__ import annotations

import sys

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
