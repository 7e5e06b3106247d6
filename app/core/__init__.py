"""The local order model: `decide` turns commands into events, `evolve` events into state (pure)."""
