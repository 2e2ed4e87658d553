"""`python -m promptlang`, and the `promptlang` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns its exit code."""
    from promptlang.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
