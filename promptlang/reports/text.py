"""Diagnostics as text for people: `full` with the source lines, `concise` on one line each."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.diagnostics import Diagnostic, Fix
from promptlang.reports.cells import visible, wrapped
from promptlang.reports.change import changed_lines
from promptlang.reports.snippet import Paint, snippet
from promptlang.source import Source

WIDTH = 80
FIXABLE = "[*]"

# Select Graphic Rendition numbers; the sixteen basic colours follow the reader's own theme.
STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "information": "1;34",
    "hint": "1;36",
    "message": "1",
    "gutter": "34",
    "secondary": "34",
    "help": "1;32",
    "removed": "31",
    "added": "32",
    "heading": "1",
    "faint": "2",
}


def plain(style: str, text: str) -> str:
    """The text as it is."""
    return text


def coloured(style: str, text: str) -> str:
    """The text in the colour of its style."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def full(source: Source, diagnostic: Diagnostic, *, paint: Paint = plain, width: int = WIDTH) -> str:
    """The header, where it is, the lines with their labels, what to do about it and what a fix would write.

    ```
    warning[clipskip/fraction-ignored]: clip skip counts whole layers, so 1.9 acts as 1
     --> cow.prompt:1:31
      |
    1 | /render /parser:new /clipskip:1.9 a cow
      |                               ^^^ read as 1
      = help: write `1`, or `2` if you meant to skip a layer
    ```
    """
    return visible(source.name).join(around_name(source, diagnostic, paint=paint, width=width))


def around_name(source: Source, diagnostic: Diagnostic, *, paint: Paint, width: int) -> tuple[str, str]:
    """What `full` prints before and after the name of the text, which is all that differs between texts of one kind."""
    severity = diagnostic.severity.word
    header = paint(severity, f"{severity}[{diagnostic.rule.name}]")
    margin, lines = snippet(source, (diagnostic.label, *diagnostic.related), severity, paint=paint, width=width)
    before = (
        f"{header}{paint('message', f': {visible(diagnostic.message)}')}\n{paint('gutter', f'{chr(32) * margin}-->')} "
    )
    out = [_position(source, diagnostic), *lines]
    if diagnostic.help:
        out.extend(_note("help", diagnostic.help, margin, paint, width))
    for number, fix in enumerate(diagnostic.fixes):
        out.extend(
            _note("fix", f"{fix.title} {FIXABLE}" if fix.safe else f"{fix.title} (unsafe)", margin, paint, width)
        )
        if not number:
            out.extend(_change(source, fix, margin, paint, width))
    return before, "\n".join(out)


def concise(source: Source, diagnostic: Diagnostic, *, paint: Paint = plain) -> str:
    """`path:line:column: severity[rule]: message`, with `[*]` where a safe fix is known."""
    severity = diagnostic.severity.word
    mark = f" {FIXABLE}" if any(fix.safe for fix in diagnostic.fixes) else ""
    header = paint(severity, f"{severity}[{diagnostic.rule.name}]")
    return f"{visible(source.name)}{_position(source, diagnostic)}: {header}: {visible(diagnostic.message)}{mark}"


def statistics(diagnostics: Iterable[Diagnostic]) -> str:
    """How often each rule was broken, most often first."""
    counts: dict[str, int] = {}
    for diagnostic in diagnostics:
        counts[diagnostic.rule.name] = counts.get(diagnostic.rule.name, 0) + 1
    size = len(str(max(counts.values(), default=0)))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "\n".join(f"{count:>{size}}  {name}" for name, count in rows)


def _position(source: Source, diagnostic: Diagnostic) -> str:
    """What stands behind the name of a text to say where in it."""
    row, column = source.position(diagnostic.label.span.start)
    return f":{row}:{column}"


def _note(name: str, text: str, margin: int, paint: Paint, width: int) -> list[str]:
    """`= help: …`, wrapped under itself."""
    indent = margin + len(f" = {name}: ")
    first, *rest = wrapped(visible(text), max(width - indent, WIDTH // 4))
    gutter = paint("gutter", f"{'':{margin}} =")
    return [f"{gutter} {paint('help', name)}: {first}", *(f"{'':{indent}}{line}" for line in rest)]


def _change(source: Source, fix: Fix, margin: int, paint: Paint, width: int) -> list[str]:
    """The lines that a fix takes away and puts there."""
    lines: list[str] = []
    for number, sign, text in changed_lines(source, fix.edits, width - margin - 3):
        changed = paint("removed" if sign == "-" else "added", f"{sign} {text}".rstrip())
        lines.append(f"{paint('gutter', f'{number:>{margin}}')} {changed}")
    return lines
