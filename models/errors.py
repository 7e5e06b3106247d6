"""Errors that a person is told about: the value, the limit, the way out."""


class BlotterError(Exception):
    """A refusal that the person at the screen or the command line can act on (exit code 2)."""


class BadInput(BlotterError):
    """What was typed or read can't be taken; nothing was changed."""


class StoreRefused(BlotterError):
    """The store can't be used as asked: too old, too new, on a network share, or unreachable."""


class StoreMissing(StoreRefused):
    """There is no store where one was named."""


class StoreUnavailable(Exception):
    """The store did not answer: the outcome of the call is unknown and must be looked up."""


class StoreDamaged(BlotterError):
    """What the store holds contradicts itself: a broken chain, a gap, a regression."""
