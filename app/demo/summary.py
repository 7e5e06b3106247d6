"""What a headless demonstration leaves behind: the blotter as CSV, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from app.bootstrap import open_store
from app.config import Settings, store_address
from app.engine.verify import verify_log
from app.reports.blotter import blotter_table
from app.reports.render import write_csv


class StepLike(Protocol):
    """One thing that was done."""

    @property
    def name(self) -> str: ...
    @property
    def order_id(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def reached(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def ok(self) -> bool: ...


class ResultLike(Protocol):
    """What a demonstration did."""

    @property
    def failure(self) -> str: ...
    @property
    def steps(self) -> Sequence[StepLike]: ...
    @property
    def pictures(self) -> Sequence[Path]: ...


def write_outputs(result: ResultLike, settings: Settings, out: Path) -> int:
    """Write `blotter.csv` and `summary.json`, say where; 0 only if every order got where it should.

    The states are read from the log, not from the window.
    """
    store = open_store(store_address(settings.store))
    try:
        table = blotter_table(store)
        verification = verify_log(store)
    finally:
        store.close()
    write_csv(table, out / "blotter.csv")
    by_id = {str(row[0]): str(row[1]) for row in table.rows}
    lost = [step.order_id for step in result.steps if step.order_id and step.order_id not in by_id]
    ok = not result.failure and bool(result.steps) and not lost
    ok = ok and all(step.ok for step in result.steps)
    summary = {
        "ok": ok,
        "failure": result.failure,
        "steps": [
            {
                "name": step.name,
                "order": step.order_id,
                "expected": step.expected,
                "reached": step.reached,
                "in_the_log_now": by_id.get(step.order_id, ""),
                "seconds": step.seconds,
            }
            for step in result.steps
        ],
        "orders": len(table.rows),
        "log": msgspec.to_builtins(verification),
        "pictures": [path.name for path in result.pictures],
    }
    (out / "summary.json").write_bytes(msgspec.json.format(msgspec.json.encode(summary)))
    done = sum(1 for step in result.steps if step.ok)
    print(f"{done} of {len(result.steps)} steps as they should be; {len(table.rows)} orders.")
    if result.failure:
        print(f"Failed: {result.failure}")
    print(f"Pictures, blotter.csv and summary.json are in {out}/")
    return 0 if ok else 1
