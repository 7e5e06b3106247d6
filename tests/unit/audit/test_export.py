"""Exports: somebody verifies them without the store, and finds what was changed in them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.audit.export import export_log, verify_file
from app.audit.keys import KeySigner
from app.audit.verify import take_checkpoint
from app.ports import StoredEvent, StoreHealth
from app.store.memory import MemoryStore
from models.errors import BadInput
from tests.store.audit_desk import DESK_STREAM, new_signer, two_days, write_log

LAST = len(two_days())


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    return new_signer(tmp_path)


@pytest.fixture
def store(signer: KeySigner) -> MemoryStore:
    """A store of two days, signed at its end."""
    made = MemoryStore()
    write_log(made)
    take_checkpoint(made, signer)
    return made


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_export_of_all_verifies_with_the_public_key_alone(
    store: MemoryStore, signer: KeySigner, tmp_path: Path, name: str
) -> None:
    done = export_log(store, tmp_path / name)
    assert (done.rows, done.checkpoints, done.notes) == (LAST, 1, [])
    report = verify_file(tmp_path / name, [signer.key_id])
    assert report.ok, report.fault
    assert (report.events, report.signed_seq, report.states_compared) == (LAST, LAST, 1)


def test_export_of_a_span_follows_on_what_was_before(
    store: MemoryStore, signer: KeySigner, tmp_path: Path
) -> None:
    export_log(store, tmp_path / "log", 18, LAST)
    report = verify_file(tmp_path / "log", [signer.key_id])
    assert report.ok, report.fault
    assert (report.from_seq, report.to_seq, report.signed_seq) == (18, LAST, LAST)
    assert report.state_hash == ""  # nobody knows the state that it began with


@pytest.mark.parametrize("span", [(0, 5), (7, 6), (1, LAST + 1)])
def test_export_of_a_span_that_is_none_is_refused(
    store: MemoryStore, tmp_path: Path, span: tuple[int, int]
) -> None:
    with pytest.raises(BadInput, match="can't be exported"):
        export_log(store, tmp_path / "log", *span)
    assert not list(tmp_path.glob("log*"))


def test_export_is_not_written_over_an_old_one(store: MemoryStore, tmp_path: Path) -> None:
    export_log(store, tmp_path / "log")
    with pytest.raises(BadInput, match="is not overwritten"):
        export_log(store, tmp_path / "log")


def _with(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    """Change a file's lines and put its end right again, as somebody would who means it."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    end = lines.pop()
    kept = "".join(f"{json.dumps(line)}\n" for line in lines)
    end["sha256"] = hashlib.sha256(kept.encode()).hexdigest()
    end["rows"] = sum(line["line"] == "row" for line in lines)
    path.write_text(f"{kept}{json.dumps(end)}\n")
    return path


def _row(lines: list[dict[str, Any]], seq: int) -> dict[str, Any]:
    return next(line for line in lines if line.get("seq") == seq)


def _rewrite(lines: list[dict[str, Any]]) -> None:
    _row(lines, 16)["body"] = _row(lines, 16)["body"].replace("alice", "aljce")


def _drop_middle(lines: list[dict[str, Any]]) -> None:
    lines.remove(_row(lines, 20))


def _drop_tail(lines: list[dict[str, Any]]) -> None:
    lines.remove(_row(lines, LAST))


def _shorten(lines: list[dict[str, Any]]) -> None:
    lines.remove(_row(lines, LAST))
    lines[0]["to_seq"] = lines[0]["head_seq"] = LAST - 1


def _drop_checkpoint(lines: list[dict[str, Any]]) -> None:
    del lines[1]


def _begin_elsewhere(lines: list[dict[str, Any]]) -> None:
    lines[0]["before"] = {"firm": [3, "0" * 64]}


@pytest.mark.parametrize(
    ("change", "seq", "what"),
    [
        (_rewrite, 16, "one of the two was changed"),
        (_drop_middle, 20, "it is missing"),
        (_drop_tail, LAST, "the log ends at event"),
        (_shorten, LAST, "signed events up to"),
        (_drop_checkpoint, 1, "no checkpoint by it"),
        (_begin_elsewhere, 1, "has rows before it"),
    ],
)
def test_export_that_was_changed_is_found(
    store: MemoryStore,
    signer: KeySigner,
    tmp_path: Path,
    change: Callable[[list[dict[str, Any]]], None],
    seq: int,
    what: str,
) -> None:
    export_log(store, tmp_path / "log")
    report = verify_file(_with(tmp_path / "log", change), [signer.key_id])
    assert not report.ok
    assert report.fault is not None
    assert report.fault.seq == seq
    assert what in report.fault.what


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "ends in the middle"),
        (b'{"line":"snapshot"}\n', "line 1"),
        (b"hello\n", "line 1"),
        (b'{"line":"end","rows":1,"checkpoints":0,"sha256":""}\n', "SHA-256"),
    ],
)
def test_file_that_is_no_export_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(BadInput, match=why):
        verify_file(tmp_path / "log")


def test_export_that_was_cut_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    export_log(store, tmp_path / "log")
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(BadInput, match="ends in the middle"):
        verify_file(tmp_path / "cut")
    (tmp_path / "longer").write_bytes(b"".join([*lines, lines[-2]]))
    with pytest.raises(BadInput, match="goes on after its end"):
        verify_file(tmp_path / "longer")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"".join(lines))[:-20])
    with pytest.raises(BadInput, match="can't be read"):
        verify_file(tmp_path / "cut.gz")


class _Part(MemoryStore):
    """A store as somebody of the desk EQ is shown it."""

    def health(self) -> StoreHealth:
        return StoreHealth(kind="", where="", enforces=True, login="ada", reads_all=False)

    def read(self, streams: Any, after_seq: int, limit: int) -> list[StoredEvent]:
        return super().read(("firm", DESK_STREAM), after_seq, limit)


def test_export_of_a_part_holds_and_verifies_the_streams_that_may_be_read(
    store: MemoryStore, signer: KeySigner, tmp_path: Path
) -> None:
    done = export_log(_Part(store.tables), tmp_path / "log")
    assert not done.is_whole
    assert done.streams == [DESK_STREAM, "firm"]
    assert "can't be verified from it" in done.notes[0]
    report = verify_file(tmp_path / "log", [signer.key_id])
    assert report.ok, report.fault
    assert not report.is_whole
    assert report.signed_seq == LAST
    changed = verify_file(_with(tmp_path / "log", _rewrite), [signer.key_id])
    assert changed.fault is not None
    assert (changed.fault.seq, changed.fault.stream) == (16, DESK_STREAM)
