"""Typed settings: environment (`DESKBLOTTER_*`), then the profile's file, then what is built in."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
import platformdirs
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import BadInput

APP = "deskblotter"
_NO_URL = "write sqlite:///desk.db or postgresql://host/desk"


class Settings(BaseSettings):
    """One person's settings.

    `store` is a URL (`sqlite:///file` or `postgresql://host/database`), empty for the person's own
    embedded store; `timezone` decides when a trading day begins; `market_day` is the simulated
    market's, one of market.toml, empty for that file's own choice; `contacts` is a file with
    `[[broker]]` sections, empty for the one that ships. With `audit_key` (a file or
    `keyring:NAME`) an engine signs a checkpoint when a day ends, and appends it to `audit_copy`.
    """

    model_config = SettingsConfigDict(env_prefix="DESKBLOTTER_", extra="forbid")

    store: str = ""
    login: str = "alice"
    desk: str = "EQ"
    timezone: str = "America/New_York"
    theme: str = "dark"
    audit_key: str = ""
    audit_copy: str = ""
    market_day: str = ""
    contacts: str = ""


def profile_path(profile: str) -> Path:
    """Return the file of a profile; `default` need not exist."""
    if not profile.replace("-", "").replace("_", "").isalnum():
        raise BadInput(f"Profile {profile!r} is no name; use letters, digits, - and _.")
    return Path(platformdirs.user_config_dir(APP)) / "profiles" / f"{profile}.toml"


def load_settings(profile: str = "default") -> Settings:
    """Return the settings of `profile`; the environment outranks its file."""
    path = profile_path(profile)
    written: dict[str, object] = {}
    if path.exists():
        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInput(f"{path} can't be read: {error}.") from None
    elif profile != "default":
        raise BadInput(f"Profile {profile} does not exist; write {path} first.")
    try:
        from_environment = Settings().model_dump(exclude_unset=True)
        settings = Settings.model_validate(written | from_environment)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {first['loc'][0]}: {first['msg']}.") from None
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        raise BadInput(
            f"Time zone {settings.timezone!r} is not known; write Europe/London."
        ) from None
    return settings


def data_dir() -> Path:
    """Return the folder for what the program keeps for its person."""
    return Path(platformdirs.user_data_dir(APP))


def window_state_path(login: str, profile: str) -> Path:
    """Return the file that keeps how a person's window was left, for a login and a profile."""
    return Path(platformdirs.user_state_dir(APP)) / "windows" / f"{_safe(login)}@{profile}.json"


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".") or "_"


def continuity_folder(login: str, profile: str, address: StoreAddress) -> Path:
    """Return the folder for what a person's desktop keeps of outages of one store."""
    key = hashlib.sha256(address.url.encode()).hexdigest()[:12]
    folder = f"{_safe(login)}@{profile}-{key}"
    return Path(platformdirs.user_state_dir(APP)) / "continuity" / folder


def local_copy_path(login: str, desk: str, address: StoreAddress) -> Path | None:
    """Return the file that keeps a desktop's own copy; `None` for a store on this machine."""
    if address.path is not None:
        return None
    place = urlsplit(address.url)
    key = f"{login}\0{desk}\0{place.netloc.rpartition('@')[2]}{place.path}"
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in f"{login}@{desk}")
    return data_dir() / "copies" / f"{safe}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def engine_run_dir(address: StoreAddress) -> Path:
    """Return where this machine's engines of a store keep their kill file.

    A folder of its own for each store, whoever logs in to it; `DESKBLOTTER_RUN_DIR` for services.
    """
    if address.path is not None:
        place, name = str(address.path.resolve()), address.path.stem
    else:
        parts = urlsplit(address.url)
        place = parts.netloc.rpartition("@")[2] + parts.path
        name = parts.path.strip("/")
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in name) or "store"
    root = os.environ.get("DESKBLOTTER_RUN_DIR") or platformdirs.user_state_dir(APP)
    return Path(root) / "engines" / f"{safe}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


class StoreAddress(msgspec.Struct, frozen=True):
    """Where a store is: `path` for SQLite, else `url` of a PostgreSQL database.

    `password` is one that was typed in for this run; its text never shows it.
    """

    url: str
    path: Path | None
    password: str = ""

    def __repr__(self) -> str:
        return f"<StoreAddress {self.url}>"

    @property
    def is_embedded(self) -> bool:
        """Whether a desktop may start the engine itself."""
        return self.path is not None


def login_in(url: str) -> str:
    """Return the login that a PostgreSQL store's URL names, empty where it names none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return unquote(parts.username or "") if parts.scheme in ("postgresql", "postgres") else ""


def store_address(url: str) -> StoreAddress:
    """Parse a store's URL; raises `BadInput`. Passwords are refused: a URL is seen by too many."""
    if not url:
        path = data_dir() / "desk.db"
        return StoreAddress(f"sqlite:///{path}", path)
    try:
        parts = urlsplit(url)
        for host in parts.netloc.rpartition("@")[2].split(","):  # one, or those of a failover
            _ = urlsplit(f"//{host}").port  # it is only looked at when it is asked for
    except ValueError:
        raise BadInput(f"The store's URL is none: {_NO_URL}.") from None
    # Whatever is wrong, what follows the scheme is not repeated: it may hold a password.
    if parts.password is not None or "password" in parts.query.lower():
        raise BadInput(
            "The store's URL holds a password. Take it out and put it into the pass file "
            "(PGPASSFILE, mode 0600)."
        )
    if parts.scheme == "sqlite":
        raw = unquote(url.removeprefix("sqlite:///"))
        if not url.startswith("sqlite:///") or not raw or raw == ":memory:":
            raise BadInput("The store's URL names no file; write sqlite:///desk.db.")
        return StoreAddress(url, Path(raw))
    if parts.scheme in ("postgresql", "postgres"):
        if not parts.path.strip("/"):
            raise BadInput("The store's URL names no database; write postgresql://host/desk.")
        return StoreAddress(url, None)
    scheme = f"Store {parts.scheme}" if parts.scheme else "The store's URL"
    raise BadInput(f"{scheme} is not known; {_NO_URL}.")
