"""Files that ship beside the code: icons, fonts, themes, demo data, rule books, help pages."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """Return the path of a shipped file or folder, e.g. ``path("fonts", "Inter-Regular.otf")``.

    The file need not exist: whoever opens it says best what is missing.
    """
    return _ROOT.joinpath(*parts)
