"""The live blotters."""
