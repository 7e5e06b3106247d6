"""What `desk.market.db` holds: the feed's sign of life, quotes, depth and a day of bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.context import Quote
from models.market import BARS_KEPT_NS, Bar, Depth

MARKET_SCHEMA = """
CREATE TABLE IF NOT EXISTS quote (symbol TEXT PRIMARY KEY, ts INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS feed (id INTEGER PRIMARY KEY, ts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS depth (symbol TEXT PRIMARY KEY, ts INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bar (
    symbol TEXT NOT NULL, start_ts INTEGER NOT NULL, open INTEGER NOT NULL, high INTEGER NOT NULL,
    low INTEGER NOT NULL, close INTEGER NOT NULL, qty INTEGER NOT NULL, vwap INTEGER NOT NULL,
    PRIMARY KEY (symbol, start_ts)
) WITHOUT ROWID;
"""
_BAR_COLUMNS = ", ".join(Bar.__struct_fields__)
SELECT_BARS = f"SELECT {_BAR_COLUMNS} FROM bar WHERE symbol = ? AND start_ts >= ? ORDER BY start_ts"

decode_quote = msgspec.json.Decoder(Quote).decode
decode_depth = msgspec.json.Decoder(Depth).decode


def write_market(
    connection: Any,
    ts: int,
    quotes: Sequence[Quote],
    depths: Sequence[Depth],
    bars: Sequence[Bar],
) -> None:
    """Write what `Store.publish_market` says, within the transaction that the caller holds."""
    connection.execute("INSERT OR REPLACE INTO feed (id, ts) VALUES (1, ?)", (ts,))
    for table, rows in (("quote", quotes), ("depth", depths)):
        connection.executemany(
            f"INSERT OR REPLACE INTO {table} (symbol, ts, body) VALUES (?, ?, ?)",
            [(row.symbol, row.ts, msgspec.json.encode(row).decode()) for row in rows],
        )
    connection.executemany(
        f"INSERT OR REPLACE INTO bar ({_BAR_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        map(msgspec.structs.astuple, bars),
    )
    newest: dict[str, int] = {}
    for bar in bars:
        newest[bar.symbol] = max(bar.start_ts, newest.get(bar.symbol, 0))
    connection.executemany(
        "DELETE FROM bar WHERE symbol = ? AND start_ts <= ?",
        [(symbol, start_ts - BARS_KEPT_NS) for symbol, start_ts in newest.items()],
    )
