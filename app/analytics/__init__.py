"""Figures that take a library of finance to tell; it is loaded when the first one is asked for."""
