"""Signed checkpoints: where every stream stood, in words that only the key's holder can sign.

Each names the one before it, so that none can be taken out of their middle. Whoever owns the
database can take the last ones away: copies kept elsewhere tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from app.audit.keys import Signer, is_signed
from app.ports import Store, StoredCheckpoint, StreamHead
from models.errors import BadInput, StoreRefused

NONE_BEFORE = "0" * 64
_DOMAIN = b"deskblotter checkpoint 1\n"
_TRIES = 5


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint says. `state_hash` is empty when it was not known; `key` signed it."""

    store_id: str
    number: int
    seq: int
    streams: dict[str, StreamHead]
    ts: int
    state_hash: str
    before: str
    key: str


class Contradiction(Exception):
    """Something that can't be as it is: the first bad row, its stream, and what differs."""

    def __init__(self, seq: int, stream: str, what: str) -> None:
        super().__init__(what)
        self.seq = seq
        self.stream = stream
        self.what = what


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Checkpoint)
_copies = msgspec.json.Decoder(StoredCheckpoint)


def message_of(body: str) -> bytes:
    """Return the bytes that are signed for a checkpoint's body."""
    return _DOMAIN + body.encode()


def digest(checkpoint: StoredCheckpoint) -> str:
    """Return what the next checkpoint says of this one."""
    return hashlib.sha256(f"{checkpoint.body}|{checkpoint.signature}".encode()).hexdigest()


def sign(
    signer: Signer,
    *,
    store_id: str,
    seq: int,
    streams: Mapping[str, StreamHead],
    ts: int,
    state_hash: str,
    last: StoredCheckpoint | None,
) -> StoredCheckpoint:
    """Return the checkpoint after `last`, signed."""
    number = last.number + 1 if last is not None else 1
    body = _encoder.encode(
        Checkpoint(
            store_id=store_id,
            number=number,
            seq=seq,
            streams=dict(streams),
            ts=ts,
            state_hash=state_hash,
            before=digest(last) if last is not None else NONE_BEFORE,
            key=signer.key_id,
        )
    ).decode()
    signature = signer.sign(message_of(body))
    return StoredCheckpoint(number=number, seq=seq, body=body, signature=signature)


def add_signed(
    store: Store, signer: Signer, seq: int, streams: Mapping[str, StreamHead], state_hash: str
) -> StoredCheckpoint:
    """Sign where the log stands at `seq` and append it to the store; raises `StoreRefused`.

    Another may sign at the same moment; then this one comes after it.
    """
    store_id = store.store_id()
    for _ in range(_TRIES):
        there = store.checkpoints()
        made = sign(
            signer,
            store_id=store_id,
            seq=seq,
            streams=streams,
            ts=store.now(),
            state_hash=state_hash,
            last=there[-1] if there else None,
        )
        if store.add_checkpoint(made):
            return made
    raise StoreRefused(
        f"The checkpoint at event {seq} was not taken in {_TRIES} tries: others sign at the same "
        "time, or the log has gone back. Verify the store."
    )


def read_checkpoint(stored: StoredCheckpoint) -> Checkpoint:
    """Return what a checkpoint says; raises `Contradiction` when it says nothing."""
    try:
        return _decoder.decode(stored.body)
    except msgspec.DecodeError as error:
        raise Contradiction(
            stored.seq, "", f"checkpoint {stored.number} can't be read: {error}"
        ) from None


def check_signed(
    stored: Sequence[StoredCheckpoint], store_id: str, trusted: Collection[str] = ()
) -> list[Checkpoint]:
    """Return what the checkpoints say, oldest first; raises `Contradiction`.

    They are numbered without gaps, each names the one before it, and each is signed by the key that
    it names; that key is one of `trusted`, where any are given.
    """
    said: list[Checkpoint] = []
    before = NONE_BEFORE
    for number, each in enumerate(stored, 1):
        checkpoint = read_checkpoint(each)
        fault = _fault(each, checkpoint, number, before)
        if not fault and checkpoint.store_id != store_id:
            fault = f"is of the store {checkpoint.store_id}, and this one is {store_id}"
        if not fault and trusted and checkpoint.key not in trusted:
            fault = f"is signed by {checkpoint.key}, which is none of the keys that were given"
        if fault:
            raise Contradiction(each.seq, "", f"checkpoint {number} {fault}")
        before = digest(each)
        said.append(checkpoint)
    return said


def _fault(stored: StoredCheckpoint, said: Checkpoint, number: int, before: str) -> str:
    if stored.number != number or said.number != number:
        return f"is missing: the next one there is {stored.number}"
    if said.seq != stored.seq:
        return f"is filed at event {stored.seq}, and says {said.seq}"
    if not is_signed(said.key, stored.signature, message_of(stored.body)):
        return f"is not what {said.key} signed: it was changed afterwards"
    return "" if said.before == before else "does not follow on the one before it"


# -- copies, kept where the database's owner can't reach them ------------------------------------


def append_copy(path: Path, checkpoint: StoredCheckpoint) -> None:
    """Append a checkpoint to a file that only grows; raises `BadInput`."""
    try:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(checkpoint) + b"\n")
    except OSError as error:
        raise BadInput(f"{path} can't be written: {error.strerror}.") from None


def read_copies(path: Path) -> list[StoredCheckpoint]:
    """Return the checkpoints in such a file; raises `BadInput`."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from None
    copies = []
    for at, line in enumerate(lines, 1):
        try:
            copies.append(_copies.decode(line))
        except msgspec.DecodeError as error:
            raise BadInput(f"{path}, line {at}: it is no checkpoint ({error}).") from None
    return copies


def check_copies(stored: Sequence[StoredCheckpoint], copies: Sequence[StoredCheckpoint]) -> None:
    """Raise `Contradiction` unless each copy is in the store as it was."""
    there = {each.number: each for each in stored}
    for copy in copies:
        found = there.get(copy.number)
        if found is None:
            raise Contradiction(
                copy.seq,
                "",
                f"checkpoint {copy.number}, of which a copy was kept, is gone from the store",
            )
        if found != copy:
            raise Contradiction(
                copy.seq, "", f"checkpoint {copy.number} is another than the copy of it"
            )
