"""Stores that somebody has tampered with."""

from __future__ import annotations

from pathlib import Path

import structlog

from app.bootstrap import build_engine, init_store, open_store
from app.config import Settings, store_address
from app.store.sqlite_driver import driver


def damaged_store(folder: Path) -> str:
    """Return the URL of a store whose third event was changed after it was written."""
    path = folder / "desk.db"
    url = f"sqlite:///{path}"
    address = store_address(url)
    init_store(address)
    store = open_store(address, for_engine=True)
    runner = build_engine(store, Settings(), structlog.get_logger())
    wait = runner.core.step

    def stop_when_decided(given: object) -> object:
        if runner.core.state.restricted:
            runner.stop()
        return wait(given)  # type: ignore[arg-type]

    runner.core.step = stop_when_decided  # type: ignore[assignment,method-assign]
    runner.run()
    store.close()
    connection = driver.connect(str(path))
    connection.execute("UPDATE event SET body = replace(body, 'USD', 'EUR') WHERE seq = 3")
    connection.commit()
    connection.close()
    return url
