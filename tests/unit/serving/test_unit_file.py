"""The systemd unit names verbs and options that there are, and keeps what a kill needs."""

from __future__ import annotations

import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest
import typer.main

from app.cli import app

UNIT = Path(__file__).parents[3] / "packaging" / "deskblotter-engine.service"


class _Unit(ConfigParser):
    """Keys as they are written; a key that comes twice keeps its last value."""

    def __init__(self) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read(UNIT)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def test_unit_starts_an_engine_with_options_that_there_are() -> None:
    program, *words = shlex.split(_Unit()["Service"]["ExecStart"])
    command = typer.main.get_command(app)
    assert Path(program).name == "blotter"
    engine = command.commands[words[0]]  # type: ignore[attr-defined]
    options = {name for parameter in engine.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_unit_keeps_the_kill_file_over_restarts_and_comes_back_for_ever() -> None:
    unit = _Unit()
    state = unit["Service"]["StateDirectory"]
    assert f"Environment=DESKBLOTTER_RUN_DIR=/var/lib/{state}\n" in UNIT.read_text()
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize(
    "setting", ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "LockPersonality"]
)
def test_unit_is_hardened(setting: str) -> None:
    assert _Unit()["Service"][setting] == "yes"
