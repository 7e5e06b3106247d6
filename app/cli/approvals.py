"""`blotter approvals request|list|approve|refuse`: what one person asks for, another approves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.ports import Approval
    from app.session.approvals import Approvals

app = typer.Typer(
    help="Four eyes on a PostgreSQL store: what one person asks for, another approves.",
    no_args_is_help=True,
)

StoreOption = Annotated[str, typer.Option(help="postgresql://alice@host/desk, your own login.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
IdArgument = Annotated[str, typer.Argument(help="A request's id, from approvals list.")]


@app.command()
def request(
    what: Annotated[str, typer.Argument(help="rule-book or release.")],
    of: Annotated[str, typer.Argument(help="desk.toml with the [rule_book], or the symbol.")],
    store: StoreOption,
    desk: Annotated[str, typer.Option(help="Whose people are asked; your own, if only one.")] = "",
    note: Annotated[str, typer.Option(help="Why a symbol may be traded again.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask for a rule book to be put into force, or a restricted symbol to be released."""
    if what not in ("rule-book", "release"):
        raise BadInput(f"{what!r} needs no second person; choose rule-book or release.")
    from app.bootstrap import open_approvals
    from app.cli.passwords import unlocked
    from app.reference_data import read_rule_book_file
    from app.session.approvals import Approvals

    book = read_rule_book_file(Path(of)) if what == "rule-book" else None
    with open_approvals(unlocked(store)) as at:
        mine = Approvals(at, desk)
        _say(mine.release(of, note) if book is None else mine.adopt_rule_book(book), as_json)


@app.command("list")
def list_(store: StoreOption, as_json: JsonOption = False) -> None:
    """Show what waits for an answer at your desks, with the hash of each."""
    from app.bootstrap import open_approvals
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.session.approvals import Approvals, in_words

    with open_approvals(unlocked(store)) as at:
        found = Approvals(at).waiting()
    if as_json:
        say({"waiting": found}, as_json=True)
        return
    for asked in found:
        print(f"{asked.approval_id}  {asked.maker} asks to {in_words(asked)}")
        print(f"    hash {asked.body_hash}")
        print(f"    {asked.body}")


@app.command()
def approve(
    approval_id: IdArgument,
    hash_: Annotated[
        str, typer.Argument(metavar="HASH", help="Of what you have read; 8 letters or more.")
    ],
    store: StoreOption,
    as_json: JsonOption = False,
) -> None:
    """Approve what you have read, and so enter it. Nobody approves their own."""
    _answer(store, lambda mine: mine.approve(approval_id, hash_), as_json)


@app.command()
def refuse(approval_id: IdArgument, store: StoreOption, as_json: JsonOption = False) -> None:
    """Refuse a request, or take your own back."""
    _answer(store, lambda mine: mine.refuse(approval_id), as_json)


def _answer(store: str, answer: Callable[[Approvals], Approval], as_json: bool) -> None:
    from app.bootstrap import open_approvals
    from app.cli.passwords import unlocked
    from app.session.approvals import Approvals

    with open_approvals(unlocked(store)) as at:
        _say(answer(Approvals(at)), as_json)


def _say(asked: Approval, as_json: bool) -> None:
    from app.cli.output import say
    from app.session.approvals import in_words

    if as_json:
        say(asked, as_json=True)
        return
    print(f"{asked.approval_id}: {asked.maker} asks to {in_words(asked)}")
    if asked.checker:
        print(f"approved by {asked.checker}; its command is entered")
    elif asked.refused_by:
        print(f"refused by {asked.refused_by}")
    else:
        print(f"waits 15 minutes for somebody else of {asked.desk}; hash {asked.body_hash}")
