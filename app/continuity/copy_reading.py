"""What a desktop on this machine has kept of its desk, read without disturbing it."""

from __future__ import annotations

from app.config import Settings, StoreAddress, local_copy_path
from app.core.desk_state import DeskState
from app.session.local_copy import LocalCopy
from app.session.step import CopyRead, Link, SessionCore, decode_rows


def state_of_copy(settings: Settings, address: StoreAddress) -> tuple[DeskState, int] | None:
    """Return the state in the copy of the settings' person, and the store's clock as of then.

    `None` where there is none that can be used: it is checked as a desktop checks it.
    """
    path = local_copy_path(settings.login, settings.desk, address)
    if path is None:
        return None
    core = SessionCore(settings.login, settings.desk)
    kept = LocalCopy(path, core.streams).peek()
    if kept is None:
        return None
    core.step(CopyRead(kept, decode_rows(kept.rows)))
    return (core.state, core.store_ts) if core.link is Link.OFFLINE else None
