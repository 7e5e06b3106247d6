"""A whole desk on a real PostgreSQL of its own: server, store, engines as processes, desktops."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from app.bootstrap import init_store, open_store
from app.config import StoreAddress
from app.ports import Store
from app.session.client import Session
from app.session.ids import new_command_id
from app.session.step import Link, submission_of
from app.store.private_server import PrivateServer
from models.commands import SYSTEM, Command, EntitleTraders, SubmitOrder
from models.errors import BadInput, StoreUnavailable
from models.instruments import AssetClass, Instrument
from models.orders import OrderTerms, OrderType, Side, TimeInForce
from models.parties import Role, Trader

DESK = "EQ"
DATABASE = "desk"
_REPOSITORY = Path(__file__).parents[2]
_PATIENCE_S = 180.0


def traders(count: int) -> list[str]:
    """Return the logins of `count` people of a private desk."""
    return [f"trader{number:02}" for number in range(count)]


def entitled(logins: list[str]) -> Command:
    """Return the command that lets `logins` trade."""
    people = tuple(
        Trader(
            login=login,
            name=login.title(),
            desk=DESK,
            role=Role.TRADER,
            accounts=("GROWTH",),
            asset_classes=(AssetClass.SHARE, AssetClass.ETF),
        )
        for login in logins
    )
    return EntitleTraders(id="bench-traders", author=SYSTEM, traders=people)


class PrivateDesk:
    """A server with a store, the people who may trade, and any number of engine processes.

    Attributes:
        server: the PostgreSQL server.
        folder: for what the engines say.
    """

    def __init__(self, people: list[str], *, durable: bool = True) -> None:
        try:
            self.server = PrivateServer(durable=durable)
        except (FileNotFoundError, RuntimeError) as error:
            raise BadInput(str(error)) from None
        self._folder = tempfile.TemporaryDirectory(prefix="deskblotter-bench-")
        self.folder = Path(self._folder.name)
        self.engines: list[subprocess.Popen[bytes]] = []
        with self.admin("postgres") as admin:
            admin.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        init_store(self.address())
        with contextlib.closing(open_store(self.address())) as store:
            store.submit(submission_of(entitled(people)))
        pass_file = self.folder / "passwords"
        pass_file.touch(mode=0o600)
        pass_file.write_text(f"*:*:*:*:{self.server.password}\n")
        self._environment = dict(
            os.environ,
            PYTHONPATH=str(_REPOSITORY),
            PGPASSFILE=str(pass_file),
            XDG_CONFIG_HOME=str(self.folder),
        )

    def address(self, port: int = 0) -> StoreAddress:
        """Return the store's address, by another port when something stands between."""
        url = f"postgresql://postgres@127.0.0.1:{port or self.server.port}/{DATABASE}"
        return StoreAddress(url, None, self.server.password)

    def admin(self, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        """Return a bare connection of the superuser."""
        url = self.server.url(database).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True)

    def open_store(self, port: int = 0) -> Store:
        return open_store(self.address(port))

    # -- engines -------------------------------------------------------------------------------

    def start_engine(self, port: int = 0) -> subprocess.Popen[bytes]:
        """Start an engine; its log goes into a file."""
        command = [sys.executable, "-m", "app", "engine", "--store", self.address(port).url]
        with (self.folder / "engines.log").open("ab") as log:
            engine = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )
        self.engines.append(engine)
        return engine

    def leading(self) -> subprocess.Popen[bytes] | None:
        """Return the engine of ours that holds the lease."""
        with self.admin() as admin:
            row = admin.execute("SELECT holder FROM blotter_leader()").fetchone()
        pid = int(str(row[0]).rpartition(":")[2]) if row else 0
        return next((engine for engine in self.engines if engine.pid == pid), None)

    def replace_ended(self, count: int, port: int = 0) -> None:
        """Start engines until `count` of them run."""
        self.engines = [engine for engine in self.engines if engine.poll() is None]
        while len(self.engines) < count:
            self.start_engine(port)

    def log_tail(self) -> str:
        """Return the end of what the engines said."""
        log = self.folder / "engines.log"
        return log.read_text()[-2_000:] if log.exists() else ""

    def close(self) -> None:
        for engine in self.engines:
            with contextlib.suppress(ProcessLookupError):
                engine.send_signal(signal.SIGCONT)
                engine.terminate()
        for engine in self.engines:
            try:
                engine.wait(10)
            except subprocess.TimeoutExpired:
                engine.kill()
                engine.wait()
        self.server.close()
        self._folder.cleanup()


@contextlib.contextmanager
def private_desk(people: list[str], *, durable: bool = True) -> Iterator[PrivateDesk]:
    """Yield a private desk that is gone afterwards."""
    desk = PrivateDesk(people, durable=durable)
    try:
        yield desk
    finally:
        desk.close()


class Desktop:
    """A desktop without a window: the real session, whose loop is `pump`.

    Its orders have the time in force `force`.
    """

    def __init__(
        self,
        login: str,
        open_its_store: Callable[[], Store],
        seed: int,
        force: TimeInForce = TimeInForce.DAY,
    ) -> None:
        self._force = force
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.session = Session(login, DESK, open_its_store, self._calls.put)
        self.core = self.session.core
        self._random = random.Random(seed)
        self._names: list[Instrument] = []
        self.session.start()

    def pump(self, timeout_s: float) -> None:
        """Do what has come, or wait for something for so long."""
        with contextlib.suppress(queue.Empty):
            self._calls.get(timeout=max(0.0, timeout_s))()
            while True:
                self._calls.get_nowait()()

    def is_ready(self, quotes: int = 1) -> bool:
        """Whether its person can trade."""
        core = self.core
        return (
            core.link is Link.LIVE
            and core.state.day_open
            and core.login in core.state.traders
            and len(core.quotes) >= quotes
        )

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Pump until `holds`; raises `StoreUnavailable` when that takes far too long."""
        give_up = time.monotonic() + _PATIENCE_S
        while not holds():
            self.pump(0.01)
            if time.monotonic() > give_up:
                why = self.session.refusal or self.core.link_text
                raise StoreUnavailable(f"{self.core.login} waited in vain for {what}. {why}")

    def order(self) -> str:
        """Submit a limit order around the market, about half of which trade; returns its id."""
        return self.session.send(self.make_order())

    def make_order(self) -> SubmitOrder:
        """Return such an order, not yet sent."""
        if not self._names:
            self._names = [
                each
                for each in self.core.state.instruments.values()
                if each.asset_class in (AssetClass.SHARE, AssetClass.ETF)
                and each.symbol not in self.core.state.restricted
            ]
        instrument = self._random.choice(self._names)
        quote = self.core.quotes.get(instrument.symbol)
        px = (quote.last or quote.mid) if quote is not None else 0
        tick = instrument.tick_at(px or instrument.prev_close)
        px = (px or instrument.prev_close) // tick * tick
        terms = OrderTerms(
            symbol=instrument.symbol,
            side=self._random.choice((Side.BUY, Side.SELL)),
            qty=self._random.randint(1, 400),
            order_type=OrderType.LIMIT,
            account="GROWTH",
            limit_px=px + self._random.randint(-40, 40) * tick,
            time_in_force=self._force,
        )
        return SubmitOrder(
            id=new_command_id(),
            author=self.core.login,
            desk=DESK,
            terms=terms,
            reason="benchmark",
            seen_ts=self.core.store_ts,
        )

    def close(self) -> None:
        self.session.close()
