"""One file a schema version, numbered; the number is the version."""
