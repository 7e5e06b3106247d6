"""What lets somebody else check the log."""
