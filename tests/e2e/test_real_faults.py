"""Real faults in their short form: a killed database, a paused engine, cut connections."""

from __future__ import annotations

import socket
import threading

import pytest

from app.bench.cutting_proxy import CuttingProxy
from app.bench.fault_audit import PROMISES, Told, audit
from app.bench.faults import Plan, run
from tests.postgres import server_binaries

LOG = [
    (1, "a", "OrderAccepted"),
    (1, "a/1:fill", "OrderFilled"),
    (1, "b", "OrderDenied"),
    (2, "c", "OrderAccepted"),
]


def _told(**changes: set[str]) -> Told:
    usual = {"clicked": {"a", "b", "c", "d"}, "acknowledged": {"a", "b", "c"}, "refused": {"d"}}
    return Told(**usual | changes)


def test_audit_of_an_honest_log_finds_nothing() -> None:
    assert audit(LOG, _told()) == dict.fromkeys(PROMISES, 0.0)


@pytest.mark.parametrize(
    ("log", "told", "broken"),
    [
        (LOG, _told(acknowledged={"a", "d"}), "acknowledged_lost"),
        ([*LOG, (2, "a", "OrderAccepted")], _told(), "executed_twice"),
        ([*LOG, (1, "x", "DayEnded")], _told(), "interleaved_epochs"),
        (LOG, _told(refused={"d", "a"}), "refused_yet_executed"),
        (LOG, _told(refused=set()), "vanished"),
    ],
)
def test_audit_finds_each_broken_promise(
    log: list[tuple[int, str, str]], told: Told, broken: str
) -> None:
    assert audit(log, told) == dict.fromkeys(PROMISES, 0.0) | {broken: 1.0}


@pytest.fixture
def echo() -> int:
    """The port of a server that says everything again."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            client, _ = door.accept()
            with client:
                while heard := client.recv(1_024):
                    client.sendall(heard)

    threading.Thread(target=serve, daemon=True).start()
    port: int = door.getsockname()[1]
    return port


def test_proxy_passes_on_what_it_does_not_cut(echo: int) -> None:
    proxy = CuttingProxy(echo, seed=1)
    proxy.shares = {b"cut me": 1.0}
    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"
    proxy.close()
    assert not proxy.cuts


def test_proxy_cuts_before_and_after_the_server_has_heard(echo: int) -> None:
    proxy = CuttingProxy(echo, seed=1)
    proxy.shares = {b"cut me": 1.0}
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", proxy.port)) as client:
            client.sendall(b"please cut me")
            assert client.recv(100) == b""
    proxy.close()
    assert sum(proxy.cuts.values()) == 20
    assert {when for _, when in proxy.cuts} == {"before", "after"}


@pytest.mark.timeout(300)
def test_desk_under_real_faults_keeps_every_promise() -> None:
    server_binaries()
    plan = Plan(database_kills=2, engine_pauses=1, engine_kills=0, submits=120, engines=2)
    figures = run(plan).figures
    assert {promise: figures[promise] for promise in PROMISES} == dict.fromkeys(PROMISES, 0.0)
    assert figures["acknowledged"] >= 20
    assert figures["submits_while_cutting"] >= 120
    assert figures["cuts_before_submit"] + figures["cuts_after_submit"] >= 1
    assert figures["takeover_p99_s"] > 0
