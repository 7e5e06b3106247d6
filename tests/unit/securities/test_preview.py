"""What a file would do to the security master, line by line, and what a person is asked."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from app.securities.batches import batches
from app.securities.columns import COLUMNS
from app.securities.preview import Line, LineState, Preview, preview
from app.securities.sheets import Row, Sheet
from models.commands import SYSTEM, ListInstruments, encode_command
from models.errors import BadInput
from models.instruments import AssetClass, DayCount, Instrument, TickBand
from tests.builders import Desk, bond, instrument, px

NEW = {
    "Symbol": "VOD", "Name": "Vodafone Group plc", "Asset class": "Share", "ISIN": "GB00BH4HKS39",
    "SEDOL": "BH4HKS3", "Currency": "GBX", "MIC": "XLON", "Lot": "1", "Ticks": "0.01",
    "ADV": "60,000,000", "Previous close": "70.12",
}  # fmt: skip
APPLE = instrument(
    "AAPL", name="Apple Inc", cusip="037833100", sedol="2046251", figi="BBG000B9XRY4", version=3
)
LISTED = {"AAPL": APPLE, "UST10Y": bond(isin="US91282CLW90", version=1)}


def sheet(*lines: Mapping[str, str]) -> Sheet:
    """Return a table with a column for each key of the lines, in their order."""
    header = tuple(dict.fromkeys(key for line in lines for key in line))
    rows = [
        Row(number, tuple(line.get(key, "") for key in header))
        for number, line in enumerate(lines, 2)
    ]
    return Sheet(file="list.csv", header=header, rows=tuple(rows))


def of(*lines: Mapping[str, str], listed: Mapping[str, Instrument] = LISTED) -> Preview:
    return preview(sheet(*lines), listed, {"USD": 1_000_000, "GBX": 12_500})


def only(*lines: Mapping[str, str]) -> Line:
    (line,) = of(*lines).lines
    return line


def why(line: Line) -> str:
    assert line.state is LineState.WRONG, line
    return " ".join(fault.text for fault in line.faults)


# -- the kinds of lines --------------------------------------------------------------------------


def test_line_of_a_name_that_is_not_listed_is_new_and_exact() -> None:
    line = only(NEW)
    assert (line.state, line.number, line.changes, line.warnings) == (LineState.NEW, 2, (), ())
    assert line.instrument == Instrument(
        symbol="VOD",
        name="Vodafone Group plc",
        asset_class=AssetClass.SHARE,
        isin="GB00BH4HKS39",
        sedol="BH4HKS3",
        currency="GBX",
        mic="XLON",
        lot=1,
        ticks=(TickBand(0, px("0.01")),),
        adv=60_000_000,
        prev_close=px("70.12"),
    )


def test_line_that_says_another_value_is_changed_from_old_to_new() -> None:
    line = only({"Symbol": "aapl", "Close": "101.5", "ADV": "2m", "Source of ADV": "20 days"})
    assert line.state is LineState.CHANGED
    assert [(c.title, c.old, c.new) for c in line.changes] == [
        ("ADV", "1,000,000", "2,000,000"),
        ("ADV source", "", "20 days"),
        ("Previous close", "100", "101.5"),
    ]
    assert line.instrument is not None
    assert line.instrument.version == 3  # the one that was seen: a later one refuses the list
    assert line.instrument.cusip == "037833100"  # no column of the file, so it stays


def test_line_that_says_what_is_listed_is_unchanged() -> None:
    line = only({"Symbol": "AAPL", "Name": "Apple Inc", "Prev close": "100.00", "Lot": ""})
    assert line.state is LineState.UNCHANGED


def test_cell_with_a_dash_clears_and_an_empty_one_does_not() -> None:
    line = only({"Symbol": "AAPL", "SEDOL": "-", "FIGI": ""})
    assert [(c.title, c.old, c.new) for c in line.changes] == [("SEDOL", "2046251", "")]


def test_every_column_of_a_bond_can_be_read_back_as_it_is_shown() -> None:
    note = bond(
        isin="US91282CLW90",
        cusip="91282CLW9",
        issue_date="2024-11-15",
        maturity="2034-11-15",
        coupon=px("4.25"),
        coupon_frequency=2,
        day_count=DayCount.ACT_ACT,
        adv_source="20 days",
        ticks=(TickBand(0, px("0.0001")), TickBand(px(1), px("0.01"))),
        active=False,
    )
    shown = {column.title: column.show(note) for column in COLUMNS}
    assert only(shown).symbol == "UST10Y"
    (line,) = of(shown, listed={}).lines
    assert line.instrument == note


@pytest.mark.parametrize(
    ("named_by", "symbol"),
    [
        ({"Ticker": "AAPL", "MIC": "XNAS"}, "AAPL"),
        ({"ISIN": "US0378331005"}, "AAPL"),
        ({"FIGI": "BBG000B9XRY4"}, "AAPL"),
        ({"cusip": "037833100"}, "AAPL"),
        ({"Sedol Code": "2046251"}, "AAPL"),
    ],
    ids=str,
)
def test_line_without_a_symbol_is_known_by_an_identifier(
    named_by: dict[str, str], symbol: str
) -> None:
    line = only({**named_by, "ADV": "5"})
    assert (line.symbol, line.state) == (symbol, LineState.CHANGED)


def test_line_without_a_symbol_becomes_a_new_one_by_its_ticker() -> None:
    line = only({**{k: v for k, v in NEW.items() if k != "Symbol"}, "Ticker": "VOD"})
    assert (line.symbol, line.state) == ("VOD", LineState.NEW)


def test_headings_are_matched_by_alias_in_any_case_and_the_rest_is_named() -> None:
    found = of({"DESK_SYMBOL": "AAPL", "ccy": "USD", "avg. daily volume": "5", "Colour": "red"})
    assert found.unused == ("Colour",)
    assert found.lines[0].state is LineState.CHANGED


def test_file_with_a_column_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="Previous close twice: 'Close' and 'Prev close'"):
        of({"Symbol": "AAPL", "Close": "1", "Prev close": "2"})


def test_file_that_names_no_security_is_refused() -> None:
    with pytest.raises(BadInput, match="no column that names a security: Name, Close"):
        of({"Name": "Apple", "Close": "1"})


# -- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ISIN": "GB00BH4HKS38"}, "ISIN 'GB00BH4HKS38': it ends in 8 where its check digit is 9"),
        ({"SEDOL": "BH4HKS4"}, "check digit is 3"),
        ({"CUSIP": "x"}, "CUSIP 'x': a CUSIP is eight"),
        ({"Asset class": "future"}, "it is none of share, etf"),
        ({"Currency": "GBp"}, "write GBX for pence, GBP for pounds"),
        ({"Currency": "gbp"}, "write GBX for pence, GBP for pounds"),
        ({"Currency": "usd"}, "not three capital letters"),
        ({"MIC": "LSE"}, "not written as XNAS"),
        ({"Lot": "0"}, "it is below 1"),
        ({"Lot": "1.5"}, "too fine"),
        ({"Ticks": "0"}, "not above 0"),
        ({"Ticks": "1:0.01"}, "do not begin at 0 and go upwards"),
        ({"Ticks": "0:0.01; 0:0.02"}, "do not begin at 0 and go upwards"),
        ({"Ticks": "0.01; 0.05"}, "not written as 0.01, or as"),
        ({"ADV": "=A1*2"}, "ADV '=A1*2': Quantity '=a1*2' is not a number"),
        ({"ADV": "many"}, "ADV 'many': Quantity 'many' is not a number"),
        ({"Previous close": "-1"}, "it is negative"),
        ({"Previous close": ""}, "VOD is not listed, and a new line needs Previous close too"),
        ({"Tier": "3"}, "it is not 1 or 2"),
        ({"Maturity": "11/15/2034"}, "it is no date; write it as 2034-11-15"),
        ({"Coupon frequency": "3"}, "none of 1, 2, 4, 12 times a year"),
        ({"Day count": "30/365"}, "none of ACT/ACT, 30/360"),
        ({"Active": "perhaps"}, "none of yes, no"),
        ({"Symbol": "=VOD"}, "Symbol '=VOD': it is not written as AAPL"),
        ({"Name": "a\tb"}, "not in one line"),
        ({"ISIN": "", "SEDOL": ""}, "needs an identifier (ISIN, SEDOL, FIGI, CUSIP) too"),
        ({"Maturity": "2034-11-15"}, "has a bond's terms and is a share"),
        ({"CUSIP": "037833100", "ISIN": "US5949181045"}, "one is wrong"),
    ],
    ids=str,
)
def test_cell_that_cannot_be_taken_is_named_with_the_reason(
    changes: dict[str, str], words: str
) -> None:
    assert words in why(only({**NEW, **changes}))


def test_line_with_several_mistakes_names_them_all() -> None:
    line = only({**NEW, "Lot": "x", "ADV": "x", "Tier": "x"})
    assert [fault.title for fault in line.faults] == ["Lot", "ADV", "Tier"]


def test_line_with_more_cells_than_headings_is_wrong() -> None:
    table = Sheet(file="f", header=("Symbol", "Name"), rows=(Row(2, ("AAPL", "Apple", "Inc")),))
    assert "more cells than the 2 headings" in why(preview(table, LISTED).lines[0])


def test_text_like_a_formula_in_a_name_is_taken_as_the_text() -> None:
    line = only({**NEW, "Name": "=cmd|'/c calc'!A1"})
    assert line.instrument is not None
    assert line.instrument.name == "=cmd|'/c calc'!A1"


@pytest.mark.parametrize(
    ("other", "title"),
    [
        ({"Symbol": "VOD"}, "Symbol"),
        ({"ISIN": "GB00BH4HKS39"}, "ISIN"),
        ({"SEDOL": "BH4HKS3"}, "SEDOL"),
        ({"Ticker": "VOD"}, "Ticker and MIC"),
    ],
    ids=str,
)
def test_lines_that_share_an_identifier_are_both_wrong(other: dict[str, str], title: str) -> None:
    second = {**NEW, "Symbol": "BP", "ISIN": "GB0007980591", "SEDOL": "0798059", **other}
    found = of(NEW, second)
    assert [line.state for line in found.lines] == [LineState.WRONG] * 2
    assert f"{title} " in why(found.lines[0])
    assert "in line 3 too" in why(found.lines[0])
    assert "in line 2 too" in why(found.lines[1])


def test_one_issue_at_two_markets_is_no_duplicate() -> None:
    """An ISIN names the issue; SEDOL, FIGI and ticker with MIC name the listing."""
    abroad = {**NEW, "Symbol": "VOD.DE", "SEDOL": "", "Currency": "USD", "MIC": "XETR"}
    assert [line.state for line in of(NEW, abroad).lines] == [LineState.NEW] * 2


def test_identifier_of_another_listed_name_is_wrong() -> None:
    line = only({**NEW, "FIGI": "BBG000B9XRY4"})
    assert "FIGI 'BBG000B9XRY4': it is AAPL's already" in why(line)


# -- what is asked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("close", "is_warned"), [("150", False), ("150.01", True), ("50", False), ("49.99", True)]
)
def test_previous_close_that_moves_over_half_is_a_warning(close: str, is_warned: bool) -> None:
    line = only({"Symbol": "AAPL", "Previous close": close})
    assert line.state is LineState.CHANGED
    assert bool(line.warnings) is is_warned


def test_pounds_that_become_pence_are_a_warning_of_both_kinds() -> None:
    in_pounds = instrument("VOD", currency="GBP", prev_close=px("0.70"))
    (line,) = of({"Symbol": "VOD", "Currency": "GBX", "Close": "70"},
                 listed={"VOD": in_pounds}).lines  # fmt: skip
    assert "from GBP to GBX: are its prices in the new one?" in line.warnings[0]
    assert "from 0.7 to 70, up 9,900%" in line.warnings[1]


def test_currency_without_a_rate_is_a_warning() -> None:
    (warning,) = only({**NEW, "Currency": "CHF"}).warnings
    assert "VOD is in CHF, for which the rule book has no rate" in warning


WRONG = {**NEW, "Symbol": "BP", "ISIN": "GB0007980591", "SEDOL": "0798059", "Lot": "x"}
MOVED = {"Symbol": "AAPL", "Previous close": "1"}


def test_nothing_is_taken_while_a_line_is_wrong_unless_only_the_good_are_wanted() -> None:
    found = of(NEW, WRONG)
    with pytest.raises(BadInput, match="1 of 2 lines is wrong") as caught:
        found.taken(only_good=False, accept_warnings=True)
    assert "the first is line 3: Lot 'x'" in str(caught.value)
    assert [each.symbol for each in found.taken(only_good=True, accept_warnings=False)] == ["VOD"]


def test_nothing_is_taken_while_a_warning_is_not_accepted() -> None:
    found = of(NEW, MOVED)
    assert found.warned == 1
    with pytest.raises(BadInput, match=r"has a warning, the first is line 3: AAPL's"):
        found.taken(only_good=True, accept_warnings=False)
    taken = found.taken(only_good=False, accept_warnings=True)
    assert [each.symbol for each in taken] == ["VOD", "AAPL"]


def test_totals_count_every_kind() -> None:
    found = of(NEW, WRONG, MOVED, {"Symbol": "UST10Y"})
    assert found.totals == dict.fromkeys(LineState, 1)


def test_what_is_taken_is_listed_by_the_desk_and_a_second_preview_is_unchanged() -> None:
    desk = Desk()
    found = preview(sheet(NEW), desk.state.instruments)
    taken = found.taken(only_good=False, accept_warnings=False)
    desk.run(ListInstruments(id="x", author="olga", instruments=taken))
    again = preview(sheet(NEW), desk.state.instruments)
    assert again.lines[0].state is LineState.UNCHANGED
    assert desk.state.instruments["VOD"].version == 1


# -- batches -------------------------------------------------------------------------------------


def test_batches_hold_all_in_order_and_each_fits_its_command() -> None:
    names = [instrument(f"N{at}", name="é" * 100) for at in range(500)]
    found = list(batches(names, 20_000))
    assert len(found) > 3
    assert [each for batch in found for each in batch] == names
    for batch in found:
        command = ListInstruments(id="x" * 36, author="olga", desk="EQ", instruments=batch)
        assert len(encode_command(command)) <= 20_000


def test_batches_of_nothing_are_none() -> None:
    assert list(batches([], 20_000)) == []


def test_columns_are_fields_of_an_instrument_each_once() -> None:
    fields = [column.field for column in COLUMNS]
    assert sorted([*fields, "version"]) == sorted(
        field.name for field in msgspec.structs.fields(Instrument)
    )
    assert SYSTEM not in fields
