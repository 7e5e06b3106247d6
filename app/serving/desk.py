"""Serves a small desk from one folder: made the first time, started again every time after."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from app import bootstrap
from app.config import StoreAddress
from app.engine.kill_file import KillFile
from app.reference_data import reference_commands
from app.serving.children import EngineChild
from app.serving.postgres_server import OWNER, PrivateServer, server_programs, write_private
from app.serving.roster import Person, joining, pass_line, url_of
from app.session.ids import new_command_id
from app.session.step import submission_of
from app.store.people import People
from models.commands import SYSTEM, EntitleTraders, OpenAccounts
from models.errors import BadInput, StoreUnavailable
from models.instruments import AssetClass
from models.parties import Role, Trader

if TYPE_CHECKING:
    from app.serving.tls_front import TlsFront

DATABASE = "desk"
ENGINE = "engine"
_WATCH_S = 0.5
_LEAD_S = 60.0
_PASSWORD_BYTES = 18


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be served. `listen` empty: this machine only; `host` is how others find it."""

    folder: Path
    people: tuple[Person, ...] = ()
    desk: str = "EQ"
    listen: str = ""
    host: str = ""
    port: int = 0
    programs: Path | None = None


class ServedDesk:
    """A running desk: server, engine, standby, and the front that others come through."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._folder = plan.folder
        self._lock: IO[str] | None = None
        self._front: TlsFront | None = None
        self._engines: list[EngineChild] = []
        self._stopping = threading.Event()
        self._make_folders()
        self._take_lock()
        try:
            programs = server_programs(plan.programs)
            self._server = PrivateServer(plan.folder, programs, 0 if plan.listen else plan.port)
        except BaseException:
            self._give_lock_back()
            raise

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> Iterator[str]:
        """Start everything in its order, and yield what there is to tell."""
        if not self._server.is_made:
            yield "Making a PostgreSQL of this desk's own …"
            self._server.make()
        self._server.start()
        self._make_store()
        self._let_in()
        if self._plan.listen:
            self._open_front()
        environment = dict(
            os.environ,
            PGPASSFILE=str(self._folder / "secrets" / "engine.passfile"),
            DESKBLOTTER_RUN_DIR=str(self._folder / "run"),
            PYTHONPATH=str(Path(__file__).parents[2]),
        )
        for name in ("engine-1", "engine-2"):
            engine = EngineChild(name, self.engine_url, environment, self._folder / "log")
            engine.keep()
            self._engines.append(engine)
        self._wait_for_leader()
        kill = KillFile(self._run_folder()).path
        yield f"The desk {self._plan.desk} is served from {self._folder}; Ctrl+C ends it."
        yield f"To stop all trading at once, whatever else fails: touch {kill}"
        for person in self._plan.people:
            yield from joining(
                person, self._person_folder(person), self._url(person), elsewhere=self._is_open
            )

    def watch(self) -> None:
        """Keep everything alive until `stop` is called; raises when the server has ended."""
        while not self._stopping.wait(_WATCH_S):
            if not self._server.is_running:
                raise StoreUnavailable(
                    f"PostgreSQL has ended; see {self._folder / 'log' / 'postgres.log'}."
                )
            for engine in self._engines:
                engine.keep()

    def stop(self) -> None:
        """Ask `watch` to return; may be called from a signal's handler."""
        self._stopping.set()

    def close(self) -> None:
        """End the standby, the engine, the front and the server, in this order."""
        for engine in reversed(self._engines):
            engine.stop()
        if self._front is not None:
            self._front.stop()
        self._server.stop()
        self._give_lock_back()

    @property
    def engine_url(self) -> str:
        """The store's URL as the engines have it."""
        return url_of(ENGINE, "127.0.0.1", self._server.port, DATABASE)

    # -- the folder ----------------------------------------------------------------------------

    def _make_folders(self) -> None:
        try:
            # Root's server runs as somebody else, who has to get through to its own folder.
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o711)
            for name in ("secrets", "people", "log", "tls", "run"):
                (self._folder / name).mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadInput(
                f"{self._folder} can't be used ({error.strerror}). Choose another --folder."
            ) from None

    def _take_lock(self) -> None:
        lock = (self._folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise BadInput(
                f"The desk in {self._folder} is being served already. End that first, or choose "
                "another --folder."
            ) from None
        self._lock = lock

    def _give_lock_back(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _run_folder(self) -> Path:
        from app.config import engine_run_dir

        place = engine_run_dir(StoreAddress(self.engine_url, None))
        return self._folder / "run" / "engines" / place.name

    def _person_folder(self, person: Person) -> Path:
        return self._folder / "people" / person.login

    # -- the store -----------------------------------------------------------------------------

    def _admin(self, database: str = DATABASE) -> StoreAddress:
        url = url_of(OWNER, "127.0.0.1", self._server.port, database)
        return StoreAddress(url, None, self._server.password)

    def _make_store(self) -> None:
        info = make_conninfo(
            host="127.0.0.1",
            port=self._server.port,
            user=OWNER,
            password=self._server.password,
            dbname="postgres",
        )
        with contextlib.closing(psycopg.connect(info, autocommit=True)) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        bootstrap.init_store(self._admin())

    def _let_in(self) -> None:
        """Give each person a login, entitlements, and a folder with what they need to join."""
        with People(self._admin().url, password=self._server.password) as people:
            path = self._folder / "secrets" / "engine.passfile"
            self._add(people, ENGINE, "engine", path, "127.0.0.1", self._server.port)
            for person in self._plan.people:
                folder = self._person_folder(person)
                folder.mkdir(exist_ok=True, mode=0o700)
                path = folder / "passfile"
                self._add(people, person.login, person.role.value, path, *self._reached_at)
        self._entitle()

    def _add(self, people: People, login: str, role: str, path: Path, host: str, port: int) -> None:
        """Let `login` in. Its password is in the pass file alone; where that is gone it is new."""
        password = _password_in(path)
        is_new = not password
        if is_new:
            password = os.urandom(_PASSWORD_BYTES).hex()
        knows = people.exists(login)
        people.add(login, role, [] if role == "engine" else [self._plan.desk], password=password)
        if knows and is_new:
            people.reset(login, password)
        line = pass_line(host, port, DATABASE, login, password)
        if is_new or path.read_text(encoding="utf-8") != line:
            write_private(path, line)

    def _entitle(self) -> None:
        """Put people at the desk whom the reference data does not know."""
        commands = reference_commands(bootstrap.REFERENCE)
        known = {t.login: t for c in commands if isinstance(c, EntitleTraders) for t in c.traders}
        accounts = tuple(
            a.code for c in commands if isinstance(c, OpenAccounts) for a in c.accounts
        )
        traders = tuple(
            Trader(
                login=person.login,
                name=person.name or person.login.capitalize(),
                desk=self._plan.desk,
                role=person.role,
                accounts=person.accounts or accounts,
                asset_classes=tuple(AssetClass),
            )
            for person in self._plan.people
            if person.role in (Role.TRADER, Role.DESK_HEAD, Role.COMPLIANCE)
            and (person.login not in known or known[person.login].role is not person.role)
        )
        if not traders:
            return
        store = bootstrap.open_store(self._admin())
        try:
            command = EntitleTraders(id=new_command_id(), author=SYSTEM, traders=traders)
            store.submit(submission_of(command))
        finally:
            store.close()

    def _wait_for_leader(self) -> None:
        store = bootstrap.open_store(self._admin())
        try:
            give_up = time.monotonic() + _LEAD_S
            while store.leader() is None:
                if time.monotonic() > give_up or self._stopping.is_set():
                    raise StoreUnavailable(
                        f"No engine leads after {_LEAD_S:.0f} s; see "
                        f"{self._folder / 'log' / 'engine-1.log'}."
                    )
                time.sleep(0.05)
        finally:
            store.close()

    # -- who comes from elsewhere --------------------------------------------------------------

    @property
    def _is_open(self) -> bool:
        return bool(self._plan.listen)

    @property
    def _reached_at(self) -> tuple[str, int]:
        if not self._is_open:
            return "127.0.0.1", self._server.port
        return self._plan.host or self._named(), self._plan.port or self._server.port + 1

    def _named(self) -> str:
        """Return how others find this machine when nobody says so."""
        listen = self._plan.listen
        return socket.gethostname() if listen in ("0.0.0.0", "::") else listen

    def _url(self, person: Person) -> str:
        query = ""
        if self._is_open:
            # The TLS is the front's, so the server can't bind its password exchange to it.
            query = "?sslmode=verify-full&sslrootcert=root.pem&channel_binding=prefer"
        return url_of(person.login, *self._reached_at, DATABASE, query)

    def _open_front(self) -> None:
        from app.serving.certificates import Certificates
        from app.serving.tls_front import TlsFront

        host, port = self._reached_at
        names: Sequence[str] = list(dict.fromkeys((host, socket.gethostname(), "localhost")))
        certificates = Certificates(self._folder / "tls", names)
        front = TlsFront(certificates.context(), self._plan.listen, port, self._server.port)
        try:
            front.start()
        except OSError as error:
            raise BadInput(
                f"{self._plan.listen}:{port} can't be listened on ({error.strerror}). Choose "
                "another --listen or --port."
            ) from None
        self._front = front
        for person in self._plan.people:
            root = self._person_folder(person) / "root.pem"
            root.write_bytes(certificates.root.read_bytes())


def _password_in(path: Path) -> str:
    """Return the password in a pass file of ours, empty where there is none."""
    try:
        return path.read_text(encoding="utf-8").strip().rpartition(":")[2]
    except OSError:
        return ""
