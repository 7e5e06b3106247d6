"""How verbs come by passwords: asked for, read from a file of one's own, or made; never in argv."""

from __future__ import annotations

import getpass
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from models.errors import BadInput

if TYPE_CHECKING:
    from app.config import StoreAddress

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH, _GROUP = 20, 5
_FILE_MAX = 1_000


def unlocked(store: str) -> StoreAddress:
    """Return the address in `store`; whoever sits at a terminal is asked for a missing password."""
    from app.bootstrap import asks_for_password
    from app.config import store_address

    address = store_address(store)
    if address.path is None and sys.stdin.isatty() and asks_for_password(address):
        return msgspec.structs.replace(address, password=ask(f"Password for {store}: "))
    return address


def ask(prompt: str) -> str:
    """Ask at the terminal without showing what is typed; raises `BadInput` without a terminal."""
    if not sys.stdin.isatty():
        raise BadInput("There is no terminal to ask for a password at. Use --password-file.")
    return getpass.getpass(prompt)


def ask_twice(login: str) -> str:
    """Ask for a new password, twice; raises `BadInput` when the two differ."""
    first = ask(f"New password for {login}: ")
    if ask("Once more: ") != first:
        raise BadInput("The two passwords differ; nothing was changed.")
    return first


def read_file(path: Path) -> str:
    """Return the first line of a file that only its owner can read; raises `BadInput`."""
    from app.store.passwords import is_open_to_others

    try:
        if is_open_to_others(path):
            raise BadInput(f"Others may read {path}. Run chmod 600 {path}, and choose a new one.")
        text = path.read_text(encoding="utf-8")[:_FILE_MAX]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInput(f"{path} can't be read: {reason}.") from None
    return text.splitlines()[0] if text else ""


def generated() -> str:
    """Return a new password of about 115 bits, in groups that can be read out."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))
