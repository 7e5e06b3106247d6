"""`blotter user add|role|disable|reset|remember`: logins of a shared desk on PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.passwords import ask, ask_twice, generated, read_file, unlocked

app = typer.Typer(
    help="Logins of a shared desk on PostgreSQL, for whoever administers it.", no_args_is_help=True
)

LoginArgument = Annotated[str, typer.Argument(help="A database login, such as alice.")]
StoreOption = Annotated[
    str, typer.Option(help="postgresql://ADMINISTRATOR@host/desk; never with a password.")
]
RoleOption = Annotated[
    str, typer.Option(help="trader, desk_head, compliance, ops, auditor or engine.")
]
DeskOption = Annotated[
    list[str] | None, typer.Option(help="A desk; may be given again. '*' is all desks.")
]
ComplianceOption = Annotated[
    bool, typer.Option("--with-compliance", help="An auditor reads compliance streams too.")
]
FileOption = Annotated[
    Path | None, typer.Option("--password-file", help="Its first line is the password; mode 0600.")
]
AskOption = Annotated[bool, typer.Option("--ask", help="Ask for the password at the terminal.")]


@app.command()
def add(
    login: LoginArgument,
    store: StoreOption,
    role: RoleOption,
    desk: DeskOption = None,
    with_compliance: ComplianceOption = False,
    password_file: FileOption = None,
    ask_password: AskOption = False,
) -> None:
    """Let somebody in; run again it changes nothing. Without a password one is made and shown."""
    from app.bootstrap import open_people

    with open_people(unlocked(store)) as people:
        is_new = not people.exists(login)
        password = _new_password(login, password_file, ask_password) if is_new else ""
        done = people.add(
            login, role, desk or [], sees_compliance=with_compliance, password=password
        )
    _say(done)
    if is_new and password_file is None and not ask_password:
        _show(login, password)


@app.command()
def role(
    login: LoginArgument,
    store: StoreOption,
    role: RoleOption,
    desk: DeskOption = None,
    with_compliance: ComplianceOption = False,
) -> None:
    """Change what somebody is; without --desk their desks stay."""
    from app.bootstrap import open_people

    with open_people(unlocked(store)) as people:
        _say(people.set_role(login, role, desk, sees_compliance=with_compliance))


@app.command()
def disable(login: LoginArgument, store: StoreOption) -> None:
    """Shut somebody out at once and end their sessions; `user add` lets them in again."""
    from app.bootstrap import open_people

    with open_people(unlocked(store)) as people:
        _say(people.disable(login))


@app.command()
def reset(
    login: LoginArgument,
    store: StoreOption,
    password_file: FileOption = None,
    ask_password: AskOption = False,
) -> None:
    """Give somebody a new password. Without one given, it is made and shown, once."""
    from app.bootstrap import open_people

    with open_people(unlocked(store)) as people:
        password = _new_password(login, password_file, ask_password)
        _say(people.reset(login, password))
    if password_file is None and not ask_password:
        _show(login, password)


@app.command()
def remember(
    store: Annotated[str, typer.Option(help="postgresql://alice@host/desk, your own.")],
    password_file: FileOption = None,
) -> None:
    """Put your own password into this machine's keyring, once the server has taken it."""
    from app.bootstrap import remember_password
    from app.config import store_address

    address = store_address(store)
    password = read_file(password_file) if password_file else ask(f"Password for {store}: ")
    print(f"the keyring has the password of {remember_password(address, password)}")


def _new_password(login: str, path: Path | None, asks: bool) -> str:
    if path is not None:
        return read_file(path)
    return ask_twice(login) if asks else generated()


def _say(done: list[str]) -> None:
    for line in done:
        print(line)


def _show(login: str, password: str) -> None:
    print(f"password of {login}, shown this once: {password}")
    if not sys.stdout.isatty():
        print("blotter: that password is wherever this output goes.", file=sys.stderr)
