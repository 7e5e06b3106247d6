"""What the simulated market is told: how lively each name is, and when its feed fails.

Every value is checked when the file is read: what is wrong is named by file, section and field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from app.reference_data import read_toml
from models.errors import BadInput
from models.instruments import AssetClass, Instrument


class NameParameters(msgspec.Struct, frozen=True, kw_only=True):
    """How one name behaves. Shares are of 1; moves are standard deviations.

    `activity`: share of steps in which something happens, over the day; `trade_share`: share of
    those that trade; `levels`: prices quoted a side; `half_spread_ticks`: from fair price to best
    quote while all is calm; `size_of_adv`: how many usual orders make up the average daily volume;
    `daily_move_bps`: how far it moves in a session; `drift_bps`: how far from its start it is let;
    `market_share`, `sector_share`: how much of its variance is the market's, and its sector's;
    `clustering`: share of what happens that earlier events have set off, within `memory_s`;
    `news_per_day`: surprises in a session; `news_move_bps`: how far one moves the price at least.
    """

    activity: float = 0.35
    trade_share: float = 0.45
    levels: int = 6
    half_spread_ticks: float = 0.8
    size_of_adv: int = 12_000
    drift_bps: int = 150
    daily_move_bps: int = 110
    market_share: float = 0.3
    sector_share: float = 0.25
    clustering: float = 0.6
    memory_s: int = 30
    news_per_day: float = 0.3
    news_move_bps: int = 60


class FeedOutage(msgspec.Struct, frozen=True, kw_only=True):
    """For training: the feed is silent `for_s` seconds, `after_s` seconds after the market began.

    The venue trades on meanwhile; what happened is seen when the feed is back.
    """

    after_s: int
    for_s: int


class TradingHalt(msgspec.Struct, frozen=True, kw_only=True):
    """For training: trading in `symbol` is halted `after_s` seconds after the market began.

    It lasts `for_s` seconds, and ends with an auction.
    """

    symbol: str
    after_s: int
    for_s: int


class MarketDay(msgspec.Struct, frozen=True, kw_only=True):
    """How long each phase of a venue's day lasts, in seconds, and how far a trade may go.

    Without `volatility_bps` no price begins a volatility auction; `random_end_s` is by how much a
    call may end later than it should.
    """

    pre_open_s: int
    continuous_s: int
    closing_s: int
    volatility_s: int = 120
    resumption_s: int = 120
    random_end_s: int = 0
    volatility_bps: int = 0


class MarketParameters(NameParameters, frozen=True, kw_only=True):
    """How the whole market behaves: for every name, then for asset classes, then for single names.

    `asset_class` and `name` override fields of `NameParameters`; `sectors` lists which names move
    together (others go with their asset class); `past_min`: how many minutes of bars a name has
    behind it when it first opens; `outages`: when the feed fails; `halts`: when a name is halted.
    `market_day` names the one of `days` that is held, empty for trading all the time.
    """

    past_min: int = 0
    sectors: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    asset_class: Mapping[str, Mapping[str, float]] = msgspec.field(default_factory=dict)
    name: Mapping[str, Mapping[str, float]] = msgspec.field(default_factory=dict)
    outages: tuple[FeedOutage, ...] = ()
    halts: tuple[TradingHalt, ...] = ()
    market_day: str = ""
    days: Mapping[str, MarketDay] = msgspec.field(default_factory=dict)

    def of(self, instrument: Instrument) -> NameParameters:
        """Return what holds for `instrument`."""
        own = {field: getattr(self, field) for field in NameParameters.__struct_fields__}
        own |= self.asset_class.get(instrument.asset_class.value, {})
        own |= self.name.get(instrument.symbol, {})
        return NameParameters(**own)

    def sector_of(self, instrument: Instrument) -> str:
        """Return what `instrument` moves with beside the market."""
        for sector, symbols in self.sectors.items():
            if instrument.symbol in symbols:
                return sector
        return instrument.asset_class.value

    def day(self, name: str = "") -> MarketDay | None:
        """Return the day called `name` (empty: the file's own choice), `None` for none at all.

        Raises `BadInput` for a name that the file does not have.
        """
        name = name or self.market_day or CONTINUOUS
        if name != CONTINUOUS and name not in self.days:
            known = ", ".join((CONTINUOUS, *self.days))
            raise BadInput(f"Market day {name} is not known; choose among {known}.")
        return self.days.get(name)


_WHOLE: Final = frozenset(
    {"levels", "size_of_adv", "drift_bps", "daily_move_bps", "memory_s", "news_move_bps"}
)
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "activity": (0, 1),
    "trade_share": (0, 1),
    "levels": (1, 20),
    "half_spread_ticks": (0.5, 1_000),
    "size_of_adv": (1, 10_000_000),
    "drift_bps": (1, 5_000),
    "daily_move_bps": (1, 5_000),
    "market_share": (0, 1),
    "sector_share": (0, 1),
    "clustering": (0, 0.9),
    "memory_s": (1, 3_600),
    "news_per_day": (0, 1_000),
    "news_move_bps": (0, 2_000),
}
CONTINUOUS: Final = "continuous"
_DAY_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "pre_open_s": (0, 24 * 3_600),
    "continuous_s": (1, 24 * 3_600),
    "closing_s": (0, 24 * 3_600),
    "volatility_s": (1, 3_600),
    "resumption_s": (1, 3_600),
    "random_end_s": (0, 600),
    "volatility_bps": (0, 5_000),
}
_DAY_NEEDS: Final = ("pre_open_s", "continuous_s", "closing_s")
_PAST_MIN_MAX: Final = 24 * 60
_OUTAGES_MAX: Final = 100
_LISTS: Final = {"outage": "outages", "halt": "halts"}
_DAY_S: Final = 24 * 3_600


def read_market(path: Path) -> MarketParameters:
    """Read a market's parameters; raises `BadInput` with file, section and field."""
    written, where = read_toml(path), path.name
    known = [each for each in MarketParameters.__struct_fields__ if each not in _LISTS.values()]
    for key in written:
        if key not in known and key not in _LISTS:
            raise BadInput(
                f"{where}: {key} is not known; choose among {', '.join((*known, *_LISTS))}."
            )
    base = {key: value for key, value in written.items() if key in _BOUNDS}
    classes, names = _section(written, "asset_class", where), _section(written, "name", where)
    for kind in classes:
        if kind not in {each.value for each in AssetClass}:
            raise BadInput(
                f"{where}: asset class {kind} is not known; choose among {', '.join(AssetClass)}."
            )
    _check(where, "", base, {})
    for section, lines in (("asset_class", classes), ("name", names)):
        for key, line in lines.items():
            _check(where, f"{section}.{key}.", line, base)
    market = MarketParameters(
        **base,
        past_min=_whole(where, "past_min", written.get("past_min", 0), 0, _PAST_MIN_MAX),
        sectors=_sectors(where, _section(written, "sectors", where)),
        asset_class=classes,
        name=names,
        outages=_outages(where, written.get("outage", [])),
        halts=_halts(where, written.get("halt", [])),
        market_day=str(written.get("market_day", "")),
        days=_days(where, _section(written, "days", where)),
    )
    try:
        market.day()
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    return market


def _section(written: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    section = written.get(name, {})
    if not isinstance(section, dict):
        raise BadInput(f"{where}: {name} has to be a section; write [{name}].")
    return section


def _check(where: str, section: str, line: Any, base: Mapping[str, Any]) -> None:
    """Refuse a field that is not known, no number, out of its bounds, or at odds with another."""
    if not isinstance(line, dict):
        raise BadInput(f"{where}: {section[:-1]} has to be a section; write [{section[:-1]}].")
    for field, value in line.items():
        if field not in _BOUNDS:
            raise BadInput(
                f"{where}: {section}{field} is not known; choose among {', '.join(_BOUNDS)}."
            )
        low, high = _BOUNDS[field]
        if field in _WHOLE:
            _whole(where, section + field, value, int(low), int(high))
        elif type(value) not in (int, float) or not low <= value <= high:
            raise BadInput(
                f"{where}: {section}{field} is {value!r}; it has to be from {low} to {high}."
            )
    both = NameParameters(**{**base, **line})
    if both.market_share + both.sector_share > 1:
        raise BadInput(
            f"{where}: {section}market_share {both.market_share} and sector_share "
            f"{both.sector_share} are more than 1 together; lower one."
        )


def _whole(where: str, field: str, value: object, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise BadInput(
            f"{where}: {field} is {value!r}; it has to be a whole number from {low} to {high:,}."
        )
    return value


def _sectors(where: str, section: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    sector_of: dict[str, str] = {}
    for sector, symbols in section.items():
        if not isinstance(symbols, list) or not all(isinstance(each, str) for each in symbols):
            raise BadInput(f'{where}: sectors.{sector} has to list symbols; write ["AAPL"].')
        for symbol in symbols:
            if symbol in sector_of:
                raise BadInput(
                    f"{where}: {symbol} is in sectors.{sector_of[symbol]} and in "
                    f"sectors.{sector}; take it out of one."
                )
            sector_of[symbol] = sector
    return {sector: tuple(symbols) for sector, symbols in section.items()}


def _outages(where: str, lines: Any) -> tuple[FeedOutage, ...]:
    return tuple(
        FeedOutage(**_span(where, f"outage {number}", line))
        for number, line in _numbered(where, "outage", lines, ("after_s", "for_s"))
    )


def _halts(where: str, lines: Any) -> tuple[TradingHalt, ...]:
    found = []
    for number, line in _numbered(where, "halt", lines, ("symbol", "after_s", "for_s")):
        symbol = line["symbol"]
        if not isinstance(symbol, str) or not symbol:
            raise BadInput(f"{where}: halt {number} symbol is {symbol!r}; write a listed symbol.")
        found.append(TradingHalt(symbol=symbol, **_span(where, f"halt {number}", line)))
    return tuple(found)


def _numbered(
    where: str, name: str, lines: Any, fields: tuple[str, ...]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the lines of a list of sections, counted from 1, that give `fields` and no more."""
    if not isinstance(lines, list) or len(lines) > _OUTAGES_MAX:
        raise BadInput(f"{where}: {name}s are written as [[{name}]], at most {_OUTAGES_MAX}.")
    for number, line in enumerate(lines, 1):
        if not isinstance(line, dict) or line.keys() != set(fields):
            *first, last = fields
            raise BadInput(
                f"{where}: {name} {number} has to give {', '.join(first)} and {last}, no more."
            )
        yield number, line


def _span(where: str, what: str, line: Mapping[str, Any]) -> dict[str, int]:
    return {
        "after_s": _whole(where, f"{what} after_s", line["after_s"], 0, _DAY_S),
        "for_s": _whole(where, f"{what} for_s", line["for_s"], 1, _DAY_S),
    }


def _days(where: str, sections: Mapping[str, Any]) -> dict[str, MarketDay]:
    found = {}
    for name, line in sections.items():
        if not isinstance(line, dict) or name == CONTINUOUS:
            raise BadInput(f"{where}: days.{name} can't be; write [days.short], or another name.")
        for field in line:
            if field not in _DAY_BOUNDS:
                raise BadInput(
                    f"{where}: days.{name}.{field} is not known; choose among "
                    f"{', '.join(_DAY_BOUNDS)}."
                )
        missing = [field for field in _DAY_NEEDS if field not in line]
        if missing:
            raise BadInput(f"{where}: days.{name} lacks {', '.join(missing)}.")
        found[name] = MarketDay(
            **{
                field: _whole(where, f"days.{name}.{field}", value, *_DAY_BOUNDS[field])
                for field, value in line.items()
            }
        )
    return found
