"""Comments that silence what is found in a text today, so that only what is new is reported from now on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from promptlang.checks.suppress import RULES as ABOUT_COMMENTS
from promptlang.diagnostics import Diagnostic, Edit, Fix
from promptlang.fixes import fixed
from promptlang.source import Source, Span
from promptlang.values import dataclass, replace

_ABOUT = frozenset(rule.name for rule in ABOUT_COMMENTS)

Check = Callable[[str], Iterable[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A text with its `comments`, and how many `findings` they silence."""

    text: str
    comments: int
    findings: int
    settled: bool


def ignored(text: str, check: Check) -> Ignored:
    """The text with a comment above every line that something is found in: `# promptlang: ignore[clipskip/high]`.

    Findings about such comments stay, for no comment speaks for another.
    """
    counts: dict[str, int] = {}  # of each text that is looked at, of which the last need not be the one that is kept

    def commented(now: str) -> Iterable[Diagnostic]:
        found = [each for each in check(now) if each.rule.name not in _ABOUT]
        counts[now] = len(found)
        return _with_comments(now, found)

    result = fixed(text, commented)
    return Ignored(result.text, result.count, counts[text] - counts[result.text], result.settled)


def _with_comments(text: str, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The first finding of each line, with a comment above it for a fix that names all rules that speak up there."""
    source = Source(text)
    lines: dict[int, list[Diagnostic]] = {}
    for each in found:
        lines.setdefault(source.position(each.label.span.start)[0], []).append(each)
    for number, findings in lines.items():
        line, at = source.line(number), source.line_starts[number - 1]
        at += line.startswith("\ufeff")
        own = line.lstrip("\ufeff")
        indent = own[: len(own) - len(own.lstrip("\ufeff \t"))]
        rules = ", ".join(sorted({each.rule.name for each in findings}))
        comment = Edit(Span(at, at), f"{indent}# promptlang: ignore[{rules}]\n")
        yield replace(findings[0], fixes=(Fix(f"Ignore {rules}", (comment,), safe=True),))
