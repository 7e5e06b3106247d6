"""Which signal of a pane does what in the window: the same for every pane that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget


def link(pane: QWidget, deeds: Mapping[str, Callable[..., object]]) -> None:
    """Connect each signal that `pane` has to the deed of its name."""
    for name, deed in deeds.items():
        signal = getattr(pane, name, None)
        if signal is not None:
            signal.connect(deed)
