"""What all tests share: a real PostgreSQL on request, and no screen where there is none."""

import os

pytest_plugins = ["tests.postgres"]

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
