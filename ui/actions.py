"""What the keyboard does, as data: name, words, keys. No unmodified key sends an order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing that a key does; `keys` in Qt's portable text, the first one is shown.

    Attributes:
        group: the heading under which help lists it.
        sends: whether it sends something: its keys then need Ctrl, Alt or Meta.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    group: str = "Window"
    sends: bool = False


def _go(pane: str, title: str, *keys: str) -> Action:
    return Action(f"go_{pane}", f"Go to {title}", keys, "Panes")


ACTIONS: tuple[Action, ...] = (
    Action("new_buy", "Buy ticket", ("F2",), "Ticket"),
    Action("new_sell", "Sell ticket", ("F3",), "Ticket"),
    Action("send", "Send what the button says", ("Ctrl+Return", "Ctrl+Enter"), "Ticket", True),
    Action("largest", "Take the largest quantity without a warning", ("Alt+M",), "Ticket"),
    Action("drop", "Drop the ticket, or leave what is typed in", ("Esc",), "Ticket"),
    Action("amend", "Amend the selected order", ("Ctrl+E",), "Orders"),
    Action("cancel", "Cancel the selected orders, at once", ("Del",), "Orders"),
    Action("history", "History of the selected order", ("Ctrl+H",), "Orders"),
    Action("filter", "Filter the blotter", ("Ctrl+F",), "Orders"),
    Action("tree", "Tree: slices under their care orders", ("Ctrl+T",), "Orders"),
    Action("release", "Release the selected staged orders", ("Ctrl+Shift+R",), "Orders", True),
    Action("claim", "Claim the selected care orders", ("Ctrl+Shift+C",), "Orders", True),
    Action("pass_on", "Pass the selected order to somebody", ("Ctrl+Shift+P",), "Orders"),
    Action("hand_over", "Hand over all of one's open orders", (), "Orders"),
    Action("slice", "Send a slice of the selected care order", ("Ctrl+I",), "Orders"),
    Action("strategy", "Work the selected care order with a strategy", ("Ctrl+Shift+S",), "Orders"),
    Action("phone", "Book a telephone execution", ("Ctrl+Shift+X",), "Orders"),
    Action("cancel_shown", "Cancel all orders that the blotter shows", (), "Orders", True),
    Action("acknowledge", "Acknowledge the selected alerts", ("F8",), "Compliance"),
    Action("jump", "Show the alert's order in the blotter", ("Ctrl+J",), "Compliance"),
    Action(
        "kill", "Kill: halt trading and cancel working orders", ("Ctrl+Shift+K",), "Safety", True
    ),
    Action("resume", "Resume trading after a halt", (), "Safety", True),
    Action("import_securities", "Import securities from a file", (), "Compliance"),
    _go("ticket", "the order ticket", "Ctrl+1"),
    _go("blotter", "the orders", "Ctrl+2", "Ctrl+B"),
    _go("fills", "the fills", "Ctrl+3"),
    _go("positions", "the positions", "Ctrl+4"),
    _go("history", "the order's history", "Ctrl+5"),
    _go("depth", "the depth", "Ctrl+6"),
    _go("chart", "the chart", "Ctrl+7"),
    _go("tape", "time and sales", "Ctrl+8"),
    _go("watch", "the watch list", "Ctrl+9"),
    _go("alerts", "the alerts", "Ctrl+0", "Ctrl+Shift+A"),
    _go("activity", "the activity", "Ctrl+Shift+T"),
    _go("overview", "the desk's overview", "Ctrl+Shift+O"),
    _go("baskets", "the baskets", "Ctrl+Shift+B"),
    _go("day", "the desk's day", "Ctrl+Shift+Y"),
    _go("continuity", "continuity: an outage", "Ctrl+Shift+U"),
    Action("next_pane", "Next pane", ("F6",), "Panes"),
    Action("previous_pane", "Previous pane", ("Shift+F6",), "Panes"),
    Action("float_pane", "Float this pane, or dock it again", ("Ctrl+Shift+F",), "Panes"),
    Action("hide_pane", "Hide this pane", ("Ctrl+W",), "Panes"),
    Action("palette", "Search or run anything", ("Ctrl+K",)),
    Action("menu", "Open the menu", ("F10",)),
    Action("layout_trader", "Layout: Trader", ("Ctrl+Alt+1",)),
    Action("layout_desk_head", "Layout: Desk head", ("Ctrl+Alt+2",)),
    Action("layout_reset", "Reset the layout", ("Ctrl+Alt+0",)),
    Action("theme", "Dark or light", ("Ctrl+Shift+L",)),
    Action("theme_contrast", "High contrast", ("Ctrl+Shift+H",)),
    Action("mute", "Mute or unmute all notices", ("Ctrl+Shift+M",)),
    Action("dismiss", "Dismiss the notices on screen", ("Ctrl+Shift+D",)),
    Action("keys", "Change keys", ("Ctrl+,",)),
    Action("help", "Help on this pane", ("F1",), "Help"),
    Action("help_keys", "Help on the keys", ("Shift+F1",), "Help"),
    Action("quit", "Close the window", ("Ctrl+Q",)),
)
BY_NAME = {action.name: action for action in ACTIONS}
GROUPS = tuple(dict.fromkeys(action.group for action in ACTIONS))
