"""The market as a trader watches it: depth, chart, time and sales, watch list."""
