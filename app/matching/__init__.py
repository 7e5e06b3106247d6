"""The matching core: price-time priority books, stop triggers, and a naive book as their oracle (pure)."""
