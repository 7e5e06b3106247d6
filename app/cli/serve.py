"""`blotter serve`: a whole small desk from one machine, for training or a handful of people."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

_ROOTS_FOLDER = Path("/var/lib/deskblotter/serve")


def serve(
    people: Annotated[
        str, typer.Option(help="alice:trader,dana:desk_head, or a TOML file of [[person]].")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="Where all of it is kept; the same desk each time.")
    ] = None,
    desk: Annotated[str, typer.Option(help="The desk's code.")] = "EQ",
    listen: Annotated[
        str, typer.Option(help="An address for other machines, encrypted; 0.0.0.0 for all.")
    ] = "",
    host: Annotated[str, typer.Option(help="How other machines find this one.")] = "",
    port: Annotated[int, typer.Option(help="The port that people connect to.")] = 0,
    programs: Annotated[
        Path | None, typer.Option(help="Folder of PostgreSQL's own programs.")
    ] = None,
) -> None:
    """Serve a desk: a private PostgreSQL, an engine, a standby, and a login for each person.

    Run again it starts what is there. A firm's own PostgreSQL needs none of this: see README.
    """
    from app.config import data_dir
    from app.serving.desk import Plan, ServedDesk
    from app.serving.roster import read_roster

    default = _ROOTS_FOLDER if os.geteuid() == 0 else data_dir() / "serve"
    plan = Plan(
        folder=(folder or default).resolve(),
        people=read_roster(people),
        desk=desk,
        listen=listen,
        host=host,
        port=port,
        programs=programs,
    )
    served = ServedDesk(plan)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: served.stop())
    try:
        for line in served.start():
            print(line, flush=True)
        served.watch()
    finally:
        served.close()
