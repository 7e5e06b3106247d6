"""Reference data files: read whole, or refused by file, line and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import REFERENCE
from app.compliance.rulebook import RULES
from app.core.decide import decide
from app.core.evolve import evolve
from app.market.simulator import MarketParameters
from app.reference_data import (
    read_commissions,
    read_instruments,
    read_rule_book,
    read_toml,
    reference_commands,
)
from app.securities import sheets
from models.commands import SYSTEM, AdoptCommissions
from models.commission import CommissionRate
from models.errors import BadInput
from models.events import CommandFailed
from models.instruments import AssetClass
from models.limits import Limit
from tests.builders import Desk, px

HEADER = "symbol,name,asset_class,isin,currency,mic,lot,tick,adv,prev_close,tier"
GOOD = "AAPL,Apple Inc,share,US0378331005,USD,XNAS,1,0.01,52000000,229.87,1"
DESK_TOML = (REFERENCE / "desk.toml").read_text(encoding="utf-8")


def line(**changes: str) -> str:
    fields = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changes
    return ",".join(fields.values())


def csv_file(path: Path, *lines: str, header: str = HEADER) -> Path:
    file = path / "instruments.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def folder(path: Path, desk_toml: str = DESK_TOML) -> Path:
    csv_file(path, GOOD)
    (path / "desk.toml").write_text(desk_toml, encoding="utf-8")
    return path


# -- instruments ---------------------------------------------------------------------------------


def test_read_instruments_good_line_is_exact(tmp_path: Path) -> None:
    (apple,) = read_instruments(csv_file(tmp_path, GOOD))
    assert (apple.symbol, apple.name, apple.currency, apple.mic) == (
        "AAPL",
        "Apple Inc",
        "USD",
        "XNAS",
    )
    assert (apple.lot, apple.ticks[0].tick, apple.adv) == (1, px("0.01"), 52_000_000)
    assert (apple.prev_close, apple.tier) == (px("229.87"), 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"isin": "US0378331006"},
        {"isin": ""},
        {"asset_class": "future"},
        {"lot": "one"},
        {"lot": "0"},
        {"lot": "-1"},
        {"lot": "1.5"},
        {"tick": "x"},
        {"tick": "0"},
        {"tick": "-0.01"},
        {"tick": "0.0000000001"},
        {"adv": "many"},
        {"adv": "-5"},
        {"prev_close": "NaN"},
        {"prev_close": "-1"},
        {"prev_close": "1e300"},
        {"tier": "0"},
        {"tier": "3"},
        {"tier": "x"},
        {"symbol": ""},
        {"symbol": " "},
        {"currency": ""},
        {"currency": "usd"},
        {"mic": ""},
    ],
    ids=str,
)
def test_read_instruments_bad_field_is_named_by_file_and_line(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    file = csv_file(tmp_path, line(symbol="OK"), line(**changes))
    with pytest.raises(BadInput, match=r"^instruments\.csv, line 3: "):
        read_instruments(file)


def test_read_instruments_short_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^instruments\.csv, line 3: "):
        read_instruments(csv_file(tmp_path, GOOD, "MSFT,Microsoft"))


def test_read_instruments_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"line 2: .*needs MIC, .*ISIN"):
        read_instruments(csv_file(tmp_path, "AAPL,Apple", header="symbol,name"))


def test_read_instruments_line_after_a_blank_one_keeps_its_number(tmp_path: Path) -> None:
    file = csv_file(tmp_path, line(symbol="OK"), "", line(tier="x"))
    with pytest.raises(BadInput, match=r"^instruments\.csv, line 4: "):
        read_instruments(file)


def test_read_instruments_twice_the_same_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"line 2: Symbol 'AAPL': it stands in line 3 too"):
        read_instruments(csv_file(tmp_path, GOOD, line(symbol=" aapl ")))


def test_read_instruments_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lists no instruments"):
        read_instruments(csv_file(tmp_path))


def test_read_instruments_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        read_instruments(tmp_path / "instruments.csv")


def test_read_instruments_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "instruments.csv"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_instruments(file)


def test_read_instruments_oversized_file_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "FILE_MAX", 10)
    with pytest.raises(BadInput, match="at most 0 are read"):
        read_instruments(csv_file(tmp_path, GOOD))


# -- the rule book -------------------------------------------------------------------------------


def section(**limits: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "n",
        "version": 1,
        "currency": "USD",
        "fx": {"USD": "1", "GBX": "0.0125"},
        "limits": limits,
    }


def test_read_rule_book_scales_each_limit_by_its_rules_unit() -> None:
    book = read_rule_book(
        section(
            NOTIONAL={"soft": "1000000.50", "hard": "2000000"},
            ADV={"soft": "10", "hard": "25.5"},
            DUPLICATE={"soft": "2.5"},
            COLLAR={"hard": "5", "enabled": False},
        )
    )
    assert book.limits["NOTIONAL"] == Limit(soft=1_000_000_500_000, hard=2_000_000_000_000)
    assert book.limits["ADV"] == Limit(soft=1_000, hard=2_550)
    assert book.limits["DUPLICATE"].soft == 2_500_000_000
    assert book.limits["COLLAR"] == Limit(hard=500, enabled=False)
    assert book.fx == {"USD": 1_000_000, "GBX": 12_500}


def test_read_rule_book_rules_left_out_keep_their_own_limits() -> None:
    book = read_rule_book(section())
    assert book.limits == {name: rule.default for name, rule in RULES.items()}


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"NONSENSE": {"soft": "1"}}, "Rule NONSENSE is not known"),
        ({"RESTRICTED": {"soft": "1"}}, "Rule RESTRICTED has no limits to set"),
        ({"ADV": {"soft": "ten"}}, "ADV: 'ten' is not a number"),
        ({"ADV": {"soft": "-1"}}, "ADV: -1 is negative or too fine"),
        ({"ADV": {"soft": "0.001"}}, "ADV: 0.001 is negative or too fine"),
        ({"ADV": {"soft": "NaN"}}, "ADV: NaN"),
        ({"ADV": {"soft": "Infinity"}}, "ADV: Infinity"),
        ({"NOTIONAL": {"soft": "1e999999"}}, "NOTIONAL"),
        ({"NOTIONAL": {"sofft": "1"}}, "sofft"),
    ],
)
def test_read_rule_book_bad_limit_is_named(limits: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_rule_book(section(**limits))


@pytest.mark.parametrize("rate", ["0", "-1", "x", "0.0000001"])
def test_read_rule_book_bad_rate_is_refused(rate: str) -> None:
    with pytest.raises(BadInput, match="GBX"):
        read_rule_book(section() | {"fx": {"USD": "1", "GBX": rate}})


# -- commissions ---------------------------------------------------------------------------------


def commissions(**rates: Any) -> dict[str, Any]:
    return {"name": "n", "effective": "2026-01-01", "currency": "USD", "rates": rates}


def test_read_commissions_scales_points_and_money() -> None:
    schedule = read_commissions(
        commissions(share={"per_unit": "0.005", "minimum": "1"}, etf={"bps": "1.25"})
    )
    assert schedule.rates == {
        "share": CommissionRate(per_unit=5_000, minimum=1_000_000),
        "etf": CommissionRate(centi_bps=125),
    }
    assert (schedule.name, schedule.effective, schedule.currency) == ("n", "2026-01-01", "USD")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (commissions(shares={}), "no such asset class"),
        (commissions(share={"per_share": "1"}), "per_share is not known"),
        (commissions(share={"bps": "0.001"}), "negative or too fine"),
        (commissions(share={"minimum": "-1"}), "negative or too fine"),
        (commissions(share={"minimum": "one"}), "'one' is not a number"),
        (commissions() | {"effective": "soon"}, "'soon' is no date"),
    ],
)
def test_read_commissions_mistake_is_named(section: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_commissions(section)


def test_reference_commands_without_commissions_charge_nothing(tmp_path: Path) -> None:
    """A folder that was made before there were any still opens a desk."""
    start = DESK_TOML.index("# What clients pay")
    older = DESK_TOML[:start] + DESK_TOML[DESK_TOML.index("[[restricted]]") :]
    commands = reference_commands(folder(tmp_path, older))
    assert not [command for command in commands if isinstance(command, AdoptCommissions)]


# -- the whole -----------------------------------------------------------------------------------


def test_reference_data_of_the_product_names_all_by_cusip_and_bonds_by_their_terms() -> None:
    listed = read_instruments(REFERENCE / "instruments.csv")
    assert all(each.cusip for each in listed)
    bonds = [each for each in listed if each.asset_class.is_bond]
    assert len(bonds) == 5
    assert all(each.has_bond_terms and each.issue_date for each in bonds)
    assert [each.symbol for each in listed if each.asset_class is AssetClass.FUND] == ["ADX"]


def test_reference_commands_of_the_product_open_a_desk() -> None:
    desk = Desk(open_day=False)
    for command in reference_commands(REFERENCE):
        assert command.author == SYSTEM
        events = decide(desk.state, command, desk.context)
        assert not [event for event in events if isinstance(event, CommandFailed)]
        for event in events:
            evolve(desk.state, event)
    assert len(desk.state.instruments) > 35
    assert desk.state.commissions is not None
    assert set(desk.state.commissions.rates) == {kind.value for kind in AssetClass}
    assert desk.state.restricted == {"GME": "research conflict, since 09:00"}
    for person in desk.state.traders.values():
        assert set(person.accounts) <= set(desk.state.accounts)


def test_reference_commands_have_ids_made_of_their_content(tmp_path: Path) -> None:
    first = reference_commands(folder(tmp_path))
    assert first == reference_commands(tmp_path)
    assert len({command.id for command in first}) == len(first)
    changed = reference_commands(folder(tmp_path, DESK_TOML.replace("Growth Fund", "Big Fund")))
    assert [a.id == b.id for a, b in zip(first, changed, strict=True)].count(False) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('desk = "EQ"', ""),
        ("[[account]]", "[[acount]]"),
        ('role = "desk_head"', 'role = "boss"'),
        ('code = "GROWTH"', "code = 5"),
        ('login = "alice"', ""),
        ('currency = "USD"', ""),
        ("[rule_book.fx]", "[rule_book.fix]"),
        ('effective = "2026-01-01"', "effective = 7"),
        ("[commission.rates.share]", "[commission.rates]\nshare = 5\n[commission.rates.etfs]"),
        ('symbol = "GME"', ""),
        ('note = "research conflict, since 09:00"', "note = 7"),
        ('soft = "3"', "soft = []"),
        ("[rule_book.limits.ADV]", "[rule_book.limits]\nADV = 5\n[rule_book.limits.DUPLICATE2]"),
        ('desk = "EQ"', "desk = ["),
    ],
)
def test_reference_commands_bad_desk_file_is_refused_by_name(
    tmp_path: Path, old: str, new: str
) -> None:
    assert old in DESK_TOML
    with pytest.raises(BadInput):
        reference_commands(folder(tmp_path, DESK_TOML.replace(old, new, 1)))


def test_read_toml_syntax_error_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text("a = [", encoding="utf-8")
    with pytest.raises(BadInput, match=r"^desk\.toml can't be read"):
        read_toml(file)


def test_market_parameters_of_the_product_are_all_known() -> None:
    written = read_toml(REFERENCE / "market.toml")
    assert set(written) <= set(MarketParameters.__struct_fields__)
