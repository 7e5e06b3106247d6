"""`blotter calendars`: write the trading days and early closes of a folder's markets anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def calendars(
    first: Annotated[str, typer.Option(help="The first day, such as 2026-01-01.")],
    last: Annotated[str, typer.Option(help="The last day, such as 2027-12-31.")],
    reference: Annotated[
        Path | None, typer.Option(help="Folder with instruments.csv; calendars.toml goes there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write calendars.toml, which `blotter store init` hands to the store."""
    from app.bootstrap import REFERENCE
    from app.cli.output import say
    from app.market.calendars import calendars_of, write_calendars
    from app.reference_data import as_iso_date, read_instruments

    folder = reference or REFERENCE
    mics = {each.mic for each in read_instruments(folder / "instruments.csv")}
    found = calendars_of(mics, as_iso_date("--first", first), as_iso_date("--last", last))
    path = folder / "calendars.toml"
    write_calendars(path, found)
    known = [each.mic for each in found]
    missing = sorted(mics - set(known))
    say({"file": str(path), "markets": known, "without a calendar": missing}, as_json)
