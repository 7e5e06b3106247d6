"""`blotter securities import|history`: the security master from a file, and what it has been."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import BadInput

if TYPE_CHECKING:
    from app.ports import Store
    from app.securities.preview import Line, Preview
    from models.instruments import Instrument

app = typer.Typer(
    help="Bring securities in from a file, and look their versions up.", no_args_is_help=True
)
_POLL_S = 0.1
# A lease that runs out while its engine is busy is taken again within this time.
_NO_ENGINE_S = 4.0

StoreOption = Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file; its first line heads it.")],
    store: StoreOption,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would do, and do nothing.")
    ] = False,
    only_good: Annotated[
        bool, typer.Option("--only-good", help="Take the good lines and leave the wrong ones out.")
    ] = False,
    accept_warnings: Annotated[
        bool, typer.Option("--accept-warnings", help="Take lines that have warnings, too.")
    ] = False,
    login: Annotated[
        str, typer.Option(help="Who signs, where the store does not know: ops or compliance.")
    ] = "",
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for the engine's decision.", min=0, max=3_600)
    ] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Bring securities in from a file; nothing is taken while a line is wrong or unconfirmed."""
    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.reports.securities import current_master
    from app.securities.preview import preview as hold_against
    from app.securities.sheets import read_sheet

    sheet = read_sheet(file)
    opened = open_store(unlocked(store))
    try:
        master = current_master(opened)
        found = hold_against(sheet, master.instruments, master.rates)
        facts = _facts(found)
        if not preview:
            taken = found.taken(only_good=only_good, accept_warnings=accept_warnings)
            facts |= _hand_over(opened, taken, _author(opened, login), wait)
    finally:
        opened.close()
    if as_json:
        say(facts, as_json)
    else:
        _print(found, facts)


@app.command()
def history(
    symbol: Annotated[str, typer.Argument(help="A symbol, such as AAPL.")],
    store: StoreOption,
    as_json: JsonOption = False,
) -> None:
    """Print every version of a line of the security master: when, and what changed."""
    import msgspec

    from app.bootstrap import open_store
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.reports.securities import versions_of

    opened = open_store(unlocked(store))
    try:
        versions = versions_of(opened, symbol.strip().upper())
    finally:
        opened.close()
    if not versions:
        raise BadInput(
            f"{symbol.strip().upper()} was never listed in this store. Check the symbol."
        )
    if as_json:
        say({"symbol": symbol.strip().upper(), "versions": msgspec.to_builtins(versions)}, as_json)
        return
    for each in versions:
        changes = "; ".join(f"{c.title} {_shown(c.old)} → {_shown(c.new)}" for c in each.changes)
        what = changes or f"listed: {each.instrument.name}, {each.instrument.market_code}"
        print(f"version {each.version}  {_time(each.ts)}  {what}")


def _author(store: Store, login: str) -> str:
    """Return who signs: the connection's login, or on a store that knows none whoever is named."""
    from models.commands import SYSTEM

    known = store.health().login
    if known and login not in ("", known):
        raise BadInput(f"The store knows this connection as {known}, not as {login}. Drop --login.")
    return known or login or SYSTEM


def _hand_over(
    store: Store, taken: tuple[Instrument, ...], author: str, wait_s: float
) -> dict[str, Any]:
    """Send the lines, and say what became of them as far as that is known in `wait_s`."""
    from app.ports import BODY_MAX, Verdict
    from app.securities.batches import batches
    from app.session.ids import new_command_id
    from app.session.step import submission_of
    from models.commands import ListInstruments

    since = store.head_seq()
    commands = [
        ListInstruments(id=new_command_id(), author=author, instruments=batch)
        for batch in batches(taken, BODY_MAX)
    ]
    verdicts: dict[str, str] = {}
    for command in commands:
        outcome = store.submit(submission_of(command))
        verdicts[command.id] = outcome.verdict.value
        if outcome.verdict not in (Verdict.RECEIVED, Verdict.DECIDED):
            raise BadInput(f"The store did not take the list: {outcome.text or outcome.verdict}.")
    waiting = _await(store, set(verdicts), wait_s)
    refusals = _refusals(store, set(verdicts), since)
    if refusals:
        raise BadInput(" ".join(refusals))
    verdicts |= {each: "received" if each in waiting else "decided" for each in verdicts}
    return {"author": author, "taken": len(taken), "commands": verdicts}


def _await(store: Store, waiting: set[str], wait_s: float) -> set[str]:
    """Return the commands that are still undecided after `wait_s`, or when no engine is there."""
    from app.ports import Verdict

    now = seen = time.monotonic()
    ends = now + wait_s
    while waiting:
        waiting -= {each for each in waiting if store.lookup(each).verdict is Verdict.DECIDED}
        now = time.monotonic()
        if store.leader() is not None:
            seen = now
        if now >= ends or now - seen > _NO_ENGINE_S:
            break
        if waiting:
            time.sleep(_POLL_S)
    return waiting


def _refusals(store: Store, ids: set[str], after_seq: int) -> list[str]:
    from models.events import FIRM_STREAM, CommandFailed, decode_event

    found = []
    while page := store.read([FIRM_STREAM], after_seq, 1_000):
        for row in page:
            if row.command_id in ids and row.kind == CommandFailed.__name__:
                event = decode_event(row.body)
                if isinstance(event, CommandFailed):
                    found.append(event.text)
        after_seq = page[-1].seq
    return found


# -- words ---------------------------------------------------------------------------------------


def _facts(found: Preview) -> dict[str, Any]:
    import msgspec

    return {
        "file": found.file,
        "totals": {state.value: count for state, count in found.totals.items()},
        "warnings": found.warned,
        "unused_columns": list(found.unused),
        "lines": [
            {
                "line": line.number,
                "symbol": line.symbol,
                "state": line.state.value,
                "changes": msgspec.to_builtins(line.changes),
                "faults": msgspec.to_builtins(line.faults),
                "warnings": list(line.warnings),
            }
            for line in found.lines
            if line.state != "unchanged"
        ],
    }


def _print(found: Preview, facts: dict[str, Any]) -> None:
    for line in found.lines:
        for words in _words(line):
            print(f"line {line.number}: {words}")
    if found.unused:
        print(f"columns not used: {', '.join(found.unused)}")
    totals = ", ".join(f"{count:,} {state}" for state, count in facts["totals"].items())
    print(f"{found.file}: {totals}, {found.warned:,} with warnings")
    if "taken" not in facts:
        print("nothing was taken: this was a preview")
        return
    waiting = sum(1 for verdict in facts["commands"].values() if verdict == "received")
    print(f"{facts['taken']:,} lines handed over by {facts['author']}")
    if waiting:
        print("they wait for an engine, which decides them when it runs")


def _words(line: Line) -> list[str]:
    words = []
    if line.state == "new" and line.instrument is not None:
        words.append(f"{line.symbol} is new: {line.instrument.name}")
    words += [
        f"{line.symbol}: {each.title} {_shown(each.old)} → {_shown(each.new)}"
        for each in line.changes
    ]
    words += [f"wrong: {fault.text}" for fault in line.faults]
    return words + [f"warning: {each}" for each in line.warnings]


def _shown(text: str) -> str:
    return text or "(empty)"


def _time(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
