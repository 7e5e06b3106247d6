"""What a demonstration adds to a desk: other traders, and a script that drives the window."""
