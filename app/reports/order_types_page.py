"""Makes the help page of order types from what the desk accepts: `make pages` writes it.

The table comes from `models.order_support`, the bounds from `app.core.judgement`; the words about
each type stand here, beside the line that a person types for it.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from app.core.judgement import GTD_DAYS_MAX, PEG_OFFSET_BPS_MAX, TRAIL_BPS_MAX
from models.order_support import SUPPORT
from models.orders import OrderType, TimeInForce


class Entry(NamedTuple):
    """What something is called, how it is typed in the order line, and what it does."""

    name: str
    example: str
    text: str


TYPES: dict[OrderType, Entry] = {
    OrderType.MARKET: Entry(
        "Market",
        "b 500 aapl mkt",
        "Trades with whatever is there; what finds nobody is cancelled, for it has no price.",
    ),
    OrderType.LIMIT: Entry(
        "Limit", "b 500 aapl 190.50", "Trades at its price or better; what is left rests."
    ),
    OrderType.STOP: Entry(
        "Stop",
        "s 500 aapl stop 180",
        "Waits until a trade reaches its stop price, then it is a market order. A buy stop stands "
        "above the last price, a sell stop below it.",
    ),
    OrderType.STOP_LIMIT: Entry(
        "Stop limit",
        "s 500 aapl stop 180 179.50",
        "Waits like a stop, then it is a limit order. The market may run away from it.",
    ),
    OrderType.MARKET_TO_LIMIT: Entry(
        "Market to limit",
        "b 500 aapl mtl",
        "Trades at the best price of the other side and no worse; what is left rests there as a "
        "limit order, and can be amended like one. Where nobody is on the other side it is "
        "cancelled.",
    ),
    OrderType.TRAILING_STOP: Entry(
        "Trailing stop",
        "s 500 aapl trail 25bp",
        "A stop that the venue keeps behind the best price since it was entered, by an amount "
        f"(`trail 0.50`) or by 1 to {TRAIL_BPS_MAX:,} basis points of that price (`trail 25bp`). "
        "It follows a market that goes its way and stands still when the market turns. Only its "
        "quantity can be amended.",
    ),
    OrderType.TRAILING_STOP_LIMIT: Entry(
        "Trailing stop limit",
        "s 500 aapl trail 0.50 limit 0.05",
        "Trails like that, then it is a limit order whose limit stands so far beyond its stop: "
        "below it for a sale, above it for a buy. The distance may be 0.",
    ),
    OrderType.PEGGED: Entry(
        "Pegged",
        "b 500 aapl peg mid cap 190.60",
        "Follows the market: `peg primary` the best price of its own side, `peg market` that of "
        "the other side, `peg mid` the middle, rounded away from the other side. An offset goes "
        "towards the other side when positive (`peg primary +0.01`, `peg market -0.05`, at most "
        f"{PEG_OFFSET_BPS_MAX // 100}% of the price); it never goes beyond its cap. It follows "
        "displayed orders that follow nobody, loses its place when it moves, trades when it "
        "reaches the other side, and waits unseen while there is nothing to follow and in calls.",
    ),
}

FORCES: dict[TimeInForce, Entry] = {
    TimeInForce.DAY: Entry("Day", "b 500 aapl 190.50", "Works to the end of the day."),
    TimeInForce.IOC: Entry(
        "IOC",
        "b 500 aapl 190.50 ioc",
        "Immediate or cancel: trades what it can at once, the rest is cancelled.",
    ),
    TimeInForce.FOK: Entry(
        "FOK", "b 500 aapl 190.50 fok", "Fill or kill: trades all of it at once, or nothing."
    ),
    TimeInForce.GTC: Entry(
        "GTC", "b 500 aapl 190.50 gtc", "Good till cancelled: works on the next days too."
    ),
    TimeInForce.GTD: Entry(
        "GTD",
        "b 500 aapl 190.50 gtd +5d",
        "Good till a date: works to the end of its last day, at most "
        f"{GTD_DAYS_MAX} days ahead. Written `2026-12-01`, `1dec`, or `+5d` counted from today.",
    ),
    TimeInForce.OPG: Entry(
        "On open",
        "b 500 aapl mkt opg",
        "Trades in the opening auction alone; taken before the open, and what the auction leaves "
        "of it is cancelled.",
    ),
    TimeInForce.CLS: Entry(
        "On close",
        "b 500 aapl 190.50 cls",
        "Trades in the closing auction alone; taken until its call ends, seen from its start on, "
        "and what the auction leaves of it is cancelled.",
    ),
}

INSTRUCTIONS: tuple[Entry, ...] = (
    Entry(
        "Iceberg",
        "b 5k aapl 190.50 iceberg 500",
        "The book shows so much of it at a time. Each new tranche goes to the back of the queue; "
        "with `random` tranches vary by up to a fifth, so that they are not recognised. For limit "
        "and stop-limit orders that rest.",
    ),
    Entry(
        "Post-only",
        "b 500 aapl 190.50 post",
        "Never takes: if it would trade on entry, the venue rejects it. For limit orders that "
        "rest.",
    ),
    Entry(
        "Minimum quantity",
        "b 5k aapl 190.50 ioc min 500",
        "Trades at least so much at once, or all of it is cancelled. With IOC.",
    ),
    Entry(
        "All-or-none",
        "b 5k aapl 190.50 aon",
        "Trades whole in one go or not at all. It rests unseen, after those that are seen at its "
        "price; whoever can't fill it whole passes it over, and it takes as soon as enough has "
        "gathered. It takes no part in auctions. For limit orders that rest.",
    ),
)

AUCTIONS = """Before the open, before the close, when a halt ends and when a trade would go beyond
a price band, orders are gathered in a *call* and then trade at one price: the one at which most
trades, then with the least left over, then where what is left over presses, then the nearest to the
last price. Market orders come first, then the best prices, then who came first; an iceberg takes
part with all of its quantity. Nothing trades in a call: IOC and FOK are refused, a market order
waits for the auction, and what the auction leaves of it is cancelled. A halted name is in a call
without an end: cancels pass, new orders wait for the auction that ends the halt.
"""

_INTRO = """# Order types

