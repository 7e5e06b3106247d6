"""The Continuity pane: what to do while the store does not answer, and when it does again."""
