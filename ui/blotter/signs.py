"""How blotters write what is not a plain number: statuses, sides, times, basis points, alerts."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from models.money import BPS, MONEY_SCALE
from models.order_state import OrderStatus
from models.orders import Order, Side

S = OrderStatus

# Sign, word and tone of each status: colour never says anything alone.
STATUS: dict[OrderStatus, tuple[str, str, str]] = {
    S.DRAFT: ("○", "Draft", "muted"),
    S.STAGED: ("○", "Staged", "muted"),
    S.SENDING: ("◌", "Sending", "accent"),
    S.RECEIVED: ("◌", "Received", "accent"),
    S.UNKNOWN: ("?", "Unknown", "warning"),
    S.DENIED: ("✕", "Denied", "blocked"),
    S.PENDING_NEW: ("◌", "Pending new", "pending"),
    S.NEW: ("●", "Working", "working"),
    S.PARTIALLY_FILLED: ("◐", "Part filled", "working"),
    S.FILLED: ("✔", "Filled", "text"),
    S.SUSPENDED: ("‖", "Suspended", "warning"),
    S.DONE_FOR_DAY: ("◑", "Done for day", "muted"),
    S.PENDING_CANCEL: ("◌", "Pending cancel", "pending"),
    S.PENDING_REPLACE: ("◌", "Pending replace", "pending"),
    S.CANCELED: ("✕", "Canceled", "stale"),
    S.REJECTED: ("✕", "Rejected", "rejected"),
    S.EXPIRED: ("◷", "Expired", "stale"),
}
AWAITING_TRIGGER = ("◆", "Awaiting trigger", "accent")
SIDE_TONES = {Side.BUY: "buy", Side.SELL: "sell", Side.SELL_SHORT: "short"}

# Basis points are kept in tenths: what a fill costs is often less than one.
TENTHS_PER_BP = 10


def status_signs(order: Order) -> tuple[str, str, str]:
    """Return sign, word and tone of an order's status."""
    if order.status is S.NEW and order.awaits_trigger:
        return AWAITING_TRIGGER
    return STATUS[order.status]


def time_of_day(ts: int, zone: tzinfo) -> str:
    """Return `ts` (nanoseconds UTC) as the desk's time of day."""
    return f"{datetime.fromtimestamp(ts // 1_000_000_000, UTC).astimezone(zone):%H:%M:%S}"


def time_with_ms(ts: int, zone: ZoneInfo) -> str:
    """Return `ts` (nanoseconds UTC) as the desk's time of day, to the millisecond."""
    return f"{time_of_day(ts, zone)}.{ts // 1_000_000 % 1_000:03d}"


def slippage(side: Side, px: int, arrival_px: int) -> int | None:
    """Return a price against the mid at arrival in tenths of a basis point; a cost is positive."""
    if not px or not arrival_px:
        return None
    gap = side.sign * (px - arrival_px) * BPS * TENTHS_PER_BP
    return (2 * gap + arrival_px) // (2 * arrival_px)


def signed_tenths(tenths: int) -> str:
    """Return tenths of a basis point as `+0.4`, `−1.2` or `0.0`."""
    sign = "+" if tenths > 0 else "−" if tenths < 0 else ""
    whole, tenth = divmod(abs(tenths), TENTHS_PER_BP)
    return f"{sign}{whole:,}.{tenth}"


def cost_tone(cost: int | None) -> str | None:
    """Return the tone of what is a cost where it is positive."""
    if not cost:
        return None
    return "loss" if cost > 0 else "gain"


def gain_tone(gain: int | None) -> str | None:
    """Return the tone of what is a gain where it is positive."""
    return cost_tone(None if gain is None else -gain)


def short_money(amount: int) -> str:
    """Return money (millionths) as `950`, `48.2k`, `48.2m` or `1.3b`."""
    sign, units = ("−" if amount < 0 else ""), (abs(amount) + 500_000) // 1_000_000
    for power, letter in ((9, "b"), (6, "m"), (3, "k")):
        # What would round up to 1,000.0 of one letter is written as 1.0 of the next.
        if units + 10 ** (power - 3) // 20 >= 10**power:
            tenths = (10 * units + 10**power // 2) // 10**power
            return f"{sign}{tenths // 10:,}.{tenths % 10}{letter}"
    return f"{sign}{units:,}"


def short_qty(qty: int) -> str:
    """Return a sum of quantities: whole below 100,000, else as `127.0k` or `1.3m`."""
    return f"{qty:,}" if abs(qty) < 100_000 else short_money(qty * MONEY_SCALE)


def signed_money(amount: int) -> str:
    """Return money (millionths) in whole units with its sign: `+12,480`, `−950`, `0`."""
    units = (abs(amount) + 500_000) // 1_000_000
    sign = ("+" if amount > 0 else "−") if units else ""
    return f"{sign}{units:,}"
