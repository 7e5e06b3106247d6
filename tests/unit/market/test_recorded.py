"""LOBSTER files: read whole or refused by line; played at their pace."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.market.recorded import (
    LINE_MAX,
    Recorded,
    RecordedFlow,
    priority_of,
    read_lobster,
    to_action,
)
from app.market.replay import replay
from app.venues.sim import SimVenue
from models.errors import BadInput
from models.market import Level, Print
from tests.builders import NOW, SECOND, px

GOOD = "34200.5,1,7,100,5853300,1\n34200.500000001,4,7,40,5853300,1\n"
SAMPLE = (
    Path(__file__).parents[3] / "../shared/data/lobster/AAPL_2012-06-21_0930-1000_message_50.csv"
)


def write(path: Path, text: str | bytes) -> Path:
    file = path / "messages.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_read_lobster_good_file_is_exact(tmp_path: Path) -> None:
    assert read_lobster(write(tmp_path, GOOD)) == [
        Recorded(34_200_500_000_000, 1, 7, 100, px("585.33"), True),
        Recorded(34_200_500_000_001, 4, 7, 40, px("585.33"), True),
    ]


def test_read_lobster_windows_line_ends_are_taken(tmp_path: Path) -> None:
    assert len(read_lobster(write(tmp_path, GOOD.replace("\n", "\r\n")))) == 2


@pytest.mark.parametrize(
    ("field", "ts"),
    [
        ("34200", 34_200 * SECOND),
        ("34200.", 34_200 * SECOND),
        ("0.000000001", 1),
        ("34200.1234567891", 34_200_123_456_789),
    ],
)
def test_read_lobster_time_is_nanoseconds_after_midnight(
    tmp_path: Path, field: str, ts: int
) -> None:
    assert read_lobster(write(tmp_path, f"{field},1,7,100,5853300,1\n"))[0].ts == ts


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("34200,1,7,100,5853300", "5 fields where 6 are expected"),
        ("34200,1,7,100,5853300,1,9", "7 fields where 6 are expected"),
        ("", "1 fields where 6 are expected"),
        ("x,1,7,100,5853300,1", "time 'x' is not seconds after midnight"),
        ("-5,1,7,100,5853300,1", "time '-5' is not seconds after midnight"),
        ("1e5,1,7,100,5853300,1", "time '1e5' is not seconds after midnight"),
        ("nan,1,7,100,5853300,1", "time 'nan' is not seconds after midnight"),
        ("34200,one,7,100,5853300,1", "'one' is not a whole number"),
        ("34200,1,7,1.5,5853300,1", "'1.5' is not a whole number"),
        ("34200,1,7,,5853300,1", "'' is not a whole number"),
        ("34200,1,7,--5,5853300,1", "'--5' is not a whole number"),
        ("34200,0,7,100,5853300,1", "type 0 is not one of 1 to 7"),
        ("34200,8,7,100,5853300,1", "type 8 is not one of 1 to 7"),
        ("34200,1,7,0,5853300,1", "size 0, price 5853300 and direction 1 must be"),
        ("34200,1,7,-5,5853300,1", "size -5, price 5853300 and direction 1 must be"),
        ("34200,1,7,100,0,1", "size 100, price 0 and direction 1 must be"),
        ("34200,1,7,100,5853300,0", "size 100, price 5853300 and direction 0 must be"),
        ("34199,1,7,100,5853300,1", "time 34199 goes backwards"),
        (f"34200,1,{'7' * LINE_MAX},100,5853300,1", "fields"),
    ],
)
def test_read_lobster_bad_line_is_named_with_file_and_reason(
    tmp_path: Path, line: str, reason: str
) -> None:
    file = write(tmp_path, f"34199.5,1,1,1,1,1\n{line}\n34201,1,2,1,1,1\n")
    with pytest.raises(BadInput) as refused:
        read_lobster(file)
    assert str(refused.value).startswith(f"{file}, line 2: ")
    assert reason in str(refused.value)


def test_read_lobster_file_cut_in_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"line 3: the file ends in the middle of a line"):
        read_lobster(write(tmp_path, GOOD + "34201,1,8"))


def test_read_lobster_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is empty"):
        read_lobster(write(tmp_path, ""))


def test_read_lobster_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 1"):
        read_lobster(write(tmp_path, b"\xff\xfe\x00\x01,,,,,\n"))


def test_read_lobster_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"can't be read: No such file"):
        read_lobster(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("kind", [6, 7])
def test_read_lobster_halts_and_crosses_need_no_price(tmp_path: Path, kind: int) -> None:
    file = write(tmp_path, f"34200,{kind},0,0,-1,-1\n")
    assert to_action(read_lobster(file)[0], "ACME") is None


@pytest.mark.parametrize(
    ("kind", "action"),
    [(1, "limit"), (2, "reduce"), (3, "cancel"), (4, "execute"), (5, "execute")],
)
def test_to_action_says_what_a_line_means(kind: int, action: str) -> None:
    found = to_action(Recorded(1, kind, 7, 100, px(5), False), "ACME")
    assert found is not None
    assert (found.kind, found.symbol, found.is_buy, found.price, found.qty) == (
        action,
        "ACME",
        False,
        px(5),
        100,
    )
    assert found.order_id == ("" if kind == 5 else "L7")
    assert found.priority == (priority_of(7) if kind == 1 else None)


def messages(*times: int) -> list[Recorded]:
    return [Recorded(ts * SECOND, 1, ts, 1, px(1), True) for ts in times]


def test_recorded_flow_plays_at_its_speed() -> None:
    flow = RecordedFlow(messages(100, 101, 103, 110), "ACME", speed=2)
    assert len(flow.actions(NOW, lambda symbol: 0)) == 1
    assert len(flow.actions(NOW + SECOND, lambda symbol: 0)) == 1
    assert len(flow.actions(NOW + SECOND, lambda symbol: 0)) == 0
    assert (flow.done, flow.is_over) == (2, False)
    assert flow.heartbeat(NOW + SECOND) == ("recording of ACME", NOW + SECOND)
    assert len(flow.actions(NOW + 5 * SECOND, lambda symbol: 0)) == 2
    assert (flow.done, flow.is_over) == (4, True)
    assert len(flow.actions(NOW + 9 * SECOND, lambda symbol: 0)) == 0
    assert flow.heartbeat(NOW + 9 * SECOND).ts == NOW + 5 * SECOND  # its last sign of life


def test_recorded_flow_as_a_market_shows_depth_prints_and_bars() -> None:
    lines = [
        Recorded(0, 1, 7, 100, px(50), is_buy=True),
        Recorded(0, 1, 8, 200, px(51), is_buy=False),
        Recorded(1 * SECOND, 4, 7, 40, px(50), is_buy=True),
        Recorded(2 * SECOND, 5, 0, 10, px("50.50"), is_buy=False),
    ]
    venue = SimVenue(RecordedFlow(lines, "ACME", speed=1))
    for at in range(3):
        venue.advance(NOW + at * SECOND)
    seen = venue.market()
    (depth,) = seen.depths
    assert (depth.bids, depth.offers) == ((Level(px(50), 60, 1),), (Level(px(51), 200, 1),))
    assert depth.prints == (
        Print(1, NOW + SECOND, px(50), 40, is_buy=False),
        Print(2, NOW + 2 * SECOND, px("50.50"), 10, is_buy=True),
    )
    (bar,) = seen.bars
    assert (bar.open, bar.close, bar.qty, bar.vwap) == (px(50), px("50.50"), 50, px("50.10"))


def test_replay_of_the_real_file_predicts_who_trades() -> None:
    if not SAMPLE.exists():
        pytest.skip(f"the LOBSTER sample is not beside the project ({SAMPLE.name})")
    summary = replay(read_lobster(SAMPLE))
    assert summary.known_executions > 2_000
    assert summary.predicted_exactly >= 0.998 * summary.known_executions
    assert summary.priority_violations == 0
    assert summary.crossing_adds == 0


def test_replay_counts_what_it_knows_and_what_it_got_wrong() -> None:
    lines = [
        Recorded(1, 1, 1, 10, px(100), True),
        Recorded(2, 1, 2, 10, px(100), True),
        Recorded(3, 1, 3, 10, px(99), True),
        Recorded(4, 4, 1, 5, px(100), True),
        Recorded(5, 4, 2, 5, px(100), True),
        Recorded(6, 4, 3, 5, px(99), True),
        Recorded(7, 4, 9, 5, px(99), True),
        Recorded(8, 2, 3, 1, px(99), True),
        Recorded(9, 3, 9, 1, px(99), True),
        Recorded(10, 1, 4, 10, px(100), False),
        Recorded(11, 5, 0, 10, px(100), False),
    ]
    summary = replay(lines)
    assert (summary.messages, summary.known_executions) == (11, 3)
    assert (summary.predicted_exactly, summary.priority_violations) == (1, 1)
    assert (summary.crossing_adds, summary.resting_orders) == (1, 1)
