"""The help page of order types is what the program says."""

from __future__ import annotations

import re

import resources
from app.reports.order_types_page import FORCES, TYPES, order_types_page
from models.order_support import SUPPORT
from models.orders import OrderType, TimeInForce


def test_page_in_the_repository_is_what_is_made() -> None:
    written = resources.path("help", "order_types.md").read_text(encoding="utf-8")
    assert written == order_types_page(), "make pages"


def test_page_says_of_every_pair_what_the_table_of_pairs_says() -> None:
    page = order_types_page()
    notes = dict(re.findall(r"^(\d+)\. (.*)$", page, re.MULTILINE))
    section = page.partition("## What goes with what")[2].partition("## Instructions")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if " | " in line]
    names, body = rows[0], rows[1:]
    forces = {FORCES[force].name: force for force in TimeInForce}
    kinds = {TYPES[kind].name: kind for kind in OrderType}
    read = {
        (kinds[row[0]], forces[name]): notes.get(cell.strip("no ()"), "")
        for row in body
        for name, cell in zip(names, row[1:], strict=True)
    }
    assert read == SUPPORT
