"""The command line: one verb a file, each importing what it needs when it runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli import (
    approvals,
    audit,
    bench,
    calendars,
    continuity,
    demo,
    desktop,
    engine,
    replay,
    report,
    securities,
    serve,
    store,
    user,
)
from models.errors import BlotterError, StoreUnavailable

app = typer.Typer(
    name="blotter",
    help="Deskblotter: the order management system for an equity desk.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("desktop")(desktop.desktop)
app.command("demo")(demo.demo)
app.add_typer(engine.app, name="engine")
app.command("serve")(serve.serve)
app.command("replay")(replay.replay)
app.command("calendars")(calendars.calendars)
app.add_typer(store.app, name="store")
app.add_typer(approvals.app, name="approvals")
app.add_typer(audit.app, name="audit")
app.add_typer(user.app, name="user")
app.add_typer(continuity.app, name="continuity")
app.add_typer(bench.app, name="bench")
app.add_typer(report.app, name="report")
app.add_typer(securities.app, name="securities")


@app.callback(invoke_without_command=True)
def _desktop_by_default(
    context: typer.Context,
    store: Annotated[str, typer.Option(help=desktop.STORE_HELP)] = "",
    profile: Annotated[str, typer.Option(help=desktop.PROFILE_HELP)] = "default",
) -> None:
    """Open the desktop when no verb is named."""
    if context.invoked_subcommand is None:
        desktop.desktop(store=store, profile=profile)


def run() -> None:
    """Run the verb; a refusal is one sentence on stderr and exit code 2."""
    try:
        app()
    except (BlotterError, StoreUnavailable) as error:
        print(f"blotter: {error}", file=sys.stderr)
        sys.exit(2)
