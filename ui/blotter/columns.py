"""The Orders blotter's columns, as data: a new column is one more entry in the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from app.session.step import SessionCore
from models.money import BPS
from models.orders import Order
from models.workflow import RunState
from ui.blotter.flags import Flags
from ui.blotter.signs import (
    SIDE_TONES,
    TENTHS_PER_BP,
    cost_tone,
    short_money,
    short_qty,
    signed_money,
    signed_tenths,
    slippage,
    status_signs,
    time_of_day,
)
from ui.blotter.worth import Worth, whole_money
from ui.tables.columns import (
    Column,
    Edit,
    Kind,
    count_of,
    integer_column,
    mean_of,
    sum_of,
    text_column,
)


def slippage_bps(order: Order) -> int | None:
    """Return the average price against the arrival mid, in tenths of a bp; a cost is positive."""
    return slippage(order.side, order.avg_px, order.arrival_px)


def shown_px(order: Order) -> int | None:
    """Return the price that the order waits for: its limit, or a stop's trigger."""
    return order.limit_px or order.stop_px


def family_text(core: SessionCore, order: Order) -> str:
    """Return what a care order and its slices have in common, empty for orders without a family."""
    parent = core.state.orders.get(order.parent_id) if order.parent_id else order
    if parent is None or not parent.is_care:
        return ""
    return f"{parent.order_id} {parent.side.label} {parent.symbol}"


def above_id(core: SessionCore, order: Order) -> str:
    """Return the order that this one stands under: its care order, or its group's first leg."""
    if order.parent_id:
        return order.parent_id
    group = core.state.groups.get(order.group_id) if order.group_id else None
    first = group.legs[0] if group is not None and group.legs else ""
    return "" if first == order.order_id else first


def care_text(order: Order) -> str:
    """Return `care`, `unclaimed`, `slice`, or nothing."""
    if order.is_care:
        return "care" if order.trader else "unclaimed"
    return "slice" if order.parent_id else ""


def strategy_name(core: SessionCore, order: Order) -> str:
    """Return the name of the strategy that works an order, or that made it."""
    run = core.state.strategies.get(order.order_id)
    if run is None:
        return order.execution_decision.upper() if order.by_strategy else ""
    return run.strategy.kind.label


def strategy_text(core: SessionCore, order: Order) -> str:
    """Return the strategy that works an order, and how far it is; or that made the order."""
    run = core.state.strategies.get(order.order_id)
    if run is None:
        return strategy_name(core, order)
    done = f"{run.slices}/{run.strategy.slices}"
    is_paused = run.state is RunState.PAUSED
    return f"{run.strategy.kind.label} {'‖ paused' if is_paused else done}"


def strategy_tone(core: SessionCore, order: Order) -> str | None:
    """Return the tone of a strategy that is paused or runs."""
    run = core.state.strategies.get(order.order_id)
    if run is None:
        return "muted" if order.by_strategy else None
    return "warning" if run.state is RunState.PAUSED else "working"


def basket_text(core: SessionCore, order: Order) -> str:
    """Return the name of the basket that an order, or its parent, came with."""
    parent = core.state.orders.get(order.parent_id)
    basket = core.state.baskets.get(order.basket_id or (parent.basket_id if parent else ""))
    return basket.name if basket is not None else ""


def group_text(core: SessionCore, order: Order) -> str:
    """Return how an order hangs together with others."""
    group = core.state.groups.get(order.group_id)
    return group.contingency.label if group is not None else ""


