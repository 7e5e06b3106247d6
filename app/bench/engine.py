"""`blotter bench engine`: durable orders a second through the whole engine, on SQLite FULL.

The inbox is loaded first; a second run has three processes submit flat out beside it. An order
counts when it was read from the inbox, decided by every rule for orders that are sent, appended,
matched at the simulated venue, and its acknowledgement and fills appended too. The floor beside it
is what the disk and SQLite allow: the same rows written with no engine.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import threading
import time
from pathlib import Path
from time import perf_counter

from app.bench.result import BenchResult, machine
from app.bootstrap import REFERENCE, build_engine, init_store, open_store
from app.config import Settings, StoreAddress
from app.engine.step import EngineCore, Phase
from app.ports import Store, Submission
from app.reference_data import read_instruments
from app.session.ids import new_command_id
from app.session.step import submission_of
from models.commands import SubmitOrder
from models.instruments import AssetClass, Instrument
from models.orders import OrderTerms, OrderType, Side

_LOADED_AT_ONCE = 500
_SUBMITTERS = 3
ROUNDS = 3
_LOOKS_EVERY_S = 0.01  # each look takes the interpreter from the engine for a moment


class _Quiet:
    """A logger that says nothing: the benchmark prints figures only."""

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None: ...


def run(orders: int = 20_000) -> BenchResult:
    """Measure preloaded (the median of three rounds) and its floor, then with three submitters."""
    with tempfile.TemporaryDirectory(prefix="deskblotter-bench-") as folder:
        rounds = [_measure(Path(folder) / f"{at}.db", orders, submitters=0) for at in range(ROUNDS)]
        preloaded = sorted(rounds, key=lambda figures: figures["orders_per_s"])[ROUNDS // 2]
        contended = _measure(Path(folder) / "contended.db", orders, submitters=_SUBMITTERS)
    rate, shared = preloaded["orders_per_s"], contended["orders_per_s"]
    return BenchResult(
        bench="engine",
        machine=machine(),
        figures={
            "orders_per_s": rate,
            "events_per_order": preloaded["events_per_order"],
            "events_per_s": preloaded["events_per_s"],
            "with_3_submitters_orders_per_s": shared,
            "filled_share": preloaded["filled_share"],
        },
        peers={"rows_without_an_engine": {"orders_per_s": preloaded["floor_orders_per_s"]}},
        ratios={
            "orders_per_s_vs_floor": round(rate / preloaded["floor_orders_per_s"], 3),
            "with_3_submitters_orders_per_s_vs_alone": round(shared / rate, 3),
        },
    )


def _commands(count: int, seed: int) -> list[Submission]:
    """Orders around the market in all shares and ETFs: about half trade at once."""
    rnd = random.Random(seed)
    names = [
        each
        for each in read_instruments(REFERENCE / "instruments.csv")
        if each.asset_class in (AssetClass.SHARE, AssetClass.ETF) and each.symbol != "GME"
    ]
    return [submission_of(_order(rnd, rnd.choice(names))) for _ in range(count)]


def _order(rnd: random.Random, instrument: Instrument) -> SubmitOrder:
    is_buy = rnd.random() < 0.5
    away = rnd.randint(-40, 40) * instrument.ticks[0].tick
    return SubmitOrder(
        id=new_command_id(),
        author="alice",
        desk="EQ",
        terms=OrderTerms(
            symbol=instrument.symbol,
            side=Side.BUY if is_buy else Side.SELL,
            qty=rnd.randint(1, 400),
            order_type=OrderType.LIMIT,
            account="GROWTH",
            limit_px=instrument.prev_close + away,
        ),
        reason="benchmark",
    )


def _load(store: Store, submissions: list[Submission]) -> None:
    for at in range(0, len(submissions), _LOADED_AT_ONCE):
        store.submit_many(submissions[at : at + _LOADED_AT_ONCE])


def _measure(path: Path, orders: int, submitters: int) -> dict[str, float]:
    address = StoreAddress(f"sqlite:///{path}", path)
    init_store(address)
    _open_the_market(address)
    desk = open_store(address)
    _load(desk, _commands(orders, 7))
    processes = [
        multiprocessing.get_context("spawn").Process(
            target=_submit_flat_out, args=(str(path), orders, number)
        )
        for number in range(submitters)
    ]
    store = open_store(address, for_engine=True)
    runner = build_engine(store, Settings(), _Quiet())
    watcher = _Watcher(runner.core, orders, alone=not submitters)
    for process in processes:
        process.start()
    if processes:
        _wait_for_more(desk, orders)

    def stop_when_done() -> None:
        watcher.wait()
        runner.stop()

    thread = threading.Thread(target=stop_when_done, daemon=True)
    thread.start()
    runner.run()
    thread.join()
    for process in processes:
        process.terminate()
        process.join()
    figures = watcher.figures()
    if not submitters:
        floor = path.with_name(f"{path.stem}.floor.db")
        figures["floor_orders_per_s"] = _floor(store, floor, orders)
    store.close()
    desk.close()
    return figures


def _open_the_market(address: StoreAddress) -> None:
    """Run an engine until the reference data is in force, so that every name has a quote."""
    store = open_store(address, for_engine=True)
    runner = build_engine(store, Settings(), _Quiet())

    def stop_when_open() -> None:
        while not runner.core.state.restricted:  # the last of the reference commands
            time.sleep(0.01)
        runner.stop()

    threading.Thread(target=stop_when_open, daemon=True).start()
    runner.run()
    store.close()


def fill_store(path: Path, orders: int) -> None:
    """Make a store at `path` and have the engine decide `orders` orders in it."""
    address = StoreAddress(f"sqlite:///{path}", path)
    init_store(address)
    _open_the_market(address)
    desk = open_store(address)
    _load(desk, _commands(orders, 7))
    desk.close()
    store = open_store(address, for_engine=True)
    runner = build_engine(store, Settings(), _Quiet())
    watcher = _Watcher(runner.core, orders, alone=True)

    def stop_when_done() -> None:
        watcher.wait()
        runner.stop()

    thread = threading.Thread(target=stop_when_done, daemon=True)
    thread.start()
    runner.run()
    thread.join()
    store.close()


class _Watcher:
    """Waits until every order is decided and its venue has answered, and takes the time."""

    def __init__(self, core: EngineCore, orders: int, alone: bool) -> None:
        self._core = core
        self._alone = alone
        self._orders = orders
        self._started = self._ended = 0.0
        self._seq_before = 0

    def wait(self) -> None:
        core = self._core
        while core.phase is not Phase.LEADING:
            time.sleep(0.001)
        self._started, self._seq_before = perf_counter(), core.seq
        while len(core.state.orders) < self._orders or (self._alone and core.is_busy):
            time.sleep(_LOOKS_EVERY_S)
        self._ended, self._orders = perf_counter(), len(core.state.orders)

    def figures(self) -> dict[str, float]:
        core, seconds = self._core, self._ended - self._started
        filled = sum(1 for order in core.state.orders.values() if order.cum_qty)
        events = core.seq - self._seq_before
        return {
            "orders_per_s": round(self._orders / seconds),
            "events_per_order": round(events / self._orders, 2),
            "events_per_s": round(events / seconds),
            "filled_share": round(filled / self._orders, 3),
        }


def _wait_for_more(store: Store, orders: int) -> None:
    """Wait until every submitter's process is up and its commands arrive."""
    enough = orders + 2 * _SUBMITTERS
    while len(store.pending(enough)) < enough:
        time.sleep(0.01)


def _submit_flat_out(path: str, count: int, number: int) -> None:
    store = open_store(StoreAddress(f"sqlite:///{path}", Path(path)))
    for submission in _commands(count, 100 + number):
        store.submit(submission)
    store.close()


def _floor(store: Store, path: Path, orders: int) -> float:
    """Write as many event rows of the same size, in the same batches, and nothing else."""
    from app.store.sqlite_driver import connect

    rows = store.read(None, 0, 20_000)
    connection = connect(path, checkpoints=True)
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT, hash TEXT)")
    events = store.head_seq()
    batch = max(1, events * 100 // orders)
    values = [(row.body.decode(), row.hash) for row in rows]
    started = perf_counter()
    for start in range(0, events, batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO event (body, hash) VALUES (?, ?)",
            [values[at % len(values)] for at in range(start, min(start + batch, events))],
        )
        connection.execute("COMMIT")
    seconds = perf_counter() - started
    connection.close()
    return round(orders / seconds)
