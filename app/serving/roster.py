"""Who is let in: a list in one line, or a file, and what each types to join."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.reference_data import read_toml
from app.store.people import check_login
from models.errors import BadInput
from models.parties import Role

_ENGINE = "engine"
_FORM = "write alice:trader,dana:desk_head, or the path of a TOML file with [[person]] tables"


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is let in; `accounts` empty for all accounts of the desk."""

    login: str
    role: Role = Role.TRADER
    name: str = ""
    accounts: tuple[str, ...] = ()


def read_roster(text: str) -> tuple[Person, ...]:
    """Return the people in `text`, a list or a file's path; raises `BadInput`."""
    people = _from_file(Path(text)) if text.endswith(".toml") else _from_list(text)
    logins = [check_login(person.login) for person in people]
    twice = sorted({login for login in logins if logins.count(login) > 1})
    if twice:
        raise BadInput(f"{', '.join(twice)} is named twice; name everybody once.")
    if _ENGINE in logins:
        raise BadInput("The login engine is the engine's own; choose another name.")
    return people


def _from_file(path: Path) -> tuple[Person, ...]:
    sections = read_toml(path)
    try:
        return msgspec.convert(sections.get("person", []), tuple[Person, ...])
    except msgspec.ValidationError as error:
        raise BadInput(f"{path}: {error}.") from None


def _from_list(text: str) -> tuple[Person, ...]:
    people = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        login, _, role = part.partition(":")
        try:
            people.append(Person(login=login.strip(), role=Role(role.strip() or "trader")))
        except ValueError:
            known = ", ".join(role.value for role in Role)
            raise BadInput(f"{part!r} is nobody: {_FORM}. Roles are {known}.") from None
    return tuple(people)


def url_of(login: str, host: str, port: int, database: str, query: str = "") -> str:
    """Return the store's URL as `login` has it."""
    at = f"[{host}]" if ":" in host else host
    return f"postgresql://{login}@{at}:{port}/{database}{query}"


def pass_line(host: str, port: int, database: str, login: str, password: str) -> str:
    """Return a line of a pass file, with what has a meaning there escaped."""

    def plain(text: str) -> str:
        return text.replace("\\", "\\\\").replace(":", "\\:")

    return ":".join(map(plain, (host, str(port), database, login, password))) + "\n"


def joining(person: Person, folder: Path, url: str, *, elsewhere: bool) -> Sequence[str]:
    """Return the lines that tell `person` how to join."""
    lines = [f"{person.login}, {person.role.value.replace('_', ' ')}:"]
    where = folder
    if elsewhere:
        lines.append(f"    copy {folder} to their machine, and there, within it:")
        where = Path()
    return [*lines, f"    PGPASSFILE={where / 'passfile'} blotter --store '{url}'"]
