"""`blotter bench books`: how fast the production book is held against its oracle, and how often.

Every sequence is made from its seed; one that differs is told with its seed, so that it can be
looked at again. The comparison itself comes from `app.simulation.books`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter

from app.bench.result import BenchResult, machine
from models.errors import BadInput

_TOLD = 20  # differences that are printed; all are counted


def run(run_sequence: Callable[[int], str], sequences: int, first_seed: int = 0) -> BenchResult:
    """Run so many sequences, from `first_seed` on; `run_sequence` tells a difference, or ''."""
    if sequences < 1:
        raise BadInput(f"{sequences} sequences show nothing; ask for 1 or more.")
    started = perf_counter()
    differences = 0
    for seed in range(first_seed, first_seed + sequences):
        if found := run_sequence(seed):
            differences += 1
            if differences <= _TOLD:
                print(found, file=sys.stderr)
    spent_s = perf_counter() - started
    return BenchResult(
        bench="books",
        machine=machine(),
        figures={
            "sequences": sequences,
            "first_seed": first_seed,
            "differences": differences,
            "sequences_per_s": round(sequences / spent_s, 1),
        },
    )
