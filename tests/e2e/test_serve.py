"""`blotter serve` as a person runs it: a desk from one command, twice, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.session.step import Link
from models.order_state import OrderStatus
from tests.e2e.shared import ROOT, WAIT_S, Desktop
from tests.postgres import server_binaries

PEOPLE = "alice:trader,zoe:trader,dana:desk_head"


class _Serve:
    """The verb as a process; `lines` is what it has said once everybody may join."""

    def __init__(self, folder: Path) -> None:
        server_binaries()
        self.folder = folder
        command = [sys.executable, "-m", "app", "serve", "--folder", str(folder)]
        command += ["--people", PEOPLE, "--listen", "127.0.0.1", "--host", "localhost"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.strip().startswith("PGPASSFILE") and "//dana@" in line:
                return
        self.process.communicate()
        raise AssertionError("\n".join(self.lines))

    def conninfo(self, login: str) -> str:
        """Return how `login` joins, from what was printed and what lies in their folder."""
        (line,) = [line for line in self.lines if f"//{login}@" in line]
        url = re.search(r"'(.*)'", line)
        assert url is not None
        home = self.folder / "people" / login
        joined = url[1].replace("root.pem", str(home / "root.pem"))
        return f"{joined}&passfile={home / 'passfile'}"

    def children(self) -> dict[int, str]:
        """Return everything that runs from this folder, by process id."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (path.parent / "environ").read_bytes().decode(errors="replace")
                if str(self.folder) in words or str(self.folder) in environment:
                    found[int(path.parent.name)] = words
        found.pop(self.process.pid, None)
        return found

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.communicate(timeout=WAIT_S)
        give_up = time.monotonic() + WAIT_S
        while left := self.children():
            assert time.monotonic() < give_up, f"left behind: {left}"
            time.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: the server's account has to get there when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="tests-serve-") as made:
        Path(made).chmod(0o711)
        yield Path(made) / "desk"


def _live(desktop: Desktop) -> None:
    core = desktop.session.core
    desktop.until(
        "an open market",
        lambda: core.link is Link.LIVE and core.state.day_open and "KO" in core.quotes,
    )


@pytest.mark.timeout(300)
def test_serve_makes_a_desk_once_and_starts_it_again_and_leaves_nothing_behind(
    folder: Path,
) -> None:
    served = _Serve(folder)
    try:
        zoe = Desktop.at("zoe", served.conninfo("zoe"))
        _live(zoe)
        assert zoe.session.health is not None
        assert zoe.session.health.enforces
        with psycopg.connect(served.conninfo("zoe")) as connection:
            assert connection.pgconn.ssl_in_use
        zoe.rest(100)
        zoe.until("her order at work", lambda: zoe.statuses() == [OrderStatus.NEW])

        engine = zoe.session.core.engine
        assert engine is not None
        os.kill(int(engine.holder.rpartition(":")[2]), signal.SIGKILL)
        core = zoe.session.core
        zoe.until("the standby", lambda: core.engine is not None and core.engine.epoch == 2)
        zoe.session.cancel(next(iter(core.state.orders)))
        zoe.until("the cancel", lambda: zoe.statuses() == [OrderStatus.CANCELED])
        zoe.session.close()

        with pytest.raises(AssertionError, match="served already"):
            _Serve(served.folder)
        served.end(signal.SIGINT)
        assert served.process.returncode == 0

        again = _Serve(served.folder)
        assert again.lines == served.lines[1:], "all but the making of it"
        served = again
        zoe = Desktop.at("zoe", served.conninfo("zoe"))
        _live(zoe)
        assert zoe.statuses() == [OrderStatus.CANCELED]
        zoe.session.close()
    finally:
        served.end(signal.SIGKILL)
