"""Whom a desk calls when its systems do not answer."""

from __future__ import annotations

import msgspec


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """A broker's desk: where its orders go, its telephone, and what to say on it.

    `venue` is the route of its orders, "" for whatever no other broker has. In `script`
    `$order_id`, `$side`, `$qty`, `$leaves`, `$symbol`, `$limit`, `$account`, `$desk` and `$person`
    stand for the order's own.
    """

    venue: str
    name: str
    phone: str
    script: str = ""


def broker_of(venue: str, brokers: tuple[Broker, ...]) -> Broker | None:
    """Return whom to call about an order at `venue`; `None` where nobody is listed."""
    by_venue = {broker.venue: broker for broker in brokers}
    return by_venue.get(venue) or by_venue.get("")
