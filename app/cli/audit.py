"""`blotter audit keygen|checkpoint|verify|export`: let somebody else check the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.audit.verify import AuditReport
    from app.ports import StoredCheckpoint

app = typer.Typer(
    help="Sign where the log stands, and prove that nothing was changed.", no_args_is_help=True
)

StoreOption = Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
KeyOption = Annotated[str, typer.Option(help="Private key: FILE (mode 0600) or keyring:NAME.")]
CopyOption = Annotated[
    Path | None, typer.Option(help="File of checkpoints, kept where no owner of the store reaches.")
]


@app.command()
def keygen(
    out: Annotated[str, typer.Option(help="FILE (mode 0600; FILE.pub beside it) or keyring:NAME.")],
    as_json: JsonOption = False,
) -> None:
    """Make an Ed25519 key to sign checkpoints with. Keep it off the database's machine."""
    from app.audit.keys import KEYRING, make_key, public_path
    from app.cli.output import say

    key_id = make_key(out)
    public = "" if out.startswith(KEYRING) else str(public_path(Path(out)))
    say({"key": key_id, "private": out, "public": public}, as_json)


@app.command()
def checkpoint(
    store: StoreOption, key: KeyOption, copy: CopyOption = None, as_json: JsonOption = False
) -> None:
    """Verify the whole store, sign where it stands, and keep that in the store (and in --copy)."""
    from app.audit.checkpoints import append_copy
    from app.audit.keys import load_signer
    from app.audit.verify import take_checkpoint
    from app.bootstrap import open_store
    from app.cli.output import Progress, say
    from app.cli.passwords import unlocked

    signer = load_signer(key)
    opened = open_store(unlocked(store))
    try:
        made = take_checkpoint(opened, signer, Progress("verified"))
    finally:
        opened.close()
    if copy is not None:
        append_copy(copy, made)
    say({"number": made.number, "seq": made.seq, "key": signer.key_id, "body": made.body}, as_json)


@app.command()
def verify(
    store: Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")] = "",
    file: Annotated[Path | None, typer.Option(help="An export, backup or archive instead.")] = None,
    public_key: Annotated[
        list[Path] | None, typer.Option(help="Public key that must have signed; may be repeated.")
    ] = None,
    copy: CopyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check numbers, chains, replay, snapshots, signatures; exit code 1 at the first bad row."""
    from app.audit.checkpoints import read_copies
    from app.audit.keys import load_public
    from app.cli.output import say

    if (file is None) == (not store):
        raise BadInput("Name either a store (--store URL) or a file (--file FILE).")
    trusted = [load_public(path) for path in public_key or ()]
    copies = read_copies(copy) if copy is not None else []
    report = _verified(store, file, trusted, copies)
    say(report, as_json)
    if not report.ok:
        raise typer.Exit(1)


def _verified(
    store: str, file: Path | None, trusted: list[str], copies: list[StoredCheckpoint]
) -> AuditReport:
    from app.audit.export import verify_file
    from app.audit.verify import verify_store
    from app.bootstrap import open_store
    from app.cli.output import Progress
    from app.cli.passwords import unlocked

    progress = Progress("verified")
    if file is not None:
        return verify_file(file, trusted, copies, progress)
    opened = open_store(unlocked(store))
    try:
        return verify_store(opened, trusted, copies, progress)
    finally:
        opened.close()


@app.command()
def export(
    store: StoreOption,
    out: Annotated[Path, typer.Option(help="File to write; compressed when it ends in .gz.")],
    from_: Annotated[int, typer.Option("--from", help="First event.")] = 1,
    to: Annotated[int, typer.Option("--to", help="Last event; 0 is the newest.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Write the log with its chain and checkpoints, for somebody to verify without us."""
    from app.audit.export import export_log
    from app.bootstrap import open_store
    from app.cli.output import Progress, say
    from app.cli.passwords import unlocked

    opened = open_store(unlocked(store))
    try:
        say(export_log(opened, out, from_, to, Progress("exported")), as_json)
    finally:
        opened.close()
