"""What blotters show of orders, fills and positions: figures, signs and tones."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import msgspec
import pytest

from app.core.context import Quote
from models.alerts import Alert, AlertState, Severity
from models.commands import SYSTEM, AdoptRuleBook, ListInstruments
from models.money import MONEY_SCALE
from models.order_state import OrderStatus
from models.orders import Order, Side
from tests.builders import (
    Desk,
    bond,
    fill_report,
    instrument,
    money,
    new_id,
    px,
    rule_book,
    stop_terms,
    terms,
)
from tests.ui.still_desk import StillDesk
from ui.blotter.columns import order_columns, slippage_bps
from ui.blotter.fill_columns import fill_columns
from ui.blotter.flags import Flags
from ui.blotter.holdings import holdings, totals_by_currency
from ui.blotter.position_columns import position_columns
from ui.blotter.signs import STATUS, short_money, signed_money, signed_tenths, slippage

ZONE = ZoneInfo("America/New_York")


def shown(still: StillDesk, order: Order) -> dict[str, str]:
    columns = order_columns(still.session.core, ZONE)
    return {column.name: column.text(order) for column in columns}


def test_column_names_are_unique_and_titled() -> None:
    still = StillDesk()
    for columns in (
        order_columns(still.session.core, ZONE),
        fill_columns(still.session.core, ZONE),
        position_columns(still.session.core),
    ):
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert all(column.title and column.help for column in columns)
        known = set(names)
        for column in columns:
            if column.total is not None:
                assert {column.total.weight, column.total.unit} <= known | {""}


def test_every_status_has_sign_word_and_tone() -> None:
    assert set(STATUS) == set(OrderStatus)


@pytest.mark.parametrize(
    ("side", "price", "tenths"),
    [
        (Side.BUY, "100.05", 50),
        (Side.BUY, "99.95", -50),
        (Side.SELL, "99.95", 50),
        (Side.SELL_SHORT, "100.05", -50),
        (Side.BUY, "100", 0),
        (Side.BUY, "100.0004", 0),
        (Side.BUY, "100.0005", 1),
    ],
)
def test_slippage_is_a_cost_when_positive(side: Side, price: str, tenths: int) -> None:
    assert slippage(side, px(price), px(100)) == tenths


def test_slippage_without_arrival_or_fill_is_nothing() -> None:
    assert slippage(Side.BUY, px(100), 0) is None
    assert slippage(Side.BUY, 0, px(100)) is None


def test_order_row_reads_as_a_trader_writes_it() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    row = shown(StillDesk(desk), order)
    assert {
        name: row[name] for name in ("status", "side", "symbol", "qty", "done", "leaves", "pct")
    } == {
        "status": "◐ Part filled",
        "side": "BUY",
        "symbol": "ACME",
        "qty": "100",
        "done": "40",
        "leaves": "60",
        "pct": "40%",
    }
    assert (row["type"], row["limit"], row["last"]) == ("LMT", "100.00", "100.00")
    assert (row["avg"], row["slip"], row["notional"]) == ("100.000", "0.0", "10,000")
    assert (row["donevalue"], row["open"]) == ("4,000", "●")


def test_stop_shows_its_trigger_where_others_show_their_limit() -> None:
    desk = Desk()
    order = desk.accepted(stop_terms(px(105)))
    assert shown(StillDesk(desk), order)["limit"] == "105.00"


def test_slip_is_told_in_points_and_in_money() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.fill(order, 50, px("100.02"))
    row = shown(StillDesk(desk), order)
    assert (row["slip"], row["slipcost"], row["slipbase"]) == ("+2.0", "+1", "5,000")
    tone = {c.name: c.tone for c in order_columns(StillDesk(desk).session.core, ZONE)}["slip"]
    assert tone is not None
    assert (slippage_bps(order), tone(order)) == (20, "loss")


def test_notional_is_in_the_rule_books_currency_or_nothing() -> None:
    desk = Desk()
    desk.run(
        ListInstruments(
            id=new_id(), author=SYSTEM, instruments=(instrument("EURO", currency="EUR"),)
        )
    )
    desk.quotes["EURO"] = Quote("EURO", px(99), 5, px(101), 5, px(100), desk.ts)
    book = msgspec.structs.replace(
        rule_book(), fx={"USD": MONEY_SCALE, "EUR": MONEY_SCALE * 11 // 10}
    )
    desk.run(AdoptRuleBook(id=new_id(), author=SYSTEM, rule_book=book))
    order = desk.accepted(terms(symbol="EURO"))
    still = StillDesk(desk)
    assert shown(still, order)["notional"] == "11,000"
    desk.state.rule_book = rule_book()
    assert shown(still, order)["notional"] == ""


def test_bond_is_worth_its_share_of_par() -> None:
    desk = Desk()
    face = bond().lot * 100
    order = desk.accepted(terms(symbol="UST10Y", qty=face, limit_px=px(100)))
    assert shown(StillDesk(desk), order)["notional"] == f"{face:,}"


def alert(alert_id: str, **changes: object) -> Alert:
    usual = Alert(
        alert_id=alert_id, desk="EQ", severity=Severity.WARNING, rule="ADV", text="", ts=1
    )
    return msgspec.structs.replace(usual, order_id="O-1", **changes)


def test_flags_tell_the_gravest_open_alert_and_which_orders_changed() -> None:
    flags = Flags()
    assert flags.update([alert("A-1"), alert("A-2", severity=Severity.BLOCK)]) == {"O-1"}
    assert (flags.sign("O-1"), flags.word("O-1"), flags.tone("O-1")) == ("⚑", "alert", "blocked")
    assert flags.update([alert("A-1"), alert("A-2", severity=Severity.BLOCK)]) == set()
    seen = [alert(key, state=AlertState.ACKNOWLEDGED) for key in ("A-1", "A-2")]
    assert flags.update(seen) == {"O-1"}
    assert (flags.sign("O-1"), flags.word("O-1"), flags.tone("O-1")) == ("⚐", "seen", "muted")
    assert flags.update([]) == {"O-1"}
    assert (flags.sign("O-1"), flags.word("O-1"), flags.tone("O-1")) == ("", None, None)


def test_fill_row_knows_its_order_and_what_it_cost() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.run(fill_report(order, 50, px("100.02"), exec_id="e-1"))
    core = StillDesk(desk).session.core
    fill = core.state.executions["e-1"]
    row = {column.name: column.text(fill) for column in fill_columns(core, ZONE)}
    assert (row["qty"], row["px"], row["notional"], row["slip"]) == (
        "50",
        "100.02",
        "5,001",
        "+2.0",
    )
    assert (row["trader"], row["account"], row["order"], row["exec"]) == (
        "alice",
        "GROWTH",
        order.order_id,
        "e-1",
    )


def test_fill_of_an_order_that_is_gone_still_shows() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.PARTIALLY_FILLED)
    (fill,) = desk.state.executions.values()
    del desk.state.orders[order.order_id]
    core = StillDesk(desk).session.core
    row = {column.name: column.text(fill) for column in fill_columns(core, ZONE)}
    assert (row["qty"], row["trader"], row["slip"]) == ("40", "", "")


def test_holding_is_valued_at_the_last_price_with_the_days_gain() -> None:
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    desk.fill(order, 60, px("100.00"))
    desk.move_market(px("100.50"))
    (held,) = holdings(StillDesk(desk).session.core)
    assert (held.account, held.symbol, held.qty) == ("GROWTH", "ACME", 60)
    assert (held.avg_px, held.last_px, held.is_live) == (px(100), px("100.50"), True)
    assert (held.value, held.day_pnl, held.share_bps) == (money(6_030), money(30), 10_000)


def test_holding_without_a_quote_is_valued_at_the_close_and_says_so() -> None:
    desk = Desk()
    desk.fill(desk.order_in(OrderStatus.NEW), 60)
    desk.quotes.clear()
    (held,) = holdings(StillDesk(desk).session.core)
    assert (held.last_px, held.is_live) == (px(100), False)


def test_short_holding_loses_when_the_price_rises() -> None:
    desk = Desk()
    desk.fill(desk.order_in(OrderStatus.NEW, side=Side.SELL), 60, px(100))
    desk.move_market(px(101))
    (held,) = holdings(StillDesk(desk).session.core)
    assert (held.qty, held.value, held.day_pnl) == (-60, money(-6_060), money(-60))
    columns = {c.name: c for c in position_columns(StillDesk(desk).session.core)}
    assert (columns["qty"].text(held), columns["pnl"].text(held)) == ("−60", "−60")
    tone = columns["pnl"].tone
    assert tone is not None
    assert tone(held) == "loss"


def test_totals_are_kept_apart_by_currency() -> None:
    desk = Desk()
    desk.fill(desk.order_in(OrderStatus.NEW), 60)
    desk.fill(desk.order_in(OrderStatus.NEW, side=Side.SELL, account="INCOME"), 100)
    held = holdings(StillDesk(desk).session.core)
    other = [replace(one, currency="EUR") for one in held[:1]]
    totals = totals_by_currency([*held, *other])
    assert [(t.currency, t.net, t.gross) for t in totals] == [
        ("USD", money(-4_000), money(16_000)),
        ("EUR", money(6_000), money(6_000)),
    ]


@pytest.mark.parametrize(
    ("units", "short", "signed"),
    [
        (0, "0", "0"),
        (999, "999", "+999"),
        (1_000, "1.0k", "+1,000"),
        (999_949, "999.9k", "+999,949"),
        (999_950, "1.0m", "+999,950"),
        (48_240_000, "48.2m", "+48,240,000"),
        (-1_300_000_000, "−1.3b", "−1,300,000,000"),
    ],
)
def test_money_is_short_at_the_foot_and_whole_in_cells(units: int, short: str, signed: str) -> None:
    assert (short_money(money(units)), signed_money(money(units))) == (short, signed)


def test_tenths_of_a_basis_point_carry_their_sign() -> None:
    assert [signed_tenths(t) for t in (-6, 0, 4, 123)] == ["−0.6", "0.0", "+0.4", "+12.3"]
