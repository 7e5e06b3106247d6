"""UUIDv7: command ids that sort by the time at which they were made (RFC 9562)."""

from __future__ import annotations

import secrets
from time import time_ns


def new_command_id() -> str:
    """Return a new UUIDv7 in its usual text form."""
    millis = time_ns() // 1_000_000
    value = (
        (millis & (1 << 48) - 1) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
