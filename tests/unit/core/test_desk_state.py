"""The state as a whole: its hash, its snapshot blob, and one desk's view of it."""

from __future__ import annotations

import msgspec
import pytest

from app.core.desk_state import (
    STATE_VERSION,
    DeskState,
    decode_state,
    desk_view,
    encode_state,
    state_hash,
    twin_key,
)
from app.core.evolve import evolve
from models.events import desk_stream
from models.order_state import OrderStatus
from models.orders import Side
from tests.builders import OTHER_DESK, REACHABLE, Desk, end_day, px, start_day, submit, terms


def busy() -> Desk:
    """Return two desks with orders in every status, fills, alerts and a restricted name."""
    desk = Desk()
    for status in REACHABLE:
        desk.order_in(status)
    desk.submit(terms(limit_px=px(106)))
    theirs = desk.accepted(terms(qty=7), author="frank", desk=OTHER_DESK)
    desk.fill(theirs, 3)
    return desk


def test_state_hash_is_the_same_for_the_same_events() -> None:
    first = busy()
    again = DeskState()
    for event in first.log:
        evolve(again, event)
    assert state_hash(again) == state_hash(first.state)
    assert again == first.state


def test_state_hash_carries_the_version() -> None:
    assert state_hash(DeskState()).startswith(f"{STATE_VERSION}:")


@pytest.mark.parametrize("at", range(1, 12))
def test_state_hash_changes_with_every_event_that_changes_the_state(at: int) -> None:
    desk = Desk()
    seen = {state_hash(desk.state)}
    for status in REACHABLE[:at]:
        desk.order_in(status)
        digest = state_hash(desk.state)
        assert digest not in seen
        seen.add(digest)


def test_state_hash_knows_the_time_priority_of_live_orders() -> None:
    """A venue is given them again in this order, so two states that differ in it are not one."""
    desk = Desk()
    desk.order_in(OrderStatus.NEW)
    desk.order_in(OrderStatus.NEW)
    other = decode_state(encode_state(desk.state))
    assert state_hash(other) == state_hash(desk.state)
    other.live = dict(reversed(other.live.items()))
    assert state_hash(other) != state_hash(desk.state)


def test_snapshot_blob_gives_the_state_back() -> None:
    state = busy().state
    again = decode_state(encode_state(state))
    assert again == state
    assert state_hash(again) == state_hash(state)
    assert list(again.live) == list(state.live)


def test_snapshot_blob_holds_the_average_of_a_very_large_order() -> None:
    """Σ price × quantity of 300 million face at 98 is beyond 64 bits."""
    desk = Desk()
    order = desk.order_in(OrderStatus.NEW)
    order.qty = order.leaves_qty = 300_000_000
    desk.fill(order, 300_000_000, px(98))
    again = decode_state(encode_state(desk.state))
    assert again.orders[order.order_id].avg_px == px(98)


@pytest.mark.parametrize("blob", [b"", b"\x00", b"nonsense", b"\x81\xa6orders\x01"])
def test_decode_state_nonsense_is_a_decode_error(blob: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_state(blob)


@pytest.mark.parametrize("desk_name", ["EQ", OTHER_DESK, "NOBODY"])
@pytest.mark.parametrize("next_day", [False, True])
def test_desk_view_is_what_a_follower_of_its_streams_builds(desk_name: str, next_day: bool) -> None:
    desk = busy()
    if next_day:
        desk.run(end_day())
        desk.run(start_day())
        desk.accepted(author="frank", desk=OTHER_DESK)
    followed = DeskState()
    for event in desk.log:
        if event.stream in (desk_stream(desk_name), "firm"):
            evolve(followed, event)
    view = desk_view(desk.state, desk_name)
    assert view == followed
    assert state_hash(view) == state_hash(followed)
    assert list(view.live) == list(followed.live)


def test_desk_view_shows_nothing_of_another_desk() -> None:
    view = desk_view(busy().state, OTHER_DESK)
    assert {order.desk for order in view.orders.values()} == {OTHER_DESK}
    assert {fill.desk for fill in view.executions.values()} == {OTHER_DESK}
    assert all(key.startswith(f"{OTHER_DESK}|") for key in view.positions)
    assert not [alert for alert in view.alerts.values() if alert.desk == "EQ"]


def test_twin_key_tells_what_makes_orders_alike() -> None:
    key = twin_key("EQ", terms())
    assert key == twin_key("EQ", submit().terms)
    different = [
        twin_key("FI", terms()),
        twin_key("EQ", terms(side=Side.SELL)),
        twin_key("EQ", terms(qty=1)),
        twin_key("EQ", terms(limit_px=1)),
        twin_key("EQ", terms(stop_px=1)),
        twin_key("EQ", terms(symbol="BETA")),
        twin_key("EQ", terms(account="INCOME")),
    ]
    assert key not in different
    assert len(set(different)) == len(different)
