"""Where a login's password is looked for when the driver finds none: the keyring of the machine.

The driver itself reads PGPASSWORD and the pass file (PGPASSFILE, ~/.pgpass). A password is never
part of a URL, a log or an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from models.errors import StoreRefused

_SERVICE = "deskblotter"
# What the driver says when a server asks for a password and there is none to give.
MISSING = "no password supplied"


def account_of(params: Mapping[str, str]) -> str:
    """Return the keyring's name for a login of a database."""
    host = params.get("host") or params.get("hostaddr") or os.environ.get("PGHOST", "localhost")
    port = params.get("port") or os.environ.get("PGPORT", "5432")
    login = params.get("user") or os.environ.get("PGUSER", "")
    return f"{login}@{host}:{port}/{params.get('dbname', login)}"


def remembered(params: Mapping[str, str]) -> str:
    """Return the password that the keyring has, empty when it has none or there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, account_of(params)) or ""
    except (KeyringError, RuntimeError, OSError):
        return ""


def remember(params: Mapping[str, str], password: str) -> str:
    """Put a password into the keyring and return its name there; raises `StoreRefused`."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, account_of(params), password)
    except (KeyringError, RuntimeError, OSError):
        raise StoreRefused(
            "This machine has no keyring that can be used. Put the password into the pass file "
            "(PGPASSFILE or ~/.pgpass, mode 0600)."
        ) from None
    return account_of(params)


def missing_text(params: Mapping[str, str], where: str) -> str:
    """Return why there is no password, and the ways to give one."""
    path = pass_file(params)
    if path is not None and is_open_to_others(path):
        mode = stat.S_IMODE(path.stat().st_mode)
        return (
            f"{where} asks for a password, and {path} is not read because others may read it "
            f"(mode {mode:04o}). Run chmod 600 {path}."
        )
    return (
        f"{where} asks for a password. Run blotter user remember, or put it into the pass file "
        "(PGPASSFILE or ~/.pgpass, mode 0600)."
    )


def pass_file(params: Mapping[str, str]) -> Path | None:
    """Return the pass file that the driver reads, `None` when there is none."""
    given = params.get("passfile") or os.environ.get("PGPASSFILE")
    path = Path(given) if given else Path.home() / ".pgpass"
    return path if path.is_file() else None


def is_open_to_others(path: Path) -> bool:
    """Whether others than the owner may read or write the file (POSIX; elsewhere never)."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)
