"""Settings: environment over profile over what is built in; a store's URL holds no secrets."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from app.config import continuity_folder, load_settings, profile_path, store_address
from models.errors import BadInput


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of nobody, and an environment without our variables."""
    for name in ("STORE", "LOGIN", "DESK", "TIMEZONE", "THEME", "MARKET_DAY", "CONTACTS"):
        monkeypatch.delenv(f"DESKBLOTTER_{name}", raising=False)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda app: str(tmp_path / "config"))
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda app: str(tmp_path / "data"))
    return tmp_path


def profile(text: str | bytes, name: str = "default") -> Path:
    path = profile_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# -- settings ------------------------------------------------------------------------------------


def test_settings_without_a_file_are_the_built_in_ones() -> None:
    settings = load_settings()
    assert (settings.login, settings.desk, settings.store) == ("alice", "EQ", "")


def test_settings_environment_outranks_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    profile('login = "ben"\ndesk = "FI"\n')
    monkeypatch.setenv("DESKBLOTTER_LOGIN", "dana")
    settings = load_settings()
    assert (settings.login, settings.desk) == ("dana", "FI")


def test_settings_of_a_named_profile_are_its_own() -> None:
    profile('theme = "light"\n', "night-desk_2")
    assert load_settings("night-desk_2").theme == "light"


def test_settings_of_a_profile_that_is_not_there_are_refused() -> None:
    with pytest.raises(BadInput, match="Profile nobody does not exist"):
        load_settings("nobody")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "a b", ".", "x.toml"])
def test_profile_name_that_is_a_path_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="is no name"):
        load_settings(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("logn = 'x'", "logn"),
        ("login = 5", "login"),
        ("login = [", "can't be read"),
        (b"login = '\xff'", "can't be read"),
    ],
)
def test_profile_that_is_wrong_is_refused_by_file_and_field(text: str | bytes, says: str) -> None:
    path = profile(text)
    with pytest.raises(BadInput, match=says) as refused:
        load_settings()
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America", "new york"])
def test_timezone_that_is_none_is_refused(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKBLOTTER_TIMEZONE", zone)
    with pytest.raises(BadInput, match="is not known; write Europe/London"):
        load_settings()


# -- the store's address -------------------------------------------------------------------------


def test_store_address_of_nothing_is_the_persons_own(home: Path) -> None:
    address = store_address("")
    assert address.path == home / "data" / "desk.db"
    assert address.is_embedded


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///desk.db", "desk.db"),
        ("sqlite:////var/lib/desk.db", "/var/lib/desk.db"),
        ("sqlite:///with%20space.db", "with space.db"),
        ("sqlite:///Zürich.db", "Zürich.db"),
    ],
)
def test_store_address_of_a_file(url: str, path: str) -> None:
    assert store_address(url).path == Path(path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_store_address_of_a_database(scheme: str) -> None:
    address = store_address(f"{scheme}://alice@db.example:5433/desk?sslmode=verify-full")
    assert address.path is None
    assert not address.is_embedded


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://alice:s3cret@db/desk",
        "postgresql://alice:@db/desk",
        "postgres://:s3cret@db/desk",
        "postgresql://db/desk?password=s3cret",
        "postgresql://db/desk?sslmode=require&password=s3cret",
        "postgresql://db/desk?sslpassword=s3cret",
    ],
)
def test_store_address_with_a_password_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadInput, match="holds a password") as refused:
        store_address(url)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/desk.db",
        "sqlite:desk.db",
        "postgresql://db",
        "postgresql://db/",
        "postgresql://[::1/desk",
        "postgresql://db:port/desk",
        "mysql://db/desk",
        "desk.db",
        "/var/lib/desk.db",
        "http://db/desk",
    ],
)
def test_store_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        store_address(url)


@pytest.mark.parametrize("url", ["mysql://alice:s3cret@db/desk", "//alice:s3cret@db/desk"])
def test_store_address_refused_for_another_reason_does_not_repeat_a_password(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        store_address(url)
    assert "s3cret" not in str(refused.value)


def test_outages_of_each_store_person_and_profile_are_kept_apart() -> None:
    one, other = store_address("postgresql://db/desk"), store_address("postgresql://db/other")
    folders = {
        continuity_folder("alice", "default", one),
        continuity_folder("alice", "default", other),
        continuity_folder("alice", "late", one),
        continuity_folder("ben", "default", one),
        continuity_folder("../ben", "default", one),
    }
    assert len(folders) == 5
    assert len({folder.parent for folder in folders}) == 1
