"""`python -m promptlang`, and the `promptlang` command."""

from __future__ import annotations

import gc
import os
import sys

_COLLECT_AFTER = 50_000
"""Objects made until garbage is looked for. The compiler makes no circles to speak of, and looking for them every 700
objects is a twentieth of a check.
"""


def main() -> int:
    """Run the command line; returns its exit code."""
    from promptlang.cli.main import main as run

    return run()


def script() -> None:
    """Run the command line and end the process.

    The compiler's own commands leave nothing behind to wait for, and taking an interpreter down costs a third of a
    check.
    """
    from promptlang.cli.table import EXTRAS

    if sys.argv[1:2] and sys.argv[1] in EXTRAS:
        sys.exit(main())
    gc.set_threshold(_COLLECT_AFTER)
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)  # a reader that has gone; the interpreter knows how to leave then
    os._exit(code)


if __name__ == "__main__":
    script()
