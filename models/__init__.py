"""What things are: immutable messages, the order-state table, and the units they are counted in."""
