"""The composition root: the only place that names concrete adapters."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.config import (
    Settings,
    StoreAddress,
    engine_run_dir,
    local_copy_path,
    store_address,
)
from app.engine.kill_file import KillFile
from app.engine.process import EngineRunner, Log, SignCheckpoint, quotes_by_symbol
from app.market.parameters import MarketDay, read_market
from app.market.quoted import QuotedFlow, Tick
from app.market.recorded import PlayedFlow, Recorded, RecordedFlow
from app.market.simulator import SimulatedFlow
from app.matching.auction import Bands
from app.ports import Lease, MarketFlow, Outcome, Store, StreamHead
from app.reference_data import reference_commands
from app.session.client import Post, Session
from app.session.step import submission_of
from app.venues.phases import Schedule
from app.venues.sim import SimVenue
from models.errors import BadInput

if TYPE_CHECKING:
    from app.store.approvals import PostgresApprovals
    from app.store.people import People
    from app.store.tables import StoreTables

REFERENCE = Path(__file__).parents[1] / "resources" / "reference"
_RESPAWN_S = 1.0
_GRACE_S = 5.0
_NS = 1_000_000_000


def open_store(address: StoreAddress, *, for_engine: bool = False) -> Store:
    """Open the store at `address`; raises `StoreRefused` or `StoreUnavailable`."""
    if address.path is not None:
        from app.store.sqlite import SqliteStore

        return SqliteStore(address.path, for_engine=for_engine)
    from app.store.postgres import PostgresStore

    return PostgresStore(address.url, password=address.password)


def open_tables(address: StoreAddress, *, writes: bool = False) -> StoreTables:
    """Open a store as a whole, in one transaction; raises `StoreRefused` for who may not."""
    if address.path is not None:
        from app.store.sqlite_tables import SqliteTables

        return SqliteTables(address.path, writes=writes)
    from app.store.postgres_tables import PostgresTables

    return PostgresTables(address.url, password=address.password, writes=writes)


def init_store(address: StoreAddress, reference: Path = REFERENCE) -> list[Outcome]:
    """Make the store or bring it up to date, and hand it the reference data; idempotent."""
    migrate_store(address)
    return hand_over_reference(address, reference)


def hand_over_reference(address: StoreAddress, reference: Path = REFERENCE) -> list[Outcome]:
    """Send the reference data to the store; what it has already changes nothing."""
    store = open_store(address)
    try:
        return store.submit_many(
            [submission_of(command) for command in reference_commands(reference)]
        )
    finally:
        store.close()


def migrate_store(address: StoreAddress) -> dict[str, str]:
    """Bring the store to this version and return what was done; idempotent."""
    if address.path is not None:
        from app.store.sqlite import init_sqlite

        init_sqlite(address.path)
        return {"schema": "up to date"}
    from app.store.postgres import init_postgres

    return init_postgres(address.url, password=address.password)


def make_store_if_missing(address: StoreAddress) -> None:
    """Make an empty store where there is none; what is there is not even upgraded."""
    if address.path is not None:
        is_there = store_exists(address)
    else:
        from app.store.postgres import schema_version

        is_there = schema_version(address.url, password=address.password) is not None
    if not is_there:
        migrate_store(address)


def asks_for_password(address: StoreAddress) -> bool:
    """Whether the store wants a password that is neither in a pass file nor in the keyring."""
    if address.path is not None:
        return False
    from app.store.postgres import lacks_password

    return lacks_password(address.url)


def open_people(address: StoreAddress) -> People:
    """Open the logins of a PostgreSQL store, as an administrator; raises `BadInput`."""
    if address.path is not None:
        raise BadInput(
            f"{address.url} has no logins: SQLite enforces nothing. Logins need PostgreSQL."
        )
    from app.store.people import People

    return People(address.url, password=address.password)


def open_approvals(address: StoreAddress) -> PostgresApprovals:
    """Open the requests of a PostgreSQL store, as one of its people; raises `BadInput`."""
    if address.path is not None:
        raise BadInput(
            f"{address.url} enforces nothing, so no second person is asked for: whoever may change "
            "reference data there does it alone. Approvals need PostgreSQL."
        )
    from app.store.approvals import PostgresApprovals

    return PostgresApprovals(address.url, password=address.password)


def remember_password(address: StoreAddress, password: str) -> str:
    """Try a password, put it into this machine's keyring, and return its name there."""
    if address.path is not None:
        raise BadInput(f"{address.url} has no logins, so it needs no password.")
    from app.store.postgres import remember_postgres_password

    return remember_postgres_password(address.url, password)


def store_exists(address: StoreAddress) -> bool:
    """Whether an embedded store's file is there with a schema; PostgreSQL answers when opened."""
    if address.path is None:
        return True
    from app.store.sqlite import schema_version

    return schema_version(address.path) is not None


