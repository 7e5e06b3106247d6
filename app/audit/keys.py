"""Ed25519 keys that the database never sees: in a file of one's own, or in the keyring.

A key is named by its public half in hexadecimal, so that a checkpoint says itself who signed it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.errors import BadInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEYRING = "keyring:"
_SERVICE = "deskblotter audit"
_FILE_MAX = 10_000


class Signer(Protocol):
    """Who signs: a public key in hexadecimal, and a way to sign bytes."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> str: ...


class KeySigner:
    """Signs with a private key in memory; its text never shows it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"<KeySigner {self.key_id}>"

    @property
    def key_id(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()


def is_signed(key_id: str, signature: str, message: bytes) -> bool:
    """Whether `signature` is the one of `message` by the key that `key_id` names."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_id))
        public.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_key(place: str) -> str:
    """Make a key at `place` (a new file, or `keyring:NAME`) and return its public half.

    Beside a file, its public half is written as `FILE.pub`. Raises `BadInput` when there is
    something already: a key that signed anything must not be lost.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    if place.startswith(KEYRING):
        _to_keyring(place.removeprefix(KEYRING), _private_pem(key))
    else:
        path = Path(place)
        _write_new(path, _private_pem(key), 0o600)
        _write_new(public_path(path), _public_pem(key), 0o644)
    return KeySigner(key).key_id


def public_path(path: Path) -> Path:
    """Return the file that the public half of the key in `path` is in."""
    return path.with_name(path.name + ".pub")


def load_signer(place: str) -> KeySigner:
    """Return who signs with the key at `place`; raises `BadInput`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if place.startswith(KEYRING):
        pem = _from_keyring(place.removeprefix(KEYRING))
    else:
        path = Path(place)
        if os.name == "posix" and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadInput(
                f"Others may read {path}, so what it signs proves nothing. Run chmod 600 {path}; "
                "where others have had it, make a new key."
            )
        pem = _read(path)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(f"{place} holds no Ed25519 key. Make one with blotter audit keygen.")
    return KeySigner(key)


def load_public(place: Path) -> str:
    """Return the id of the public key in a file; raises `BadInput`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(place))
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(f"{place} holds no public Ed25519 key. blotter audit keygen writes one.")
    return key.public_bytes_raw().hex()


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def _public_pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise BadInput(
            f"{path} is there already and is not overwritten: what its key signed could not be "
            "checked any more. Name another file."
        ) from None
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_MAX)
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from None


def _to_keyring(name: str, pem: bytes) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(_SERVICE, name):
            raise BadInput(f"The keyring has a key {name} already; name another.")
        keyring.set_password(_SERVICE, name, pem.decode())
    except (KeyringError, RuntimeError, OSError):
        raise BadInput("This machine has no keyring that can be used. Name a file.") from None


def _from_keyring(name: str) -> bytes:
    import keyring
    from keyring.errors import KeyringError

    try:
        pem = keyring.get_password(_SERVICE, name)
    except (KeyringError, RuntimeError, OSError):
        pem = None
    if not pem:
        raise BadInput(f"The keyring has no key {name}. Make one with blotter audit keygen.")
    return pem.encode()
