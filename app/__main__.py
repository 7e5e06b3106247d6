"""`python -m app`, the same as `blotter`."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_COMPILED: Final = Path(sys.prefix) / "compiled"


def main() -> None:
    """Run the command line."""
    use_compiled_core()
    from app.cli import run

    run()


def compiled_folder() -> Path:
    """Return where `make compiled` puts the matching core that is made from this very source.

    Its name is a hash of the source, so that whoever changes that is back at what it says.
    """
    digest = sha256(f"{sys.implementation.cache_tag} {sys.platform}".encode())
    for folder in (_ROOT / "app" / "matching", _ROOT / "models"):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return _COMPILED / digest.hexdigest()[:16]


def use_compiled_core() -> bool:
    """Let the compiled matching core be imported where there is one; return whether there is."""
    if not _COMPILED.is_dir() or not (folder := compiled_folder()).is_dir():
        return False
    from app import matching

    matching.__path__.insert(0, str(folder / "app" / "matching"))
    sys.path.append(str(folder))  # what the modules share is compiled into one beside them
    return True


if __name__ == "__main__":
    main()
