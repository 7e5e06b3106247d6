"""`blotter bench load`: a shared desk at work on a real PostgreSQL, everybody on this machine.

Each desktop is a process with the real session in it, because threads of one Python would measure
how they wait for each other; so is the engine. Measured is the way from the click to the order in
the author's own state, and in everybody else's, beside the floor: two bare commits and two
notifications on the same server, in the same run.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from app.bench.load_desktop import Orders, Seen, run_desktop
from app.bench.load_floor import two_commits_and_notifications
from app.bench.private_desk import (
    DESK,
    Desktop,
    PrivateDesk,
    private_desk,
    traders,
)
from app.bench.result import BenchResult, machine, percentile
from app.bootstrap import REFERENCE
from app.core.desk_state import STATE_VERSION, encode_state, state_hash
from app.ports import Store, StoredEvent, StoredSnapshot
from app.reference_data import read_instruments
from app.session.step import (
    READ_MAX,
    EventsRead,
    Link,
    SessionCore,
    decode_rows,
    submission_of,
)
from models.commands import SYSTEM, ListInstruments
from models.errors import StoreUnavailable
from models.events import FIRM_STREAM, desk_stream
from models.instruments import AssetClass

NAMES = 100
_FLOOR_ROUNDS = 300
_START_IN_S = 0.5
_PATIENCE_S = 600.0
_FILLED_AT_ONCE = 500
_STREAMS = (desk_stream(DESK), FIRM_STREAM)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How many desktops send how many orders a second in all, and for how long.

    `catch_up` is how many events a desktop that was away has to read.
    """

    desktops: int = 20
    rate: float = 100.0
    seconds: float = 600.0
    catch_up: int = 50_000


class _Child:
    """A desktop's process, and the pipe to it."""

    def __init__(self, login: str, desk: PrivateDesk, seed: int, names: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe: Connection[Any, Any]
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=run_desktop, args=(theirs, login, desk.address(), seed, names), daemon=True
        )
        self.process.start()
        theirs.close()

    def hear(self) -> Any:
        """Return what it says next; raises `StoreUnavailable` when it does not."""
        try:
            if self.pipe.poll(_PATIENCE_S):
                return self.pipe.recv()
        except EOFError:
            pass
        raise StoreUnavailable("A desktop of the benchmark does not answer, or has ended.")


def run(load: Load) -> BenchResult:
    """Measure `load`, then how long a desktop takes that was away."""
    with private_desk(traders(load.desktops)) as desk:
        floor = two_commits_and_notifications(desk, _FLOOR_ROUNDS)
        names = _list_more_names(desk)
        desk.start_engine()
        with _children(desk, load, names) as children:
            seen, head_seq = _work(desk, load, children)
        floor += two_commits_and_notifications(desk, _FLOOR_ROUNDS)
        caught_up, catch_up_s = _catch_up(desk, load.catch_up)
    figures, floor_ms = _figures(load, seen), _milliseconds(sorted(floor))
    return BenchResult(
        bench="load",
        machine=machine(),
        figures=figures
        | {
            "events": float(head_seq),
            "catch_up_events": float(caught_up),
            "catch_up_s": round(catch_up_s, 2),
        },
        peers={"two_commits_and_notifications": floor_ms},
        ratios={
            f"{whose}_row_{share}_vs_floor": round(
                floor_ms[f"{share}_ms"] / max(1e-9, figures[f"{whose}_row_{share}_ms"]), 3
            )
            for whose in ("own", "other")
            for share in ("p50", "p99")
        },
    )


def _list_more_names(desk: PrivateDesk) -> int:
    """List shares until the market has `NAMES` names; return how many there are."""
    known = read_instruments(REFERENCE / "instruments.csv")
    shares = [each for each in known if each.asset_class is AssetClass.SHARE]
    more = tuple(
        msgspec.structs.replace(
            shares[at % len(shares)], symbol=f"NAME{at}", name=f"Name {at}", isin=""
        )
        for at in range(NAMES - len(known))
    )
    command = ListInstruments(id="bench-names", author=SYSTEM, instruments=more)
    with contextlib.closing(desk.open_store()) as store:
        store.submit(submission_of(command))
    return len(known) + len(more)


@contextlib.contextmanager
def _children(desk: PrivateDesk, load: Load, names: int) -> Iterator[list[_Child]]:
    """Yield the desktops' processes; none outlives the block."""
    children = [
        _Child(login, desk, seed, names) for seed, login in enumerate(traders(load.desktops), 1)
    ]
    try:
        yield children
    finally:
        for child in children:
            child.process.terminate()
        for child in children:
            child.process.join()


