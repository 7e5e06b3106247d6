"""Adapters of the MarketFlow port: what everybody else in a market does."""
