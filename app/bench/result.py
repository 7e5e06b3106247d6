"""The one shape in which every benchmark answers."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

import msgspec


class BenchResult(msgspec.Struct, kw_only=True):
    """What `blotter bench NAME --json` prints.

    Names end in their unit (`messages_per_s`, `p99_us`); ratios are named `figure_vs_peer` and are
    above 1 when we are ahead.
    """

    bench: str
    machine: str
    figures: dict[str, float] = {}
    peers: dict[str, dict[str, float]] = {}
    ratios: dict[str, float] = {}


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the sorted values lie."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]
