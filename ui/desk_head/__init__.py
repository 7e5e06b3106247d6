"""What the head of a desk sees: its traders side by side, and the controls over them."""
