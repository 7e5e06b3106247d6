"""`blotter engine`: run the engine of a store."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from models.errors import BadInput


def engine(
    store: Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")],
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
    from app.bootstrap import build_engine, init_store, open_store, store_exists
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
    runner = build_engine(opened, settings, log, seed=seed)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.stop())
    if while_parent_lives:
        threading.Thread(target=_watch_parent, args=(runner.stop,), daemon=True).start()
    ended = runner.run()
    opened.close()
    if ended.fault:
        raise BadInput(ended.reason)


def _watch_parent(stop: Callable[[], None]) -> None:
    """Block until the parent's end of the pipe closes, however the parent ended."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop()
