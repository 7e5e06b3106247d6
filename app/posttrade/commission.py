"""What an order or an execution pays in commission, by the schedule in force."""

from __future__ import annotations

from models.commission import CommissionSchedule
from models.instruments import Instrument
from models.money import BPS

_CENTI_BPS = 100 * BPS


def commission(
    schedule: CommissionSchedule, instrument: Instrument, notional: int, qty: int
) -> int:
    """Return the commission on `qty` worth `notional`, rounded half up, at least the minimum.

    All in millionths of the schedule's currency; 0 where nothing trades or nothing is charged.
    """
    rate = schedule.rates.get(instrument.asset_class.value)
    if rate is None or qty <= 0:
        return 0
    share = (notional * rate.centi_bps + _CENTI_BPS // 2) // _CENTI_BPS
    return max(share + qty * rate.per_unit, rate.minimum)
