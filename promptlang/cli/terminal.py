"""The terminal: whether it shows colour, how wide it is, and words for people about what went wrong."""

from __future__ import annotations

import os
import re
import sys
from typing import Literal, TextIO

from promptlang.cli.arguments import Argument
from promptlang.diagnostics import Label
from promptlang.files import visible
from promptlang.reports.cells import cell_width, wrapped
from promptlang.reports.snippet import Paint, snippet
from promptlang.source import Source, Span

COLOUR = Argument(
    names=("--color",),
    value="WHEN",
    choices=("auto", "always", "never"),
    default="auto",
    help="Whether to print in colour.",
)
JSON = Argument(names=("--json",), help="Print plain data.")
TEXT_OR_JSON = Argument(
    names=("--output-format",), value="FORMAT", choices=("text", "json"), default="text", help="How to print."
)
NARROW = 80
_FURTHER_IN = "  "
_STYLED = re.compile(r"\x1b\[[0-9;]*m")
_OBEYED = re.compile(r"[^\n\r\t\x20-\x7e\xa0-\U0010ffff]|\r(?!\n)")
NOTHING_FOUND = "no .prompt files found"


def quiet(what: str) -> Argument:
    """The row of `--quiet`, which leaves out what is said beside the answer."""
    return Argument(names=("--quiet", "-q"), help=f"Leave the {what} out.")


def has_colour(choice: str, stream: TextIO) -> bool:
    """Whether to colour a stream: as asked, else by `NO_COLOR`, `FORCE_COLOR` and `TERM`, else on a terminal only."""
    match choice:
        case "always":
            return True
        case "never":
            return False
        case _:
            if os.environ.get("NO_COLOR"):
                return False
            if os.environ.get("FORCE_COLOR"):
                return True
            return os.environ.get("TERM") != "dumb" and stream.isatty()


def paint(choice: str, stream: TextIO) -> Paint:
    """How to colour a stream."""
    from promptlang.reports.text import coloured, plain

    return coloured if has_colour(choice, stream) else plain


def width(stream: TextIO) -> int:
    """Columns as `COLUMNS` wants them, else those of the terminal, at least 40; 80 where there is none."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and len(asked) < 5 and int(asked):
        return max(40, int(asked))
    try:
        return max(40, os.get_terminal_size(stream.fileno()).columns or NARROW)
    except (OSError, ValueError):
        return NARROW


def fitted(text: str, stream: TextIO) -> str:
    """A text for people as a stream gets it: on a terminal, which breaks long lines inside a word, broken at blanks."""
    if not stream.isatty():
        return text
    columns = width(stream)
    return "\n".join(_broken(line, columns) for line in text.split("\n"))


def _broken(line: str, columns: int) -> str:
    if _seen_width(line) <= columns:
        return line
    return f"\n{_FURTHER_IN}".join(wrapped(line, columns - len(_FURTHER_IN), _seen_width))


def _seen_width(text: str) -> int:
    return cell_width(_STYLED.sub("", text) if "\x1b" in text else text)


def say(text: str, stream: TextIO) -> None:
    """Print a text for people."""
    print(fitted(text, stream), file=stream)


def hand_out(text: str) -> None:
    """Write a text to standard output for whatever takes it on from there, as it is; on a terminal, what that would
    obey is spelled out.
    """
    sys.stdout.write(_OBEYED.sub(lambda sign: visible(sign[0]), text) if sys.stdout.isatty() else text)


def is_unicode(stream: TextIO) -> bool:
    """Whether a stream takes letters of every script as they are."""
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def print_json(data: object, *, indent: int | None = 2) -> None:
    """Print plain data, its letters as they are where standard output takes them: only so is it JSON everywhere."""
    import json  # most runs print none

    hand_out(f"{json.dumps(data, indent=indent, ensure_ascii=not is_unicode(sys.stdout))}\n")


def complain(message: str, help: str = "", where: tuple[Source, Span] | None = None) -> None:
    """Say on standard error what went wrong, in the manner of a diagnostic; `where` has the lines shown."""
    style = paint("auto", sys.stderr)
    say(f"{style('error', 'error')}{style('message', f': {visible(message)}')}", sys.stderr)
    margin = 1
    if where:
        source, span = where
        margin, lines = snippet(source, (Label(span),), "error", paint=style, width=width(sys.stderr))
        print("\n".join(lines), file=sys.stderr)
    if help:
        gutter = style("gutter", f"{'':{margin}} =")
        say(f"{gutter} {style('help', 'help')}: {visible(help)}", sys.stderr)


def warn(message: str, severity: Literal["warning", "information"] = "warning") -> None:
    """Say on standard error what a reader should know."""
    say(f"{paint('auto', sys.stderr)(severity, severity)}: {visible(message)}", sys.stderr)
