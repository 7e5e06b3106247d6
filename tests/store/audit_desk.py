"""A log of two days with trades, in any store; and what an owner of its tables can do to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from app.audit.keys import KeySigner, load_signer, make_key
from app.ports import (
    AppendRequest,
    AppendStatus,
    ReadRows,
    Store,
    StoredEvent,
    chain_hash,
)
from tests.builders import (
    DESK,
    OTHER_DESK,
    TODAY,
    TOMORROW,
    EngineBench,
    cancel,
    end_day,
    market_order,
    start_day,
    submit,
    terms,
)
from tests.store.builders import HOUR_NS

DESK_STREAM = f"desk/{DESK}"
GUARDED = ("event", "command", "checkpoint")


@functools.cache
def two_days() -> tuple[StoredEvent, ...]:
    """Return the rows of a store where orders were filled, cancelled and left over two days."""
    return tuple(live_two_days(EngineBench()).tables.events)


def live_two_days(bench: EngineBench) -> EngineBench:
    """Lead, and let people trade for two days."""
    bench.lead()
    first, second = submit(), submit(terms(qty=200))
    bench.ask(first, second)
    bench.market(market_order(False, 40))
    bench.ask(cancel(bench.order_of(second.id)))
    bench.ask(end_day(TODAY))
    bench.ask(start_day(TOMORROW))
    bench.ask(submit(terms(qty=300)), submit(terms(qty=400), author="frank", desk=OTHER_DESK))
    kinds = {row.kind for row in bench.store.read(None, 0, 1_000)}
    assert kinds >= {"OrderFilled", "OrderCanceled", "DayEnded", "DayStarted"}, kinds
    return bench


def write_log(store: Store, rows: tuple[StoredEvent, ...] | None = None) -> int:
    """Append all of `two_days`, or these rows, and return the last one's number."""
    lease = store.acquire_lease("engine", HOUR_NS)
    assert lease is not None
    append(store, rows or two_days())
    store.release_lease(lease)
    return store.head_seq()


def append(store: Store, rows: tuple[StoredEvent, ...]) -> None:
    """Append rows in the epoch of whoever leads."""
    lease = store.leader()
    assert lease is not None
    request = AppendRequest(
        epoch=lease.epoch, expected_seq=rows[0].seq - 1, events=rows, settles=(), rows=ReadRows()
    )
    assert store.append(request) is AppendStatus.APPENDED


def new_signer(folder: Path, name: str = "key") -> KeySigner:
    """Return who signs with a new key in `folder`."""
    make_key(str(folder / name))
    return load_signer(str(folder / name))


# -- an owner at work ----------------------------------------------------------------------------

Tamper = Callable[[psycopg.Connection[Any]], None]


def as_owner(admin: psycopg.Connection[Any], tamper: Tamper) -> None:
    """Let a superuser do what the triggers refuse, and put them back so that nothing shows."""
    for table in GUARDED:
        admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    tamper(admin)
    for table in GUARDED:
        admin.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays")


def rewrite(admin: psycopg.Connection[Any], seq: int) -> None:
    """Change one row's text and leave the rest."""
    changed = admin.execute(
        "UPDATE event SET body = replace(body, 'alice', 'aljce') WHERE seq = %s "
        "AND body LIKE '%%alice%%' RETURNING seq",
        (seq,),
    ).fetchall()
    assert changed == [(seq,)]


def rewrite_and_chain_anew(admin: psycopg.Connection[Any], seq: int) -> None:
    """Change one row's text, and compute every hash after it, and the streams' heads, anew."""
    rewrite(admin, seq)
    heads: dict[str, str] = {}
    rows = admin.execute(
        "SELECT seq, stream, stream_seq, command_id, body FROM event ORDER BY seq"
    ).fetchall()
    for at, stream, stream_seq, command_id, body in rows:
        before = heads.get(stream, "0" * 64)
        heads[stream] = chain_hash(before, stream, stream_seq, command_id, body.encode())
        admin.execute("UPDATE event SET hash = %s WHERE seq = %s", (heads[stream], at))
    for stream, digest in heads.items():
        admin.execute("UPDATE stream SET hash = %s WHERE name = %s", (digest, stream))


def delete_tail(admin: psycopg.Connection[Any], after_seq: int) -> None:
    """Delete the last rows, and set head and streams as if they had never been."""
    admin.execute("DELETE FROM event WHERE seq > %s", (after_seq,))
    admin.execute("DELETE FROM snapshot WHERE seq > %s", (after_seq,))
    admin.execute("UPDATE head SET seq = %s", (after_seq,))
    admin.execute("DELETE FROM stream WHERE name NOT IN (SELECT stream FROM event)")
    admin.execute(
        "UPDATE stream s SET (stream_seq, hash) = "
        "(SELECT e.stream_seq, e.hash FROM event e WHERE e.stream = s.name "
        "ORDER BY e.seq DESC LIMIT 1)"
    )
