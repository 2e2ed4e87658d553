"""Comments that silence rules: `# promptlang: ignore[clipskip/high, guidance/*]` and `# promptlang: ignore-file[…]`.

The first speaks for the next line that is neither blank nor a comment, the second for the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from promptlang.checks.patterns import instead, matching, nearest_pattern
from promptlang.diagnostics import OURS, Diagnostic, Fix, Label, Rule, Severity, finding, replacement
from promptlang.meaning.project import Project
from promptlang.source import Source, Span
from promptlang.statements.cutting import starts
from promptlang.statements.removal import removal
from promptlang.values import dataclass

UNUSED = Rule(
    name="suppression/unused",
    severity=Severity.WARNING,
    summary="a comment silences a rule that has nothing to say there",
    why="A stale comment hides the next finding of that rule, which may be a real one.",
    example="# promptlang: ignore[guidance/zero]\n/render a cow",
    source=OURS,
    tags=("unnecessary",),
)
UNKNOWN_SUPPRESSED = Rule(
    name="suppression/unknown-rule",
    severity=Severity.WARNING,
    summary="a comment silences a rule that does not exist",
    why="The comment has no effect, and the finding that was meant is still reported.",
    example="# promptlang: ignore[guidance/nought]\n/render /guidance:0 a cow",
    source=OURS,
)
NAMELESS = Rule(
    name="suppression/nameless",
    severity=Severity.WARNING,
    summary="a comment asks for silence without naming a rule",
    why="Silencing everything would also hide errors that are not there yet, so such a comment has no effect.",
    example="# promptlang: ignore\n/render a cow",
    source=OURS,
)
RULES = (UNUSED, UNKNOWN_SUPPRESSED, NAMELESS)


MARK = "promptlang:"
HEADS = ("# promptlang: ignore[", "# promptlang: ignore-file[")  # how such a comment begins
COMMENT = re.compile(
    r"(?<![^\r\n])[ \t\ufeff]*(?P<all>#[ \t]+promptlang:[ \t]*ignore(?P<file>-file)?(?![\w-])(?P<rest>[^\r\n]*))"
)
NAMES = re.compile(r"[ \t]*\[(?P<names>[^\]]*)\]?")
NAME = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class Silence:
    """One name in a comment: the rules it means, and the line it speaks for (None: the whole file)."""

    span: Span
    rules: frozenset[str]
    line: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """A suppression comment: where it stands, where its list of names stands, and what each known name means."""

    span: Span
    names: Span
    silences: tuple[Silence, ...]


def unsuppressed(
    text: str, diagnostics: Iterable[Diagnostic], *, project: Project | None = None
) -> tuple[Diagnostic, ...]:
    """The diagnostics that no comment in the text silences, and what is wrong with the comments, in order of place."""
    found = tuple(diagnostics)
    if MARK not in text:
        return found
    from promptlang.checks.rules import RULES

    source = Source(text)
    requests: list[Request] = []
    complaints: list[Diagnostic] = []
    following = _next_lines(source)
    for match in _comments(text):
        request, wrong = _read(source, match, RULES, following)
        requests.append(request)
        complaints.extend(wrong)
    left, used = _silenced(source, found, requests)
    complaints.extend(_unused(text, requests, used, project))
    whole_file = frozenset[str]().union(*(each.rules for each in _silences(requests) if each.line is None))
    left.extend(complaint for complaint in complaints if complaint.rule.name not in whole_file)
    return tuple(sorted(left, key=lambda diagnostic: diagnostic.label.span))


def silent_in(project: Project, path: Path) -> frozenset[str]:
    """The rules that the project's `[per-file-ignores]` switches off in a file."""
    if not project.ignores:
        return frozenset()
    from fnmatch import fnmatchcase

    from promptlang.checks.rules import RULES

    path = path.absolute()
    inside = project.root is not None and path.is_relative_to(project.root)
    shown = path.relative_to(project.root).as_posix() if inside and project.root else path.as_posix()
    patterns = (
        rule
        for ignore in project.ignores
        if fnmatchcase(shown, ignore.pattern) or fnmatchcase(path.name, ignore.pattern)
        for rule in ignore.rules
    )
    return frozenset[str]().union(*(matching(pattern, RULES) for pattern in patterns))


def _comments(text: str) -> Iterator[re.Match[str]]:
    """The comments that silence, found by the word in them: the pattern would try every character of a long text."""
    done, at = 0, text.find(MARK)
    while at >= 0:
        line = max(text.rfind("\n", done, at), text.rfind("\r", done, at), done - 1) + 1
        match = COMMENT.match(text, line)
        if match:
            yield match
        done = match.end() if match else at + 1
        at = text.find(MARK, done)


