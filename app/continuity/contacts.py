"""Brokers' telephones from the desk's file, and this machine's own copy for when that is away."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from app.continuity.journal import write_private
from app.reference_data import read_brokers
from models.contacts import Broker
from models.errors import BadInput

_decoder = msgspec.json.Decoder(tuple[Broker, ...])


class Contacts(NamedTuple):
    """Whom to call; `trouble` says why it is the copy, or nothing at all."""

    brokers: tuple[Broker, ...]
    trouble: str = ""


def load_contacts(source: Path, copy: Path | None) -> Contacts:
    """Return the contacts in `source`, and keep a copy; without it, those of the copy."""
    try:
        brokers = read_brokers(source)
    except BadInput as error:
        return _from_copy(copy, str(error))
    if copy is not None:
        try:
            write_private(copy, msgspec.json.encode(brokers))
        except OSError as error:
            return Contacts(brokers, f"No copy of the contacts could be kept: {error.strerror}.")
    return Contacts(brokers)


def _from_copy(copy: Path | None, why: str) -> Contacts:
    if copy is None:
        return Contacts((), why)
    try:
        return Contacts(_decoder.decode(copy.read_bytes()), f"This machine's copy: {why}")
    except (OSError, msgspec.MsgspecError):
        return Contacts((), why)
