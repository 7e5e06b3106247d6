"""The columns that a security master may have: how each is headed, read, and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import msgspec

from models.errors import BadInput
from models.identifiers import cusip_fault, figi_fault, isin_fault, sedol_fault
from models.instruments import COUPONS_A_YEAR, AssetClass, DayCount, Instrument, TickBand
from models.money import format_price, parse_price, parse_qty

CLEARED: Final = "-"
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9./-]{0,19}")
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9./ -]{0,19}")
_MIC = re.compile(r"[A-Z0-9]{4}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_BAND = re.compile(r"(?:([^:\s]+)\s*:\s*)?([^:\s]+)")
_NAME_MAX, _SOURCE_MAX = 120, 60
_PENCE: Final = frozenset({"gbp", "gbx"})
_CLASSES: Final = {
    **{each.value.replace("_", " "): each for each in AssetClass},
    **dict.fromkeys(("equity", "stock", "common stock", "ordinary share"), AssetClass.SHARE),
    **dict.fromkeys(("exchange traded fund", "etp"), AssetClass.ETF),
    **dict.fromkeys(("mutual fund", "closed end fund"), AssetClass.FUND),
    **dict.fromkeys(("rights", "subscription right"), AssetClass.RIGHT),
    **dict.fromkeys(("govt", "treasury", "government"), AssetClass.GOVERNMENT_BOND),
    **dict.fromkeys(("corp", "corporate"), AssetClass.CORPORATE_BOND),
}
_FREQUENCIES: Final = {
    "annual": 1, "annually": 1, "semiannual": 2, "semi annual": 2, "semiannually": 2,
    "quarterly": 4, "monthly": 12,
}  # fmt: skip
_DAY_COUNTS: Final = {
    **{each.value: each for each in DayCount if each},
    "ACTUAL/ACTUAL": DayCount.ACT_ACT,
    "30U/360": DayCount.THIRTY_360,
    "ACTUAL/360": DayCount.ACT_360,
    "ACTUAL/365": DayCount.ACT_365,
    "ACT/365F": DayCount.ACT_365,
}
_YES_NO: Final = {
    **dict.fromkeys(("yes", "true", "1", "active", "y"), True),
    **dict.fromkeys(("no", "false", "0", "inactive", "n", "expired", "delisted"), False),
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: `read` raises `BadInput`, `cleared` is what `-` makes of it where it may."""

    field: str
    title: str
    read: Callable[[str], Any]
    show: Callable[[Instrument], str]
    aliases: tuple[str, ...] = ()
    cleared: object = None
    needed: bool = False


