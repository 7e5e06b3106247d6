"""Stores with one protection taken out each: what the auditor has to catch."""

from __future__ import annotations

import msgspec

from app.ports import AppendRequest, AppendStatus, Lease, Outcome, Submission, Verdict
from app.store.memory import MemoryStore


class Forgetful(MemoryStore):
    """Stores a command again each time that it comes."""

    def _submit(self, submission: Submission) -> Outcome:
        self.tables.commands.pop(submission.command_id, None)
        self.tables.pending.pop(submission.command_id, None)
        return super()._submit(submission)


class Unfenced(MemoryStore):
    """Lets whoever knows where the log ends append to it."""

    def append(self, request: AppendRequest) -> AppendStatus:
        tables = self.tables
        kept = tables.epoch, tables.lease
        tables.epoch = request.epoch
        tables.lease = Lease(epoch=request.epoch, holder="", expires_ts=self.now() + 1)
        try:
            return super().append(request)
        finally:
            tables.epoch, tables.lease = kept


class Voidless(MemoryStore):
    """Says that an id is void, and takes the straggler all the same."""

    def void(self, command_id: str, author: str) -> Outcome:
        outcome = self.lookup(command_id)
        if outcome.verdict is not Verdict.NOT_SEEN:
            return outcome
        return msgspec.structs.replace(outcome, verdict=Verdict.VOIDED)


class Undated(MemoryStore):
    """Does not ask how old a command is."""

    def _submit(self, submission: Submission) -> Outcome:
        commands, command_id = self.tables.commands, submission.command_id
        if command_id in commands:
            return super()._submit(submission)
        outcome = super()._submit(msgspec.structs.replace(submission, seen_ts=0))
        if command_id in commands:
            commands[command_id] = submission
        return outcome
