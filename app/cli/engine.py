"""`blotter engine [kill]`: run the engine of a store, or kill what runs on this machine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from models.errors import BadInput

app = typer.Typer(help="Run the engine of a store, or kill it.", invoke_without_command=True)

STORE_HELP = "sqlite:///desk.db or postgresql://host/desk."


@app.callback()
def engine(
    context: typer.Context,
    store: Annotated[str, typer.Option(help=STORE_HELP)] = "",
    profile: Annotated[str, typer.Option(help="Whose settings to use.")] = "default",
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.")] = 1,
    market_day: Annotated[
        str, typer.Option(help="The simulated market's day: continuous, or one of market.toml.")
    ] = "",
    audit_key: Annotated[
        str,
        typer.Option(help="Sign a checkpoint with this key (FILE or keyring:NAME) at a day's end."),
    ] = "",
    while_parent_lives: Annotated[
        bool, typer.Option(help="End when standard input closes; for a desktop's own engine.")
    ] = False,
) -> None:
    """Run the engine until it is told to end; any number may stand by for one store."""
    if context.invoked_subcommand is not None:
        return
    if not store:
        raise BadInput(f"No store is named; add --store {STORE_HELP}")
    _run(store, profile, seed, audit_key, market_day, while_parent_lives=while_parent_lives)


@app.command()
def kill(
    store: Annotated[str, typer.Option(help=f"The engine's own: {STORE_HELP}")],
    note: Annotated[str, typer.Option(help="Why; the desk reads it.")] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for an engine's answer.")] = 5.0,
) -> None:
    """Halt every desk and cancel every order at the venues, even when the store is down.

    Run it on the engine's machine, as the user whose engine it is.
    """
    from app.bootstrap import kill_file_of
    from app.cli.killing import kill_engines
    from app.config import store_address

    for line in kill_engines(kill_file_of(store_address(store)), note, wait):
        print(line)


def _run(
    store: str,
    profile: str,
    seed: int,
    audit_key: str,
    market_day: str,
    *,
    while_parent_lives: bool,
) -> None:
    from app.bootstrap import build_engine, init_store, kill_file_of, open_store, store_exists
    from app.cli.output import log_to_stderr
    from app.cli.passwords import unlocked
    from app.config import load_settings

    settings, address, log = load_settings(profile), unlocked(store), log_to_stderr()
    if address.is_embedded and not store_exists(address):
        init_store(address)
    if audit_key:
        settings = settings.model_copy(update={"audit_key": audit_key})
    if market_day:
        settings = settings.model_copy(update={"market_day": market_day})
    opened = open_store(address, for_engine=True)
    kill_file = kill_file_of(address)
    kill_file.prepare()
    runner = build_engine(opened, settings, log, seed=seed, kill_file=kill_file)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.stop())
    if while_parent_lives:
        threading.Thread(target=_watch_parent, args=(runner.stop,), daemon=True).start()
    log.info("engine_started", kill_file=str(kill_file.path))
    ended = runner.run()
    opened.close()
    if ended.fault:
        raise BadInput(ended.reason)


def _watch_parent(stop: Callable[[], None]) -> None:
    """Block until the parent's end of the pipe closes, however the parent ended."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop()
