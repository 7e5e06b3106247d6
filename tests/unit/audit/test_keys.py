"""Keys: made once, read only when nobody else can, named by their public half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest

from app.audit.keys import is_signed, load_public, load_signer, make_key
from models.errors import BadInput


class _Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def ring() -> Iterator[_Ring]:
    before, mine = keyring.get_keyring(), _Ring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_key_file_is_its_owners_alone_and_its_public_half_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key_id = make_key(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_public(tmp_path / "key.pub") == key_id
    signer = load_signer(str(path))
    assert signer.key_id == key_id
    assert is_signed(key_id, signer.sign(b"text"), b"text")
    assert not is_signed(key_id, signer.sign(b"text"), b"Text")
    assert "PRIVATE" not in repr(signer)


def test_key_is_not_overwritten(tmp_path: Path) -> None:
    make_key(str(tmp_path / "key"))
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(BadInput, match="is not overwritten"):
        make_key(str(tmp_path / "key"))
    assert (tmp_path / "key").read_bytes() == before


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    make_key(str(path))
    path.chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        load_signer(str(path))


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadInput, match="holds no Ed25519 key"):
        load_signer(str(path))
    with pytest.raises(BadInput, match="holds no public Ed25519 key"):
        load_public(path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        load_signer(str(tmp_path / "nothing"))


def test_key_in_the_keyring_signs_and_is_not_overwritten(ring: _Ring) -> None:
    key_id = make_key("keyring:desk")
    assert load_signer("keyring:desk").key_id == key_id
    with pytest.raises(BadInput, match="has a key desk already"):
        make_key("keyring:desk")
    with pytest.raises(BadInput, match="has no key other"):
        load_signer("keyring:other")


@pytest.mark.parametrize(("key_id", "signature"), [("zz", "00"), ("00" * 31, "00"), ("", "")])
def test_nonsense_is_not_signed(key_id: str, signature: str) -> None:
    assert not is_signed(key_id, signature, b"")
