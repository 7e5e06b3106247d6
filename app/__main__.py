"""`python -m app`, the same as `blotter`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from app.cli import run

    run()


if __name__ == "__main__":
    main()
