"""Commands and events: JSON and back, for one of every type, and which go first."""

from __future__ import annotations

import json
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from app.core.decide.registry import DECIDERS
from app.core.evolve.registry import EVOLVERS
from models.commands import (
    AnyCommand,
    CancelOrder,
    CancelOrders,
    HaltTrading,
    PauseStrategy,
    StopStrategy,
    decode_command,
    encode_command,
    goes_first,
)
from models.events import FIRM_STREAM, AnyEvent, decode_event, desk_stream, encode_event

COMMANDS = get_args(AnyCommand)
EVENTS = get_args(AnyEvent)


def filled(kind: Any, depth: int = 0) -> Any:
    """Return some value of `kind` that differs from every default."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return filled(next(arg for arg in args if arg is not type(None)), depth)
    if origin is tuple:
        return (filled(args[0], depth + 1), filled(args[0], depth + 1))
    if origin is dict:
        return {"key": filled(args[1], depth + 1)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return kind(**{name: filled(hints[name], depth + 1) for name in kind.__struct_fields__})
    samples: dict[Any, Any] = {str: "Zürich “x” \\ \n 日本", int: 7_654_321, bool: False}
    return samples[kind]


_AHEAD = (CancelOrder, CancelOrders, HaltTrading, PauseStrategy, StopStrategy)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_command_survives_json(kind: type) -> None:
    command = filled(kind)
    body = encode_command(command)
    assert decode_command(body) == command
    assert encode_command(decode_command(body)) == body
    assert json.loads(body)["type"] == kind.__name__


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_event_survives_json(kind: type) -> None:
    event = filled(kind)
    body = encode_event(event)
    assert decode_event(body) == event
    assert encode_event(decode_event(body)) == body
    assert json.loads(body)["type"] == kind.__name__


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_command_has_a_decider(kind: type) -> None:
    assert kind in DECIDERS


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_an_evolver(kind: type) -> None:
    assert kind in EVOLVERS


@pytest.mark.parametrize("kind", [*COMMANDS, *EVENTS], ids=lambda kind: kind.__name__)
def test_message_is_immutable(kind: type) -> None:
    message = filled(kind)
    with pytest.raises(AttributeError):
        message.desk = "other"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"type":"Nonsense","id":"x","author":"a"}',
        b'{"type":"CancelOrder","id":"x","author":"a"}',
        b'{"type":"CancelOrder","id":1,"author":"a","order_id":"o"}',
        b'{"type":"CancelOrder","id":"x","author":"a","order_id":"o"',
    ],
)
def test_decode_command_nonsense_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_command(body)


def test_decode_command_ignores_fields_of_a_later_release() -> None:
    body = b'{"type":"CancelOrder","id":"x","author":"a","order_id":"o","later":{"a":[1]}}'
    assert decode_command(body) == CancelOrder(id="x", author="a", order_id="o")


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_goes_first_only_what_reduces_risk(kind: type) -> None:
    assert goes_first(filled(kind)) is (kind in _AHEAD)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_event_stream_is_its_desks_or_the_firms(kind: type) -> None:
    event = filled(kind)
    assert event.stream == desk_stream(event.desk)
    assert msgspec.structs.replace(event, desk="").stream == FIRM_STREAM
