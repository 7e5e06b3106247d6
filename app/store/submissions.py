"""What every store asks of a submit and an append, in the same words."""

from __future__ import annotations

from app.ports import (
    BODY_MAX,
    FRESHNESS_LIMIT_NS,
    AppendRequest,
    Outcome,
    Submission,
    Verdict,
)
from models.errors import StoreDamaged


def stale_text(age_ns: int) -> str:
    """Return why a command whose author last saw the store `age_ns` ago is refused."""
    return (
        f"This desktop last saw the store {age_ns / 1e9:.1f} s ago; orders may be at most "
        f"{FRESHNESS_LIMIT_NS // 10**9} s behind. Look at the prices and send again."
    )


def unstorable(submission: Submission) -> Outcome | None:
    """Return why no store could keep this submission, if so; asked before anything else."""
    command_id, body = submission.command_id, submission.body
    if len(body) > BODY_MAX:
        text = f"The command is {len(body):,} bytes; at most {BODY_MAX:,} are taken."
        return Outcome(command_id=command_id, verdict=Verdict.REFUSED, text=text)
    if not (_is_text(body) and all(map(_is_text, _names(submission)))):
        text = "The command holds bytes that are no UTF-8 text, or a zero byte. Make a new one."
        return Outcome(command_id=command_id, verdict=Verdict.REFUSED, text=text)
    return None


def _names(submission: Submission) -> tuple[str, ...]:
    return submission.command_id, submission.author, submission.desk, submission.kind


def _is_text(text: str | bytes) -> bool:
    """Whether every store can keep `text` and give the same bytes back."""
    try:
        encoded = text.encode() if isinstance(text, str) else text
        encoded.decode()
    except UnicodeError:
        return False
    return b"\0" not in encoded


def refusal(submission: Submission, now: int) -> Outcome | None:
    """Return why a submission that the store has not seen comes too late, if so."""
    age = now - submission.seen_ts
    if submission.seen_ts and age > FRESHNESS_LIMIT_NS:
        return Outcome(
            command_id=submission.command_id, verdict=Verdict.STALE, text=stale_text(age)
        )
    return None


def same_command(known: Submission, again: Submission) -> bool:
    """Whether `again` is the very command that is stored under its id."""
    return known.body == again.body and known.author == again.author


def conflict(command_id: str) -> Outcome:
    """Return the answer for an id that another command has."""
    text = f"Command id {command_id} belongs to another command. Make a new one."
    return Outcome(command_id=command_id, verdict=Verdict.CONFLICT, text=text)


def check_numbers(request: AppendRequest) -> None:
    """Raise `StoreDamaged` unless the events are numbered on from `expected_seq`."""
    for seq, event in enumerate(request.events, request.expected_seq + 1):
        if event.seq != seq:
            raise StoreDamaged(
                f"Event {event.seq} of stream {event.stream} was to be appended as {seq}. "
                "Stop trading and verify the store."
            )
