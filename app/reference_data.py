"""Reference data from files: the security master, the desk, its rule book, the market's parameters.

Read with bounds, never evaluated; whatever is wrong is named by file, line and field.
"""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app.compliance.rulebook import RULES
from models.calendars import Calendar
from models.commands import (
    SYSTEM,
    AdoptCalendar,
    AdoptCommissions,
    AdoptRuleBook,
    Command,
    EntitleTraders,
    ListInstruments,
    OpenAccounts,
    RestrictSymbol,
    encode_command,
)
from models.commission import CommissionRate, CommissionSchedule
from models.contacts import Broker
from models.errors import BadInput
from models.instruments import AssetClass, Instrument
from models.limits import Limit, RuleBook
from models.money import BPS, MONEY_SCALE
from models.parties import Account, Trader

FILE_MAX = 20_000_000
_INT64 = 2**63
_SECTIONS = frozenset(
    {"desk", "account", "trader", "rule_book", "commission", "restricted", "broker"}
)
_SCRIPT_MAX = 2_000
# How a limit is written in a file, by its rule's unit: what one of it is in the model's unit.
_UNIT_SCALE = {"money": MONEY_SCALE, "bps": BPS // 100, "ns": 1_000_000_000}


def read_instruments(path: Path) -> tuple[Instrument, ...]:
    """Read a security master; raises `BadInput` with file, line and field."""
    from app.securities.preview import preview  # a desktop's start has no use for it
    from app.securities.sheets import read_sheet

    found = preview(read_sheet(path), {})
    for line in found.lines:
        for fault in line.faults:
            raise BadInput(f"{path.name}, line {line.number}: {fault.text}")
    instruments = found.taken(only_good=False, accept_warnings=True)
    if not instruments:
        raise BadInput(f"{path.name} lists no instruments.")
    return instruments


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises `BadInput` with the file and the reason."""
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name} can't be read: {error}.") from None


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_MAX:
            raise BadInput(f"{path.name} is over {FILE_MAX // 10**6} MB; that can't be right.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} can't be read: {error}.") from None


def read_rule_book_file(path: Path) -> RuleBook:
    """Return the rule book in a file such as desk.toml; raises `BadInput`."""
    try:
        return read_rule_book(read_toml(path)["rule_book"])
    except KeyError as error:
        raise BadInput(f"{path} has no {error.args[0]} for a rule book.") from None


def read_rule_book(section: dict[str, Any]) -> RuleBook:
    """Return the rule book in a `[rule_book]` section; rules that it leaves out keep their own."""
    limits = {}
    for name, written in section.get("limits", {}).items():
        rule = RULES.get(name)
        if rule is None:
            raise BadInput(f"Rule {name} is not known; choose among {', '.join(RULES)}.")
        unknown = set(written) - {"soft", "hard", "enabled"}
        if unknown:
            raise BadInput(f"Rule {name}: {', '.join(sorted(unknown))} is not known.")
        limits[name] = Limit(
            soft=_amount(name, written.get("soft"), rule.unit),
            hard=_amount(name, written.get("hard"), rule.unit),
            enabled=bool(written.get("enabled", True)),
        )
    return RuleBook(
        name=section["name"],
        version=section["version"],
        currency=section["currency"],
        fx={code: _rate(code, rate) for code, rate in section["fx"].items()},
        limits={name: rule.default for name, rule in RULES.items()} | limits,
    )


def read_commissions(section: dict[str, Any]) -> CommissionSchedule:
    """Return the schedule in a `[commission]` section; asset classes left out pay nothing."""
    rates = {}
    for name, written in section["rates"].items():
        if name not in {kind.value for kind in AssetClass}:
            raise BadInput(
                f"Commission on {name}: no such asset class; choose among {', '.join(AssetClass)}."
            )
        unknown = set(written) - {"bps", "per_unit", "minimum"}
        if unknown:
            raise BadInput(f"Commission on {name}: {', '.join(sorted(unknown))} is not known.")
        what = f"Commission on {name}"
        rates[name] = CommissionRate(
            centi_bps=_scaled(what, written.get("bps", "0"), 100),
            per_unit=_scaled(what, written.get("per_unit", "0"), MONEY_SCALE),
            minimum=_scaled(what, written.get("minimum", "0"), MONEY_SCALE),
        )
    return CommissionSchedule(
        name=msgspec.convert(section["name"], str),
        effective=as_iso_date("Commission", section["effective"]),
        currency=msgspec.convert(section["currency"], str),
        rates=rates,
    )


def as_iso_date(what: str, written: object) -> str:
    """Return a date in its one form; raises `BadInput`, which names it as `what`."""
    try:
        return date.fromisoformat(str(written)).isoformat()
    except ValueError:
        raise BadInput(f"{what}: {written!r} is no date; write it as 2026-01-01.") from None


def _amount(name: str, written: str | None, unit: str) -> int | None:
    if written is None:
        return None
    if unit not in _UNIT_SCALE:
        raise BadInput(f"Rule {name} has no limits to set.")
    return _scaled(name, written, _UNIT_SCALE[unit])


def _scaled(name: str, written: str, scale: int) -> int:
    try:
        scaled = Decimal(written) * scale
    except (ArithmeticError, ValueError, TypeError):
        raise BadInput(f"{name}: {written!r} is not a number.") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or scaled < 0:
        raise BadInput(f"{name}: {written} is negative or too fine.")
    if scaled >= _INT64:
        raise BadInput(f"{name}: {written} is too large.")
    return int(scaled)


def _rate(currency: str, written: str) -> int:
    rate = _scaled(currency, written, MONEY_SCALE)
    if not rate:
        raise BadInput(f"{currency}: a rate of 0 would let every order in it pass.")
    return rate


def reference_commands(folder: Path) -> list[Command]:
    """Return what a new store is told: idempotent, for their ids are made of their content."""
    desk_file = read_toml(folder / "desk.toml")
    unknown = set(desk_file) - _SECTIONS
    if unknown:
        raise BadInput(f"desk.toml: section {', '.join(sorted(unknown))} is not known.")
    read_brokers(folder / "desk.toml")  # of use on desktops alone, and told here when it is wrong
    instruments = read_instruments(folder / "instruments.csv")
    try:
        desk = msgspec.convert(desk_file["desk"], str)
        commands: list[Command] = [
            ListInstruments(id="", author=SYSTEM, instruments=instruments),
            OpenAccounts(
                id="",
                author=SYSTEM,
                accounts=msgspec.convert(desk_file["account"], tuple[Account, ...]),
            ),
            EntitleTraders(
                id="",
                author=SYSTEM,
                traders=msgspec.convert(
                    [{**trader, "desk": desk} for trader in desk_file["trader"]],
                    tuple[Trader, ...],
                ),
            ),
            AdoptRuleBook(id="", author=SYSTEM, rule_book=read_rule_book(desk_file["rule_book"])),
        ]
        if "commission" in desk_file:
            schedule = read_commissions(desk_file["commission"])
            commands.append(AdoptCommissions(id="", author=SYSTEM, schedule=schedule))
        commands += [
            AdoptCalendar(id="", author=SYSTEM, calendar=calendar)
            for calendar in read_calendars(folder / "calendars.toml")
        ]
        for listed in desk_file.get("restricted", ()):
            entry = msgspec.convert(listed, dict[str, str])
            commands.append(
                RestrictSymbol(id="", author=SYSTEM, symbol=entry["symbol"], note=entry["note"])
            )
    except KeyError as error:
        raise BadInput(f"desk.toml: {error} is missing.") from None
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise BadInput(f"desk.toml: {error}.") from None
    return [_with_id(command) for command in commands]


def read_brokers(path: Path) -> tuple[Broker, ...]:
    """Return whom the desk calls, the `[[broker]]` sections of desk.toml; raises `BadInput`."""
    try:
        brokers = msgspec.convert(
            read_toml(path).get("broker", []), tuple[Broker, ...], strict=True
        )
    except msgspec.ValidationError as error:
        raise BadInput(f"{path.name}: broker: {error}.") from None
    venues: set[str] = set()
    for broker in brokers:
        what = f"{path.name}: the broker of {broker.venue or 'all other venues'}"
        if broker.venue in venues:
            raise BadInput(f"{what} is there twice; take one out.")
        if not broker.name.strip():
            raise BadInput(f"{what} has no name.")
        if sum(each.isdigit() for each in broker.phone) < 3:
            raise BadInput(f"{what} has no telephone: {broker.phone!r}; write +44 20 7946 0000.")
        if len(broker.script) > _SCRIPT_MAX:
            raise BadInput(f"{what}: its script is over {_SCRIPT_MAX:,} characters; shorten it.")
        venues.add(broker.venue)
    return brokers


def read_calendars(path: Path) -> tuple[Calendar, ...]:
    """Read markets' calendars; none where there is no such file. Raises `BadInput`."""
    if not path.exists():
        return ()
    try:
        listed = read_toml(path).get("calendar", [])
        calendars = msgspec.convert(listed, tuple[Calendar, ...])
    except msgspec.ValidationError as error:
        raise BadInput(f"{path.name}: {error}.") from None
    for calendar in calendars:
        fault = calendar.fault()
        if fault:
            raise BadInput(f"{path.name}: the calendar of {calendar.mic or 'a market'} {fault}.")
    return calendars


def _with_id(command: Command) -> Command:
    digest = hashlib.sha256(encode_command(command)).hexdigest()
    return msgspec.structs.replace(command, id=f"reference-{digest[:24]}")
