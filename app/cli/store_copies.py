"""`blotter store backup|restore|move|archive`: copies of a store that prove what they are."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.audit.backup import Copied
    from app.config import StoreAddress

StoreOption = Annotated[
    str, typer.Option(help="sqlite:///desk.db or postgresql://ADMIN@host/desk.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def backup(
    store: StoreOption,
    out: Annotated[Path, typer.Option(help="File to write; compressed when it ends in .gz.")],
    as_json: JsonOption = False,
) -> None:
    """Save log, commands, checkpoints and snapshots, verified, as of one moment.

    An engine may go on meanwhile, on PostgreSQL slower: choose a quiet hour. Commands are in no
    chain; logins are the database server's and not in it.
    """
    from app.cli.output import say
    from app.cli.passwords import unlocked

    say(_saved(unlocked(store), out), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    store: StoreOption,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into a new store and prove that it came back; the store is made if need be.

    It is the same store as before, with the same id: don't let an engine lead both.
    """
    from app.cli.output import say
    from app.cli.passwords import unlocked

    say(_put(file, unlocked(store)), as_json)


def move(
    from_: Annotated[str, typer.Option("--from", help="The store that is left.")],
    to: Annotated[str, typer.Option(help="A new store, of the same kind or the other.")],
    as_json: JsonOption = False,
) -> None:
    """Back up and restore in one go, SQLite to PostgreSQL or back, with no engine at work.

    The old store stays as it is; what is sent to it afterwards is not in the new one.
    """
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked

    source, target = unlocked(from_), unlocked(to)
    if source.url == target.url:
        raise BadInput("Both stores are the same one; name a new one with --to.")
    with closing(open_store(source)) as opened:
        leader = opened.leader()
    if leader is not None:
        raise BadInput(
            f"Engine {leader.holder} leads the store, and what it does meanwhile would stay "
            "behind. End it and run this again."
        )
    with tempfile.TemporaryDirectory(prefix="blotter-move-") as folder:
        file = Path(folder) / "store.jsonl.gz"
        _saved(source, file)
        done = _put(file, target)
    say({"from": from_, "to": to, **_facts(done)}, as_json)


def archive(
    store: Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://eng@host/desk.")],
    before: Annotated[str, typer.Option(help="Day that is not archived, such as 2026-11-30.")],
    out: Annotated[Path, typer.Option(help="Folder; what it has of this store is not repeated.")],
    key: Annotated[str, typer.Option(help="Private key: FILE (mode 0600) or keyring:NAME.")],
    as_json: JsonOption = False,
) -> None:
    """Write past days to a file that a signed checkpoint ends, and verify it. Deletes nothing."""
    from app.audit.archive import archive as write_archive
    from app.audit.keys import load_signer
    from app.bootstrap import open_store
    from app.cli.output import Progress, say
    from app.cli.passwords import unlocked

    signer = load_signer(key)
    with closing(open_store(unlocked(store))) as opened:
        say(write_archive(opened, before, out, signer, Progress("archived")), as_json)


def _saved(address: StoreAddress, out: Path) -> Copied:
    from app.audit.backup import backup as save
    from app.bootstrap import open_tables
    from app.cli.output import Progress

    with closing(open_tables(address)) as tables:
        return save(tables, out, Progress("saved"))


def _put(file: Path, address: StoreAddress) -> Copied:
    from app.audit.backup import restore as put_back
    from app.audit.lines import LineReader
    from app.bootstrap import make_store_if_missing, open_tables
    from app.cli.output import Progress

    LineReader(file)  # refused before a store is made for it
    make_store_if_missing(address)
    with closing(open_tables(address, writes=True)) as tables:
        return put_back(file, tables, Progress("restored"))


def _facts(done: Copied) -> dict[str, object]:
    import msgspec

    return {name: value for name, value in msgspec.structs.asdict(done).items() if name != "file"}
