"""A small desk on one machine: a private PostgreSQL, an engine, a standby, and people's logins."""