def normal(heading: str) -> str:
    """Return a heading, or a word, as it is compared: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", " ", heading.lower()).strip()


# -- reading ---------------------------------------------------------------------------------------


def _code(form: re.Pattern[str], example: str, text: str) -> str:
    code = text.upper()
    if form.fullmatch(code) is None:
        raise BadInput(f"it is not written as {example}")
    return code


def _identifier(fault_of: Callable[[str], str], text: str) -> str:
    code = text.upper().replace(" ", "")
    fault = fault_of(code)
    if fault:
        raise BadInput(fault)
    return code


def _words(longest: int, text: str) -> str:
    if len(text) > longest or not text.isprintable():
        raise BadInput(f"it is longer than {longest} characters, or not in one line")
    return text


def _currency(text: str) -> str:
    """`GBp` is how many write pence: a hundredfold mistake, were it read as GBP."""
    if text.lower() in _PENCE and not text.isupper():
        raise BadInput("it may be pence or pounds: write GBX for pence, GBP for pounds")
    if _CURRENCY.fullmatch(text) is None:
        raise BadInput("it is not three capital letters, such as USD")
    return text


def _one_of(words: Mapping[str, Any], choices: str, text: str) -> Any:
    found = words.get(normal(text))
    if found is None:
        raise BadInput(f"it is none of {choices}")
    return found


def _whole(least: int, text: str) -> int:
    number = parse_qty(text)
    if number < least:
        raise BadInput(f"it is below {least}")
    return number


def _price(text: str) -> int:
    price = parse_price(text)
    if price < 0:
        raise BadInput("it is negative")
    return price


def _ticks(text: str) -> tuple[TickBand, ...]:
    """Read `0.01`, or a table such as `0:0.0001; 1:0.01` (from a price upwards: the tick)."""
    bands: list[TickBand] = []
    for part in re.split(r"[;|]", text):
        found = _BAND.fullmatch(part.strip())
        if found is None or (bands and found[1] is None):
            raise BadInput("it is not written as 0.01, or as 0:0.0001; 1:0.01")
        band = TickBand(parse_price(found[1] or "0"), parse_price(found[2]))
        if band.tick <= 0 or band.from_px < 0:
            raise BadInput(f"it has a tick of {part.strip()}, which is not above 0")
        if band.from_px <= bands[-1].from_px if bands else band.from_px:
            raise BadInput("its prices do not begin at 0 and go upwards")
        bands.append(band)
    return tuple(bands)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput("it is no date; write it as 2034-11-15") from None


def _coupon(text: str) -> int:
    return _price(text.removesuffix("%").strip())


def _frequency(text: str) -> int:
    frequency = _FREQUENCIES.get(normal(text))
    if frequency is None and text.isdecimal():
        frequency = int(text)
    if frequency not in COUPONS_A_YEAR:
        raise BadInput(f"it is none of {', '.join(map(str, COUPONS_A_YEAR))} times a year")
    return frequency


def _day_count(text: str) -> DayCount:
    found = _DAY_COUNTS.get(text.upper().replace(" ", ""))
    if found is None:
        raise BadInput(f"it is none of {', '.join(filter(None, DayCount))}")
    return found


def _tier(text: str) -> int:
    if text not in ("1", "2"):
        raise BadInput("it is not 1 or 2")
    return int(text)


# -- showing ---------------------------------------------------------------------------------------


def exact(price: int) -> str:
    """Return a price with as many decimals as it has."""
    return format_price(price, 9).rstrip("0").rstrip(".").replace(",", "")


def _show_ticks(instrument: Instrument) -> str:
    bands = instrument.ticks
    if len(bands) == 1:
        return exact(bands[0].tick)
    return "; ".join(f"{exact(band.from_px)}:{exact(band.tick)}" for band in bands)


def _text(field: str) -> Callable[[Instrument], str]:
    return lambda instrument: str(getattr(instrument, field))


def _number(field: str) -> Callable[[Instrument], str]:
    return lambda instrument: f"{getattr(instrument, field):,}"


_CLASS_WORDS = ", ".join(each.value for each in AssetClass)

COLUMNS: Final = (
    Column(field="symbol", title="Symbol", read=partial(_code, _SYMBOL, "AAPL"),
           show=_text("symbol"), aliases=("desk symbol", "code")),
    Column(field="ticker", title="Ticker", read=partial(_code, _TICKER, "BRK.B"),
           show=_text("ticker"), aliases=("exchange ticker", "local code", "ticker symbol"),
           cleared=""),
    Column(field="mic", title="MIC", read=partial(_code, _MIC, "XNAS"), show=_text("mic"),
           aliases=("market", "market code", "mic code", "exchange", "exchange mic"), needed=True),
    Column(field="name", title="Name", read=partial(_words, _NAME_MAX), show=_text("name"),
           aliases=("security name", "description", "long name"), needed=True),
    Column(field="asset_class", title="Asset class",
           read=partial(_one_of, _CLASSES, _CLASS_WORDS), show=lambda i: i.asset_class.words,
           aliases=("class", "type", "security type", "instrument type"), needed=True),
    Column(field="isin", title="ISIN", read=partial(_identifier, isin_fault), show=_text("isin"),
           aliases=("isin code",), cleared=""),
    Column(field="sedol", title="SEDOL", read=partial(_identifier, sedol_fault),
           show=_text("sedol"), aliases=("sedol code",), cleared=""),
    Column(field="figi", title="FIGI", read=partial(_identifier, figi_fault), show=_text("figi"),
           aliases=("figi code", "openfigi", "bbgid", "composite figi"), cleared=""),
    Column(field="cusip", title="CUSIP", read=partial(_identifier, cusip_fault),
           show=_text("cusip"), aliases=("cusip code",), cleared=""),
    Column(field="currency", title="Currency", read=_currency, show=_text("currency"),
           aliases=("ccy", "trading currency", "price currency"), needed=True),
    Column(field="lot", title="Lot", read=partial(_whole, 1), show=_number("lot"),
           aliases=("lot size", "round lot", "board lot"), needed=True),
    Column(field="ticks", title="Ticks", read=_ticks, show=_show_ticks,
           aliases=("tick", "tick size", "tick table"), needed=True),
    Column(field="adv", title="ADV", read=partial(_whole, 0), show=_number("adv"),
           aliases=("average daily volume", "avg daily volume", "average volume"), needed=True),
    Column(field="adv_source", title="ADV source", read=partial(_words, _SOURCE_MAX),
           show=_text("adv_source"), aliases=("source of adv", "volume source"), cleared=""),
    Column(field="prev_close", title="Previous close", read=_price,
           show=lambda i: exact(i.prev_close),
           aliases=("prev close", "close", "last close", "closing price", "close price"),
           needed=True),
    Column(field="tier", title="Tier", read=_tier, show=_text("tier"), aliases=("luld tier",)),
    Column(field="issue_date", title="Issue date", read=_day, show=_text("issue_date"),
           aliases=("issued", "dated date"), cleared=""),
    Column(field="maturity", title="Maturity", read=_day, show=_text("maturity"),
           aliases=("maturity date", "matures"), cleared=""),
    Column(field="coupon", title="Coupon", read=_coupon, show=lambda i: exact(i.coupon),
           aliases=("coupon rate", "coupon percent"), cleared=0),
    Column(field="coupon_frequency", title="Coupon frequency", read=_frequency,
           show=_text("coupon_frequency"),
           aliases=("frequency", "coupons a year", "payment frequency"), cleared=0),
    Column(field="day_count", title="Day count", read=_day_count, show=_text("day_count"),
           aliases=("daycount", "day count convention"), cleared=DayCount.UNKNOWN),
    Column(field="active", title="Active", read=partial(_one_of, _YES_NO, "yes, no"),
           show=lambda i: "yes" if i.active else "no", aliases=("status",)),
)  # fmt: skip
BY_HEADING: Final = {
    normal(heading): column
    for column in COLUMNS
    for heading in (column.title, column.field, *column.aliases)
}


def read_columns(file: str, header: tuple[str, ...]) -> tuple[list[Column | None], tuple[str, ...]]:
    """Return the column of each heading, and the headings that none has; raises `BadInput`."""
    found: list[Column | None] = []
    for heading in header:
        column = BY_HEADING.get(normal(heading))
        if column is not None and column in found:
            first = header[found.index(column)]
            raise BadInput(
                f"{file} has {column.title} twice: {first!r} and {heading!r}. Rename one of them."
            )
        found.append(column)
    keys = {"symbol", "ticker", "isin", "sedol", "figi", "cusip"}
    if not any(column is not None and column.field in keys for column in found):
        raise BadInput(
            f"{file} has no column that names a security: {', '.join(header)[:200]}. Its first "
            "line must name columns, among them Symbol or an identifier."
        )
    unused = tuple(head for head, column in zip(header, found, strict=True) if column is None)
    return found, tuple(filter(None, unused))
