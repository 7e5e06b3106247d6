"""Benchmarks: figures beside a peer or the physical floor, measured in one run, given as ratios."""
