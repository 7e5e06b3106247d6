"""The session's news: events that were read live, in order, and none of the history before."""

from __future__ import annotations

from app.session.step import Changed, EventsRead, Link, Output, SessionCore, SnapshotRead
from models.events import AnyEvent, OrderAccepted
from tests.builders import DESK, Desk, LogWriter


def follow(core: SessionCore, writer: LogWriter, events: list[AnyEvent], ts: int) -> list[Output]:
    rows = writer.write(*events)
    ours = [
        (row, event) for row, event in zip(rows, events, strict=True) if row.stream in core.streams
    ]
    head = rows[-1].seq if rows else core.seq
    page = EventsRead([row for row, _ in ours], [event for _, event in ours], head, ts)
    return core.step(page)


def news(outputs: list[Output]) -> list[AnyEvent]:
    return [event for output in outputs if isinstance(output, Changed) for event in output.events]


def test_news_begins_when_the_session_is_live() -> None:
    desk, core, writer = Desk(), SessionCore("alice", DESK), LogWriter()
    core.start()
    core.step(SnapshotRead(None))
    desk.accepted()
    history = list(desk.log)
    assert news(follow(core, writer, history, desk.ts)) == []
    assert core.link is Link.LIVE
    desk.accepted()
    fresh = desk.log[len(history) :]
    assert news(follow(core, writer, fresh, desk.ts)) == fresh
    assert isinstance(fresh[0], OrderAccepted)


def test_page_without_events_is_no_news() -> None:
    desk, core, writer = Desk(), SessionCore("alice", DESK), LogWriter()
    core.start()
    core.step(SnapshotRead(None))
    follow(core, writer, list(desk.log), desk.ts)
    assert news(follow(core, writer, [], desk.ts + 1)) == []
