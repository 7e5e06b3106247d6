"""The boxes of type and time in force: what does not go with the other is grey, and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox

from models.order_support import pair_objection
from models.orders import DESK, Capacity, OrderType, Peg, TimeInForce
from ui import theme

TYPES = {
    "Market": OrderType.MARKET,
    "Limit": OrderType.LIMIT,
    "Market to limit": OrderType.MARKET_TO_LIMIT,
    "Stop": OrderType.STOP,
    "Stop limit": OrderType.STOP_LIMIT,
    "Trailing stop": OrderType.TRAILING_STOP,
    "Trailing stop limit": OrderType.TRAILING_STOP_LIMIT,
    "Pegged": OrderType.PEGGED,
}
FORCES = {
    "Day": TimeInForce.DAY,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTC": TimeInForce.GTC,
    "GTD": TimeInForce.GTD,
    "On open": TimeInForce.OPG,
    "On close": TimeInForce.CLS,
}
PEGS = {"Primary": Peg.PRIMARY, "Mid": Peg.MID, "Market": Peg.MARKET}
ROUTES = {"SIM": "SIM", "Desk (care)": DESK}
CAPACITIES = {
    "Agency": Capacity.AGENCY,
    "Principal": Capacity.PRINCIPAL,
    "Riskless principal": Capacity.RISKLESS_PRINCIPAL,
}
_IS_SLICE = "A slice goes to a venue: the desk works its parent already."
_IS_WORKING = "It rests already; cancel it and enter it anew to trade at once or not at all."
_ROLE = Qt.ItemDataRole
_Choice = TypeVar("_Choice")


def grey_out(
    type_box: QComboBox,
    force_box: QComboBox,
    kind: OrderType,
    force: TimeInForce,
    *,
    is_working: bool = False,
) -> None:
    """Let each box offer what goes with the other's choice, and say of the rest why not.

    An order that `is_working` rests already.
    """
    _offer(type_box, TYPES, lambda each: pair_objection(each, force))
    _offer(
        force_box,
        FORCES,
        lambda each: _IS_WORKING if is_working and not each.rests else pair_objection(kind, each),
    )


def offer_routes(box: QComboBox, *, is_slice: bool) -> None:
    """Let the box of routes offer the desk, but not to a slice of what the desk works."""
    _offer(box, ROUTES, lambda each: _IS_SLICE if is_slice and each == DESK else "")


def _offer(
    box: QComboBox, choices: Mapping[str, _Choice], objection: Callable[[_Choice], str]
) -> None:
    model = cast(QStandardItemModel, box.model())
    for row, choice in enumerate(choices.values()):
        item, why = model.item(row), objection(choice)
        item.setEnabled(not why)
        item.setToolTip(why)
        item.setData(theme.brush("stale") if why else None, _ROLE.ForegroundRole)


def name_of(choices: Mapping[str, object], value: object) -> str:
    """Return what a box calls `value`."""
    return next(name for name, each in choices.items() if each == value)
