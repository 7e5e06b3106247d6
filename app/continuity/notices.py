"""The notices of an outage: which fields their texts may name, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from app.continuity.outage import Outage
from app.continuity.tables import clock
from app.continuity.templates import fill
from models.errors import BadInput

PREPARED = "(fill in when it is sent)"


def fields_of(
    outage: Outage | None, desk: str, person: str, down: str, now_ts: int, zone: ZoneInfo
) -> dict[str, str]:
    """Return the fields of a notice; without an outage what it would name stands open."""
    if outage is None:
        since = known = orders = state = PREPARED
    else:
        since, known = clock(outage.started_ts, zone), clock(outage.known_ts, zone)
        orders, state = f"{len(outage.orders):,}", "not available"
        if outage.ended_ts:
            state = f"answering since {clock(outage.ended_ts, zone)}, orders are being checked"
        if outage.resumed_ts:
            state = f"resumed at {clock(outage.resumed_ts, zone)}"
    return {
        "desk": desk,
        "person": person,
        "since": since,
        "known": known,
        "open_orders": orders,
        "down": down or PREPARED,
        "state": state,
        "now": clock(now_ts, zone),
    }


def notices(texts: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return every notice, filled; one that can't be says why instead of itself."""
    found = {}
    for name, text in texts.items():
        try:
            found[name] = fill(text, fields, f"The notice {name}")
        except BadInput as error:
            found[name] = str(error)
    return found
