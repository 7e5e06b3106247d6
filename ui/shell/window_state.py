"""How a window was left: a versioned JSON file a person, written whole or not at all."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

APP: Final = "deskblotter"
VERSION: Final = 1
_SIZE_MAX: Final = 4_000_000
_PLACE_MAX: Final = 100_000


@dataclass
class WindowState:
    """What comes back exactly as it was left.

    Attributes:
        theme: the theme's name, empty for the one in the settings.
        place: where the window stood, as (left, top, width, height); empty for anywhere.
        is_maximized: whether it filled its screen.
        layout: Qt's own words for the docks.
        preset: the preset that was chosen last.
        panes: what each pane wants kept, by its name.
        keys: what differs from the actions' own keys.
        toasts: which notices are muted.
    """

    theme: str = ""
    place: tuple[int, ...] = ()
    is_maximized: bool = False
    layout: bytes = b""
    preset: str = ""
    panes: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    toasts: dict[str, Any] = field(default_factory=dict)


class StateFile:
    """One window's state on disk.

    Attributes:
        path: where it is.
        complaint: why the file there was not taken, in words; empty when it was, or is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complaint = ""
        self._written = b""

    def load(self) -> WindowState | None:
        """Return what the file holds; `None` when there is none, or none that can be taken."""
        try:
            if self.path.stat().st_size > _SIZE_MAX:
                return self._refuse(f"it is over {_SIZE_MAX:,} bytes")
            body = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            return self._refuse(error.strerror or "it can't be read")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse("it is not whole")
        if not isinstance(found, dict) or found.get("app") != APP:
            return self._refuse("it is not a window of Deskblotter's")
        if found.get("version") != VERSION:
            return self._refuse(
                f"it is of version {str(found.get('version'))[:10]}, this one reads {VERSION}"
            )
        state = _decoded(found)
        if state is None:
            return self._refuse("what it holds can't be read")
        return state

    def _refuse(self, why: str) -> WindowState | None:
        self.complaint = (
            f"The saved window was not taken: {why}. The usual layout is shown; the file "
            f"{self.path.name} is replaced when the window closes."
        )
        return None

    def save(self, state: WindowState) -> bool:
        """Write `state` unless that is what was written last; return whether it was written."""
        encoded = asdict(state) | {
            "app": APP,
            "version": VERSION,
            "layout": base64.b64encode(state.layout).decode(),
            "seal": _seal(state),
        }
        body = json.dumps(encoded, indent=1, sort_keys=True).encode()
        if body == self._written:
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path, body)
        except OSError as error:
            self.complaint = f"The window could not be saved: {error.strerror or error}."
            return False
        self._written = body
        return True


def _write_whole(path: Path, body: bytes) -> None:
    """Put `body` at `path` so that a crash leaves the old file or the new one."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _seal(state: WindowState) -> str:
    """Return the hash of what Qt reads: given other bytes than it wrote, Qt may crash."""
    return hashlib.sha256(state.layout).hexdigest()


def _decoded(found: dict[str, Any]) -> WindowState | None:
    state = WindowState()
    for name in ("theme", "preset"):
        text = found.get(name, "")
        if not isinstance(text, str):
            return None
        setattr(state, name, text)
    try:
        state.layout = base64.b64decode(found.get("layout", ""), validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None
    if found.get("seal") != _seal(state):
        return None
    place = found.get("place", [])
    if isinstance(place, list) and len(place) == 4 and all(type(n) is int for n in place):
        state.place = tuple(max(-_PLACE_MAX, min(_PLACE_MAX, number)) for number in place)
    state.is_maximized = found.get("is_maximized") is True
    for name in ("panes", "keys", "toasts"):
        part = found.get(name, {})
        if not isinstance(part, dict):
            return None
        setattr(state, name, part)
    return state
