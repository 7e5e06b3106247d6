"""The order ticket: one line or fields, checks as one types, the button that says what it sends."""
