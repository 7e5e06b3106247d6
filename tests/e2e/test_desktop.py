"""The whole product as its user runs it: real window, engine process, store on disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.bootstrap import open_store
from app.config import store_address
from app.engine.verify import verify_log
from app.ports import Store, Verdict
from app.reports.blotter import current_state
from app.store.sqlite_driver import driver
from models.order_state import OrderStatus

ROOT = Path(__file__).parents[2]
WAIT_S = 60


def until(what: str, holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up, f"in vain for {what}"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie, which nobody has waited for, does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def x_display() -> Iterator[str]:
    """A virtual X screen of our own; skipped where Xvfb can't be had."""
    if shutil.which("Xvfb") is None:
        if os.environ.get("CI"):
            pytest.fail("Xvfb is missing; `make setup` installs it where it may.")
        pytest.skip("Xvfb is not installed (apt-get install xvfb)")
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1600x950x24", "-nolisten", "tcp"],
        pass_fds=(theirs,),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@contextmanager
def driver_process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a driver; it is killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.drivers", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.timeout(180)
def test_real_window_from_ticket_to_filled_row_and_into_the_store(
    tmp_path: Path, x_display: str
) -> None:
    store, out = f"sqlite:///{tmp_path / 'desk.db'}", tmp_path / "seen.json"
    screen = {"DISPLAY": x_display, "QT_QPA_PLATFORM": "xcb"}
    with driver_process("window", store, str(out), **screen) as process:
        assert process.wait(WAIT_S) == 0
    seen = json.loads(out.read_text())
    assert seen["platform"] == "xcb"
    assert seen["status"] == "filled"
    shown = {name: seen["row"][name] for name in ("side", "symbol", "qty", "done", "pct")}
    assert shown == {"side": "BUY", "symbol": "MSFT", "qty": "250", "done": "250", "pct": "100%"}
    assert out.with_suffix(".png").stat().st_size > 10_000
    opened = open_store(store_address(store))
    state, _ = current_state(opened)
    opened.close()
    order = state.orders[seen["order_id"]]
    assert (order.status, order.cum_qty) == (OrderStatus.FILLED, 250)
    table = driver.connect(str(tmp_path / "desk.db"))
    rows = table.execute(
        "SELECT o.status, o.cum_qty, sum(e.qty) FROM orders o JOIN executions e USING (order_id) "
        "WHERE o.order_id = ?",
        (order.order_id,),
    ).fetchall()
    table.close()
    assert rows == [("filled", 250, 250)]


class Submitter:
    """What a driver that submits without end says of itself.

    Attributes:
        acknowledged: commands that the store said it has.
        engines: process ids of the engines that its desktop started.
    """

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self.engines: list[int] = []

    def hear(self, process: subprocess.Popen[str]) -> None:
        """Take one line in."""
        assert process.stdout is not None
        word, value = process.stdout.readline().split()
        if word == "ack":
            self.acknowledged.add(value)
        else:
            self.engines.append(int(value))

    def hear_acknowledgements(self, process: subprocess.Popen[str], more: int) -> None:
        """Listen until `more` commands were acknowledged."""
        wanted = len(self.acknowledged) + more
        while len(self.acknowledged) < wanted:
            self.hear(process)

    def no_engine_runs(self) -> bool:
        return not any(map(is_alive, self.engines))


@pytest.mark.timeout(240)
def test_killed_engine_then_killed_desktop_lose_and_double_nothing(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'desk.db'}"
    heard = Submitter()
    with driver_process("submitter", store) as first:
        heard.hear_acknowledgements(first, 60)
        os.kill(heard.engines[0], signal.SIGKILL)
        while len(heard.engines) < 2:  # what is sent while no engine leads is taken all the same
            heard.hear(first)
        heard.hear_acknowledgements(first, 60)
    until("the engines to end with their desktop", heard.no_engine_runs)
    with driver_process("submitter", store) as second:
        heard.hear_acknowledgements(second, 30)
        opened = open_store(store_address(store))
        until("all to be decided", lambda: _are_decided(opened, heard.acknowledged))
    until("the last engine to end", heard.no_engine_runs)
    verify_log(opened)
    outcomes = Counter(
        row.command_id
        for row in opened.read(None, 0, 1_000_000)
        if row.kind in ("OrderAccepted", "OrderDenied")
    )
    opened.close()
    assert heard.acknowledged <= set(outcomes)
    assert set(outcomes.values()) == {1}


def _are_decided(store: Store, command_ids: set[str]) -> bool:
    return all(store.lookup(each).verdict is Verdict.DECIDED for each in command_ids)
