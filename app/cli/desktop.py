"""`blotter [desktop]`: open the window."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

STORE_HELP = "sqlite:///desk.db or postgresql://host/desk; the profile's own when left out."
PROFILE_HELP = "Whose settings, layout and login to use."


def desktop(
    store: Annotated[str, typer.Option(help=STORE_HELP)] = "",
    profile: Annotated[str, typer.Option(help=PROFILE_HELP)] = "default",
) -> None:
    """Open the desktop. Without a store it keeps one of its own, with its engine beside it."""
    from app.bootstrap import EmbeddedEngine, contacts_source, open_session
    from app.cli.passwords import unlocked
    from app.config import (
        continuity_folder,
        data_dir,
        load_settings,
        login_in,
        window_state_path,
    )

    settings = load_settings(profile)
    if store:
        settings.store = store
        settings.login = login_in(store) or settings.login
    address = unlocked(settings.store)
    engine = None
    if address.path is not None:
        engine = EmbeddedEngine(
            address,
            log_path=data_dir() / "logs" / "engine.log",
            market_day=settings.market_day,
        )

    from ui.desktop import run_desktop

    code = run_desktop(
        lambda post: open_session(settings, post, engine, address=address, keeps_copy=True),
        theme_name=settings.theme,
        timezone=settings.timezone,
        state_path=window_state_path(settings.login, profile),
        continuity=(continuity_folder(settings.login, profile, address), contacts_source(settings)),
    )
    if engine is not None:
        engine.close()
    sys.exit(code)
