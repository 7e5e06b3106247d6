"""The audit verbs as people run them: keys, checkpoints, exports, and what they find."""

from __future__ import annotations

import json
from pathlib import Path

from app.store.sqlite import SqliteStore, init_sqlite
from app.store.sqlite_driver import driver
from tests.e2e.test_cli import blotter
from tests.store.audit_desk import two_days, write_log

LAST = len(two_days())


def _store(folder: Path) -> str:
    init_sqlite(folder / "desk.db")
    store = SqliteStore(folder / "desk.db", for_engine=True)
    write_log(store)
    store.close()
    return f"sqlite:///{folder / 'desk.db'}"


def _rewrite(folder: Path) -> None:
    connection = driver.connect(str(folder / "desk.db"))
    connection.execute("UPDATE event SET body = replace(body, 'alice', 'aljce') WHERE seq = 16")
    connection.commit()
    connection.close()


def test_audit_from_key_to_export_and_what_a_rewritten_row_does(tmp_path: Path) -> None:
    store, key, copy = _store(tmp_path), str(tmp_path / "key"), str(tmp_path / "copies")
    made = json.loads(blotter("audit", "keygen", "--out", key, "--json").stdout)
    signed = blotter("audit", "checkpoint", "--store", store, "--key", key, "--copy", copy)
    assert signed.returncode == 0, signed.stderr
    wanted = ["--public-key", made["public"], "--copy", copy, "--json"]
    verified = blotter("audit", "verify", "--store", store, *wanted)
    assert verified.returncode == 0, verified.stderr
    report = json.loads(verified.stdout)
    assert (report["ok"], report["signed_seq"], report["signed_by"]) == (True, LAST, [made["key"]])
    out = str(tmp_path / "log.jsonl.gz")
    exported = blotter("audit", "export", "--store", store, "--out", out, "--json")
    assert json.loads(exported.stdout)["rows"] == LAST
    assert blotter("audit", "verify", "--file", out, *wanted).returncode == 0

    _rewrite(tmp_path)
    found = blotter("audit", "verify", "--store", store, *wanted)
    assert found.returncode == 1
    fault = json.loads(found.stdout)["fault"]
    assert (fault["seq"], fault["stream"]) == (16, "desk/EQ")
    again = blotter("audit", "checkpoint", "--store", store, "--key", key)
    assert again.returncode == 2
    assert "It is not signed" in again.stderr
    refused = blotter("audit", "export", "--store", store, "--out", str(tmp_path / "bad"))
    assert refused.returncode == 2
    assert "Event 16 of desk/EQ" in refused.stderr
    assert not list(tmp_path.glob("bad*"))


def test_store_backup_restore_move_and_archive_print_their_proof(tmp_path: Path) -> None:
    store, key, file = _store(tmp_path), str(tmp_path / "key"), str(tmp_path / "b.jsonl.gz")
    assert blotter("audit", "keygen", "--out", key).returncode == 0
    saved = json.loads(blotter("store", "backup", "--store", store, "--out", file, "--json").stdout)
    for name, verb in (
        ("restored", ("store", "restore", file, "--store")),
        ("moved", ("store", "move", "--from", store, "--to")),
    ):
        target = f"sqlite:///{tmp_path / name}.db"
        done = blotter(*verb, target, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["state_hash"] == saved["state_hash"]
        verified = json.loads(blotter("store", "verify", "--store", target, "--json").stdout)
        assert verified["state_hash"] == saved["state_hash"]
        again = blotter(*verb, target)
        assert again.returncode == 2
        assert "holds something already" in again.stderr
    (tmp_path / "archive").mkdir()
    archived = blotter(
        *("store", "archive", "--store", store, "--before", "2024-11-25"),
        *("--out", str(tmp_path / "archive"), "--key", key, "--json"),
    )
    assert archived.returncode == 0, archived.stderr
    written = json.loads(archived.stdout)["file"]
    public = ("--public-key", f"{key}.pub")
    assert blotter("audit", "verify", "--file", written, *public).returncode == 0
    assert blotter("audit", "verify", "--store", store, *public).returncode == 0


def test_store_move_waits_for_no_engine(tmp_path: Path) -> None:
    store = _store(tmp_path)
    opened = SqliteStore(tmp_path / "desk.db", for_engine=True)
    assert opened.acquire_lease("engine-1", 3_600 * 10**9) is not None
    opened.close()
    target = tmp_path / "new.db"
    refused = blotter("store", "move", "--from", store, "--to", f"sqlite:///{target}")
    assert refused.returncode == 2
    assert "Engine engine-1 leads the store" in refused.stderr
    assert not target.exists()
