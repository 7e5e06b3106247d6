"""How a venue's volume spreads over the day, read from `volume_curves.toml`.

The simulated market follows it; so may whoever slices an order over the day.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from models.errors import BadInput

BUCKET_S = 300
BUCKETS = 24 * 3_600 // BUCKET_S
CURVES = Path(__file__).parents[1] / "resources" / "reference" / "volume_curves.toml"
_FILE_MAX = 1_000_000
_WEIGHT_MAX = 1_000_000
_NS = 1_000_000_000
_HOURS = frozenset({"timezone", "open", "close", "curve"})


class VenueHours(msgspec.Struct, frozen=True, kw_only=True):
    """When a venue trades, and how much of its volume falls into each five minutes of its day.

    `weights` counts from midnight in `timezone`, `BUCKETS` of them, 0 where the venue is closed;
    only their ratios mean something. `open_bucket` to before `close_bucket` is the session.
    """

    timezone: str
    open_bucket: int
    close_bucket: int
    weights: tuple[int, ...]

    def bucket_at(self, ts: int) -> int:
        """Return the place in `weights` of a time in nanoseconds UTC."""
        at = datetime.fromtimestamp(ts // _NS, ZoneInfo(self.timezone))
        return (at.hour * 3_600 + at.minute * 60 + at.second) // BUCKET_S


_EVEN = VenueHours(timezone="UTC", open_bucket=0, close_bucket=BUCKETS, weights=(1,) * BUCKETS)


def volume_curve(mic: str) -> tuple[int, ...]:
    """Return the weights of the venue's day in steps of five minutes; see `VenueHours.weights`."""
    return venue_hours(mic).weights


def venue_hours(mic: str) -> VenueHours:
    """Return the hours of a venue; one that is not listed trades evenly, day and night."""
    return _shipped().get(mic, _EVEN)


@cache
def _shipped() -> dict[str, VenueHours]:
    return read_volume_curves(CURVES)


def read_volume_curves(path: Path) -> dict[str, VenueHours]:
    """Read the hours of venues by MIC; raises `BadInput` with file, section and reason."""
    try:
        if path.stat().st_size > _FILE_MAX:
            raise BadInput(f"{path.name} is over {_FILE_MAX // 10**6} MB; that can't be right.")
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}.") from None
    unknown = written.keys() - {"hours", "curve"}
    if unknown:
        raise BadInput(f"{path.name}: section {', '.join(sorted(unknown))} is not known.")
    hours, curves = written.get("hours", {}), written.get("curve", {})
    if not isinstance(hours, dict) or not isinstance(curves, dict):
        raise BadInput(f"{path.name}: hours and curve have to be sections, as in [hours.XNAS].")
    return {mic: _hours(f"{path.name}, hours.{mic}", line, curves) for mic, line in hours.items()}


def _hours(where: str, line: Any, curves: dict[str, Any]) -> VenueHours:
    if not isinstance(line, dict) or line.keys() != _HOURS:
        raise BadInput(f"{where} has to give {', '.join(sorted(_HOURS))}, and nothing else.")
    try:
        ZoneInfo(str(line["timezone"]))
    except (KeyError, ValueError, OSError):
        raise BadInput(
            f"{where}: time zone {line['timezone']!r} is not known; write Europe/London."
        ) from None
    start, end = _bucket(where, line["open"]), _bucket(where, line["close"])
    if start >= end:
        raise BadInput(f"{where} opens at {line['open']}, not before it closes, {line['close']}.")
    weights = curves.get(line["curve"]) if isinstance(line["curve"], str) else None
    if not isinstance(weights, list):
        raise BadInput(
            f"{where}: curve {line['curve']!r} is not there; choose among {', '.join(curves)}."
        )
    if len(weights) != end - start:
        raise BadInput(
            f"{where}: curve {line['curve']} has {len(weights)} weights; from {line['open']} to "
            f"{line['close']} there are {end - start} times five minutes."
        )
    for weight in weights:
        if type(weight) is not int or not 0 < weight <= _WEIGHT_MAX:
            raise BadInput(
                f"{where}: {weight!r} in curve {line['curve']} is not a whole number from 1 to "
                f"{_WEIGHT_MAX:,}."
            )
    return VenueHours(
        timezone=line["timezone"],
        open_bucket=start,
        close_bucket=end,
        weights=(*(0,) * start, *weights, *(0,) * (BUCKETS - end)),
    )


def _bucket(where: str, written: object) -> int:
    try:
        at = time.fromisoformat(str(written))
    except ValueError:
        raise BadInput(f"{where}: {written!r} is no time of day; write it as 09:30.") from None
    seconds = at.hour * 3_600 + at.minute * 60 + at.second
    if at.tzinfo is not None or at.microsecond or seconds % BUCKET_S:
        raise BadInput(f"{where}: {written} is not on five minutes; write it as 09:30.")
    return seconds // BUCKET_S