def _read(
    source: Source, match: re.Match[str], rules: Mapping[str, Rule], following: Sequence[int]
) -> tuple[Request, list[Diagnostic]]:
    """A suppression comment, and what is wrong with its names."""
    span = Span(match.start("all"), match.start("all") + len(match["all"].rstrip()))
    listed = NAMES.match(match["rest"])
    if not listed or not NAME.search(listed["names"]):
        help = "name the rules to silence: `# promptlang: ignore[clipskip/high]`"
        return Request(span, span, ()), [finding(NAMELESS, "this comment names no rule to silence", span, help=help)]
    start = match.start("rest") + listed.start("names")
    line = None if match["file"] else following[source.position(span.start)[0]]
    silences: list[Silence] = []
    wrong: list[Diagnostic] = []
    for name in NAME.finditer(listed["names"]):
        here = Span(start + name.start(), start + name.end())
        if known := matching(name[0], rules):
            silences.append(Silence(here, known, line))
        else:
            wrong.append(_unknown(name[0], here, rules))
    return Request(span, Span(start, start + len(listed["names"])), tuple(silences)), wrong


def _unknown(name: str, span: Span, rules: Mapping[str, Rule]) -> Diagnostic:
    nearest = nearest_pattern(name, rules)
    return finding(
        UNKNOWN_SUPPRESSED,
        f"no rule is called `{name}`",
        span,
        "unknown rule",
        help=instead(nearest),
        fixes=(replacement(f"Replace by `{nearest}`", span, nearest),) if nearest else (),
    )


def _next_lines(source: Source) -> Sequence[int]:
    """For each line the next one that is neither blank nor a comment; the line after the last where there is none."""
    last = len(source.line_starts)
    following = [last + 1] * (last + 1)
    for line in range(last, 0, -1):
        first = source.line(line).split(None, 1)
        following[line - 1] = line if first and first[0] != "#" else following[line]
    return following


def _silences(requests: Iterable[Request]) -> Iterator[Silence]:
    return (silence for request in requests for silence in request.silences)


def _silenced(
    source: Source, found: Iterable[Diagnostic], requests: list[Request]
) -> tuple[list[Diagnostic], set[Silence]]:
    """The diagnostics that stay, and the silences that had something to silence."""
    by_line: dict[int | None, dict[str, Silence]] = {}  # of several comments about a rule the first one counts
    for silence in _silences(requests):
        by_rule = by_line.setdefault(silence.line, {})
        for rule in silence.rules:
            by_rule.setdefault(rule, silence)
    left: list[Diagnostic] = []
    used: set[Silence] = set()
    for diagnostic in found:
        line, name = source.position(diagnostic.label.span.start)[0], diagnostic.rule.name
        silence = by_line.get(line, {}).get(name) or by_line.get(None, {}).get(name)
        if silence:
            used.add(silence)
        else:
            left.append(diagnostic)
    return left, used


def _unused(text: str, requests: list[Request], used: set[Silence], project: Project | None) -> Iterator[Diagnostic]:
    """One complaint for each comment with names that silenced nothing; rules that are off have nothing to say."""
    off = {name for name, severity in project.severities.items() if severity is None} if project else set[str]()
    at = (*starts(text), len(text)) if requests else ()
    for request in requests:
        idle = [
            silence
            for silence in request.silences
            if silence not in used and not silence.rules <= off and not _about_comments(silence)
        ]
        if not idle:
            continue
        names = ", ".join(f"`{text[each.span.start : each.span.end]}`" for each in idle)
        place = "in this file" if idle[0].line is None else "on the next line"
        everything = (
            len(idle) == len(request.silences) == len(NAME.findall(text, request.names.start, request.names.end))
        )
        yield finding(
            UNUSED,
            f"nothing to silence {place} for {names}",
            request.span if everything else idle[0].span,
            related=() if everything else tuple(Label(each.span) for each in idle[1:]),
            fixes=(_removed(text, at, request.span) if everything else _shortened(text, request, idle),),
        )


def _about_comments(silence: Silence) -> bool:
    """Whether a name means the rules of this module, which are judged last."""
    return all(rule.startswith("suppression/") for rule in silence.rules)


def _removed(text: str, at: Sequence[int], span: Span) -> Fix:
    """Take the comment out of the statement that it stands in; `at` are the ends of all statements."""
    place = bisect_right(at, span.start, hi=len(at) - 1) - 1
    begin, end = at[place], at[place + 1]
    return removal("Remove the comment", text[begin:end], span.moved(-begin)).moved(begin)


def _shortened(text: str, request: Request, idle: list[Silence]) -> Fix:
    """Take the idle names out of the list."""
    gone = {silence.span for silence in idle}
    names = (Span(name.start(), name.end()) for name in NAME.finditer(text, request.names.start, request.names.end))
    kept = ", ".join(text[name.start : name.end] for name in names if name not in gone)
    return replacement("Remove what is not needed", request.names, kept)
