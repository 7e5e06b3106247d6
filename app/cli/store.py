"""`blotter store …`: make, bring up to date, check, copy and archive a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import store_copies
from models.errors import StoreMissing, StoreRefused

app = typer.Typer(
    help="Make, bring up to date, check, copy and archive a store.", no_args_is_help=True
)

StoreOption = Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def init(
    store: StoreOption,
    reference: Annotated[
        Path | None, typer.Option(help="Folder with instruments.csv and desk.toml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the store and hand it its reference data; run again it changes nothing."""
    from app.bootstrap import REFERENCE, hand_over_reference, migrate_store
    from app.cli.output import say
    from app.cli.passwords import unlocked

    address = unlocked(store)
    done = migrate_store(address)
    outcomes = hand_over_reference(address, reference or REFERENCE)
    handed_over = {o.command_id: o.verdict for o in outcomes}
    say({"store": store, **done, "reference_commands": handed_over}, as_json)


@app.command()
def upgrade(store: StoreOption, as_json: JsonOption = False) -> None:
    """Bring the store's schema, roles and rights to this version; run again it changes nothing."""
    from app.bootstrap import migrate_store
    from app.cli.output import say
    from app.cli.passwords import unlocked

    address = unlocked(store)
    if address.path is not None and not address.path.exists():
        raise StoreMissing(f"{address.path} does not exist. Run `blotter store init`.")
    say({"store": store, **migrate_store(address)}, as_json)


@app.command()
def health(store: StoreOption, as_json: JsonOption = False) -> None:
    """Say what the store is to you: who you are there, and what it enforces."""
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked

    opened = open_store(unlocked(store))
    try:
        say(opened.health(), as_json)
    finally:
        opened.close()


@app.command()
def verify(store: StoreOption, as_json: JsonOption = False) -> None:
    """Check the whole log: numbers, chain, replay, snapshots; exit code 2 at the first fault."""
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.engine.verify import verify_log

    opened = open_store(unlocked(store))
    try:
        health = opened.health()
        if not health.reads_all:
            raise StoreRefused(
                f"{health.login} is shown a part of this store, and a part can't be verified as "
                "the whole. Use an engine's login, or its administrator's."
            )
        say(verify_log(opened), as_json)
    finally:
        opened.close()


for _verb in (store_copies.backup, store_copies.restore, store_copies.move, store_copies.archive):
    app.command()(_verb)
