"""`blotter demo`: a whole desk in one command, on screen or off it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.bootstrap import EmbeddedEngine
    from app.config import Settings
    from app.session.client import Session
    from ui.main_window import MainWindow

_OTHERS = ("ben", "chloe")
_HEAD = "dana"


def demo(
    headless: Annotated[
        bool, typer.Option(help="Off screen, driving itself; the default without a display.")
    ] = False,
    seconds: Annotated[int, typer.Option(help="How long the headless session runs.")] = 20,
    out: Annotated[Path, typer.Option(help="Where its store, pictures and reports go.")] = Path(
        "demo-output"
    ),
    seed: Annotated[int, typer.Option(help="Seed of the market and the other traders.")] = 1,
    market_day: Annotated[
        str, typer.Option(help="The market's day: continuous, or one of market.toml, as short.")
    ] = "",
    story: Annotated[
        bool, typer.Option(help="On screen: let the demonstration tell itself.")
    ] = True,
) -> None:
    """Open a desk with a simulated market and other traders; all prices are simulated.

    On a screen it tells its own story, over and over, until somebody takes over.
    """
    from app.bootstrap import EmbeddedEngine
    from app.config import load_settings, store_address

    headless = headless or not _has_display()
    if headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    out.mkdir(parents=True, exist_ok=True)
    settings = load_settings()
    settings.store = f"sqlite:///{(out / 'desk.db').resolve()}"
    settings.login = "alice"
    engine = EmbeddedEngine(
        store_address(settings.store),
        seed=seed,
        log_path=out / "engine.log",
        market_day=market_day,
    )
    if headless:
        sys.exit(_run_headless(settings, engine, seconds, out, seed))
    sys.exit(_run_on_screen(settings, engine, seed, story, out))


def _has_display() -> bool:
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run_on_screen(
    settings: Settings, engine: EmbeddedEngine, seed: int, story: bool, out: Path
) -> int:
    from app.bootstrap import contacts_source, open_session
    from app.demo.flow import OtherTraders
    from ui.desktop import run_desktop
    from ui.story.teller import Teller

    print("Deskblotter demo: alice's desktop. Prices are simulated. Close the window to end.")
    others = OtherTraders(
        _OTHERS, lambda who, post: open_session(settings, post, engine, who), seed
    )
    tellers: list[Teller] = []

    def opened(window: MainWindow, session: Session) -> None:
        others.start()
        if story:
            tellers.append(Teller(window, session))
            tellers[0].begin()

    code = run_desktop(
        lambda post: open_session(settings, post, engine),
        theme_name=settings.theme,
        timezone=settings.timezone,
        on_opened=opened,
        continuity=(out / "continuity", contacts_source(settings)),
    )
    others.stop()
    engine.close()
    return code


def _run_headless(
    settings: Settings, engine: EmbeddedEngine, seconds: int, out: Path, seed: int
) -> int:
    from app.bootstrap import contacts_source, open_session
    from app.demo.flow import OtherTraders
    from app.demo.summary import write_outputs
    from ui.demo_run import run_demo

    print(f"Deskblotter demo, off screen for {seconds} s. Prices are simulated.")
    others = OtherTraders(
        _OTHERS, lambda who, post: open_session(settings, post, engine, who), seed
    )
    try:
        result = run_demo(
            lambda post: open_session(settings, post, engine),
            lambda post: open_session(settings, post, engine, _HEAD),
            seconds=seconds,
            out=out,
            tell=lambda words: print(words, flush=True),
            on_opened=others.start,
            timezone=settings.timezone,
            continuity=(out / "continuity", contacts_source(settings)),
        )
    finally:
        others.stop()
        engine.close()
    return write_outputs(result, settings, out)
