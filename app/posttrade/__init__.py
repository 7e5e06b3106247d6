"""What follows a fill: positions and their worth. Pure."""