def order_columns(
    core: SessionCore,
    zone: ZoneInfo,
    flags: Flags | None = None,
    edits: Mapping[str, Edit[Order]] | None = None,
) -> list[Column[Order]]:
    """Return the columns over the orders of `core`, times in `zone`.

    `flags` tells which orders have alerts; `edits` how the columns it names are edited in place.
    """
    worth, flagged, edited = Worth(core), flags or Flags(), edits or {}

    def price(
        name: str,
        title: str,
        width: int,
        value: Callable[[Order], int | None],
        help: str,
        visible: bool = True,
        is_average: bool = False,
    ) -> Column[Order]:
        def text(order: Order) -> str:
            px, instrument = value(order), core.state.instruments.get(order.symbol)
            if not px or instrument is None:
                return ""
            return (instrument.show_average if is_average else instrument.show_price)(px)

        return Column(
            name, title, Kind.PRICE, width, lambda o: value(o) or None, text, help,
            visible=visible, edit=edited.get(name),
        )  # fmt: skip

    def money(
        name: str,
        title: str,
        value: Callable[[Order], int | None],
        help: str,
        is_gain: bool = False,
    ) -> Column[Order]:
        written = signed_money if is_gain else whole_money

        def text(order: Order) -> str:
            amount = value(order)
            return "" if amount is None else written(amount)

        return Column(
            name, title, Kind.MONEY, 92, value, text, help, visible=False,
            tone=(lambda o: cost_tone(value(o))) if is_gain else None,
            total=sum_of(written if is_gain else short_money),
        )  # fmt: skip

    def last_px(order: Order) -> int | None:
        quote = core.quotes.get(order.symbol)
        return quote.last if quote is not None else None

    def done_bps(order: Order) -> int:
        return order.cum_qty * BPS // order.qty if order.qty else 0

    def slippage_text(order: Order) -> str:
        tenths = slippage_bps(order)
        return "" if tenths is None else signed_tenths(tenths)

    word, integer = text_column, integer_column
    currency = "in the rule book's currency"
    return [
        Column(
            "status", "Status", Kind.TEXT, 119,
            value=lambda o: status_signs(o)[1], text=lambda o: " ".join(status_signs(o)[:2]),
            tone=lambda o: status_signs(o)[2], help="Where the order stands (FIX OrdStatus)",
        ),
        Column(
            "flag", "⚑", Kind.FLAG, 16,
            value=lambda o: flagged.word(o.order_id), text=lambda o: flagged.sign(o.order_id),
            tone=lambda o: flagged.tone(o.order_id),
            help="⚑ the order has an alert that nobody has seen, ⚐ alerts that were seen",
        ),
        Column(
            "time", "Time", Kind.TIME, 66,
            value=lambda o: o.created_ts, text=lambda o: time_of_day(o.created_ts, zone),
            help=f"When the desk took the order, {zone.key}",
        ),
        word(
            "side", "Side", 46, lambda o: o.side.label, "Buy, sell or sell short",
            tone=lambda o: SIDE_TONES[o.side], strong=True,
        ),
        word("symbol", "Symbol", 60, lambda o: o.symbol, "Ticker", strong=True),
        integer(
            "qty", "Qty", 62, lambda o: o.qty, "Quantity ordered", total=sum_of(short_qty),
            edit=edited.get("qty"),
        ),
        integer(
            "done", "Done", 62, lambda o: o.cum_qty, "Quantity filled", total=sum_of(short_qty),
        ),
        integer(
            "leaves", "Leaves", 62, lambda o: o.leaves_qty, "Quantity that may still fill",
            total=sum_of(short_qty),
        ),
        Column(
            "pct", "% Done", Kind.PERCENT, 59,
            value=done_bps, text=lambda o: f"{done_bps(o) // 100}%",
            bar=lambda o: done_bps(o) / BPS or None, help="Share of the quantity filled",
            total=mean_of(lambda bps: f"{bps // 100}%", weight="notional"),
        ),
        word("type", "Type", 42, lambda o: o.order_type.label, "Order type"),
        price("limit", "Limit/stop", 76, shown_px, "Limit price; a stop's trigger"),
        price("last", "Last", 56, last_px, "Last trade of the name"),
        price("avg", "Avg px", 63, lambda o: o.avg_px, "Average fill price", is_average=True),
        Column(
            "slip", "Slip bp", Kind.INTEGER, 55, value=slippage_bps, text=slippage_text,
            tone=lambda o: cost_tone(slippage_bps(o)), scale=TENTHS_PER_BP,
            help="Average price against the mid at arrival, in basis points; + is a cost",
            total=mean_of(signed_tenths, weight="slipbase"),
        ),
        word("account", "Account", 68, lambda o: o.account, "Client account"),
        word("trader", "Trader", 52, lambda o: o.trader, "Who entered it"),
        word("tif", "TIF", 40, lambda o: o.time_in_force.label, "Time in force"),
        Column(
            "notional", "Notional", Kind.MONEY, 84, value=worth.notional,
            text=lambda o: "" if (worth_of := worth.notional(o)) is None else whole_money(worth_of),
            help=f"Value at the limit, stop or arrival price, {currency}",
            total=sum_of(short_money),
        ),
        word("venue", "Venue", 52, lambda o: o.venue, "Where it works; DESK is the desk itself"),
        Column(
            "strategy", "Strategy", Kind.TEXT, 82,
            value=lambda o: strategy_name(core, o), text=lambda o: strategy_text(core, o),
            tone=lambda o: strategy_tone(core, o),
            help="What works a care order, and whether it is paused",
        ),
        word("order", "Order", 118, lambda o: o.order_id, "The desk's order id"),
        word("reason", "Reason", 420, lambda o: o.reason, "Why, in plain words"),
        price("stop", "Stop", 72, lambda o: o.stop_px, "Stop price", visible=False),
        price("arrival", "Arrival", 72, lambda o: o.arrival_px, "Mid at arrival", visible=False),
        money("donevalue", "Done value", worth.done, f"What is filled, {currency}"),
        money("slipcost", "Slip", worth.slip, f"What slippage cost, {currency}", is_gain=True),
        money("slipbase", "At arrival", worth.slip_base, f"The fills at arrival, {currency}"),
        Column(
            "open", "Open", Kind.INTEGER, 48, value=lambda o: 1 if o.is_live else None,
            text=lambda o: "●" if o.is_live else "", help="Whether it may still fill",
            visible=False, total=count_of(),
        ),
        word(
            "family", "Family", 150, lambda o: family_text(core, o),
            "A care order and its slices have one", visible=False,
        ),
        word(
            "parent", "Parent", 118, lambda o: o.parent_id, "What it is a slice of", visible=False,
        ),
        word(
            "under", "Under", 118, lambda o: above_id(core, o),
            "What it stands under in the tree: its care order, or the first leg of its group",
            visible=False,
        ),
        word(
            "care", "Care", 74, care_text, "Whether the desk works it, it is a slice, or neither",
            visible=False,
        ),
        integer("room", "To send", 70, lambda o: o.room if o.is_care else 0,
            "What of a care order is neither done nor out", visible=False, total=sum_of(short_qty)),
        word(
            "basket", "Basket", 90, lambda o: basket_text(core, o), "The basket it came with",
            visible=False,
        ),
        word(
            "group", "Group", 70, lambda o: group_text(core, o),
            "How it hangs together with others: OCO, OTO, BRACKET", visible=False,
        ),
        word("client", "Client", 90, lambda o: o.client, "Whose account it is", visible=False),
        word(
            "owner", "Owner", 90, lambda o: o.beneficial_owner, "Beneficial owner", visible=False,
        ),
        word(
            "capacity", "Capacity", 90, lambda o: o.capacity.value.replace("_", " "),
            "In which capacity the firm trades", visible=False,
        ),
        word(
            "decided", "Decided by", 90, lambda o: o.investment_decision,
            "Who decided what to trade (MiFID RTS 22)", visible=False,
        ),
        word(
            "executes", "Executes", 90, lambda o: o.execution_decision or o.trader,
            "Who decides how it is traded (MiFID RTS 22)", visible=False,
        ),
        word(
            "enteredby", "Entered by", 90, lambda o: o.entered_by or o.trader,
            "Who entered it", visible=False,
        ),
        word("note", "Note", 160, lambda o: o.note or o.instructions,
            "What was said when it was passed on, or with the order", visible=False),
        integer("lastqty", "Last qty", 70, lambda o: o.last_qty, "Last fill", visible=False),
        word(
            "clordid", "Client order", 128, lambda o: o.cl_ord_id,
            "The id that the venue knows it by (FIX ClOrdID)", visible=False,
        ),
        integer("version", "Version", 60, lambda o: o.version, "Amendments, and 1", visible=False),
        Column(
            "amended", "Updated", Kind.TIME, 64, visible=False,
            value=lambda o: o.updated_ts, text=lambda o: time_of_day(o.updated_ts, zone),
            help=f"When it last changed, {zone.key}",
        ),
    ]  # fmt: skip
