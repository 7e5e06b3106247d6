"""The desk head's words on a day: that the desk is ready, and that the day is done."""

from __future__ import annotations

from app.core.context import Context
from app.core.day_checks import Checks, end_checks, failed, start_checks
from app.core.decide.entry import REASON_MAX
from app.core.decide.registry import decides, raise_alert, refuse
from app.core.desk_state import DeskState
from models.alerts import Severity
from models.commands import OpenDesk, SignOffDay
from models.events import AnyEvent, DaySignedOff, DeskOpened
from models.parties import Role
from models.workflow import SignOff


@decides(OpenDesk)
def open_desk(state: DeskState, command: OpenDesk, context: Context) -> list[AnyEvent]:
    """Note that the desk is ready, with what was checked; a failed check needs a note."""
    if not state.day_open:
        return refuse(command, context, "The trading day is not open. Wait for the start of day.")
    objection = word_objection(state, command.author, command.desk)
    word, missing = _word(state, command, context, start_checks)
    if objection or missing:
        return refuse(command, context, objection or missing)
    opened = DeskOpened(ts=context.ts, desk=command.desk, command_id=command.id, sign_on=word)
    return [opened]


@decides(SignOffDay)
def sign_off_day(state: DeskState, command: SignOffDay, context: Context) -> list[AnyEvent]:
    """Sign the day off, with what was checked; a failed check needs a note."""
    if command.day != state.day:
        text = f"Day {command.day} is not the desk's, which is {state.day or 'none yet'}."
        return refuse(command, context, text)
    objection = word_objection(state, command.author, command.desk)
    word, missing = _word(state, command, context, end_checks)
    if objection or missing:
        return refuse(command, context, objection or missing)
    signed = DaySignedOff(ts=context.ts, desk=command.desk, command_id=command.id, sign_off=word)
    return [signed]


def word_objection(state: DeskState, login: str, desk: str) -> str:
    """Return why `login` can't speak for `desk`; empty when they can."""
    person = state.traders.get(login)
    if person is None or person.role is not Role.DESK_HEAD or person.desk != desk:
        return f"{login} is not the head of the desk {desk}. Ask them."
    return ""


def _word(
    state: DeskState, command: OpenDesk | SignOffDay, context: Context, checks: Checks
) -> tuple[SignOff, str]:
    """Return the word, and what it lacks."""
    found = checks(state, command.desk, context)
    note = command.note.strip()[:REASON_MAX]
    word = SignOff(day=state.day, author=command.author, ts=context.ts, checks=found, note=note)
    wrong = failed(found)
    if not wrong or note:
        return word, ""
    listed = "; ".join(f"{check.name}: {check.text}" for check in wrong)
    return (
        word,
        f"Not all checks have passed ({listed}). Say why it is right all the same.",
    )


def not_signed_off(state: DeskState, context: Context) -> list[AnyEvent]:
    """A day that was not signed off says so the next morning, at each desk that has a head."""
    if not state.day:
        return []
    desks = {each.desk for each in state.traders.values() if each.role is Role.DESK_HEAD}
    number = state.next_number()
    events: list[AnyEvent] = []
    for desk in sorted(desks):
        signed = state.signed_off.get(desk)
        if signed is not None and signed.day >= state.day:
            continue
        text = f"Day {state.day} of the desk {desk} was not signed off. Its head has to look at it."
        events.append(
            raise_alert(
                state,
                context,
                number + len(events),
                desk=desk,
                severity=Severity.WARNING,
                rule="SIGN_OFF",
                text=text,
            )
        )
    return events
