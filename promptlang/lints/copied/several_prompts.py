"""A list of prompts, one a line, in a file that names no command: all of it is one prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import BRACKETS
from promptlang.meaning.view import View
from promptlang.source import Span

RULE = Rule(
    name="text/several-prompts",
    severity=Severity.HINT,
    summary="lines that look like prompts of their own are read as one prompt",
    why="A statement goes on until the next command at the start of a line, so a list of prompts, one a line, is one "
    "long prompt. `/render` in front of each makes pictures of each.",
    example="a red cow in a field\na blue bird on a roof\na yellow boat at sea\na green tree in the rain",
    source=OURS,
)
RULES = (RULE,)

_FEWEST = 4  # lines: of the multi-line prompts that people publish, one in seventy has as many that stand alone
_GOES_ON = (",", ";", ":", "|", "(", "[", "{", "\\")
_JOINS = re.compile(r"(?:AND|BREAK)\b")
_LABEL = re.compile(r"[A-Z]\w*(?:[ \t]+[\w()]+){0,3}[ \t]*:[ \t]")
_FEWEST_LABELS = 2
_LINE = re.compile(r"[^\r\n]+")
_BRACKETED = re.compile(r"\[[^\[\]]*\][ \t]*:?")  # a line that is a negative prompt, or a label


def check(seen: View) -> Iterator[Diagnostic]:
    """One hint where nothing but the line ends holds the lines together."""
    statement = seen.statement
    if statement.command is not None or statement.comments or "\n" not in statement.positive.text:
        return
    from promptlang.importers.typed.lists import marks  # few texts have lines

    lines = [found for found in _LINE.finditer(statement.text) if found[0].strip()]
    words = [found[0].strip() for found in lines]
    widths = marks(words) or [0] * len(lines)
    if not any(widths) and (len(lines) < _FEWEST or not _stand_alone(words)):
        return
    starts = [found.start() + len(found[0]) - len(found[0].lstrip()) for found in lines]
    edits = tuple(Edit(Span(at, at + width), "/render ") for at, width in zip(starts, widths, strict=True))
    is_headed = any(found[0].rstrip().endswith(":") for found in lines)  # and a heading is no prompt
    is_plain = not (statement.options or statement.recipes or is_headed)  # which of the lines do these belong to?
    yield finding(
        RULE,
        f"these {len(lines)} lines are one prompt",
        Span(starts[1], starts[1] + len(lines[1][0].strip())),
        "goes on with the line above",
        help="write `/render` in front of each line that is a prompt of its own",
        fixes=(Fix(f"Make {len(lines)} statements of them", edits, safe=False),) if is_plain else (),
    )


def _stand_alone(lines: list[str]) -> bool:
    """Whether no bracket, comma or keyword ties the lines together, but for a few that a list may have."""
    tied = sum(line.endswith(_GOES_ON) for line in lines[:-1])
    broken = sum(any(line.count(pair[0]) != line.count(pair[1]) for pair in BRACKETS) for line in lines)
    labelled = sum(_LABEL.match(line) is not None for line in lines)  # as parts of a description are
    return (
        labelled < _FEWEST_LABELS
        and 2 * tied < len(lines)
        and 10 * broken <= len(lines)
        and not any(map(_JOINS.match, lines))
        and not any(map(_BRACKETED.fullmatch, lines))
    )
