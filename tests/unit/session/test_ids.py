"""Command ids: UUIDv7, unique, in the order in which they were made."""

from __future__ import annotations

import uuid

from app.session.ids import new_command_id


def test_new_command_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(new_command_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_new_command_ids_never_repeat() -> None:
    made = {new_command_id() for _ in range(5_000)}
    assert len(made) == 5_000


def test_new_command_ids_of_later_milliseconds_sort_later() -> None:
    made = [new_command_id() for _ in range(5_000)]
    stamps = [each[:13] for each in made]
    assert stamps == sorted(stamps)
