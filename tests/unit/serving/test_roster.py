"""Who is let in by `blotter serve`, and what each types."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from app.serving.roster import Person, joining, pass_line, read_roster, url_of
from models.errors import BadInput
from models.parties import Role


def test_list_gives_everybody_their_role_and_traders_by_default() -> None:
    assert read_roster("alice:trader, ben ,dana:desk_head,") == (
        Person(login="alice", role=Role.TRADER),
        Person(login="ben", role=Role.TRADER),
        Person(login="dana", role=Role.DESK_HEAD),
    )


def test_file_gives_names_and_accounts(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text('[[person]]\nlogin = "fay"\nname = "Fay Roe"\naccounts = ["GROWTH"]\n')
    assert read_roster(str(path)) == (Person(login="fay", name="Fay Roe", accounts=("GROWTH",)),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("alice:boss", "Roles are trader, desk_head"),
        ("alice,alice:desk_head", "alice is named twice"),
        ("engine", "engine's own"),
        ("postgres", "can't be used"),
        ("Alice", "can't be used"),
    ],
)
def test_list_that_names_nobody_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_roster(text)


def test_file_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text('[[person]]\nlogin = "fay"\nrule = "trader"\n')
    with pytest.raises(BadInput, match="rule"):
        read_roster(str(path))


def test_pass_line_escapes_what_has_a_meaning_there() -> None:
    assert pass_line("::1", 5432, "desk", "al", r"a\b:c") == "\\:\\:1:5432:desk:al:a\\\\b\\:c\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "tower"])
def test_url_leads_the_driver_to_host_port_and_login(host: str) -> None:
    given = conninfo_to_dict(url_of("al", host, 5433, "desk"))
    assert (given["host"], given["port"], given["user"], given["dbname"]) == (
        host,
        "5433",
        "al",
        "desk",
    )


def test_joining_from_elsewhere_says_what_to_copy(tmp_path: Path) -> None:
    lines = joining(Person(login="ben"), tmp_path, "postgresql://ben@tower/desk", elsewhere=True)
    assert f"copy {tmp_path}" in lines[1]
    assert lines[2].strip() == "PGPASSFILE=passfile blotter --store 'postgresql://ben@tower/desk'"
