"""The blotter as a report: every order as the log has it."""

from __future__ import annotations

from decimal import Decimal

from app.core.desk_state import state_hash
from app.engine.step import Shutdown
from app.reports.blotter import COLUMNS, blotter_table, current_state, orders_table
from tests.builders import Desk, EngineBench, market_limit, px, stop_terms, submit, terms


def busy() -> EngineBench:
    bench = EngineBench().lead()
    bench.market(market_limit(False, px("99.50"), 30))
    bench.ask(submit(), submit(terms(qty=-1)), submit(stop_terms(px("101.25"))))
    return bench


def rows_of(bench: EngineBench) -> list[dict[str, object]]:
    table = blotter_table(bench.store)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_blotter_shows_every_order_in_the_order_it_was_entered() -> None:
    first, second, third = rows_of(busy())
    assert first == {
        "Order": "O-1122-000001",
        "Status": "partially_filled",
        "Created (UTC)": "2024-11-22T13:00:00.000000000Z",
        "Updated (UTC)": "2024-11-22T13:00:00.000000000Z",
        "Side": "BUY",
        "Symbol": "ACME",
        "Qty": 100,
        "Done": 30,
        "Leaves": 70,
        "Type": "LMT",
        "Limit": Decimal(100),
        "Stop": None,
        "TIF": "DAY",
        "Avg px": Decimal("99.5"),
        "Last px": Decimal("99.5"),
        "Arrival px": Decimal(100),
        "Account": "GROWTH",
        "Trader": "alice",
        "Venue": "SIM",
        "Client order id": "O-1122-000001/1",
        "Version": 1,
        "Reason": "",
    }
    assert (second["Status"], second["Leaves"], second["Client order id"]) == ("denied", 0, "")
    assert second["Reason"] == "Quantity -1 is not positive. Enter at least 1 lot."
    assert (third["Type"], third["Limit"], third["Stop"]) == ("STP", None, Decimal("101.25"))


def test_current_state_from_a_snapshot_and_tail_is_the_engines() -> None:
    bench = busy()
    for _ in range(2):
        state, seq = current_state(bench.store)
        assert state_hash(state) == state_hash(bench.core.state)
        assert seq == len(bench.tables.events)
        bench.feed(Shutdown())


def test_report_of_no_orders_has_its_columns() -> None:
    table = orders_table([])
    assert table.columns == tuple(title for title, _ in COLUMNS)
    assert list(table.rows) == []


def test_report_holds_no_float() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=3))
    desk.fill(order, 1, px("99.99"))
    desk.fill(order, 1, px("99.98"))
    cells = orders_table([order]).rows[0]
    assert not [cell for cell in cells if isinstance(cell, float)]
