"""`blotter report`: reports out of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.errors import BadInput

app = typer.Typer(help="Write reports.", no_args_is_help=True)
_FORMATS = ("csv", "xlsx")


@app.callback()
def _reports() -> None:
    """Keeps `report` a group of reports, also while there is only one."""


@app.command()
def blotter(
    store: Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format_: Annotated[str, typer.Option("--format", help="csv or xlsx")] = "csv",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write every order that the login may see, in its present state, as the blotter shows it."""
    if format_ not in _FORMATS:
        raise BadInput(f"Format {format_!r} is not known; choose csv or xlsx.")
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.reports.blotter import blotter_table
    from app.reports.render import write_csv, write_xlsx

    opened = open_store(unlocked(store))
    try:
        table = blotter_table(opened)
    finally:
        opened.close()
    (write_csv if format_ == "csv" else write_xlsx)(table, out)
    say({"report": "blotter", "orders": len(table.rows), "file": str(out)}, as_json)
