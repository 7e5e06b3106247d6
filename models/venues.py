"""What is known of venues by their code: what becomes of orders there when the engine is gone."""

from __future__ import annotations

CANCEL_ON_DISCONNECT = {
    "SIM": "SIM lives in its engine: when the engine ends nothing can trade, nothing is cancelled, "
    "and the next engine gives it the working orders again in their old priority.",
}


def cancel_on_disconnect(venue: str) -> str:
    """Return a venue's policy for orders that are working when its session ends, in words."""
    return CANCEL_ON_DISCONNECT.get(
        venue, f"{venue} has not said what it does with working orders when the session ends."
    )
