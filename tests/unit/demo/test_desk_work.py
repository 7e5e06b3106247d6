"""The demo's other traders at the desk itself: everything they do is taken by the desk."""

from __future__ import annotations

from random import Random

import pytest

from app.demo.desk_work import DeskWorker
from models.commands import (
    SYSTEM,
    ClaimOrder,
    ListInstruments,
    LoadBasket,
    SendWave,
    StartStrategy,
    SubmitOrder,
)
from models.events import CommandFailed, OrderDenied, RequestDenied
from models.orders import DESK
from tests.builders import Desk, instrument, new_id, px, quote, terms
from tests.ui.still_desk import StillDesk

NAMES = ("ACME", "BETA", "CORE", "DELT", "EPSI")


@pytest.mark.parametrize("seed", range(3))
def test_desk_work_shows_everything_and_is_never_refused(seed: int) -> None:
    desk = Desk()
    listed = tuple(instrument(name, adv=50_000_000) for name in NAMES)
    desk.run(ListInstruments(id=new_id(), author=SYSTEM, instruments=listed))
    desk.quotes |= {name: quote(name, px(100)) for name in NAMES}
    desk.submit(terms(venue=DESK), "dana", unclaimed=True)
    stills = [StillDesk(desk, login) for login in ("alice", "ben")]
    worker = DeskWorker(Random(seed))
    seen: set[type] = set()
    for turn in range(60):
        still = stills[turn % 2]
        still.sync()
        before = len(still.sent())
        worker.act(still.session)
        for command in still.sent()[before:]:
            seen.add(type(command))
            events = desk.run(command)
            refused = [e for e in events if isinstance(e, CommandFailed | RequestDenied)]
            assert not refused, refused
            assert not any(isinstance(event, OrderDenied) for event in events)
    assert seen == {SubmitOrder, ClaimOrder, StartStrategy, LoadBasket, SendWave}
