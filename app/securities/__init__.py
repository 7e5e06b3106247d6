"""The security master from files: read with bounds, checked line by line, shown before it is taken.

Nothing here asks a store or a window; whoever imports hands in what is listed already.
"""
