"""A mistake of ours on one text: a line about it, the traceback where `--debug` asks for it, and the others go on."""

from __future__ import annotations

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.cli.terminal import complain

DEBUG = Argument(names=("--debug",), help="Print where promptlang stopped when it fails on a text.")


class Spared:
    """What goes wrong inside costs the text of that name alone: it is said, and the name noted among the `failed`."""

    __slots__ = ("_arguments", "_failed", "_name")

    def __init__(self, name: str, arguments: Given, failed: list[str]) -> None:
        self._name, self._arguments, self._failed = name, arguments, failed

    def __enter__(self) -> None:
        """Nothing has gone wrong yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        tell(error, self._name, self._arguments)
        self._failed.append(self._name)
        return True


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
