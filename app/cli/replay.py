"""`blotter replay`: a recorded market through our matching core, headless or live at a desk."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.engine.process import EngineRunner
    from app.market.recorded import PlayedFlow

_FORMATS = ("lobster", "csv")
_LOBSTER_SYMBOL = "AAPL"


def replay(
    file: Annotated[Path, typer.Argument(help="The recorded messages, or trades and quotes.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="lobster, or csv: a header line, then time (ISO or ns), symbol, kind (trade or "
            "quote), price, size, bid, bid_size, ask, ask_size.",
        ),
    ] = "lobster",
    symbol: Annotated[
        str,
        typer.Option(
            help="lobster: whose messages they are (AAPL unless given); csv: play it alone."
        ),
    ] = "",
    speed: Annotated[
        float, typer.Option(help="With --store: how many times faster than recorded.")
    ] = 1.0,
    store: Annotated[
        str, typer.Option(help="Be the market, and the engine, of this store's desktops.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Replay a recorded day. With --store desk orders trade against it, live in the desktop.

    With csv, quotes rest at bid and ask with their sizes, and trades take from them and print.
    """
    if format_ not in _FORMATS:
        raise BadInput(f"Format {format_!r} is not known; choose {', '.join(_FORMATS)}.")
    from app.cli.output import say

    if format_ == "csv":
        from app.bootstrap import quoted_flow
        from app.market.quoted import read_ticks
        from app.market.replay import replay_quotes

        ticks = read_ticks(file, symbol)
        if store:
            _serve(quoted_flow(ticks, speed), store)
        say(replay_quotes(ticks), as_json)
        return
    from app.bootstrap import recorded_flow
    from app.market.recorded import read_lobster
    from app.market.replay import replay as replay_headless

    messages = read_lobster(file)
    if store:
        _serve(recorded_flow(messages, symbol or _LOBSTER_SYMBOL, speed), store)
    say(replay_headless(messages), as_json)


def _serve(flow: PlayedFlow[Any], store: str) -> None:
    """Run the store's engine with the recording as its market until it is over."""
    from app.bootstrap import build_engine, init_store, open_store, store_exists
    from app.cli.output import log_to_stderr
    from app.cli.passwords import unlocked
    from app.config import load_settings

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


def _stop_at_end(flow: PlayedFlow[Any], runner: EngineRunner, over: threading.Event) -> None:
    while not over.wait(0.2):
        if flow.is_over:
            runner.stop()
            return
