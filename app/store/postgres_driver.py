"""How a PostgreSQL server is reached, which servers are taken, and how it wakes its followers."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.store import passwords
from models.errors import StoreRefused, StoreUnavailable

# The minor release of each major version that fixed the last hole known when this was written.
SAFE_MINORS = {15: 18, 16: 14, 17: 10, 18: 4}

# A server that is gone is noticed within some 11 seconds, not within TCP's two hours.
_CLIENT_SETTINGS = {
    "connect_timeout": "3",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "8000",
    "client_encoding": "UTF8",
}
# A login's or a database's own defaults must not change what a commit means here.
_SESSION_SETTINGS = (
    "SELECT set_config('statement_timeout', '10s', false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " CASE WHEN current_setting('synchronous_commit') = 'off'"
    " THEN set_config('synchronous_commit', 'on', false) END"
)
# What a person writes into the URL who knows that passwords and orders can be overheard.
_CONSENT = "unencrypted=allowed"
_ENCRYPTED_MODES = frozenset({"require", "verify-ca", "verify-full"})
_BACKOFF_FIRST_S, _BACKOFF_MAX_S = 0.1, 5.0


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A server and database to connect to. Its text names it without the password."""

    params: Mapping[str, str]
    where: str
    is_local: bool
    allow_plain: bool

    def __repr__(self) -> str:
        return f"<PostgreSQL {self.where}>"


def parse_target(url: str, *, password: str = "", allow_plain: bool = False) -> Target:
    """Return what `url` (SQLAlchemy's form, libpq's, or a conninfo string) points at.

    Raises `StoreRefused` when it can't be read, or when passwords and orders would cross a
    network in the clear; `allow_plain`, or `unencrypted=allowed` in the URL, takes that on.
    """
    url, is_allowed = _without_consent(url)
    allow_plain = allow_plain or is_allowed
    _, is_sqlalchemy, rest = url.partition("postgresql+psycopg://")
    try:
        given = conninfo_to_dict(f"postgresql://{rest}" if is_sqlalchemy else url)
    except psycopg.ProgrammingError:
        # The driver's own words may quote the password.
        raise StoreRefused(
            "The store's URL can't be read. It has the form postgresql://LOGIN@HOST:PORT/DATABASE."
        ) from None
    params = {name: str(value) for name, value in given.items() if value is not None}
    if password:
        params["password"] = password
    hosts = params.get("hostaddr") or params.get("host") or os.environ.get("PGHOST", "")
    is_local = all(_is_local(host) for host in hosts.split(","))
    name = params.get("host") or hosts or "local socket"
    port = params.get("port") or os.environ.get("PGPORT", "5432")
    where = f"{name}:{port}/{params.get('dbname', params.get('user', ''))}"
    mode = params.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if not is_local and mode in _ENCRYPTED_MODES:
        params.setdefault("channel_binding", "require")
    elif not is_local and not allow_plain:
        raise StoreRefused(
            f"The connection to {where} might not be encrypted (sslmode {mode or 'not set'}). "
            "Add ?sslmode=verify-full to the store's URL; where nobody else can listen, "
            f"?{_CONSENT} goes without."
        )
    return Target(params, where, is_local, allow_plain)


def _without_consent(url: str) -> tuple[str, bool]:
    """Return `url` without our own parameter, which the driver does not know, and if it was there.

    Raises `StoreRefused` for another value: whoever wrote "no" must not be taken for a yes.
    """
    if not url.startswith(("postgresql", "postgres:")):
        return url, False  # a conninfo string, whose question marks are within its values
    address, mark, query = url.partition("?")
    name = _CONSENT.partition("=")[0]
    kept = [part for part in query.split("&") if part.partition("=")[0] != name]
    given = [part for part in query.split("&") if part.partition("=")[0] == name]
    if any(part != _CONSENT for part in given):
        raise StoreRefused(f"The store's URL says {name}; only {_CONSENT} is known. Take it out.")
    return address + (mark if "".join(kept) else "") + "&".join(kept), bool(given)


