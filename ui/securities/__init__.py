"""Bringing securities in from a file: what it would do, line by line, and doing it."""
