"""Baskets from files and the clipboard: read with bounds, and shown cell by cell before loading."""