def calendar_date(timezone: str) -> Callable[[int], str]:
    """Return a function that gives the ISO date where the desk is at a time in nanoseconds UTC.

    The time is the store's: a machine whose clock jumps must not end anybody's day.
    """
    zone = ZoneInfo(timezone)
    return lambda ts: datetime.fromtimestamp(ts // 1_000_000_000, zone).date().isoformat()


def holder_name() -> str:
    """Return how this process signs the lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


def build_engine(
    store: Store,
    settings: Settings,
    log: Log,
    *,
    seed: int = 1,
    recorded: PlayedFlow[Any] | None = None,
    kill_file: KillFile | None = None,
) -> EngineRunner:
    """Return an engine over `store` whose venue is a simulated, or a recorded, market.

    The simulated one goes on from the prices that were published last, and holds the settings'
    market day; a recorded one trades all the time, as its record did. With a
    `kill_file` it can be killed on its machine.
    """
    flow: MarketFlow
    runner: EngineRunner
    day: MarketDay | None = None
    if recorded is not None:
        flow = recorded
    else:
        parameters = read_market(REFERENCE / "market.toml")
        day = parameters.day(settings.market_day)
        _, quotes = store.read_market(0)
        flow = SimulatedFlow(
            lambda: runner.core.state.instruments,
            seed=seed,
            start_px=quotes_by_symbol(quotes),
            parameters=parameters,
        )
    runner = EngineRunner(
        store,
        SimVenue(flow, schedule_of(day, seed), usual_bands=bands_of(day)),
        holder_name(),
        calendar_date(settings.timezone),
        log,
        sign=day_end_signer(store, settings.audit_key, settings.audit_copy),
        kill_file=kill_file,
    )
    return runner


def contacts_source(settings: Settings) -> Path:
    """Return the file that lists whom a desk calls: the profile's own, or the one that ships."""
    return Path(settings.contacts) if settings.contacts else REFERENCE / "desk.toml"


def schedule_of(day: MarketDay | None, seed: int) -> Schedule | None:
    """Return a market day as the simulated venue holds it, `None` for trading all the time."""
    if day is None:
        return None
    return Schedule(
        pre_open_ns=day.pre_open_s * _NS,
        continuous_ns=day.continuous_s * _NS,
        closing_ns=day.closing_s * _NS,
        volatility_ns=day.volatility_s * _NS,
        resumption_ns=day.resumption_s * _NS,
        random_end_ns=day.random_end_s * _NS,
        seed=seed,
    )


def bands_of(day: MarketDay | None) -> Bands:
    """Return how far trades may go on a market day before an auction is held."""
    return Bands(static_bps=day.volatility_bps) if day is not None else Bands()


def day_end_signer(store: Store, key: str, copy: str = "") -> SignCheckpoint | None:
    """Return what signs where the log stands with `key` (`None` without one), and keeps a copy.

    Raises `BadInput` for a key that can't be used: that has to be known before a day ends.
    """
    if not key:
        return None
    from app.audit.checkpoints import add_signed, append_copy
    from app.audit.keys import load_signer

    signer = load_signer(key)

    def sign(seq: int, heads: Mapping[str, StreamHead], state_hash: str) -> None:
        made = add_signed(store, signer, seq, heads, state_hash)
        if copy:
            append_copy(Path(copy), made)

    return sign


def kill_file_of(address: StoreAddress) -> KillFile:
    """Return the kill file that this machine's engines of a store look at."""
    return KillFile(engine_run_dir(address))


def recorded_flow(messages: list[Recorded], symbol: str, speed: float) -> RecordedFlow:
    """Return recorded messages as a market; raises `BadInput` for a speed that plays nothing."""
    return RecordedFlow(messages, symbol, _checked_speed(speed))


def quoted_flow(ticks: list[Tick], speed: float) -> QuotedFlow:
    """Return recorded trades and quotes as a market; raises `BadInput` as `recorded_flow` does."""
    return QuotedFlow(ticks, _checked_speed(speed))


def _checked_speed(speed: float) -> float:
    if not 0 < speed < inf:
        raise BadInput(f"Speed {speed:g} plays nothing; give a number above 0, such as 10.")
    return speed


class EmbeddedEngine:
    """The engine process of an embedded store, kept alive while its desktop is.

    The child holds the read end of a pipe whose write end is ours: when this process ends, in
    whatever way, the pipe closes and the child ends too.
    """

    def __init__(
        self,
        address: StoreAddress,
        *,
        seed: int = 1,
        log_path: Path | None = None,
        market_day: str = "",
    ) -> None:
        self._command = [sys.executable, "-m", "app", "engine", "--store", address.url]
        self._command += ["--while-parent-lives", "--seed", str(seed)]
        if market_day:
            read_market(REFERENCE / "market.toml").day(market_day)  # told here, not by a lost child
            self._command += ["--market-day", market_day]
        self._log_path = log_path
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._closed = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The child's process id, `None` when there is none."""
        return self._child.pid if self._child is not None else None

    def keep(self, leader: Lease | None) -> None:
        """Start a child when no engine leads and none of ours is on its way."""
        with self._lock:
            if leader is not None or self._closed:
                return
            if self._child is not None and self._child.poll() is None:
                return
            if time.monotonic() - self._started < _RESPAWN_S:
                return
            self._started = time.monotonic()
            self._child = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parents[1]))
        if self._log_path is None:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
            )

    def close(self) -> None:
        """Let the child end by itself, and see that it does."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _open_store_of(address: StoreAddress, login: str) -> Store:
    """Open the store; raises `BadInput` when it would refuse whatever `login` signs."""
    store = open_store(address)
    try:
        known_as = store.health().login
        if known_as not in ("", login):
            raise BadInput(
                f"The store knows this connection as {known_as}, and the profile signs as {login}. "
                f'Set login = "{known_as}" in the profile, or connect as {login}.'
            )
    except BaseException:
        store.close()
        raise
    return store


def open_session(
    settings: Settings,
    post: Post,
    engine: EmbeddedEngine | None,
    login: str = "",
    address: StoreAddress | None = None,
    *,
    keeps_copy: bool = False,
) -> Session:
    """Return a session, not yet started, on `address`, or on the settings' store.

    With `keeps_copy` this machine keeps what it reads, to be looked at without the store.
    """
    address = address or store_address(settings.store)
    signs = login or settings.login
    return Session(
        signs,
        settings.desk,
        lambda: _open_store_of(address, signs),
        post,
        engine.keep if engine is not None else None,
        local_copy_path(signs, settings.desk, address) if keeps_copy else None,
    )
