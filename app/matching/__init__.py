"""The matching core: price-time books, stop triggers, and a naive book as oracle (pure)."""
