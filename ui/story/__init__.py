"""The demonstration that tells itself: chapters, their pace, and the banner that narrates them."""
