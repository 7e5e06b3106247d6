"""Parts of a shared desk for end-to-end tests: a desktop without a window, an engine process."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.ports import Store
from app.session.client import Session
from app.store.postgres import PostgresStore
from models.order_state import OrderStatus
from models.orders import OrderTerms, OrderType, Side
from tests.postgres import PostgresServer

WAIT_S = 60
ROOT = Path(__file__).parents[2]


class Desktop:
    """A desktop without a window; `pump` is its loop."""

    def __init__(
        self, login: str, open_store: Callable[[], Store], copy_path: Path | None = None
    ) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.session = Session(login, "EQ", open_store, self._calls.put, copy_path=copy_path)
        self.session.start()

    @classmethod
    def at(cls, login: str, url: str) -> Desktop:
        """Return a desktop on a PostgreSQL store."""
        return cls(login, lambda: PostgresStore(url))

    def pump(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._calls.get(timeout=0.005)()

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Let the loop run until `holds`."""
        give_up = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < give_up, f"in vain for {what}: {self._standing()}"
            self.pump()

    def _standing(self) -> str:
        core = self.session.core
        refused = [request.text for request in core.requests.values()]
        orders = [(o.status.value, o.reason) for o in core.state.orders.values()]
        return f"{core.link.value} {core.link_text} {self.session.refusal} {orders} {refused}"

    def rest(self, qty: int) -> str:
        """Enter a buy far below the market, and return its command's id."""
        bid = self.session.core.quotes["KO"].bid
        return self.session.submit(
            OrderTerms(
                symbol="KO",
                side=Side.BUY,
                qty=qty,
                order_type=OrderType.LIMIT,
                account="GROWTH",
                limit_px=bid - 90 * 10_000_000,
            )
        )

    def statuses(self) -> list[OrderStatus]:
        return [order.status for order in self.session.core.state.orders.values()]


class EngineProcess:
    """`blotter engine` as a process of its own; its log goes to a file."""

    def __init__(self, url: str, folder: Path, password: str, name: str = "engine") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        pass_file = folder / "passfile"
        pass_file.write_text(f"*:*:*:*:{password}\n")
        pass_file.chmod(0o600)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PGPASSFILE": str(pass_file),
            "DESKBLOTTER_RUN_DIR": str(folder / "run"),
        }
        self.url = url
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "engine", "--store", url],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
            )

    def blotter(self, *words: str) -> str:
        """Run another verb on the engine's machine and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=WAIT_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def server_pids(server: PostgresServer) -> list[int]:
    """Return the process ids of a server: the postmaster's and its children's."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == postmaster:
                children.append(int(stat.parent.name))
    return [postmaster, *children]


@contextlib.contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    """Let a server stand still: connections stay open, and nothing is ever answered."""
    pids = server_pids(server)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
