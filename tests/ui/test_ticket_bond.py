"""A bond in the ticket: clean price, accrued interest, dirty money and yield, told beside it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.analytics.bonds import BondFigures, bond_figures
from models.commands import SYSTEM, ListInstruments
from models.instruments import DayCount
from models.orders import Side
from tests.builders import Desk, bond, instrument, px, quote, terms
from tests.ui.ticket_bench import TicketBench
from ui.ticket.bond_words import NAMES, NONE, WAITING, Question, answer, question_of, told

NOTE = bond(
    issue_date="2024-11-15",
    maturity="2034-11-15",
    coupon=px("4.25"),
    coupon_frequency=2,
    day_count=DayCount.ACT_ACT,
)
TRADE_DAY = "2024-11-22"  # a Friday: it settles on Monday, ten days into the coupon


def asked(price: str = "98.734375", **changes: Any) -> Question:
    fields = {"instrument": NOTE, "trade_day": TRADE_DAY, "clean_px": px(price), **changes}
    return Question(**fields)


def test_told_of_a_treasury_is_in_its_own_writing_and_exact() -> None:
    found = told(asked(), answer(asked()), 1_000_000)
    assert [each.text for each in found] == ["98-23+", "0.1174", "988,518", "4.408%"]
    helps = " ".join(each.help_text for each in found)
    assert "settlement on 2024-11-25 (ACT/ACT)" in helps
    assert "1,174.03 USD on 1,000,000" in helps  # 2.125 × 10 / 181 percent of it
    assert "To the cent: 988,517.78" in helps


def test_told_without_a_quantity_leaves_the_money_out() -> None:
    texts = [each.text for each in told(asked(), answer(asked()), 0)]
    assert texts[2] == NONE
    assert texts[3] == "4.408%"


def test_told_before_the_answer_shows_the_price_and_waits() -> None:
    assert [each.text for each in told(asked(), None, 1_000)] == ["98-23+", *3 * [WAITING]]


def test_told_of_a_bond_without_terms_says_why() -> None:
    bare = asked(instrument=bond())
    found = told(bare, answer(bare), 1_000)
    assert [each.text for each in found] == ["98-23+", *3 * [NONE]]
    assert "no maturity and day count" in found[3].help_text


MARKET = quote("UST10Y", px("98.5"), bid=px("98.484375"), ask=px("98.515625"))


@pytest.mark.parametrize(
    ("limit", "side", "market", "price"),
    [
        ("98.25", Side.BUY, MARKET, "98.25"),
        ("", Side.BUY, MARKET, "98.515625"),
        ("", Side.SELL, MARKET, "98.484375"),
        ("", Side.BUY, quote("UST10Y", px("98.5"), bid=0, ask=0), "98.5"),
        ("", Side.BUY, None, "100"),
    ],
)
def test_question_is_of_the_orders_price_else_the_markets(
    limit: str, side: Side, market: Any, price: str
) -> None:
    meant = terms(symbol="UST10Y", limit_px=px(limit)) if limit else None
    found = question_of(NOTE, meant, side, market, TRADE_DAY)
    assert found == Question(NOTE, TRADE_DAY, px(price))


def test_question_is_asked_of_bonds_only() -> None:
    assert question_of(instrument(), None, Side.BUY, MARKET, TRADE_DAY) is None
    assert question_of(None, None, Side.BUY, MARKET, TRADE_DAY) is None


@pytest.fixture
def bench(qtbot: QtBot) -> TicketBench:
    desk = Desk()
    desk.run(ListInstruments(id="n", author=SYSTEM, instruments=(NOTE,)))
    bench = TicketBench(desk)
    qtbot.addWidget(bench.ticket)
    bench.ticket.resize(300, 700)
    bench.ticket.show()
    return bench


def shown(bench: TicketBench) -> dict[str, str]:
    return {name: label.text() for name, label in bench.ticket.bond_labels.items()}


def test_ticket_tells_a_bonds_figures_and_hides_them_for_a_share(
    bench: TicketBench, qtbot: QtBot
) -> None:
    bench.type("b 100k ust10y 100")
    yields = bench.ticket.bond_labels["Yield"]
    qtbot.waitUntil(lambda: yields.text() not in ("", WAITING), timeout=20_000)
    figures = bond_figures(bench.desk.state.instruments["UST10Y"], "2024-11-25", px(100))
    assert isinstance(figures, BondFigures)
    assert shown(bench) == dict(zip(NAMES, ["100-00", "0.1174", "100,117", "4.250%"], strict=True))
    assert yields.isVisible()
    bench.ticket.resize(300, 600)
    assert not yields.isVisible()
    line = bench.ticket._face.bond.line
    assert line.isVisible()
    assert line.text() == "100-00 · acc 0.1174 · dirty 100,117 · yield 4.250%"
    bench.type("b 100 acme 100")
    assert not bench.ticket._face.bond.isVisible()


def test_ticket_answers_the_latest_price_when_one_types_on(
    bench: TicketBench, qtbot: QtBot
) -> None:
    for price in ("99", "99.5", "101"):
        bench.type(f"b 100k ust10y {price}")
    yields = bench.ticket.bond_labels["Yield"]
    expected = bond_figures(NOTE, "2024-11-25", px(101)).yield_px
    wanted = f"{expected / 10**9:.3f}%"
    qtbot.waitUntil(lambda: yields.text() == wanted, timeout=20_000)
    assert shown(bench)["Clean"] == "101-00"


def test_the_ticket_does_not_load_the_library_by_being_there() -> None:
    code = "import sys, ui.ticket.ticket, ui.main_window; sys.exit('QuantLib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