What the desk accepts, what each does, and how it is typed. The [ticket](ticket.md) shows the fields
that belong to the type and time in force; what does not go together is grey in its boxes and says
why. Orders for accounts of one client do not trade with each other: the newer one is cancelled.
"""
_OUTRO = "This page is made from the program itself."


def order_types_page() -> str:
    """Return the page as Markdown."""
    parts = [
        _INTRO,
        "## Types\n",
        _entries("type", tuple(TYPES[kind] for kind in OrderType)),
        "## Times in force\n",
        _entries("time in force", tuple(FORCES[force] for force in TimeInForce)),
        "## What goes with what\n",
        _pairs(),
        "## Instructions\n",
        _entries("instruction", INSTRUCTIONS),
        "## Auctions and halts\n",
        AUCTIONS,
        _OUTRO,
    ]
    return "\n".join(parts) + "\n"


def _entries(heading: str, entries: tuple[Entry, ...]) -> str:
    rows = [f"| {each.name} | `{each.example}` | {each.text} |" for each in entries]
    return "\n".join([f"| {heading} | for example | what it does |", "|---|---|---|", *rows, ""])


def _pairs() -> str:
    """Return the table of pairs, with a number for each reason that one is refused for."""
    reasons = list(dict.fromkeys(filter(None, SUPPORT.values())))
    forces = list(TimeInForce)
    lines = [
        "| | " + " | ".join(FORCES[force].name for force in forces) + " |",
        "|---|" + "---|" * len(forces),
    ]
    for kind in OrderType:
        cells = (SUPPORT[kind, force] for force in forces)
        marks = ("yes" if not why else f"no ({reasons.index(why) + 1})" for why in cells)
        lines.append(f"| {TYPES[kind].name} | " + " | ".join(marks) + " |")
    notes = [f"{number}. {why}" for number, why in enumerate(reasons, 1)]
    return "\n".join([*lines, "", *notes, ""])


if __name__ == "__main__":
    sys.stdout.write(order_types_page())
