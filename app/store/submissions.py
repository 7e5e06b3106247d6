"""What every store answers to a submit, in the same words."""

from __future__ import annotations

from app.ports import BODY_MAX, FRESHNESS_LIMIT_NS, Outcome, Submission, Verdict


def stale_text(age_ns: int) -> str:
    """Return why a command whose author last saw the store `age_ns` ago is refused."""
    return (
        f"This desktop last saw the store {age_ns / 1e9:.1f} s ago; orders may be at most "
        f"{FRESHNESS_LIMIT_NS // 10**9} s behind. Look at the prices and send again."
    )


def refusal(submission: Submission, now: int) -> Outcome | None:
    """Return why a submission that the store has not seen can't be stored, if so."""
    if len(submission.body) > BODY_MAX:
        text = f"The command is {len(submission.body):,} bytes; at most {BODY_MAX:,} are taken."
        return Outcome(command_id=submission.command_id, verdict=Verdict.REFUSED, text=text)
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
