"""A mistake of ours on one text: a line about it, the traceback where `--debug` asks for it, and the others go on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.cli.terminal import complain

DEBUG = Argument(names=("--debug",), help="Print where promptlang stopped when it fails on a text.")


@contextmanager
def spared(name: str, arguments: Given, failed: list[str]) -> Generator[None]:
    """What goes wrong inside costs the text of that name alone: it is said, and the name noted among the `failed`."""
    try:
        yield
    except Exception as error:
        tell(error, name, arguments)
        failed.append(name)


def tell(error: Exception, name: str, arguments: Given) -> None:
    """Say that a text could not be worked on because of `error`, which is ours to mend; others are raised again."""
    if isinstance(error, UsageError | OSError):
        raise error
    if arguments.flag("debug"):
        from traceback import print_exception

        print_exception(error)
    (reason, *_) = str(error).strip().splitlines() or [""]
    what = type(error).__name__ + (f": {reason}" if reason else "")
    help = "" if arguments.flag("debug") else "add `--debug` to see where it stopped"
    complain(f"`{name}` cannot be worked on, by a mistake in promptlang ({what})", help)
