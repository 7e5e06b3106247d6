"""The security master from files, through the command line, a SQLite store and its engine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bootstrap import EmbeddedEngine, init_store, open_store
from app.cli import app
from app.cli.securities import _author, _hand_over
from app.config import store_address
from app.reports.securities import current_master
from models.errors import BadInput, BlotterError
from tests.builders import instrument
from tests.postgres import PostgresServer
from tests.store.shared_desk import SharedDesk

WAIT_S = 60


@dataclass(frozen=True)
class Said:
    """What a verb printed, and why it was refused, empty when it was not."""

    stdout: str
    refusal: str


def blotter(*arguments: str) -> Said:
    """Run a verb as `blotter` does, in this process: the refusal is what it would print."""
    done = CliRunner().invoke(app, ["securities", *arguments])
    if done.exception is not None and not isinstance(done.exception, BlotterError):
        raise done.exception
    return Said(done.stdout, str(done.exception or ""))


def list_of(folder: Path, *lines: str) -> str:
    path = folder / "list.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    """A store whose engine has taken the reference data in."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    address = store_address(url)
    init_store(address)
    engine = EmbeddedEngine(address)
    opened = open_store(address)
    try:
        ends = time.monotonic() + WAIT_S
        while current_master(opened).rates is None:
            assert time.monotonic() < ends
            engine.keep(opened.leader())
            time.sleep(0.05)
        yield url
    finally:
        opened.close()
        engine.close()


def test_import_preview_refusal_taking_and_history(store: str, tmp_path: Path) -> None:
    good = list_of(tmp_path, "symbol;close;adv source", "AAPL;230.5;20 days", "KO;63.92;")
    seen = blotter("import", good, "--store", store, "--preview", "--json")
    assert seen.refusal == ""
    facts = json.loads(seen.stdout)
    assert facts["totals"] == {"new": 0, "changed": 1, "unchanged": 1, "wrong": 0}
    assert facts["lines"][0]["changes"] == [
        {"title": "ADV source", "old": "", "new": "20 days"},
        {"title": "Previous close", "old": "229.87", "new": "230.5"},
    ]
    assert "taken" not in facts

    taken = blotter("import", good, "--store", store, "--wait", str(WAIT_S), "--json")
    assert taken.refusal == ""
    assert json.loads(taken.stdout)["taken"] == 1
    assert set(json.loads(taken.stdout)["commands"].values()) == {"decided"}

    told = blotter("history", "aapl", "--store", store)
    first, second = told.stdout.splitlines()
    assert first.startswith("version 1  ")
    assert first.endswith("listed: Apple Inc, AAPL@XNAS")
    assert second.endswith("ADV source (empty) → 20 days; Previous close 229.87 → 230.5")
    as_json = json.loads(blotter("history", "AAPL", "--store", store, "--json").stdout)
    assert [each["version"] for each in as_json["versions"]] == [1, 2]


def test_import_takes_nothing_until_the_person_decides(store: str, tmp_path: Path) -> None:
    mixed = list_of(tmp_path, "symbol,close", "AAPL,1", "MSFT,x", "KO,64")
    wrong = blotter("import", mixed, "--store", store)
    assert "1 of 3 lines is wrong, the first is line 3: Previous close 'x'" in wrong.refusal
    warned = blotter("import", mixed, "--store", store, "--only-good")
    assert "the first is line 2: AAPL's previous close goes from 229.87 to 1" in warned.refusal
    assert "was never listed" in blotter("history", "NOPE", "--store", store).refusal
    assert len(blotter("history", "KO", "--store", store).stdout.splitlines()) == 1

    both = ("--only-good", "--accept-warnings", "--wait", str(WAIT_S))
    done = blotter("import", mixed, "--store", store, *both)
    assert done.refusal == ""
    assert "2 lines handed over by system" in done.stdout
    assert len(blotter("history", "KO", "--store", store).stdout.splitlines()) == 2
    assert len(blotter("history", "MSFT", "--store", store).stdout.splitlines()) == 1


def test_import_signed_by_a_trader_is_refused_by_the_desk(store: str, tmp_path: Path) -> None:
    good = list_of(tmp_path, "symbol,close", "KO,64")
    done = blotter("import", good, "--store", store, "--login", "alice", "--wait", str(WAIT_S))
    assert "alice may not change reference data" in done.refusal


def test_import_without_an_engine_waits_in_the_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    init_store(store_address(url))
    line = "VOD,Vodafone,share,GB00BH4HKS39,GBX,XLON,1,0.01,60000000,70.12"
    header = "symbol,name,asset_class,isin,currency,mic,lot,tick,adv,prev_close"
    done = blotter("import", list_of(tmp_path, header, line), "--store", url)
    assert done.refusal == ""
    assert "line 2: VOD is new: Vodafone" in done.stdout
    assert "they wait for an engine" in done.stdout


def test_import_on_postgresql_is_signed_by_the_connections_own_login(
    postgres_server: PostgresServer,
) -> None:
    desk = SharedDesk(postgres_server, ("odo",))
    store = desk.store("odo")
    try:
        assert current_master(store).instruments == {}
        assert _author(store, "") == _author(store, "odo") == "odo"
        with pytest.raises(BadInput, match="knows this connection as odo, not as alice"):
            _author(store, "alice")
        facts = _hand_over(store, (instrument(),), "odo", 0)
        assert (facts["author"], facts["taken"]) == ("odo", 1)
        assert list(facts["commands"].values()) == ["received"]
        with pytest.raises(BadInput, match="The store did not take the list: A command signed by"):
            _hand_over(store, (instrument(),), "system", 0)
    finally:
        store.close()
        desk.close()
