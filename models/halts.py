"""A halt: who may not trade for now, since when, by whom, and why."""

from __future__ import annotations

import msgspec


class Halt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`trader` is a login, empty for a whole desk; `ts` in nanoseconds UTC."""

    desk: str
    author: str
    ts: int
    trader: str = ""
    note: str = ""

    @property
    def whom(self) -> str:
        """Who is halted, in words."""
        return self.trader or f"the whole desk {self.desk}"
