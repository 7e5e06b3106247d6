"""Which keys do what: the actions' own keys, and what a person has changed about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from ui.actions import ACTIONS, Action

_KEYS_MAX: Final = 4
_TEXT_MAX: Final = 40
_MODIFIED: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
# Keys that text fields and tables live by: nothing else may take them.
_RESERVED: Final = frozenset(
    {
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)


def normal(key: str) -> str:
    """Return `key` as Qt writes it portably, empty when it is no key."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _parts(key: str) -> list[QKeyCombination]:
    sequence = QKeySequence(key)
    # PySide's own way to a sequence's parts; its type hints know nothing of it.
    return [sequence[at] for at in range(sequence.count())]  # type: ignore[index]


def _types_text(part: QKeyCombination) -> bool:
    """Whether the key alone writes a character into a text field."""
    is_printable = part.key().value < Qt.Key.Key_Escape.value
    return is_printable and not part.keyboardModifiers() & _MODIFIED


def objection(action: Action, key: str) -> str:
    """Return why `action` can't have `key`, empty when it can; who else has it is asked apart."""
    parts = _parts(key)
    if not normal(key) or not parts or any(p.key() == Qt.Key.Key_unknown for p in parts):
        return f"{key[:_TEXT_MAX]!r} is not a key. Press the key that you want."
    if len(parts) > 1:
        return f"{normal(key)} is several keys, one after the other. Choose one."
    part = parts[0]
    is_modified = bool(part.keyboardModifiers() & _MODIFIED)
    if action.sends and not is_modified:
        return (
            f"{normal(key)} would send something without Ctrl, Alt or Meta. Add one of them, so "
            "that no slip of a finger sends."
        )
    if _types_text(part):
        return f"{normal(key)} writes text. Add Ctrl, Alt or Meta to it, or take an F key."
    if not is_modified and part.key() in _RESERVED:
        return f"{normal(key)} moves about in lists and fields. Add Ctrl or Alt to it."
    return ""


class KeyMap:
    """The keys in force. Changes are kept as what differs from the actions' own keys."""

    def __init__(self, actions: Sequence[Action] = ACTIONS) -> None:
        self._actions = tuple(actions)
        self._by_name = {action.name: action for action in self._actions}
        self._changed: dict[str, tuple[str, ...]] = {}

    @property
    def actions(self) -> tuple[Action, ...]:
        """What has keys."""
        return self._actions

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys of an action, the one to show first."""
        return self._changed.get(name, self._by_name[name].keys)

    def first(self, name: str) -> str:
        """Return the key of an action to show, empty when it has none."""
        keys = self.keys(name) if name in self._by_name else ()
        return keys[0] if keys else ""

    def shown(self) -> dict[str, str]:
        """Return the key to show of every action that has one."""
        return {a.name: self.first(a.name) for a in self._actions if self.keys(a.name)}

    def is_changed(self, name: str) -> bool:
        """Whether a person gave the action other keys than its own."""
        return name in self._changed

    def owner(self, key: str, but: str = "") -> Action | None:
        """Return the action other than `but` that has `key`, `None` when it is free."""
        wanted = normal(key)
        for action in self._actions:
            if action.name != but and wanted in map(normal, self.keys(action.name)):
                return action
        return None

    def set(self, name: str, keys: Iterable[str]) -> str:
        """Give an action these keys and nobody else them; return why not, empty when it is done."""
        action = self._by_name[name]
        wanted = tuple(dict.fromkeys(normal(key) for key in keys))[:_KEYS_MAX]
        for key in wanted:
            reason = objection(action, key)
            if reason:
                return reason
            other = self.owner(key, but=name)
            if other is not None:
                return f"{key} is taken: “{other.title}”. Change that one first, or choose another."
        own = tuple(map(normal, action.keys))
        if wanted == own:
            self._changed.pop(name, None)
        else:
            self._changed[name] = wanted
        return ""

    def reset(self, name: str = "") -> None:
        """Give an action (empty: all) its own keys again.

        Whoever was given one of them meanwhile loses it to its owner.
        """
        if not name:
            self._changed.clear()
            return
        self._changed.pop(name, None)
        for key in self._by_name[name].keys:
            other = self.owner(key, but=name)
            if other is not None:
                kept = [k for k in self.keys(other.name) if normal(k) != normal(key)]
                self._changed[other.name] = tuple(kept)

    def save_state(self) -> dict[str, list[str]]:
        """Return what differs from the actions' own keys."""
        return {name: list(keys) for name, keys in self._changed.items()}

    def restore_state(self, state: Mapping[str, Any]) -> list[str]:
        """Take up what `save_state` returned; return what could not be taken, in words.

        Two people's files, or a newer version's, may claim a key twice: the first one has it.
        """
        self._changed.clear()
        refused = []
        entries = [(str(name), keys) for name, keys in state.items() if name in self._by_name]
        # All are let go of first: two actions may have swapped their keys.
        for name, _ in entries:
            self._changed[name] = ()
        for name, keys in entries:
            wanted = [k for k in keys if isinstance(k, str)] if isinstance(keys, list) else None
            del self._changed[name]
            reason = "" if wanted is None else self.set(name, wanted)
            if reason:
                refused.append(f"{self._by_name[name].title}: {reason}")
        self._settle()
        return refused

    def _settle(self) -> None:
        """Take its own key from an action that fell back on it after another was given it."""
        for action in self._actions:
            if action.name in self._changed:
                continue
            kept = tuple(k for k in action.keys if self.owner(k, but=action.name) is None)
            if kept != action.keys:
                self._changed[action.name] = tuple(map(normal, kept))
