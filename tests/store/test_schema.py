"""The schema three ways — migrations, `models.tables`, column lists — has to be one schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command as alembic_command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

import models.tables
from app.ports import BODY_MAX, FRESHNESS_LIMIT_NS
from app.store import read_tables
from app.store.postgres import PostgresStore, init_postgres
from app.store.schema import MIGRATIONS, SCHEMA_VERSION, check_version
from app.store.sqlite import SqliteStore, init_sqlite
from app.store.sqlite_driver import driver
from models.errors import StoreMissing, StoreRefused
from models.market import BARS_KEPT_NS

FUNCTIONS = Path(read_tables.__file__).with_name("sql") / "functions.sql"
# Over SQLite these are files of their own beside the log's, or not there at all.
BESIDE_SQLITE = {"command", "pending", "quote", "depth", "bar", "feed", "person", "approval"}


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A new store, as SQLAlchemy sees it."""
    if request.param == "sqlite":
        init_sqlite(tmp_path / "desk.db")
        made = sa.create_engine(f"sqlite:///{tmp_path / 'desk.db'}", module=driver)
    else:
        url = request.getfixturevalue("empty_postgres_url")
        init_postgres(url)
        made = sa.create_engine(url)
    yield made
    made.dispose()


def test_migrations_make_what_the_tables_say(engine: sa.Engine) -> None:
    def is_here(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and is_sqlite and name in BESIDE_SQLITE)

    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_here}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrations_end_at_the_schema_version() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == f"{SCHEMA_VERSION:04}"


def _at_schema_2(engine: sa.Engine) -> None:
    """Make a store as it was before it had an id."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, "0002")


def test_upgrade_of_sqlite_of_schema_2_gives_the_store_an_id(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    engine = sa.create_engine(f"sqlite:///{path}", module=driver)
    _at_schema_2(engine)
    engine.dispose()
    init_sqlite(path)
    with closing(SqliteStore(path)) as store:
        first = store.store_id()
        assert len(first) == 36
        assert store.checkpoints() == []
    init_sqlite(path)
    with closing(SqliteStore(path)) as store:
        assert store.store_id() == first


def test_upgrade_of_postgres_of_schema_2_keeps_what_was_asked_for(empty_postgres_url: str) -> None:
    engine = sa.create_engine(empty_postgres_url)
    _at_schema_2(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO approval VALUES ('a-1', 'limit', repeat('0', 64), 'EQ', 'alice', 1, 2, "
            "'dana', 1, 0, '')"
        )
    init_postgres(empty_postgres_url)
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT body, refused_by, refused_ts FROM approval")
        assert rows.fetchall() == [("", "", 0)]
    engine.dispose()
    with closing(PostgresStore(empty_postgres_url)) as store:
        assert len(store.store_id()) == 36


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        (read_tables.ORDER_COLUMNS, models.tables.OrderRow),
        (read_tables.EXECUTION_COLUMNS, models.tables.ExecutionRow),
        (read_tables.ALERT_COLUMNS, models.tables.AlertRow),
    ],
)
def test_read_columns_are_those_of_the_table(
    columns: tuple[str, ...], table: type[SQLModel]
) -> None:
    assert columns == tuple(table.__table__.columns.keys())  # type: ignore[attr-defined]


def test_functions_hold_the_limits_of_the_port() -> None:
    text = FUNCTIONS.read_text()
    assert f"octet_length(wish.body) > {BODY_MAX} " in text
    assert re.search(rf"judged_ts - wish\.seen_ts > {FRESHNESS_LIMIT_NS}\s", text)
    assert f"max(b.start_ts) - {BARS_KEPT_NS} " in text


def test_functions_have_no_percent_sign_that_a_driver_would_take_for_a_parameter() -> None:
    assert "%" not in FUNCTIONS.read_text()


@pytest.mark.parametrize(
    ("found", "error", "words"),
    [
        (None, StoreMissing, "holds no store yet"),
        (f"{SCHEMA_VERSION + 1:04}", StoreRefused, "newer than"),
        ("a-branch", StoreRefused, "newer than"),
        (f"{SCHEMA_VERSION - 1:04}", StoreRefused, "older than"),
    ],
)
def test_check_version_of_another_schema_is_refused(
    found: str | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        check_version(found, "desk.db")


def test_init_sqlite_twice_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    init_sqlite(path)
    with closing(driver.connect(str(path))) as connection:
        connection.execute("UPDATE head SET epoch = 7")
        connection.commit()
    init_sqlite(path)
    with closing(driver.connect(str(path))) as connection:
        assert connection.execute("SELECT epoch FROM head").fetchall() == [(7,)]
