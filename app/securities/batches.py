"""Cuts a long list of instruments into commands that a store takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from models.instruments import Instrument

# What a command's other fields, and the commas, may take.
_ROOM = 2_000
_encoder = msgspec.json.Encoder()


def batches(instruments: Iterable[Instrument], body_max: int) -> Iterator[tuple[Instrument, ...]]:
    """Yield the instruments in order, as many at a time as a body of `body_max` bytes holds."""
    batch: list[Instrument] = []
    size = _ROOM
    for instrument in instruments:
        length = len(_encoder.encode(instrument)) + 1
        if batch and size + length > body_max:
            yield tuple(batch)
            batch, size = [], _ROOM
        batch.append(instrument)
        size += length
    if batch:
        yield tuple(batch)
