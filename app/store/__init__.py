"""Adapters of the Store port: memory, SQLite and PostgreSQL."""
