"""`blotter bench`: measure, beside a peer or the physical floor, in one run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from models.errors import BadInput

app = typer.Typer(help="Measure against peers and the physical floor.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def matching(
    messages: Annotated[int, typer.Option(help="How many messages of each workload.")] = 200_000,
    rounds: Annotated[int, typer.Option(help="How many rounds; the median counts.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Our order book beside four peers: a small book, and deep ones of 4,000 and 40,000 orders."""
    from app.bench.matching import run
    from app.cli.output import say

    say(run(messages, rounds), as_json)


@app.command()
def engine(
    orders: Annotated[int, typer.Option(help="How many orders wait in the inbox.")] = 20_000,
    as_json: JsonOption = False,
) -> None:
    """Durable orders a second: inbox, rules, matching, log and read tables on SQLite FULL."""
    from app.bench.engine import run
    from app.cli.output import say

    say(run(orders), as_json)


@app.command()
def roundtrip(
    orders: Annotated[int, typer.Option(help="How many orders to send.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """From the ticket's button to the filled row on screen, embedded, in a real window."""
    from app.bench.roundtrip import run
    from app.cli.output import say
    from ui.bench_window import measured_window

    say(run(measured_window, orders), as_json)


@app.command()
def blotter(
    orders: Annotated[int, typer.Option(help="How many orders the blotter holds.")] = 100_000,
    seconds: Annotated[float, typer.Option(help="For how long they change.")] = 8.0,
    window: Annotated[bool, typer.Option(help="Measure the window's start too.")] = True,
    as_json: JsonOption = False,
) -> None:
    """The Orders blotter's sort, filter and live changes, beside VeighNa's order monitor."""
    from app.bench.blotter import run
    from app.cli.output import say
    from ui import bench_blotter

    say(run(bench_blotter, orders, seconds, with_window=window), as_json)


@app.command()
def books(
    sequences: Annotated[int, typer.Option(help="How many seeded sequences to run.")] = 1_000,
    first_seed: Annotated[int, typer.Option(help="The seed of the first one.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Our order book beside its naive oracle on seeded sequences; exit code 1 when they differ."""
    from app.bench.books import run
    from app.cli.output import say
    from app.simulation.books import run_sequence

    result = run(run_sequence, sequences, first_seed)
    say(result, as_json)
    if result.figures["differences"]:
        raise typer.Exit(1)


@app.command(hidden=True)
def resting(
    book: Annotated[str, typer.Argument(help="Whose order book: ours, or a peer's name.")],
    orders: Annotated[int, typer.Argument(help="How many orders rest in it.")],
) -> None:
    """Say how many bytes a resting order takes; `bench matching` runs this."""
    from app.bench.resting import bytes_per_order

    print(bytes_per_order(book, orders))


@app.command()
def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many worlds.")] = 300,
    first: Annotated[int, typer.Option(help="The first seed.")] = 1,
    mode: Annotated[
        str, typer.Option(help="heal, endless or rollback; by itself each seed in all three.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Seeded worlds of desktops, engines and faulty stores; exit code 1 if one breaks a promise."""
    from app.bench.result import BenchResult, machine
    from app.cli.output import say
    from app.simulation.campaign import run_campaign
    from app.simulation.run import Mode

    if mode and mode not in list(Mode):
        raise BadInput(f"Mode {mode!r} is not known; use heal, endless or rollback.")
    done = run_campaign(range(first, first + seeds), [Mode(mode)] if mode else list(Mode))
    figures = {
        "violations": float(done.violations),
        "worlds": float(done.seeds),
        "commands": float(done.commands),
        "events": float(done.events),
        "faults": float(done.faults),
        "takeovers": float(done.takeovers),
        "seeds_per_s": round(done.seeds / done.seconds, 1),
    }
    say(BenchResult(bench="simulate", machine=machine(), figures=figures), as_json)
    for result in done.failing:
        print(f"{result.again}\n  " + "\n  ".join(result.violations), file=sys.stderr)
    if done.failing:
        raise typer.Exit(1)


@app.command()
def faults(
    database_kills: Annotated[int, typer.Option(help="SIGKILLs of the whole database.")] = 100,
    engine_pauses: Annotated[int, typer.Option(help="Leading engines that are stopped.")] = 100,
    engine_kills: Annotated[int, typer.Option(help="Leading engines that are killed.")] = 20,
    submits: Annotated[int, typer.Option(help="Orders through a proxy that cuts.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Seed of when and what.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Real kills, pauses and cuts on a private PostgreSQL; exit code 1 if a promise is broken."""
    from app.bench.fault_audit import PROMISES
    from app.bench.faults import Plan, run
    from app.cli.output import say

    plan = Plan(
        database_kills=database_kills,
        engine_pauses=engine_pauses,
        engine_kills=engine_kills,
        submits=submits,
        seed=seed,
    )
    result = run(plan)
    say(result, as_json)
    if any(result.figures[promise] for promise in PROMISES):
        raise typer.Exit(1)


@app.command()
def load(
    desktops: Annotated[int, typer.Option(min=1, help="How many people trade.")] = 20,
    rate: Annotated[float, typer.Option(min=0.1, help="Orders a second, of all of them.")] = 100.0,
    seconds: Annotated[float, typer.Option(min=0.5, help="For how long.")] = 60.0,
    catch_up: Annotated[
        int, typer.Option(min=1, help="Events that a desktop which was away has to read.")
    ] = 50_000,
    as_json: JsonOption = False,
) -> None:
    """A shared desk at work on a private PostgreSQL, beside two bare commits and notifications."""
    from app.bench.load import Load, run
    from app.cli.output import say

    say(run(Load(desktops=desktops, rate=rate, seconds=seconds, catch_up=catch_up)), as_json)


@app.command(hidden=True)
def window(
    store: Annotated[str, typer.Argument(help="The store to open.")],
    orders: Annotated[int, typer.Argument(help="How many orders it shows once it is usable.")],
) -> None:
    """Open the desktop, say when it is usable, and close it; `bench blotter` runs this."""
    from app.bootstrap import EmbeddedEngine, open_session
    from app.config import Settings, store_address

    settings = Settings(store=store, login="alice")
    engine = EmbeddedEngine(store_address(settings.store))

    from ui.bench_blotter import opened_window

    code = opened_window(
        lambda post: open_session(settings, post, engine),
        orders,
        settings.timezone,
        lambda: print("usable", flush=True),
    )
    engine.close()
    raise typer.Exit(code)
