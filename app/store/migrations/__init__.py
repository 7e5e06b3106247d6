"""Alembic's migrations of the shared store."""
