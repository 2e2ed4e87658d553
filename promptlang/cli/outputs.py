"""What a command writes: the file that `--output` names, never overwritten unseen, and texts that it changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.cli.inputs import Input
from promptlang.cli.terminal import complain
from promptlang.files import reason
from promptlang.writing import create_text, write_text

FORCE = Argument(names=("--force",), help="Overwrite what is there already.")


def output(help: str) -> Argument:
    """The row of `--output`."""
    return Argument(names=("--output", "-o"), value="FILE", help=help)


def refuse_existing(
    path: str, arguments: Given, read: Iterable[str], help: str = "write `--force` to overwrite it"
) -> None:
    """Raise UsageError for a file that is there and not to be overwritten, for one of those `read`, and for no file."""
    if os.path.isdir(path):
        raise UsageError(f"`{path}` is a folder", "name a file in it")
    is_stream = os.path.abspath(path).startswith("/dev/")  # a redirected one looks like the file behind it
    if os.path.exists(path) and (is_stream or not os.path.isfile(path)):
        raise UsageError(f"`{path}` is no regular file", "leave `--output` out, and it is printed")
    if os.path.lexists(path) and not arguments.flag("force"):
        raise UsageError(f"`{path}` is there already", help)
    if os.path.exists(path) and any(os.path.exists(each) and os.path.samefile(each, path) for each in read):
        raise UsageError(f"`{path}` is read here, so it is not overwritten", "name another file")


def stored(path: str, text: str, arguments: Given) -> bool:
    """Write the output file, over one that came meanwhile with `--force` alone; false where the system refuses."""
    try:
        (write_text if arguments.flag("force") else create_text)(Path(path), text)
    except OSError as error:
        return cannot_write(path, error)
    return True


def written_back(given: Input, text: str) -> bool:
    """Put a changed text in place of the one that was read; false where that is refused."""
    try:
        write_text(given.path, text, mark=given.file.mark, before=given.file)
    except OSError as error:
        return cannot_write(given.file.source.name, error)
    return True


def cannot_write(name: str, error: OSError) -> bool:
    """Say why a file is not written; false, as what was to be done."""
    complain(f"cannot write `{name}`: {reason(error)}")
    return False
