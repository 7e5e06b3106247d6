"""Packs, pages and notices: what is in them, whole or not at all, and no formula in any."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import resources
from app.bootstrap import REFERENCE
from app.continuity.notices import PREPARED, fields_of, notices
from app.continuity.outage import Outage, open_orders
from app.continuity.pack import KEPT, Source, write_pack
from app.continuity.page import page
from app.continuity.tables import as_one_table, orders_table, report
from app.continuity.templates import call_script, fill, read_templates
from app.reference_data import read_brokers
from app.reports.render import Table
from models.contacts import Broker, broker_of
from models.errors import BadInput
from tests.builders import DESK, NOW, SECOND, Desk, px, terms

ZONE = ZoneInfo("America/New_York")
SIM = Broker(
    venue="SIM", name="Exchange", phone="+1 212 555 0143", script="Order $order_id, $leaves"
)
REST = Broker(venue="", name="Harbour", phone="+1 212 555 0188")
NOTICES = resources.path("templates", "notices")


def source(desk: Desk) -> Source:
    return Source(desk.state, DESK, desk.ts, (SIM,), {"desk": "Work by telephone"}, ZONE)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_pack_holds_open_orders_with_whom_to_call(tmp_path: Path) -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100, limit_px=px("99.50")))
    desk.fill(order, 40, px("99.50"))
    made = write_pack(tmp_path, source(desk), NOW, None)
    (row,) = rows(made.folder / "open-orders.csv")
    assert (row["Order"], row["Done"], row["Leaves"], row["Limit"]) == (
        order.order_id, "40", "60", "99.5",
    )  # fmt: skip
    assert (row["Call"], row["Phone"]) == ("Exchange", "'+1 212 555 0143")  # no formula
    assert rows(made.folder / "positions.csv")[0]["Qty"] == "40"
    assert made.orders == 1
    assert (made.folder / "notice-desk.txt").read_text(encoding="utf-8") == "Work by telephone"
    assert "pack.pdf" not in made.files
    html = (made.folder / "pack.html").read_text(encoding="utf-8")
    assert order.order_id in html
    assert "Exchange" in html


def test_pack_that_fails_leaves_nothing_behind_and_keeps_the_last(tmp_path: Path) -> None:
    first = write_pack(tmp_path, source(Desk()), NOW, None)

    def broken(html: str, path: Path) -> None:
        raise BadInput("No paper.")

    def full(html: str, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match=r"can't be written to .*: No space left"):
        write_pack(tmp_path, source(Desk()), NOW + SECOND, full)
    with pytest.raises(BadInput, match="No paper"):
        write_pack(tmp_path, source(Desk()), NOW + SECOND, broken)
    assert (tmp_path / "LATEST").read_text(encoding="utf-8").strip() == first.folder.name
    assert [each.name for each in tmp_path.glob("pack-*")] == [first.folder.name]


def test_last_packs_are_kept_and_the_newest_is_named(tmp_path: Path) -> None:
    for at in range(KEPT + 3):
        newest = write_pack(tmp_path, source(Desk()), NOW + at * SECOND, None)
    kept = sorted(each.name for each in tmp_path.glob("pack-*"))
    assert len(kept) == KEPT
    assert kept[-1] == newest.folder.name
    assert (tmp_path / "LATEST").read_text(encoding="utf-8").strip() == newest.folder.name
    assert not list(tmp_path.glob(".writing-*"))


def test_page_escapes_every_text_and_says_what_is_empty() -> None:
    table = Table("T & <b>", ("<i>",), [("<script>",), (1_234,), (Decimal("1.50"),), (None,)])
    html = page("<x>", {"<k>": "<v>"}, [table, Table("None of it", ("A",), [])])
    for raw in ("<script>", "<x>", "<k>", "<v>", "<i>"):
        assert raw not in html
    assert "1,234" in html
    assert "<p>None.</p>" in html


def test_page_writes_a_time_with_its_zone() -> None:
    at = datetime(2026, 11, 27, 19, 3, 22, tzinfo=UTC).astimezone(ZONE)
    assert "2026-11-27 14:03:22 EST" in page("x", {}, [Table("T", ("At",), [(at,)])])


def test_templates_that_ship_fill_with_and_without_an_outage() -> None:
    texts = read_templates(NOTICES)
    assert set(texts) == {"clients", "desk", "counterparties", "regulator"}
    desk = Desk()
    desk.accepted(terms())
    outage = Outage(
        desk=DESK, started_ts=NOW, known_ts=NOW, reason="", orders=open_orders(desk.state, DESK)
    )
    filled = notices(texts, fields_of(outage, DESK, "alice", "store", NOW, ZONE))
    assert "We\nhold" not in filled["clients"]
    assert "hold 1 open orders" in filled["clients"]
    assert "State as of this notice: not available" in filled["regulator"]
    outage.ended_ts = NOW + SECOND
    again = notices(texts, fields_of(outage, DESK, "alice", "store", NOW, ZONE))
    assert "answering since" in again["regulator"]
    prepared = notices(texts, fields_of(None, DESK, "alice", "", NOW, ZONE))
    assert all(PREPARED in text for text in prepared.values())
    assert not any("$" in text for text in (*filled.values(), *prepared.values()))


def test_notice_with_an_unknown_field_says_which_there_are() -> None:
    said = notices({"clients": "Dear $client"}, {"desk": "EQ"})["clients"]
    assert said == "The notice clients: $client is not known; choose among $desk."
    with pytest.raises(BadInput, match=r"write \$\$ for the sign"):
        fill("10 $ a share", {}, "The script")


def test_script_is_filled_from_the_order_and_the_broker_of_its_venue() -> None:
    desk = Desk()
    order = desk.accepted(terms(qty=100, limit_px=px(100)))
    instrument = desk.state.instruments["ACME"]
    assert broker_of("SIM", (REST, SIM)) is SIM
    assert broker_of("XNYS", (REST, SIM)) is REST
    assert broker_of("XNYS", (SIM,)) is None
    assert call_script(order, SIM, instrument, "alice") == f"Order {order.cl_ord_id}, 100"
    assert order.cl_ord_id in call_script(order, None, instrument, "alice")
    wrong = Broker(venue="", name="Harbour", phone="123", script="$colour")
    assert "$colour is not known" in call_script(order, wrong, instrument, "alice")


def test_report_has_times_of_everything_and_goes_into_one_sheet() -> None:
    outage = Outage(desk=DESK, started_ts=NOW, known_ts=NOW - SECOND, reason="gone", orders={})
    outage.note(NOW + SECOND, "alice", "called Harbour")
    facts, tables = report(outage, [], ZONE)
    assert facts["Began"] == "2026-11-24 08:00:00 EST" or facts["Began"].endswith(" EST")
    assert facts["Store back"] == "not yet"
    one = as_one_table("Outage", facts, tables)
    assert {len(row) for row in one.rows} == {len(one.columns)}
    assert any("called Harbour" in row for row in one.rows)


def test_orders_without_a_broker_have_empty_contacts() -> None:
    desk = Desk()
    order = desk.accepted(terms())
    (row,) = orders_table([order], (), ZONE).rows
    assert tuple(row[-2:]) == (None, None)


def test_brokers_that_ship_are_read_and_bad_ones_are_refused(tmp_path: Path) -> None:
    assert {each.venue for each in read_brokers(REFERENCE / "desk.toml")} == {"SIM", ""}
    good = '[[broker]]\nvenue = "SIM"\nname = "X"\nphone = "+1 212 555"\n'
    for text, reason in (
        (good + good, "broker of SIM is there twice"),
        (good.replace('"X"', '" "'), "broker of SIM has no name"),
        (good.replace("+1 212 555", "ask"), "has no telephone: 'ask'"),
        (good.replace("venue", "place"), "broker: "),
        (good + f'script = "{"x" * 2_001}"\n', "over 2,000 characters"),
    ):
        file = tmp_path / "desk.toml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match=reason):
            read_brokers(file)