def _is_local(host: str) -> bool:
    """Whether `host` is this machine: a socket's folder, or a loopback name or address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_server(version: int, encoding: str, where: str) -> None:
    """Raise `StoreRefused` for a server that is too old (`version` as in 180004) or not UTF-8."""
    major, minor = divmod(version, 10_000)
    needed = SAFE_MINORS.get(major, 0)
    if major < min(SAFE_MINORS) or minor < needed:
        least = f"{major}.{needed}" if needed else f"{min(SAFE_MINORS)}.{SAFE_MINORS[15]}"
        raise StoreRefused(
            f"{where} runs PostgreSQL {major}.{minor}; at least {least} is needed. "
            "Update the server."
        )
    if encoding != "UTF8":
        raise StoreRefused(
            f"{where} keeps its text as {encoding}; the store needs UTF8. "
            "Create the database with ENCODING 'UTF8'."
        )


def unavailable(error: Exception, where: str) -> StoreUnavailable:
    """Return `error` as the port's, in one line."""
    text = " ".join(str(error).split())
    if "certificate verify failed" in text:
        text += (
            ". The server's certificate has expired, or is signed by somebody else: ask who runs it"
        )
    return StoreUnavailable(f"PostgreSQL {where}: {text}")


def connect(
    target: Target, *, application_name: str = "deskblotter", autocommit: bool = True
) -> psycopg.Connection[Any]:
    """Connect and check the server; raises `StoreUnavailable` or `StoreRefused`."""
    settings = {"application_name": application_name, **_CLIENT_SETTINGS, **target.params}
    connection = _opened(settings, target.where)
    try:
        _check_connection(connection, target)
        connection.execute(_SESSION_SETTINGS)
        connection.autocommit = autocommit
    except psycopg.Error as error:
        connection.close()
        raise unavailable(error, target.where) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(settings: dict[str, str], where: str) -> psycopg.Connection[Any]:
    """Connect with the driver's password, and where it has none with the keyring's."""
    try:
        return psycopg.connect(make_conninfo("", **settings), autocommit=True)
    except psycopg.Error as error:
        if passwords.MISSING not in str(error):
            raise unavailable(error, where) from None
    password = passwords.remembered(settings)
    if not password:
        raise StoreRefused(passwords.missing_text(settings, where))
    try:
        return psycopg.connect(make_conninfo("", **settings, password=password), autocommit=True)
    except psycopg.Error as error:
        raise unavailable(error, where) from None


def _check_connection(connection: psycopg.Connection[Any], target: Target) -> None:
    pgconn = connection.pgconn
    if connection.info.server_version == 0:
        raise psycopg.OperationalError("the connection was lost at once")
    # A service file or a variable of the environment may have led elsewhere than the URL says.
    is_local = _is_local(connection.info.hostaddr or connection.info.host)
    if not (pgconn.ssl_in_use or is_local or target.allow_plain):
        raise StoreRefused(
            f"The connection to {target.where} is not encrypted. "
            "Add ?sslmode=verify-full to the store's URL."
        )
    encoding = connection.info.parameter_status("server_encoding") or "unknown"
    check_server(connection.info.server_version, encoding, target.where)


class Listener(threading.Thread):
    """Wakes somebody on notifications; after a reconnect too, as some may have been missed.

    A notification carries no data: whoever is woken looks for himself. It has a connection of its
    own, because one that waits for notifications can do nothing else.
    """

    def __init__(
        self, target: Target, channels: Sequence[str], wake: Callable[[], None], name: str
    ) -> None:
        super().__init__(name="postgres-hints", daemon=True)
        self._target = target
        self._channels = channels
        self._wake = wake
        self._application_name = name
        self._stopping = threading.Event()
        self._stop_here, self._stop_there = socket.socketpair()
        self.start()

    def stop(self) -> None:
        self._stopping.set()
        self._stop_there.send(b"x")
        self.join()
        self._stop_here.close()
        self._stop_there.close()

    def run(self) -> None:
        backoff_s = _BACKOFF_FIRST_S
        while not self._stopping.is_set():
            try:
                with connect(self._target, application_name=self._application_name) as connection:
                    for channel in self._channels:
                        connection.execute(f"LISTEN {channel}")
                    backoff_s = _BACKOFF_FIRST_S
                    self._follow(connection)
            except (StoreUnavailable, StoreRefused, psycopg.Error):
                # Whoever calls the store is told; here it is only tried again.
                self._stopping.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _BACKOFF_MAX_S)

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        """Wait on the socket itself: psycopg's generator loses what comes between two calls."""
        pgconn = connection.pgconn
        with selectors.DefaultSelector() as selector:
            selector.register(pgconn.socket, selectors.EVENT_READ)
            selector.register(self._stop_here, selectors.EVENT_READ)
            self._wake()
            while not self._stopping.is_set():
                selector.select()
                pgconn.consume_input()
                is_hint = False
                while pgconn.notifies():
                    is_hint = True
                if is_hint:
                    self._wake()
