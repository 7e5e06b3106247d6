"""`blotter store init|upgrade|verify`: make, bring up to date, and check a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.errors import StoreMissing

app = typer.Typer(help="Make, bring up to date, and check a store.", no_args_is_help=True)

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
    from app.bootstrap import REFERENCE, init_store
    from app.cli.output import say
    from app.config import store_address

    outcomes = init_store(store_address(store), reference or REFERENCE)
    say(
        {"store": store, "reference_commands": {o.command_id: o.verdict for o in outcomes}}, as_json
    )


@app.command()
def upgrade(store: StoreOption, as_json: JsonOption = False) -> None:
    """Bring the store's schema to this version; run again it changes nothing."""
    from app.bootstrap import migrate_store
    from app.cli.output import say
    from app.config import store_address

    address = store_address(store)
    if address.path is not None and not address.path.exists():
        raise StoreMissing(f"{address.path} does not exist. Run `blotter store init`.")
    migrate_store(address)
    say({"store": store, "schema": "up to date"}, as_json)


@app.command()
def verify(store: StoreOption, as_json: JsonOption = False) -> None:
    """Check the whole log: numbers, chain, replay, snapshots; exit code 2 at the first fault."""
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.config import store_address
    from app.engine.verify import verify_log

    opened = open_store(store_address(store))
    try:
        say(verify_log(opened), as_json)
    finally:
        opened.close()
