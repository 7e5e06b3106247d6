"""What is around the panes: docks, bars, palette, help, notices, keys, and the kill."""
