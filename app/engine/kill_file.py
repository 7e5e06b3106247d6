"""The kill file: how somebody on the engine's machine stops it when the store does not answer.

It lies in the engine's run folder, one folder a store. It stays until the log has the kill, so that
an engine which starts, or takes over, on this machine meanwhile kills before anything else.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from app.engine.kill import LocalKill

_NOTE_MAX = 300
_FILE_MAX = 10_000


class KillAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine did about a kill; `recorded` once the log has it."""

    kill_id: str
    pid: int
    cancels: int
    recorded: bool = False


class KillFile:
    """The kill file of one store on this machine.

    Attributes:
        path: the file; whatever is in it, that it is there kills.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kill"
        self._answer = folder / "kill.answer"
        self._recorded: set[str] = set()

    def prepare(self) -> None:
        """Make the folder, for its owner alone: who can write there can stop the desk."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    # -- who kills -----------------------------------------------------------------------------

    def ask(self, kill: LocalKill) -> None:
        """Ask for a kill; raises `OSError` where the folder can't be written."""
        self.prepare()
        self._write(self.path, msgspec.json.encode(kill._asdict()))

    def answered(self, kill_id: str) -> KillAnswer | None:
        """Return what an engine has done about that kill so far."""
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            answer = msgspec.json.decode(self._answer.read_bytes(), type=KillAnswer)
            return answer if answer.kill_id == kill_id else None
        return None

    # -- the engine ----------------------------------------------------------------------------

    def asked(self) -> LocalKill | None:
        """Return the kill that is asked for. A file by hand, with any or no words, is one too."""
        kill = self._read()
        return None if kill is None or kill.kill_id in self._recorded else kill

    def _read(self) -> LocalKill | None:
        try:
            with self.path.open("rb") as file:
                written = file.read(_FILE_MAX)
                made = os.fstat(file.fileno()).st_mtime_ns
        except FileNotFoundError:
            return None
        except OSError as error:  # it is there: better to stop than to wonder
            return LocalKill("kill-unreadable", f"The kill file can't be read ({error.strerror}).")
        with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError, TypeError):
            return LocalKill(**msgspec.json.decode(written, type=dict[str, str]))
        words = " ".join(written.decode(errors="replace").replace("\0", " ").split())
        return LocalKill(f"kill-{made}", f"Killed by a file: {words[:_NOTE_MAX] or 'no words'}")

    def answer(self, kill_id: str, cancels: int, *, recorded: bool) -> None:
        """Tell whoever asked. A disk that refuses must not stop the kill itself."""
        told = KillAnswer(kill_id=kill_id, pid=os.getpid(), cancels=cancels, recorded=recorded)
        with contextlib.suppress(OSError):
            self._write(self._answer, msgspec.json.encode(told))

    def recorded(self, kill_id: str) -> None:
        """The log has it: take the file away, unless somebody has asked anew since."""
        before = self.answered(kill_id)
        asked = self.asked()
        self._recorded.add(kill_id)
        if asked is not None and asked.kill_id == kill_id:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        self.answer(kill_id, before.cancels if before else 0, recorded=True)

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.write_bytes(content)
        beside.replace(path)
