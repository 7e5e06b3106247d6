"""Where a password comes from: given, the pass file, the keyring; and never out of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.errors import KeyringLocked, PasswordSetError

from app.config import StoreAddress
from app.store import passwords
from app.store.postgres import PostgresStore, lacks_password, remember_postgres_password
from models.errors import StoreRefused, StoreUnavailable
from tests.postgres import PostgresServer
from tests.store.shared_desk import PASSWORD, SharedDesk


class _Keyring(keyring.backend.KeyringBackend):
    """A keyring in memory; locked, it refuses everything."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise PasswordSetError("locked")
        self.kept[service, username] = password


@pytest.fixture(scope="module")
def desk(postgres_server: PostgresServer) -> Iterator[SharedDesk]:
    with closing(SharedDesk(postgres_server, people=("alice",))) as made:
        yield made


@pytest.fixture
def ring() -> Iterator[_Keyring]:
    before = keyring.get_keyring()
    ring = _Keyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def url(desk: SharedDesk, ring: _Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Alice's URL, without a password; nor is there one anywhere else."""
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    monkeypatch.delenv("PGPASSWORD", raising=False)
    return f"postgresql://alice@127.0.0.1:{desk.server.port}/{desk.name}"


def _pass_file(folder: Path, mode: int) -> Path:
    path = folder / "passfile"
    path.write_text(f"127.0.0.1:*:*:alice:{PASSWORD}\n")
    path.chmod(mode)
    return path


def test_open_without_a_password_is_refused_with_the_ways_to_give_one(url: str) -> None:
    with pytest.raises(StoreRefused, match="asks for a password") as refused:
        PostgresStore(url)
    assert "blotter user remember" in str(refused.value)
    assert "pass file" in str(refused.value)
    assert lacks_password(url)


def test_open_with_a_password_of_this_run_connects(url: str) -> None:
    PostgresStore(url, password=PASSWORD).close()


def test_open_with_a_pass_file_of_ones_own_connects(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSFILE", str(_pass_file(tmp_path, 0o600)))
    PostgresStore(url).close()
    assert not lacks_password(url)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666])
def test_open_with_a_pass_file_that_others_read_is_refused_and_says_chmod(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    path = _pass_file(tmp_path, mode)
    monkeypatch.setenv("PGPASSFILE", str(path))
    with pytest.raises(StoreRefused, match=f"mode {mode:04o}") as refused:
        PostgresStore(url)
    assert f"chmod 600 {path}" in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_open_with_a_remembered_password_connects(url: str, ring: _Keyring) -> None:
    name = remember_postgres_password(url, PASSWORD)
    assert ring.kept == {("deskblotter", name): PASSWORD}
    assert name.startswith("alice@127.0.0.1:")
    PostgresStore(url).close()
    assert not lacks_password(url)


def test_remembered_password_of_another_login_is_not_used(url: str, ring: _Keyring) -> None:
    remember_postgres_password(url, PASSWORD)
    with pytest.raises(StoreRefused, match="asks for a password"):
        PostgresStore(url.replace("alice", "ben"))


def test_remember_a_password_that_the_server_does_not_take_keeps_nothing(
    url: str, ring: _Keyring
) -> None:
    with pytest.raises(StoreUnavailable, match="password authentication failed"):
        remember_postgres_password(url, "wrong")
    assert ring.kept == {}


def test_remembered_password_that_is_wrong_by_now_is_unavailable(url: str, ring: _Keyring) -> None:
    remember_postgres_password(url, PASSWORD)
    ring.kept = dict.fromkeys(ring.kept, "yesterday's")
    with pytest.raises(StoreUnavailable, match="password authentication failed") as failed:
        PostgresStore(url)
    assert "yesterday" not in str(failed.value)


def test_keyring_that_is_locked_is_as_none(url: str, ring: _Keyring) -> None:
    ring.is_locked = True
    with pytest.raises(StoreRefused, match="asks for a password"):
        PostgresStore(url)
    with pytest.raises(StoreRefused, match="no keyring that can be used"):
        remember_postgres_password(url, PASSWORD)


def test_lacks_password_of_a_silent_server_is_false(url: str, desk: SharedDesk) -> None:
    assert not lacks_password(url.replace(str(desk.server.port), "1"))


def test_address_never_shows_its_password() -> None:
    address = StoreAddress("postgresql://alice@host/desk", None, PASSWORD)
    assert PASSWORD not in f"{address!r} {address}"


def test_store_with_a_password_of_this_run_never_shows_it(url: str) -> None:
    with closing(PostgresStore(url, password=PASSWORD)) as store:
        assert PASSWORD not in f"{store!r} {store._target!r} {store.health()!r}"


def test_account_names_what_the_environment_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPORT", "6000")
    assert passwords.account_of({"user": "a", "dbname": "d"}) == "a@db.example:6000/d"
