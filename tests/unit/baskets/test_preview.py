"""Baskets from tables: headings, cells, and what the desk says of each line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.baskets.preview import BasketPreview, preview
from app.securities.sheets import Sheet, read_sheet, sheet_of_text
from models.errors import BadInput
from models.orders import DESK, OrderType, Side, TimeInForce
from models.workflow import BASKET_LINES_MAX
from tests.builders import DESK as EQ
from tests.builders import Desk, px


def found(text: str, account: str = "GROWTH") -> BasketPreview:
    desk = Desk()
    sheet = sheet_of_text("clipboard", text)
    return preview(sheet, desk.state, "alice", EQ, desk.context, account)


def faults(text: str, account: str = "GROWTH") -> list[tuple[int, str, str]]:
    """Return line, column and value of each wrong cell."""
    return [
        (line.number, fault.column, fault.value)
        for line in found(text, account).wrong
        for fault in line.faults
    ]


def test_basket_reads_what_another_system_wrote() -> None:
    basket = found(
        "Ticker;Buy/Sell;Shares;Price;Order type;Validity;Fund;Notes\n"
        "acme;B;1,000;99.5;limit;GTC;income;from the PM\n"
        "BETA;sld;2k;;MKT;;;\n"
        "beta;SS;50;;;;;\n"
    )
    assert not basket.wrong
    first, second, third = basket.terms
    assert (first.symbol, first.side, first.qty, first.limit_px) == (
        "ACME", Side.BUY, 1_000, px("99.5"),
    )  # fmt: skip
    assert (first.order_type, first.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    assert (first.account, first.instructions) == ("INCOME", "from the PM")
    assert (second.side, second.qty, second.order_type) == (Side.SELL, 2_000, OrderType.MARKET)
    assert (second.account, third.side) == ("GROWTH", Side.SELL_SHORT)
    assert {terms.venue for terms in basket.terms} == {DESK}


def test_basket_names_securities_by_any_identifier() -> None:
    isin = Desk().state.instruments["UST10Y"].isin
    assert found(f"isin\tquantity\n{isin}\t5000\n").terms[0].symbol in Desk().state.instruments


def test_negative_quantity_without_a_side_is_a_sale() -> None:
    (terms,) = found("symbol,qty\nACME,-300\n").terms
    assert (terms.side, terms.qty) == (Side.SELL, 300)
    (terms,) = found("symbol,qty\nACME,(300)\n").terms
    assert terms.side is Side.SELL


def test_every_wrong_cell_is_named_and_nothing_is_loaded_by_halves() -> None:
    text = (
        "symbol,side,qty,limit,account,tif,type\n"
        "NONE,hold,many,cheap,NOBODY,now,stop\n"
        "ACME,buy,100,,GROWTH,,\n"
        "ACME,buy,0,,GROWTH,,\n"
        "ACME,buy,-5,,GROWTH,,\n"
        "ACME,buy,10,99,GROWTH,,market\n"
    )
    assert faults(text) == [
        (2, "symbol", "NONE"),
        (2, "qty", "many"),
        (2, "side", "hold"),
        (2, "limit", "cheap"),
        (2, "type", "stop"),
        (2, "tif", "now"),
        (2, "account", "NOBODY"),
        (4, "qty", "0"),
        (5, "side", "buy"),
        (6, "type", "market"),
    ]
    with pytest.raises(BadInput, match="by halves"):
        _ = found(text).terms


def test_desks_own_checks_mark_the_cell_they_are_about() -> None:
    assert faults("symbol,qty,limit\nACME,100,99.999\n") == [(2, "limit", "99.999")]
    assert faults("symbol,qty\nUST10Y,1500\n") == [(2, "qty", "1500")]
    assert faults("symbol,qty\nACME,100\n", account="") == [(2, "account", "")]


def test_soft_breach_is_a_warning_and_can_be_loaded() -> None:
    basket = found("symbol,qty,limit\nACME,600k,100\n")  # 60% of a day's volume
    assert not basket.wrong
    assert "60" in basket.lines[0].warnings
    assert len(basket.terms) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("qty\n5\n", "no column for symbol"),
        ("symbol\nACME\n", "no column for qty"),
        ("symbol,qty\n", "no lines"),
    ],
)
def test_table_that_is_no_basket_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        found(text)


def test_basket_has_a_largest_number_of_lines() -> None:
    rows = "ACME,1\n" * (BASKET_LINES_MAX + 1)
    with pytest.raises(BadInput, match="Split it"):
        found(f"symbol,qty\n{rows}")


def test_columns_that_are_not_known_are_told() -> None:
    assert found("symbol,qty,colour\nACME,5,red\n").ignored == ("colour",)


def test_basket_from_files(tmp_path: Path) -> None:
    csv = tmp_path / "rebalance.csv"
    csv.write_text("symbol,qty\nACME,=2+3\n")
    sheet: Sheet = read_sheet(csv)
    desk = Desk()
    basket = preview(sheet, desk.state, "alice", EQ, desk.context, "GROWTH")
    assert basket.name == "rebalance"
    assert [fault.value for line in basket.wrong for fault in line.faults] == ["=2+3"]
