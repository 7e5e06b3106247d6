"""Encrypted connections: whose certificate is believed, and what goes plain only on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from app.ports import Verdict
from app.store import postgres_driver
from app.store.postgres import PostgresStore
from app.store.postgres_driver import parse_target
from models.errors import StoreRefused, StoreUnavailable
from tests.postgres import PostgresServer
from tests.store.shared_desk import PASSWORD, SharedDesk, command
from tests.store.tls import Authority, TlsFront


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server, people=("alice",))) as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ca", "Desk CA")


def _url(desk: SharedDesk, port: int, root: Path, mode: str = "verify-full") -> str:
    """Return how alice connects to db.test, which is this machine."""
    return psycopg.conninfo.make_conninfo(
        host="db.test",
        hostaddr="127.0.0.1",
        port=port,
        dbname=desk.name,
        user="alice",
        password=PASSWORD,
        sslmode=mode,
        sslrootcert=str(root),
    )


def test_verify_full_with_the_right_authority_and_name_connects(
    desk: SharedDesk, authority: Authority
) -> None:
    with (
        TlsFront(authority.certificate("db.test"), desk.server.port) as front,
        closing(PostgresStore(_url(desk, front.port, authority.root))) as store,
    ):
        assert store._connected().pgconn.ssl_in_use
        assert store.submit(command("alice")).verdict is Verdict.RECEIVED


def test_verify_full_with_another_authority_is_refused(
    desk: SharedDesk, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other", "Somebody's CA")
    with (
        TlsFront(other.certificate("db.test"), desk.server.port) as front,
        pytest.raises(StoreUnavailable, match="certificate verify failed"),
    ):
        PostgresStore(_url(desk, front.port, authority.root))


def test_verify_full_with_another_name_is_refused(desk: SharedDesk, authority: Authority) -> None:
    with (
        TlsFront(authority.certificate("other.test"), desk.server.port) as front,
        pytest.raises(StoreUnavailable, match=r"other\.test.*does not match host name"),
    ):
        PostgresStore(_url(desk, front.port, authority.root))


def test_verify_full_with_an_expired_certificate_is_refused(
    desk: SharedDesk, authority: Authority
) -> None:
    with (
        TlsFront(authority.certificate("db.test", days=-1), desk.server.port) as front,
        pytest.raises(StoreUnavailable, match="certificate verify failed"),
    ):
        PostgresStore(_url(desk, front.port, authority.root))


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_encryption_from_a_server_that_has_none_is_refused(
    desk: SharedDesk, authority: Authority, mode: str
) -> None:
    """No falling back to plain text when somebody in the middle says that there is no TLS."""
    with pytest.raises(StoreUnavailable, match="does not support SSL"):
        PostgresStore(_url(desk, desk.server.port, authority.root, mode))


def test_tls_that_ends_before_the_server_is_refused_beyond_this_machine(
    desk: SharedDesk, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a certificate that is believed: the password is bound to the server's own channel."""
    monkeypatch.setattr(postgres_driver, "_is_local", lambda host: False)
    with (
        TlsFront(authority.certificate("db.test"), desk.server.port) as front,
        pytest.raises(StoreUnavailable, match="channel binding"),
    ):
        PostgresStore(_url(desk, front.port, authority.root))


# -- unencrypted on purpose ----------------------------------------------------------------------


@pytest.fixture
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_no_environment")
def test_plain_connection_is_refused_with_both_ways_out() -> None:
    with pytest.raises(StoreRefused) as refused:
        parse_target("postgresql://alice@db.example/desk")
    assert "sslmode=verify-full" in str(refused.value)
    assert "unencrypted=allowed" in str(refused.value)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("unencrypted=allowed", {}),
        ("application_name=x&unencrypted=allowed", {"application_name": "x"}),
        ("unencrypted=allowed&application_name=x", {"application_name": "x"}),
    ],
)
@pytest.mark.usefixtures("_no_environment")
def test_plain_connection_that_the_url_allows_is_taken(query: str, left: dict[str, str]) -> None:
    target = parse_target(f"postgresql://alice@db.example/desk?{query}")
    assert target.allow_plain
    assert target.params == {"user": "alice", "host": "db.example", "dbname": "desk"} | left


@pytest.mark.parametrize("value", ["no", "", "true", "Allowed"])
def test_consent_in_other_words_is_refused(value: str) -> None:
    with pytest.raises(StoreRefused, match="only unencrypted=allowed is known"):
        parse_target(f"postgresql://alice@db.example/desk?unencrypted={value}")


@pytest.mark.usefixtures("_no_environment")
def test_consent_within_a_password_is_none() -> None:
    with pytest.raises(StoreRefused, match="might not be encrypted"):
        parse_target("postgresql://alice:unencrypted=allowed@db.example/desk")


def test_health_of_a_connection_that_may_be_plain_says_so(
    desk: SharedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_driver, "_is_local", lambda host: False)
    url = f"postgresql://alice@127.0.0.1:{desk.server.port}/{desk.name}?unencrypted=allowed"
    with closing(PostgresStore(url, password=PASSWORD)) as store:
        assert store.health().notes[-1] == "The connection may be unencrypted."
