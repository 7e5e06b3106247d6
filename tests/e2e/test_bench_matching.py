"""`blotter bench matching`, small: every engine ends with our book, and a missing peer is named."""

from __future__ import annotations

import sys

import pytest

from app.bench import matching as bench
from app.bench import matching_engines
from app.bench.matching_engines import PEERS, Ours, engine_named
from app.bench.workloads import AMEND, CANCEL, LIMIT, MARKET, Workload, workload_a, workload_b

FIGURES = {"messages_per_s", "p50_us", "p99_us", "max_us", "same_end_state"}


def test_every_workload_is_measured_beside_a_peer() -> None:
    pytest.importorskip("lightmatchingengine", reason="the peer is in the extra `bench`")
    result = bench.run(1_500, rounds=1, deep={"b100": 100}, resting=500)
    peer = result.peers["lightmatchingengine"]
    expected = {f"{workload}_{figure}" for workload in ("a", "b100") for figure in FIGURES}
    assert peer.keys() == expected | {"resting_order_bytes"}
    assert result.figures.keys() == peer.keys() | {"a_trades", "b100_trades", "compiled"}
    assert result.figures["compiled"] == 0
    assert result.figures["b100_trades"] > 100
    assert peer["a_same_end_state"] == peer["b100_same_end_state"] == 1
    assert 0 < result.figures["a_p50_us"] <= result.figures["a_p99_us"]
    assert result.figures["a_max_us"] > 0
    for workload in ("a", "b100"):
        rate = f"{workload}_messages_per_s"
        assert result.ratios[f"{rate}_vs_lightmatchingengine"] == round(
            result.figures[rate] / peer[rate], 3
        )
        assert result.ratios[f"{workload}_p99_vs_lightmatchingengine"] > 0


def test_missing_peer_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matching_engines, "_PEERS", matching_engines._PEERS / "nowhere")
    for name in ("lightmatchingengine", "limit_order_book", "lumina_lob", "manticore_orderbook"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.setitem(sys.modules, f"{name}.{name}", None)
        monkeypatch.setitem(sys.modules, f"{name}._core", None)
    result = bench.run(300, rounds=1, deep={}, resting=100)
    assert result.peers == {}
    assert result.ratios == {}
    assert result.figures["a_messages_per_s"] > 0
    said = capsys.readouterr().err
    for name in PEERS:
        assert f"{name} is left out" in said


@pytest.mark.parametrize("name", sorted(PEERS))
def test_peer_ends_with_our_book(name: str) -> None:
    try:
        peer = engine_named(name)
    except (ImportError, OSError) as error:
        pytest.skip(f"{name} is not installed, see packaging/peers.sh: {error}")
    stream = workload_b(200, 3_000)
    ours = Ours()
    for engine in (ours, peer):
        with bench._prepared(engine, stream) as calls:
            for call, arguments in calls:
                call(*arguments)
    prices = ours.prices()
    depth = ours.depth(prices)
    assert peer.depth(prices) == depth
    assert all(depth)
    peer.close()


def test_peer_that_ends_elsewhere_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Ours):
        def prepared(self, messages: object) -> matching_engines.Calls:
            return super().prepared(messages)[:-40]  # type: ignore[arg-type]

    monkeypatch.setitem(PEERS, "forgetful", Forgetful)
    found = bench._measured(["ours", "forgetful"], Workload([], workload_a(400).messages), 1)
    assert found["ours"]["same_end_state"] == 1
    assert found["forgetful"]["same_end_state"] == 0


def test_bytes_a_resting_order_are_the_process_growth() -> None:
    assert 50 < bench._bytes_per_order("ours", 20_000) < 1_000


def test_workload_b_keeps_its_depth_and_its_mix() -> None:
    stream = workload_b(500, 5_000)
    assert stream == workload_b(500, 5_000)
    ours = Ours()
    with bench._prepared(ours, stream) as calls:
        assert len(ours.book.orders) > 350
        for call, arguments in calls:
            call(*arguments)
    assert 400 < len(ours.book.orders) < 600
    kinds = [message.kind for message in stream.messages]
    shares = {kind: kinds.count(kind) / len(kinds) for kind in (LIMIT, CANCEL, AMEND, MARKET)}
    for kind, share in ((LIMIT, 0.62), (CANCEL, 0.285), (AMEND, 0.047), (MARKET, 0.047)):
        assert abs(shares[kind] - share) < 0.03
