"""Adapters of the Venue port: where orders go."""
