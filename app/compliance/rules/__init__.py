"""One rule a file: a `RULE` (name, rank, default limits, unit, source, help) and a `check`.

A new rule is a new file here and its test; the rule book, the ticket, the engine and the help
find it by themselves.
"""
