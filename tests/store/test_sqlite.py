"""What is particular to the store over SQLite: its files, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.ports import Store
from app.store.sqlite import SqliteStore, init_sqlite, schema_version
from app.store.sqlite_driver import connect, driver, refuse_network_share
from models.errors import StoreMissing, StoreRefused
from tests.store.builders import Writer, submission

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of an empty store."""
    path = tmp_path / "desk.db"
    init_sqlite(path)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(SqliteStore(path)) as opened:
        yield opened


def _set_version(path: Path, version: str) -> None:
    with closing(connect(path, checkpoints=False)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))


# -- network shares ------------------------------------------------------------------------------

_MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
filer:/export /mnt/desk nfs4 rw 0 0
//filer/share /mnt/our\\040share cifs rw 0 0
/dev/vdb1 /mnt/desk/local ext4 rw 0 0
me@host: /home/me/remote fuse.sshfs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """A table of mounts, local and remote."""
    table = tmp_path / "mounts"
    table.write_text(_MOUNTS)
    return table


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mnt/desk/desk.db", "nfs4"),
        ("/mnt/desk/deep/er/desk.db", "nfs4"),
        ("/mnt/our share/desk.db", "cifs"),
        ("/home/me/remote/desk.db", "fuse.sshfs"),
        ("\\\\filer\\share\\desk.db", "network share"),
        ("//filer/share/desk.db", "network share"),
    ],
)
def test_store_on_a_network_share_is_refused(path: str, kind: str, mounts: Path) -> None:
    with pytest.raises(StoreRefused, match=rf"network file system \({kind}\)"):
        refuse_network_share(Path(path), mounts)


@pytest.mark.parametrize(
    "path", ["/home/me/desk.db", "/mnt/desk/local/desk.db", "/mnt/desktop/desk.db"]
)
def test_store_on_a_local_disk_is_taken(path: str, mounts: Path) -> None:
    refuse_network_share(Path(path), mounts)


def test_network_share_without_a_table_of_mounts_is_not_guessed(tmp_path: Path) -> None:
    refuse_network_share(Path("/mnt/desk/desk.db"), tmp_path / "absent")


# -- what is no store of ours --------------------------------------------------------------------


def test_open_where_nothing_is_refuses_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="store init"):
        SqliteStore(tmp_path / "desk.db")
    assert list(tmp_path.iterdir()) == []


def test_open_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(driver.connect(str(path))) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    assert schema_version(path) is None
    with pytest.raises(StoreMissing):
        SqliteStore(path)


@pytest.mark.parametrize("use", [SqliteStore, init_sqlite, schema_version])
def test_file_that_is_no_database_is_refused_and_kept(use: object, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"Dear diary,\n" * 1_000)
    with pytest.raises(StoreRefused, match="not a database"):
        use(path)  # type: ignore[operator]
    assert path.read_bytes() == b"Dear diary,\n" * 1_000


@pytest.mark.parametrize("use", [SqliteStore, init_sqlite])
def test_store_of_a_newer_schema_is_refused(use: object, path: Path) -> None:
    _set_version(path, "0099")
    with pytest.raises(StoreRefused, match=r"schema 0099, newer than"):
        use(path)  # type: ignore[operator]
    assert schema_version(path) == "0099"


def test_store_of_an_older_schema_is_refused(path: Path) -> None:
    _set_version(path, "0000")
    with pytest.raises(StoreRefused, match="store upgrade"):
        SqliteStore(path)


# -- its files -----------------------------------------------------------------------------------

_SUBMIT_MANY = """
import sys
from pathlib import Path
from app.store.sqlite import SqliteStore
from tests.store.builders import submission
author, count = sys.argv[2], int(sys.argv[3])
store = SqliteStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for n in range(count):
    outcome = store.submit(submission(command_id=f"{author}-{n}", author=author))
    assert outcome.verdict == "received", outcome
store.close()
"""


def test_submit_of_two_processes_at_once_loses_nothing(path: Path, store: Store) -> None:
    count = 150
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _SUBMIT_MANY, path, author, str(count)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for author in ("alice", "bob")
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0

    waiting = store.pending(10 * count)
    assert len({command.arrival for command in waiting}) == len(waiting) == 2 * count
    for author in ("alice", "bob"):
        mine = [c.command_id for c in waiting if c.command_id.startswith(author)]
        assert mine == [f"{author}-{n}" for n in range(count)]


def test_submit_while_the_engine_holds_the_log_is_received(path: Path, store: Store) -> None:
    """The inbox is a file of its own, so that a busy engine never keeps a desktop waiting."""
    with closing(connect(path, checkpoints=False)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        assert store.submit(submission()).verdict == "received"
        busy.execute("ROLLBACK")


def test_engine_survives_the_loss_of_the_quotes_file(path: Path) -> None:
    with closing(SqliteStore(path, for_engine=True)) as engine:
        writer = Writer(engine)
        writer.write(writer.event())
    for file in path.parent.glob("desk.market.db*"):
        file.unlink()
    with closing(SqliteStore(path)) as desktop:
        assert desktop.head_seq() == 1
        assert desktop.read_market(0) == (0, [])
