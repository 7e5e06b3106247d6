"""What a book says of what happened: flat tuples, which cost least, and the words for refusals."""

from __future__ import annotations

# (FILL, maker_id, taker_id, price, qty, maker_leaves), (ACCEPTED, id),
# (CANCELED, id, leaves, reason), (REJECTED, id, reason), (REPLACED, id, leaves),
# (TRIGGERED, id), (CANCEL_REJECTED, id, reason), (REPLACE_REJECTED, id, reason),
# (REDUCED, id, leaves, reason), (PRICED, id, limit price), (PEGGED, id, price or 0)
(
    ACCEPTED,
    FILL,
    CANCELED,
    REJECTED,
    REPLACED,
    TRIGGERED,
    CANCEL_REJECTED,
    REPLACE_REJECTED,
    REDUCED,
    PRICED,
    PEGGED,
) = range(11)

# How long an order works: DAY rests, OPG and CLS take part in one auction only.
DAY, IOC, FOK, OPG, CLS = range(5)

POST_ONLY = "post only: it would trade at once"
NO_MARKET = "market order: the book is empty"
NOT_ENOUGH = "fill or kill: not enough quantity"
NOT_WHOLE = "all or none: not enough quantity"
TOO_LITTLE = "minimum quantity: not enough to trade at once"
NOTHING_LEFT = "immediate or cancel: nothing left to trade"
SELF_TRADE = "self-trade prevention: the other side is the same beneficial owner's"
TOO_LATE = "too late: not in the book"
IN_CALL = "a call is on: an order that trades at once or not at all has to wait for its end"
NOT_OPENING = "on open: no opening call is on; send it before the open, or choose Day"
AFTER_OPEN = "on open: the opening auction has left it over"
AFTER_CLOSE = "on close: the closing auction has left it over"
AFTER_AUCTION = "market order: the auction has left it over"
BEYOND_BAND = "market order: it would trade beyond the price band"

Report = tuple[int | str, ...]
