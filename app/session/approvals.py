"""A person's side of four eyes: asking for a second person's approval, and giving it."""

from __future__ import annotations

from app.ports import Approval, ApprovalDesk
from app.session.ids import new_command_id
from app.session.step import submission_of
from models.commands import AdoptRuleBook, AnyCommand, RestrictSymbol, decode_command
from models.errors import BadInput
from models.limits import RuleBook

HASH_LETTERS = 8


class Approvals:
    """What one person may do with requests; `desk` is whose people they ask."""

    def __init__(self, at: ApprovalDesk, desk: str = "") -> None:
        self._at = at
        self._login, desks = at.whoami()
        mine = desks.split()
        self._desk = desk or (mine[0] if len(mine) == 1 and mine != ["*"] else "")

    def adopt_rule_book(self, rule_book: RuleBook) -> Approval:
        """Ask that a rule book be put into force."""
        return self._ask(
            AdoptRuleBook(
                id=new_command_id(),
                author=self._login,
                desk=self._asked_desk(),
                rule_book=rule_book,
            )
        )

    def release(self, symbol: str, note: str) -> Approval:
        """Ask that a symbol be taken off the restricted list."""
        return self._ask(
            RestrictSymbol(
                id=new_command_id(),
                author=self._login,
                desk=self._asked_desk(),
                symbol=symbol,
                note=note,
                restricted=False,
            )
        )

    def _asked_desk(self) -> str:
        if not self._desk:
            raise BadInput(
                f"{self._login} has several desks; say with --desk whose people you ask."
            )
        return self._desk

    def _ask(self, command: AnyCommand) -> Approval:
        return self._at.get(self._at.request(submission_of(command)))

    def waiting(self) -> list[Approval]:
        """Return what waits for an answer at one's desks."""
        return self._at.waiting()

    def approve(self, approval_id: str, seen_hash: str) -> Approval:
        """Approve what was read: at least the first 8 letters of its hash say that it was."""
        asked = self._at.get(approval_id)
        if len(seen_hash) < HASH_LETTERS or not asked.body_hash.startswith(seen_hash):
            raise BadInput(
                f"Request {approval_id} has the hash {asked.body_hash[:HASH_LETTERS]}…, and you "
                f"say {seen_hash[:64]!r}. Read what it asks for, and give its hash."
            )
        self._at.approve(approval_id, asked.body_hash)
        return self._at.get(approval_id)

    def refuse(self, approval_id: str) -> Approval:
        """Refuse a request, or take one's own back."""
        self._at.refuse(approval_id)
        return self._at.get(approval_id)


def in_words(asked: Approval) -> str:
    """Return what a request asks for, in a line."""
    command = decode_command(asked.body.encode())
    match command:
        case AdoptRuleBook(rule_book=book):
            return f"put rule book {book.name} version {book.version} into force"
        case RestrictSymbol(symbol=symbol, note=note):
            return f"let {symbol} be traded again" + (f": {note}" if note else "")
        case _:
            return type(command).__name__
