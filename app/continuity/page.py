"""Tables as one page of HTML, for paper: it holds all that it needs, and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from html import escape

from app.reports.render import Cell, Table

_STYLE = """
body { font-family: sans-serif; font-size: 9pt; color: #111; }
h1 { font-size: 15pt; } h2 { font-size: 11pt; margin-top: 14pt; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; border-bottom: 1px solid #111; padding: 2pt 4pt; }
td { border-bottom: 1px solid #bbb; padding: 2pt 4pt; vertical-align: top; }
.number { text-align: right; }
@page { size: A4 landscape; margin: 12mm; }
"""


def page(title: str, facts: Mapping[str, str], tables: Iterable[Table]) -> str:
    """Return a page with a heading, facts and tables; every text is escaped."""
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><table>",
        *(
            f"<tr><td><b>{escape(name)}</b></td><td>{escape(said)}</td></tr>"
            for name, said in facts.items()
        ),
        "</table>",
    ]
    for table in tables:
        parts += _table(table)
    return "\n".join([*parts, "</body></html>", ""])


def _table(table: Table) -> list[str]:
    heading = f"<h2>{escape(table.title)} ({len(table.rows):,})</h2>"
    if not table.rows:
        return [heading, "<p>None.</p>"]
    columns = "".join(f"<th>{escape(each)}</th>" for each in table.columns)
    rows = ["<tr>" + "".join(map(_cell, row)) + "</tr>" for row in table.rows]
    return [heading, f"<table><thead><tr>{columns}</tr></thead><tbody>", *rows, "</tbody></table>"]


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "<td></td>"
        case bool() | str():
            return f"<td>{escape(str(cell))}</td>"
        case datetime():
            return f"<td>{cell:%Y-%m-%d %H:%M:%S %Z}</td>"
        case Decimal():
            return f'<td class="number">{cell:,f}</td>'
        case _:
            return f'<td class="number">{cell:,}</td>'
