"""What the keyboard does, as data: name, words, keys. No unmodified key sends an order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing that a key does; `keys` in Qt's portable text, the first one is shown."""

    name: str
    title: str
    keys: tuple[str, ...]


ACTIONS: tuple[Action, ...] = (
    Action("new_buy", "Buy ticket", ("F2",)),
    Action("new_sell", "Sell ticket", ("F3",)),
    Action("send", "Send what the button says", ("Ctrl+Return", "Ctrl+Enter")),
    Action("drop", "Drop the ticket", ("Esc",)),
    Action("amend", "Amend the selected order", ("Ctrl+E",)),
    Action("cancel", "Cancel the selected orders, at once", ("Del",)),
    Action("filter", "Filter the blotter", ("Ctrl+F",)),
    Action("go_blotter", "Go to the blotter", ("Ctrl+B",)),
    Action("go_alerts", "Go to the alerts", ("Ctrl+Shift+A",)),
    Action("acknowledge", "Acknowledge the selected alerts", ("F8",)),
    Action("jump", "Show the alert's order in the blotter", ("Ctrl+J",)),
    Action("theme", "Dark or light", ("Ctrl+Shift+L",)),
)
BY_NAME = {action.name: action for action in ACTIONS}
