"""Lines of nothing but marks: what Markdown has around a block of code, and what people draw between two prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.meaning.view import View
from promptlang.sentences import and_more
from promptlang.source import Passage

CODE_FENCE = Rule(
    name="text/code-fence",
    severity=Severity.WARNING,
    summary="the marks around a block of code are drawn like words",
    why="Forums and chats show a prompt in a block of code, between lines of three backticks or tildes. They are no "
    "part of it, and above a command they are a prompt of their own.",
    example="a cow in a field\n~~~",
    source=OURS,
)
SEPARATOR = Rule(
    name="text/separator",
    severity=Severity.WARNING,
    summary="a line of dashes between prompts is drawn like words, and parts none",
    why="A statement goes on until the next command at the start of a line. A line of `---` or `===` does not end it: "
    "without a command below the line, what stands above and below it is one prompt.",
    example="/render a cow in a field\n---\na barn at night",
    source=OURS,
)
RULES = (CODE_FENCE, SEPARATOR)

_LINE = r"(?:(?<=[\r\n])|\A)[ \t]*%s[ \t]*(?:\r\n?|\n|\Z)"
_FENCE = _LINE % r"(?P<mark>`{3,}|~{3,})[ \t]*\w*"
_SEPARATORS = tuple(3 * sign for sign in "-=*_\u2013\u2014\u2500\u2501")  # dashes of print, lines of frames
_SEPARATOR = _LINE % rf"(?P<mark>{'|'.join(f'(?:{re.escape(signs)}){re.escape(signs[0])}*' for signs in _SEPARATORS)})"


def check(seen: View) -> Iterator[Diagnostic]:
    """One warning for all of a side."""
    statement = seen.statement
    for passage in (statement.positive, statement.negative):
        text = passage.text
        if "```" in text or "~~~" in text:
            message = "the mark of a block of code is drawn like a word"
            yield from _drawn(CODE_FENCE, passage, _FENCE, message, "remove the line")
        if "\n" not in text and "\r" not in text:  # as most prompts
            if statement.command is None and text[:3] in _SEPARATORS:
                yield from _drawn(SEPARATOR, passage, _SEPARATOR, "this line is drawn like a word", "remove the line")
            continue
        if any(each in text for each in _SEPARATORS):
            message = "this line ends no prompt and is drawn like a word"
            help = "write `/render` in its place where another prompt begins, or remove it"
            last = len(text.rstrip()) if passage is statement.positive and statement.command_name == "render" else 0
            yield from _drawn(SEPARATOR, passage, _SEPARATOR, message, help, last)


def _drawn(rule: Rule, passage: Passage, line: str, message: str, help: str, last: int = 0) -> Iterator[Diagnostic]:
    """The warning of such lines; its fix takes them out, or writes a command for those before the place `last`."""
    found = tuple(re.finditer(line, passage.text))
    if not found:
        return
    edits = tuple(
        Edit(passage.span(*each.span()), "/render " if each.end() < last else "") for each in found[:MOST_MENDED]
    )
    first, *others = (passage.span(*each.span("mark")) for each in found)
    message += and_more(len(others))
    fix = Fix("Part the prompts" if any(each.text for each in edits) else "Remove the marks", edits, safe=False)
    yield finding(rule, message, first, related=further(others, "this too"), help=help, fixes=(fix,))
