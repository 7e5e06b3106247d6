"""Trades and quotes from a CSV: read whole or refused by line; what they mean for desk orders."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.market.quoted import LINE_MAX, QuotedFlow, Tick, read_ticks
from app.market.replay import replay_quotes
from app.ports import NewOrder
from app.venues.sim import SimVenue
from models.commands import VenueReport
from models.errors import BadInput
from models.market import Level
from models.orders import Side
from tests.builders import NOW, SECOND, px, terms

HEADER = "time,symbol,kind,price,size,bid,bid_size,ask,ask_size\n"
GOOD = (
    HEADER
    + "2026-11-23T14:30:00Z,ACME,quote,,,99.99,500,100.01,300\n"
    + "2026-11-23T14:30:00.000000001Z,ACME,trade,100.01,200,,,,\n"
)
FIRST_TS = 1_795_444_200 * SECOND
FIRST = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def write(path: Path, text: str | bytes) -> Path:
    file = path / "ticks.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def quote(
    at_s: int, bid: str, bid_size: int, ask: str, ask_size: int, symbol: str = "ACME"
) -> Tick:
    return Tick(at_s * SECOND, symbol, False, 0, 0, px(bid), bid_size, px(ask), ask_size)


def trade(at_s: int, price: str, size: int, symbol: str = "ACME") -> Tick:
    return Tick(at_s * SECOND, symbol, True, px(price), size)


# -- the file ------------------------------------------------------------------------------------


def test_good_file_is_exact(tmp_path: Path) -> None:
    assert read_ticks(write(tmp_path, GOOD)) == [
        Tick(FIRST_TS, "ACME", False, 0, 0, px("99.99"), 500, px("100.01"), 300),
        Tick(FIRST_TS + 1, "ACME", True, px("100.01"), 200),
    ]


def test_columns_in_another_order_windows_ends_quotes_and_a_mark_are_taken(tmp_path: Path) -> None:
    text = (
        "\ufeffSymbol,Time,Kind,Bid,Bid_size,Ask,Ask_size,Price,Size\r\n"
        '"acme",2026-11-23 14:30:00+00:00,quote,"1,099.99",500,,,,\r\n'
    )
    assert read_ticks(write(tmp_path, text)) == [
        Tick(FIRST_TS, "ACME", False, 0, 0, px("1099.99"), 500, 0, 0)
    ]


@pytest.mark.parametrize(
    ("field", "ts"),
    [
        ("1795444200000000007", FIRST_TS + 7),
        ("2026-11-23T14:30:00", FIRST_TS),
        ("2026-11-23T09:30:00-05:00", FIRST_TS),
        ("2026-11-23T15:30:00.25+0100", FIRST_TS + SECOND // 4),
        ("2026-11-23T14:30:00.123456789Z", FIRST_TS + 123_456_789),
    ],
)
def test_time_is_iso_or_nanoseconds(tmp_path: Path, field: str, ts: int) -> None:
    assert (
        datetime.fromtimestamp(FIRST_TS // SECOND, UTC).isoformat() == "2026-11-23T14:30:00+00:00"
    )
    (tick,) = read_ticks(write(tmp_path, f"{HEADER}{field},ACME,trade,1,1,,,,\n"))
    assert tick.ts == ts


def test_bond_prices_in_32nds_are_taken(tmp_path: Path) -> None:
    line = "1795444200000000000,UST10Y,trade,98-16+,1000,,,,\n"
    assert read_ticks(write(tmp_path, HEADER + line))[0].price == px("98.515625")


T = "2026-11-23T14:30:01Z"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{T},ACME,trade,100,5", "5 fields where 9 are expected"),
        ("", "1 fields where 9 are expected"),
        (f"{T},ACME,trade,100,5,,,,,", "10 fields where 9 are expected"),
        ("yesterday,ACME,trade,100,5,,,,", "time 'yesterday' is neither ISO"),
        ("2026-13-23T14:30:01Z,ACME,trade,100,5,,,,", "is not in the calendar"),
        ("2026-11-23T14:30:60Z,ACME,trade,100,5,,,,", "is neither ISO"),
        ("2026-11-23T14:30:01.1234567890Z,ACME,trade,100,5,,,,", "is neither ISO"),
        ("1795444201,ACME,trade,100,5,,,,", "1795444201 is not nanoseconds since 1970"),
        ("99999999999999999999,ACME,trade,100,5,,,,", "is not nanoseconds since 1970"),
        ("2026-11-23T14:29:59Z,ACME,trade,100,5,,,,", "goes backwards. Sort the file by time"),
        (f"{T},,trade,100,5,,,,", "symbol '' is none"),
        (f"{T},{'A' * 33},trade,100,5,,,,", "is none"),
        (f"{T},ACME,fill,100,5,,,,", "kind 'fill' is neither trade nor quote"),
        (f"{T},ACME,trade,,,,,,", "a trade needs a price and a size"),
        (f"{T},ACME,trade,100,,,,,", "price 100 with size empty: both or neither"),
        (f"{T},ACME,trade,-1,5,,,,", "price -1 with size 5"),
        (f"{T},ACME,trade,1e2,5,,,,", "Price '1e2' is not a number"),
        (f"{T},ACME,trade,nan,5,,,,", "Price 'nan' is not a number"),
        (f"{T},ACME,trade,1.0000000001,5,,,,", "is too fine"),
        (f"{T},ACME,trade,99999999999,5,,,,", "is above 10,000,000"),
        (f"{T},ACME,trade,100,5.5,,,,", "price's size '5.5' is not a whole number"),
        (f"{T},ACME,trade,100,-5,,,,", "price's size '-5' is not a whole number"),
        (f"{T},ACME,trade,100,{10**12 + 1},,,,", "size 1000000000001 is over 1,000,000,000,000"),
        (f"{T},ACME,trade,100,{'9' * 60},,,,", "is over 1,000,000,000,000"),
        (f"{T},ACME,trade,100,5,99,1,,", "a trade has no bid and no ask"),
        (f"{T},ACME,quote,100,5,99,1,,", "a quote has no price and no size"),
        (f"{T},ACME,quote,,,99,0,100,1", "bid 99 with size 0: both or neither"),
        (f"{T},ACME,quote,,,99,1,,1", "ask empty with size 1"),
        (f"{T},ACME,quote,,,100,1,100,1", "bid 100 is not below ask 100"),
        (f"{T},ACME,quote,,,101,1,100,1", "bid 101 is not below ask 100"),
        (f'{T},"ACME,trade,100,5,,,,', "unexpected end of data"),
        (f"{T},{'A' * LINE_MAX},trade,100,5,,,,", f"over {LINE_MAX} characters"),
    ],
)
def test_bad_line_is_named_with_file_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    file = write(tmp_path, f"{GOOD}{line}\n{T},ACME,trade,100,5,,,,\n")
    with pytest.raises(BadInput) as refused:
        read_ticks(file)
    assert str(refused.value).startswith(f"{file}, line 4: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty. Its first line has to be time,symbol,kind"),
        (HEADER, "holds no trades and no quotes"),
        (GOOD[:-4], "line 3: the file ends in the middle of a line"),
        (GOOD.replace("bid_size", "bidsize"), "line 1: the header has to name time,symbol"),
        (GOOD.replace("kind", "price", 1), "line 1: the header has to name"),
        (GOOD.removeprefix(HEADER), "line 1: the header has to name"),
        (b"\xff\xfe\x00\x01\n", "line 1: this is no text in UTF-8"),
    ],
)
def test_bad_file_is_refused(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read_ticks(write(tmp_path, text))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"can't be read: No such file"):
        read_ticks(tmp_path / "nowhere.csv")


def test_file_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.market.quoted.TICKS_MAX", 1)
    with pytest.raises(BadInput, match=r"line 3: more than 1 lines\. Cut the file"):
        read_ticks(write(tmp_path, GOOD))


def test_one_symbol_alone_can_be_read(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + f"{T},BETA,trade,5,5,,,,\n")
    assert [tick.symbol for tick in read_ticks(file, "beta")] == ["BETA"]
    with pytest.raises(BadInput, match=r"has no line of XYZ\. Leave --symbol out"):
        read_ticks(file, "XYZ")


FIELDS = ("", "0", "1", "-1", "1e9", "nan", "9" * 30, "trade", "quote", "ACME", '"', T, "\x00", "é")


@given(st.lists(st.lists(st.sampled_from(FIELDS), max_size=11), max_size=4), st.binary(max_size=40))
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], tail: bytes
) -> None:
    file = tmp_path_factory.mktemp("ticks") / "ticks.csv"
    text = HEADER + "".join(",".join(fields) + "\n" for fields in lines)
    file.write_bytes(text.encode() + tail)
    found: list[Tick] = []
    with suppress(BadInput):
        found = read_ticks(file)
    assert all(tick.is_trade == bool(tick.size) and tick.symbol for tick in found)


# -- as a market ---------------------------------------------------------------------------------


class Market:
    """A venue whose market is recorded, a second a step."""

    def __init__(self, *ticks: Tick) -> None:
        self.flow = QuotedFlow(ticks, speed=1)
        self.venue = SimVenue(self.flow)
        self.at = -1

    def step(self) -> list[VenueReport]:
        """Let a second pass; return the desk's fills."""
        self.at += 1
        reports = self.venue.advance(NOW + self.at * SECOND)
        return [report for report in reports if report.last_qty]

    def enter(self, number: int, side: Side, limit: str, qty: int) -> list[VenueReport]:
        order = terms(side=side, limit_px=px(limit), qty=qty)
        sent = NewOrder(cl_ord_id=f"O-{number}/1", terms=order)
        reports = self.venue.send([sent], NOW + self.at * SECOND)
        return [report for report in reports if report.last_qty]

    def sides(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        book = self.venue.books["ACME"]
        return book.depth(True, 9), book.depth(False, 9)


def fills(reports: list[VenueReport]) -> list[tuple[int, int]]:
    return [(report.last_qty, report.last_px) for report in reports]


def test_quotes_rest_with_their_sizes_and_trades_take_from_them_and_print() -> None:
    market = Market(
        quote(0, "99.99", 500, "100.01", 300), trade(1, "100.01", 200), trade(1, "99.99", 50)
    )
    market.step()
    assert market.sides() == ([(px("99.99"), 500)], [(px("100.01"), 300)])
    market.step()
    assert market.sides() == ([(px("99.99"), 450)], [(px("100.01"), 100)])
    (shown,) = market.venue.market().depths
    assert shown.bids == (Level(px("99.99"), 450, 1),)
    assert [(p.px, p.qty, p.is_buy) for p in shown.prints] == [
        (px("100.01"), 200, True),
        (px("99.99"), 50, False),
    ]


def test_quote_replaces_the_one_before_it_even_through_its_other_side() -> None:
    market = Market(quote(0, "99.99", 500, "100.01", 300), quote(1, "100.02", 10, "100.04", 20))
    market.step()
    market.step()
    assert market.sides() == ([(px("100.02"), 10)], [(px("100.04"), 20)])
    assert market.venue.market().quotes[0].volume == 0


def test_side_without_a_price_is_empty() -> None:
    market = Market(quote(0, "99.99", 500, "100.01", 300), quote(1, "99.99", 500, "0", 0))
    market.step()
    market.step()
    assert market.sides() == ([(px("99.99"), 500)], [])


def test_desk_order_takes_no_more_than_is_quoted() -> None:
    market = Market(quote(0, "99.99", 500, "100.01", 300), quote(1, "99.99", 500, "100.01", 300))
    market.step()
    assert fills(market.enter(1, Side.BUY, "100.01", 400)) == [(300, px("100.01"))]
    # The same quote said again is no new one: what the desk took stays taken.
    assert market.step() == []
    assert market.sides() == ([(px("100.01"), 100), (px("99.99"), 500)], [])


def test_new_size_at_the_quoted_price_is_there_to_be_taken() -> None:
    market = Market(quote(0, "99.99", 500, "100.01", 300), quote(1, "99.99", 500, "100.01", 250))
    market.step()
    market.enter(1, Side.BUY, "100.01", 400)
    assert fills(market.step()) == [(100, px("100.01"))]
    assert market.sides()[1] == [(px("100.01"), 150)]


def test_desk_order_waits_behind_what_was_quoted_before_it() -> None:
    market = Market(
        quote(0, "99.99", 500, "100.01", 300),
        trade(1, "99.99", 100),
        quote(2, "99.99", 450, "100.01", 300),
        trade(3, "99.99", 450),
        trade(4, "99.99", 60),
    )
    market.step()
    market.enter(1, Side.BUY, "99.99", 100)
    assert market.step() == []
    assert market.step() == []  # more is quoted at the same price: still ahead
    assert market.step() == []
    assert fills(market.step()) == [(60, px("99.99"))]


def test_trade_at_a_worse_price_than_the_desk_bids_reaches_it_first() -> None:
    market = Market(quote(0, "99.98", 500, "100.02", 300), trade(1, "99.98", 70))
    market.step()
    market.enter(1, Side.BUY, "100.00", 100)
    assert fills(market.step()) == [(70, px("100.00"))]


def test_quote_that_crosses_a_desk_order_fills_it() -> None:
    market = Market(quote(0, "99.98", 500, "100.02", 300), quote(1, "99.95", 10, "99.99", 40))
    market.step()
    market.enter(1, Side.BUY, "100.00", 100)
    assert fills(market.step()) == [(40, px("100.00"))]


def test_trade_larger_than_its_quote_is_printed_in_full() -> None:
    market = Market(quote(0, "99.98", 500, "100.02", 300), trade(1, "100.02", 1_000))
    market.step()
    market.step()
    assert market.venue.market().quotes[0].volume == 1_000
    assert market.sides()[1] == []


@pytest.mark.parametrize(
    ("price", "is_buy"),
    [("99.99", False), ("99.995", False), ("100.005", True), ("100.01", True), ("100.10", True)],
)
def test_side_of_a_trade_is_the_quote_that_it_is_nearer_to(price: str, is_buy: bool) -> None:
    market = Market(quote(0, "99.99", 500, "100.01", 300), trade(0, price, 5))
    market.step()
    (shown,) = market.venue.market().depths
    assert shown.prints[-1].is_buy is is_buy


def test_trade_in_the_middle_or_without_quotes_goes_on_as_the_last_one() -> None:
    market = Market(
        trade(0, "100", 5), quote(0, "99.99", 500, "100.01", 300), trade(0, "99.99", 5),
        trade(0, "100", 5),
    )  # fmt: skip
    market.step()
    (shown,) = market.venue.market().depths
    assert [each.is_buy for each in shown.prints] == [True, False, False]


def test_recording_plays_several_names_and_ends() -> None:
    market = Market(quote(0, "1", 5, "2", 5), quote(1, "3", 5, "4", 5, symbol="BETA"))
    market.step()
    assert not market.flow.is_over
    market.step()
    assert market.flow.is_over
    assert {seen.symbol for seen in market.venue.market().quotes} == {"ACME", "BETA"}
    market.step()
    seen = market.venue.market()
    assert (seen.feed, seen.feed_ts) == ("recorded trades and quotes", NOW + SECOND)


# -- headless ------------------------------------------------------------------------------------


def test_replay_counts_what_it_knows_and_what_it_got_wrong() -> None:
    ticks = [
        trade(0, "100", 5),  # nothing is quoted yet
        quote(1, "99.99", 500, "100.01", 300),
        trade(2, "100.01", 300),
        quote(3, "99.99", 500, "100.01", 100),
        trade(4, "99.99", 600),  # more than was quoted
        trade(5, "100.02", 10),  # beyond the offer
        trade(6, "100.005", 10),  # between the quotes
        quote(7, "4", 1, "5", 1, symbol="BETA"),
    ]
    found = replay_quotes(ticks)
    assert (found.messages, found.quotes, found.trades, found.symbols) == (8, 3, 5, 2)
    assert (found.known_executions, found.predicted_exactly) == (4, 1)
    assert (found.priority_violations, found.resting_orders) == (1, 3)
    again = replay_quotes(ticks)
    assert again.state_hash == found.state_hash != replay_quotes(ticks[:4]).state_hash
