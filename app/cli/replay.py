"""`blotter replay`: recorded order flow through our matching core, headless or as a live market."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.process import EngineRunner
    from app.market.recorded import Recorded, RecordedFlow

_FORMATS = ("lobster",)


def replay(
    file: Annotated[Path, typer.Argument(help="The recorded messages.")],
    format_: Annotated[str, typer.Option("--format", help="lobster")] = "lobster",
    symbol: Annotated[str, typer.Option(help="Whose messages they are.")] = "AAPL",
    speed: Annotated[
        float, typer.Option(help="With --store: how many times faster than recorded.")
    ] = 1.0,
    store: Annotated[
        str, typer.Option(help="Be the market, and the engine, of this store's desktops.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Replay a recorded day. With --store desk orders trade against it, live in the desktop."""
    if format_ not in _FORMATS:
        raise BadInput(f"Format {format_!r} is not known; choose {', '.join(_FORMATS)}.")
    from app.cli.output import say
    from app.market.recorded import read_lobster
    from app.market.replay import replay as replay_headless

    messages = read_lobster(file)
    if store:
        _serve(messages, symbol, speed, store)
    say(replay_headless(messages), as_json)


def _serve(messages: list[Recorded], symbol: str, speed: float, store: str) -> None:
    """Run the store's engine with the recording as its market until it is over."""
    from app.bootstrap import build_engine, init_store, open_store, recorded_flow, store_exists
    from app.cli.output import log_to_stderr
    from app.cli.passwords import unlocked
    from app.config import load_settings

    flow = recorded_flow(messages, symbol, speed)
    address = unlocked(store)
    if address.is_embedded and not store_exists(address):
        init_store(address)
    opened = open_store(address, for_engine=True)
    leader = opened.leader()
    if leader is not None:
        opened.close()
        raise BadInput(
            f"Engine {leader.holder} leads this store. End it (close its desktop) and start again."
        )
    runner = build_engine(opened, load_settings(), log_to_stderr(), recorded=flow)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.stop())
    over = threading.Event()
    threading.Thread(target=_stop_at_end, args=(flow, runner, over), daemon=True).start()
    ended = runner.run()
    over.set()
    opened.close()
    if ended.fault:
        raise BadInput(ended.reason)


def _stop_at_end(flow: RecordedFlow, runner: EngineRunner, over: threading.Event) -> None:
    while not over.wait(0.2):
        if flow.is_over:
            runner.stop()
            return
