"""`promptlang inspect`: what model files are, read from their headers."""

from __future__ import annotations

from promptlang.cli.arguments import Argument, Command, Given
from promptlang.cli.terminal import COLOUR

COMMAND = Command(
    name="inspect",
    summary="Say what model files are, and how that is known.",
    arguments=(
        Argument(names=("paths",), value="PATH", help="Model files, or folders of them.", many=True, needed=True),
        Argument(names=("--json",), help="Print plain data."),
        Argument(names=("--color",), value="WHEN", choices=COLOUR, default="auto", help="Whether to print in colour."),
    ),
    details=(
        "Family, variant, text encoders with their layers, the range of clip skip, what the file was made for.",
        "Only headers are read, never weights. What the header does not show is called unknown.",
        "Exit code: 0, 1 where a file is broken or a folder holds no models, 2 where a path cannot be read.",
    ),
    examples=("promptlang inspect models/",),
)


def run(arguments: Given) -> int:
    """Inspect every path."""
    from promptlang.inspect import inspect_command

    return inspect_command(arguments)
