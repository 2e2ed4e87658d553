"""What one run of `check` does with a text: find, mend, write back, leave out what is not wanted; and the sum of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.checks.review import review
from promptlang.cli.arguments import Given
from promptlang.cli.findings.selection import Selection
from promptlang.cli.findings.sheets import Tally
from promptlang.cli.inputs import Input, Projects, is_project_file
from promptlang.cli.terminal import complain, hand_out
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.files import Report, TextFile
from promptlang.meaning.project import Project
from promptlang.sentences import counted
from promptlang.source import Source
from promptlang.values import dataclass, field

if TYPE_CHECKING:
    from promptlang.cli.findings.baseline import Baseline
    from promptlang.cli.findings.watching import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The settings of one run, and what came of it so far."""

    arguments: Given
    projects: Projects
    selection: Selection
    baseline: Baseline | None
    kept: Kept | None  # from an earlier round
    unsafe: bool
    fix: bool
    diff: bool
    checked: list[str] = field(default_factory=list[str])  # the names of the texts
    changed: dict[str, int] = field(default_factory=dict[str, int])  # fixes by file, or findings that comments silence
    comments: list[int] = field(default_factory=list[int])  # how many each file got
    failed: list[str] = field(default_factory=list[str])  # what could not be read or written
    folders: list[Path] = field(default_factory=list[Path])  # where something may have been written

    def report(self, source: Source, found: Iterable[Diagnostic]) -> Report:
        """What is to be seen of what was found in a prompt."""
        seen = self.selection.seen(found)
        return Report(source, self.baseline.unknown(source, seen) if self.baseline else seen)


def checked(given: Input, work: Work) -> Report:
    """The findings of one text as asked for, after its fixes."""
    source = given.file.source
    if given.file.problem:
        return Report(source, work.selection.seen((given.file.problem,)))
    is_project = is_project_file(given.where)
    project = None if is_project else work.selection.project(work.projects.of(given.where))

    def check(text: str) -> tuple[Diagnostic, ...]:
        found = _of_project(given, text) if is_project else review(text, project=project, path=given.path)
        return tuple(filter(work.selection.admits, found))

    if (work.fix or work.diff) and not (is_project and work.arguments.flag("add-ignores")):
        source = _mended(given, check, work)
    if is_project:
        return Report(source, work.selection.seen(check(source.text)))
    found = work.kept.found(given) if work.kept else None
    if found is None:
        found = check(source.text)
        if work.kept:
            work.kept.keep(given, found)
    return work.report(source, found)


def _of_project(given: Input, text: str) -> tuple[Diagnostic, ...]:
    """The findings of a project file, those it extends left to themselves."""
    from promptlang.config.chain import load

    source = Source(text, given.file.source.name)
    reports = load(given.path, TextFile(source)).reports
    return tuple(each for report in reports if report.source.name == source.name for each in report.diagnostics)


def _mended(given: Input, check: Callable[[str], tuple[Diagnostic, ...]], work: Work) -> Source:
    """The text with its fixes, written back unless a diff was asked for; the old one for a diff."""
    from promptlang.cli.outputs import written_back
    from promptlang.fixes import fixed, unified_diff

    source = given.file.source
    if work.arguments.flag("add-ignores"):
        from promptlang.checks.ignoring import ignored

        result = ignored(source.text, check)
        if not _draw_alike(source.text, result.text, work.projects.of(given.where)):
            complain(f"comments in `{source.name}` would change what it draws, so it is left as it is")
            work.failed.append(source.name)
            return source
        count, comments = result.findings, result.comments
    else:
        result = fixed(source.text, check, unsafe=work.unsafe)
        count, comments = result.count, 0
    if not result.settled:
        complain(f"the fixes of `{source.name}` keep calling for each other, so it is left as it is")
        work.failed.append(source.name)
        return source
    is_changed = result.text != source.text
    if work.diff:
        hand_out(unified_diff(source.text, result.text, source.name))
    elif given.is_standard_input:
        hand_out(result.text)
    elif is_changed and not written_back(given, result.text):
        work.failed.append(source.name)
        return source
    if is_changed:
        work.changed[source.name] = count
        work.comments.append(comments)
    return source if work.diff else Source(result.text, source.name)


def _draw_alike(before: str, after: str, project: Project | None) -> bool:
    """Whether both texts make the same plans: a comment takes the blanks before the words below it along."""
    from promptlang.lowering.lower import compile
    from promptlang.plans.json import content_hash

    first, second = ([content_hash(plan) for plan in compile(text, project=project).plans] for text in (before, after))
    return first == second


def summary(work: Work, seen: Tally, checked: Tally) -> str:
    """`2 files checked: 1 error, 3 warnings; 2 fixable with --fix`.

    `seen` may hold project files beside the files `checked`; only those are fixed.
    """
    verb = "ignore" if work.arguments.flag("add-ignores") else "fix"
    fixed, comments = sum(work.changed.values()), sum(work.comments)
    how = f" with {counted(comments, 'comment')}" if comments else ""
    if work.diff:
        place = counted(len(work.changed), "file")
        return f"would {verb} {fixed} in {place}{how}" if work.changed else f"nothing to {verb}"
    counts = ", ".join(
        counted(number, severity.word, "information" if severity is Severity.INFORMATION else "")
        for severity, number in zip(Severity, seen.severities, strict=True)
        if number
    )
    parts = [f"{counted(len(work.checked), 'file')} checked: {counts or 'no findings'}"]
    if work.baseline and (known := work.baseline.met.total()):
        parts.append(f"{known} known")
    if fixed:
        parts.append(f"{fixed} {verb.rstrip('e')}ed{how}")
    if fixable := _fixable(checked):
        parts.append(fixable)
    return "; ".join(parts)


def _fixable(checked: Tally) -> str:
    if checked.safe:
        more = f", {checked.unsafe} more with --unsafe-fixes" if checked.unsafe else ""
        return f"{checked.safe} fixable with --fix{more}"
    return f"{checked.unsafe} fixable with --fix --unsafe-fixes" if checked.unsafe else ""
