"""`blotter continuity`: what a desk needs on paper before its systems fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.desktop import PROFILE_HELP
from models.errors import BadInput, BlotterError, StoreUnavailable

if TYPE_CHECKING:
    from app.config import Settings, StoreAddress
    from app.continuity.pack import Pack, Source, WritePdf
    from app.core.desk_state import DeskState

app = typer.Typer(help="Prepare for an outage.", no_args_is_help=True)
_MINUTES_MAX = 24 * 60


@app.callback()
def _continuity() -> None:
    """Keeps `continuity` a group of verbs, also while there is only one."""


@app.command()
def pack(
    store: Annotated[str, typer.Option(help="sqlite:///desk.db or postgresql://host/desk.")],
    out: Annotated[Path, typer.Option(help="The folder that packs are kept in.")],
    every: Annotated[
        int, typer.Option(help="Write one every so many minutes, until it is ended; 0 writes one.")
    ] = 0,
    desk: Annotated[str, typer.Option(help="Whose orders; the profile's desk when left out.")] = "",
    profile: Annotated[str, typer.Option(help=PROFILE_HELP)] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a pack.")] = False,
) -> None:
    """Write open orders, positions, contacts and notices into a folder: CSV, XLSX, HTML and PDF."""
    if not 0 <= every <= _MINUTES_MAX:
        raise BadInput(f"Every {every} minutes can't be; give 0 to {_MINUTES_MAX:,}.")
    from app.cli.output import say
    from app.cli.passwords import unlocked
    from app.config import load_settings

    settings, address, write_pdf = load_settings(profile), unlocked(store), _pdf_writer()
    if desk:
        settings = settings.model_copy(update={"desk": desk})

    def write() -> None:
        say(_facts(_write(settings, address, out, write_pdf), write_pdf is not None), as_json)

    if not every:
        write()
        return
    _go_on(write, every * 60)


def _go_on(write: Callable[[], None], every_s: int) -> None:
    """Write again and again; what fails is said, and what was written before stays."""
    next_s = time.monotonic()
    while True:
        try:
            write()
        except (BlotterError, StoreUnavailable) as error:
            typer.echo(f"No pack this time: {error} The last ones are kept.", err=True)
        next_s += every_s
        time.sleep(max(0.0, next_s - time.monotonic()))


def _write(
    settings: Settings, address: StoreAddress, out: Path, write_pdf: WritePdf | None
) -> Pack:
    from app.continuity.pack import write_pack

    return write_pack(out, _source(settings, address), time.time_ns(), write_pdf)


def _known(settings: Settings, address: StoreAddress) -> tuple[DeskState, int]:
    """Return the state at the log's head, or in this machine's own copy, and as of when it is."""
    from app.bootstrap import open_store, store_exists
    from app.continuity.copy_reading import state_of_copy
    from app.reports.blotter import current_state

    try:
        if not store_exists(address):
            raise StoreUnavailable(f"{address.url} is not there.")
        opened = open_store(address)
        try:
            return current_state(opened)[0], opened.now()
        finally:
            opened.close()
    except StoreUnavailable as error:
        found = state_of_copy(settings, address)
        if found is None:
            raise
        typer.echo(f"From this machine's own copy: {error}", err=True)
        return found


def _source(settings: Settings, address: StoreAddress) -> Source:
    from zoneinfo import ZoneInfo

    import resources
    from app.bootstrap import contacts_source
    from app.continuity.notices import fields_of, notices
    from app.continuity.pack import Source
    from app.continuity.templates import read_templates
    from app.reference_data import read_brokers

    state, known_ts = _known(settings, address)
    zone = ZoneInfo(settings.timezone)
    fields = fields_of(None, settings.desk, settings.login, "", known_ts, zone)
    texts = read_templates(resources.path("templates", "notices"))
    return Source(
        state,
        settings.desk,
        known_ts,
        read_brokers(contacts_source(settings)),
        notices(texts, fields),
        zone,
    )


def _pdf_writer() -> WritePdf | None:
    """Return what writes PDF; `None` on a machine without what Qt needs: HTML prints as well."""
    try:
        from ui.continuity.printing import begin_without_window, write_pdf
    except ImportError as error:
        typer.echo(f"No PDF on this machine ({error}); pack.html prints as well.", err=True)
        return None
    begin_without_window()
    return write_pdf


def _facts(made: Pack, has_pdf: bool) -> dict[str, object]:
    return {
        "pack": str(made.folder),
        "open_orders": made.orders,
        "files": len(made.files),
        "pdf": "written" if has_pdf else "not written",
    }
