"""The compliance alerts pane."""