def _work(desk: PrivateDesk, load: Load, children: Sequence[_Child]) -> tuple[list[Seen], int]:
    """Let everybody trade; return what they saw, and where the log ends."""
    for child in children:
        child.hear()
    orders = Orders(
        start_ns=time.monotonic_ns() + int(_START_IN_S * 1e9),
        seconds=load.seconds,
        per_s=load.rate / load.desktops,
    )
    for child in children:
        child.pipe.send(orders)
    time.sleep(load.seconds + _START_IN_S)
    for child in children:
        child.hear()
    _stop_engines(desk)
    with contextlib.closing(desk.open_store()) as store:
        head_seq = store.head_seq()
    for child in children:
        child.pipe.send(head_seq)
    return [child.hear() for child in children], head_seq


def _stop_engines(desk: PrivateDesk) -> None:
    for engine in desk.engines:
        engine.terminate()
    for engine in desk.engines:
        engine.wait()
    desk.engines.clear()


# -- what it came to ---------------------------------------------------------------------------


def _milliseconds(sorted_s: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(sorted_s, 0.5) * 1e3, 2),
        "p99_ms": round(percentile(sorted_s, 0.99) * 1e3, 2),
    }


def _figures(load: Load, seen: Sequence[Seen]) -> dict[str, float]:
    sent = {key: ns for each in seen for key, ns in each.sent.items()}
    own, other = list[float](), list[float]()
    for each in seen:
        for key, ns in each.rows.items():
            if key in sent:
                (own if key in each.sent else other).append((ns - sent[key]) / 1e9)
    missing = sum(len(sent.keys() - each.rows.keys()) for each in seen)
    figures = {f"own_row_{name}": ms for name, ms in _milliseconds(sorted(own)).items()}
    figures |= {f"other_row_{name}": ms for name, ms in _milliseconds(sorted(other)).items()}
    return figures | {
        "desktops": float(load.desktops),
        "orders": float(len(sent)),
        "refused": float(sum(each.refused for each in seen)),
        "orders_per_s": round(len(sent) / load.seconds, 1),
        "rows_missing": float(missing),
        "different_states": float(len({(each.state_hash, each.seq) for each in seen}) - 1),
        "quotes_per_s_a_desktop": round(sum(e.quotes for e in seen) / len(seen) / load.seconds, 1),
        "depths_per_s_a_desktop": round(sum(e.depths for e in seen) / len(seen) / load.seconds, 1),
    }


# -- catching up -------------------------------------------------------------------------------


def _catch_up(desk: PrivateDesk, wanted: int) -> tuple[int, float]:
    """Return how many events a desktop that was away had to read, and the seconds it took."""
    with contextlib.closing(desk.open_store()) as store:
        if wanted > store.head_seq():
            _fill(desk, store, wanted)
        core, missed = _core_before_the_last(store, wanted)
        snapshot = StoredSnapshot(
            scope=_STREAMS[0],
            seq=core.seq,
            version=STATE_VERSION,
            state_hash=state_hash(core.state),
            heads=core.heads,
            blob=encode_state(core.state),
        )

    def away() -> Store:
        store = desk.open_store()
        store.latest_snapshot = lambda scope, version: snapshot  # type: ignore[method-assign]
        return store

    gc.collect()
    started = time.perf_counter()
    desktop = Desktop(traders(1)[0], away, 1)
    desktop.until("the present", lambda: desktop.core.link is Link.LIVE)
    seconds = time.perf_counter() - started
    desktop.close()
    return missed, seconds


def _fill(desk: PrivateDesk, store: Store, wanted: int) -> None:
    """Have the engine decide orders until the log is long enough."""
    desk.start_engine()
    desktop = Desktop(traders(1)[0], desk.open_store, 2)
    desktop.until("the market", desktop.is_ready)
    give_up = time.monotonic() + _PATIENCE_S
    while store.head_seq() < wanted:
        desktop.pump(0.0)  # what it sends must not be older than it has seen the store
        store.submit_many([submission_of(desktop.make_order()) for _ in range(_FILLED_AT_ONCE)])
        while len(store.pending(_FILLED_AT_ONCE)) == _FILLED_AT_ONCE:
            time.sleep(0.01)
        if time.monotonic() > give_up:
            raise StoreUnavailable(f"The log does not grow to {wanted} events.")
    desktop.close()
    _stop_engines(desk)


def _core_before_the_last(store: Store, wanted: int) -> tuple[SessionCore, int]:
    """Return a core that has read all but the last `wanted` events, and how many those are."""
    rows: list[StoredEvent] = []
    while page := store.read(_STREAMS, rows[-1].seq if rows else 0, READ_MAX):
        rows += page
    core = SessionCore(traders(1)[0], DESK)
    known = rows[: max(0, len(rows) - wanted)]
    for at in range(0, len(known), READ_MAX):
        page = known[at : at + READ_MAX]
        core.step(EventsRead(page, decode_rows(page), page[-1].seq, 0))
    return core, len(rows) - len(known)
