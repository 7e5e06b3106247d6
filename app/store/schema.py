"""The schema's version, and how a store is brought to it; Alembic is imported only to do that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.errors import StoreMissing, StoreRefused

SCHEMA_VERSION = 3
MIGRATIONS = Path(__file__).parent / "migrations"


def check_version(found: str | None, where: str) -> None:
    """Raise `StoreRefused` unless `found` (Alembic's version of the store) is ours.

    `StoreMissing`, a kind of it, when there is no store at all.
    """
    if found is None:
        raise StoreMissing(f"{where} holds no store yet. Run `blotter store init --store URL`.")
    if not found.isdigit() or int(found) > SCHEMA_VERSION:
        raise StoreRefused(
            f"{where} has schema {found}, newer than the {SCHEMA_VERSION} that this version knows. "
            "Install the newer Deskblotter."
        )
    if int(found) < SCHEMA_VERSION:
        raise StoreRefused(
            f"{where} has schema {found}, older than {SCHEMA_VERSION}. Stop the desk and run "
            "`blotter store upgrade --store URL`."
        )


def migrate(engine: Any, before: str = "", after: str = "") -> None:
    """Bring the database behind a SQLAlchemy engine to the newest schema; idempotent.

    `before` and `after` are SQL that runs in the same transaction: a store is whole, or as it was.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if before:
            connection.exec_driver_sql(before)
        command.upgrade(config, "head")
        if after:
            connection.exec_driver_sql(after)


@contextlib.contextmanager
def disposing(engine: Any) -> Iterator[Any]:
    """Give the engine's connections back at the end."""
    try:
        yield engine
    finally:
        engine.dispose()
