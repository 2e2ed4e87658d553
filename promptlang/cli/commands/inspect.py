"""`promptlang inspect`: what model files are, read from their headers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given
from promptlang.cli.terminal import COLOUR, JSON, complain, has_colour, print_json, width
from promptlang.files import reason

COMMAND = Command(
    name="inspect",
    summary="Say what model files are, and how that is known.",
    arguments=(
        Argument(names=("paths",), value="PATH", help="Model files, or folders of them.", many=True, needed=True),
        JSON,
        COLOUR,
    ),
    details=(
        "Family, variant, text encoders with their layers, the range of clip skip, what the file was made for.",
        "Only headers are read, never tensors. What the header does not show is called unknown.",
        "Exit code: 0, 1 where a file is broken or a folder holds no models, 2 where a path cannot be read.",
    ),
    examples=("promptlang inspect models/",),
)


def run(arguments: Given) -> int:
    """Print what the paths are; 0 where all are sound, 1 where a file is broken, 2 where the system refuses one."""
    from promptlang.models.inspection import as_record, inspections_of

    named = [Path(each) for each in arguments.texts("paths")]
    readable = [path for path in named if _is_readable(path)]
    inspections = list(inspections_of(readable))
    if arguments.flag("json"):
        print_json([as_record(each) for each in inspections])
    else:
        from promptlang.reports.inspection import show

        colour = has_colour(arguments.text("color") or "auto", sys.stdout)
        show(inspections, colour=colour, width=width(sys.stdout), stream=sys.stdout)
    if len(readable) < len(named):
        return FAILED
    return FOUND if any(each.problem for each in inspections) else CLEAN


def _is_readable(path: Path) -> bool:
    """Whether the system lets a path be read; complains where it does not."""
    try:
        if path.is_dir():
            os.scandir(path).close()
        else:
            path.open("rb").close()
    except OSError as error:
        complain(f"cannot read `{path}`: {reason(error)}")
        return False
    return True
