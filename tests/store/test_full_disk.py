"""A full disk: the store stops taking, says why, keeps what it acknowledged, and goes on later."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.ports import Store, Verdict
from app.store.postgres import PostgresStore, init_postgres
from app.store.private_server import PrivateServer
from app.store.sqlite import SqliteStore, init_sqlite
from models.errors import StoreUnavailable
from tests.postgres import server_binaries
from tests.store.builders import submission, wait_until
from tests.store.small_disk import fill, small_disk

REPOSITORY = Path(__file__).parents[2]
BODY = b'"%s"' % (b"x" * 100_000)
_MOST = 2_000


def _submit_until_refused(store: Store) -> tuple[list[str], str]:
    """Return the ids that were acknowledged, and why no more are taken."""
    taken: list[str] = []
    for _ in range(_MOST):
        one = submission(body=BODY)
        try:
            assert store.submit(one).verdict is Verdict.RECEIVED
        except StoreUnavailable as error:
            return taken, str(error)
        taken.append(one.command_id)
    pytest.fail("the disk was never full")


def test_sqlite_on_a_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        path = disk / "desk.db"
        init_sqlite(path)
        with closing(SqliteStore(path)) as store:
            fill(disk / "ballast")
            taken, reason = _submit_until_refused(store)
            assert "full" in reason
            (disk / "ballast").unlink()
            assert store.submit(submission()).verdict is Verdict.RECEIVED
            assert {store.lookup(each).verdict for each in taken} <= {Verdict.RECEIVED}


_SUBMIT_UNTIL_REFUSED = """
import resource, signal, sys
from pathlib import Path
from app.store.sqlite import SqliteStore
from tests.store.test_full_disk import _submit_until_refused
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
taken, reason = _submit_until_refused(SqliteStore(Path(sys.argv[1])))
print(reason)
print(*taken)
"""


def test_sqlite_that_may_not_grow_stops_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    init_sqlite(path)
    done = subprocess.run(
        [sys.executable, "-c", _SUBMIT_UNTIL_REFUSED, path],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    reason, taken = done.stdout.splitlines()
    assert reason.startswith("SQLite: ")
    with closing(SqliteStore(path)) as store:
        assert taken
        assert {store.lookup(each).verdict for each in taken.split()} == {Verdict.RECEIVED}
        assert store.submit(submission(command_id="afterwards")).verdict is Verdict.RECEIVED


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's own user can reach: pytest's are root's alone."""
    with tempfile.TemporaryDirectory(prefix="full-disk-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_postgresql_on_a_full_disk_says_so_and_loses_nothing(open_folder: Path) -> None:
    server_binaries()
    with (
        small_disk(open_folder / "disk", 400) as disk,
        closing(PrivateServer(disk / "server")) as server,
    ):
        init_postgres(server.url())
        with closing(PostgresStore(server.url())) as store:
            fill(disk / "ballast")
            taken, reason = _submit_until_refused(store)
            assert any(
                words in reason
                for words in ("No space left", "closed the connection", "recovery", "refused")
            ), reason
            log = disk / "server" / "log"
            (disk / "ballast").unlink()
            server.restart()
            wait_until(lambda: _answers(store))
            assert {store.lookup(each).verdict for each in taken} <= {Verdict.RECEIVED}
            assert store.submit(submission()).verdict is Verdict.RECEIVED
            assert "No space left on device" in log.read_text()


def _answers(store: Store) -> bool:
    try:
        return store.now() > 0
    except StoreUnavailable:
        return False
