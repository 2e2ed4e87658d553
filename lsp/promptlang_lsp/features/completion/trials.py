"""Offers are tried before they are made: what would raise a warning or an error where it is written is not offered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang.syntax.nodes import Concept, Text
from promptlang.tables.commands import command
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import option
from promptlang_lsp.features.completion.cursor import VALUE_ENDS
from promptlang_lsp.texts.page import Page

NEAR = 100  # code points on either side of what is tried that are read; trying in more would be felt
LONGEST = 400  # of a word or group that an end of them would cut, and that is read as a whole
_BLANKS = " \n"


@dataclass(frozen=True, slots=True)
class Place:
    """A hole in a statement, with what stands around it and how often each rule speaks up already."""

    page: Page
    index: int
    before: str
    after: str
    known: Counter[str]

    def raised(self, words: str) -> tuple[Diagnostic, ...]:
        """The warnings and errors that come with the words; spans count from the start of `before`."""
        known = self.known.copy()
        new: list[Diagnostic] = []
        for each in _findings(self.page, self.index, f"{self.before}{words}{self.after}"):
            known[each.rule.name] -= 1
            if known[each.rule.name] < 0:
                new.append(each)
        return tuple(new)

    def takes(self, words: str) -> bool:
        """Whether nothing is wrong with the words here that was not wrong before."""
        return not self.raised(words)


def place(page: Page, index: int, span: Span) -> Place:
    """The place of what is being written at `span`; the option around it, unfinished as it is, is not held against it.

    What is wrong elsewhere while it is unfinished, as with a comparison that locks nothing, stays as wrong as it is.
    """
    text = page.snapshot.pieces[index].text
    uses = page.snapshot.pieces[index].scan.options
    whole = next((use.span for use in uses if use.span.contains(span)), span)
    before, after = _around(page, index, span)
    left, right = span.start - whole.start, whole.end - span.end
    without = before[: len(before) - left] + after[right:]
    now = Span(len(before) - left, len(before) + len(text[span.start : whole.end]))
    known = Counter(each.rule.name for each in _findings(page, index, without))
    known |= Counter(
        each.rule.name
        for each in _findings(page, index, f"{before}{text[span.start : span.end]}{after}")
        if not now.contains(each.label.span)
    )
    first = min(whole.start, max(text.rfind("/", 0, span.start), 0))  # where a quote stands open no option is read yet
    if VALUE_ENDS.search(text, first, span.end):
        from promptlang.lints.options.compare_unlocked import UNLOCKED

        known[UNLOCKED.name] = max(known[UNLOCKED.name], 1)  # what a sweep leaves open is locked when it is written
    return Place(page, index, before, after, known)


def barred(page: Page, index: int, span: Span) -> Callable[[Option], bool]:
    """Whether an option is wrong at `span` whatever its value: what the tables say of it there, without a trial.

    Most of a whole list is: what stands in the statement already, what belongs to another command or to another family
    of models, and what says how something is done that nothing asks for.
    """
    from promptlang.checks.options.uses import REPEATED_OPTION, WRONG_COMMAND
    from promptlang.lints.options import alone, family, incomplete

    statement, meaning = page.statement(index), page.meaning(index)
    settings, name, model = meaning.settings, statement.command_name, meaning.checkpoint
    is_speaking = {
        rule: _is_speaking(rule, page.project)
        for rule in (REPEATED_OPTION, WRONG_COMMAND, family.RULE, alone.RULE, incomplete.RULE)
    }
    there = (
        {use.name for use in statement.options if not use.span.contains(span)} if is_speaking[REPEATED_OPTION] else ()
    )
    taken = {row.name for each in there if (row := option(each))}
    is_drawing = (found := command(name)) is not None and found.draws
    is_known = model is not None and meaning.family is not UNKNOWN and is_speaking[family.RULE]

    def is_barred(row: Option) -> bool:
        if row.name in taken or (is_speaking[WRONG_COMMAND] and not row.counts_under(name)):
            return True
        if not is_drawing or row.decides == "side":  # a section is no setting
            return False
        acts = row.name in family.OWN_RULES or ability(row.name, meaning.family, meaning.variant).acts
        return (
            (is_known and not acts)
            or (is_speaking[alone.RULE] and bool(row.beside) and row.beside not in settings)
            or (is_speaking[incomplete.RULE] and any(each not in settings for each in row.needs))
        )

    return is_barred


def _is_speaking(rule: Rule, project: Project) -> bool:
    """Whether the project lets a rule warn."""
    from promptlang.checks.checking import with_severity

    judged = with_severity(finding(rule, rule.summary, Span(0, 0)), project)
    return judged is not None and judged.severity <= Severity.WARNING


def _around(page: Page, index: int, span: Span) -> tuple[str, str]:
    """The text before and behind a place; of what lies far from it the command, options and calls are left, and the
    shortest group of each kind, for what others of its kind would say.
    """
    text, statement = page.snapshot.pieces[index].text, page.statement(index)
    if span.start <= NEAR and span.end + NEAR >= len(text):
        return text[: span.start], text[span.end :]
    groups = [node.span for prompt in statement.prompts for node in prompt.parts if not isinstance(node, Text)]
    calls = (node for node in statement.nodes() if isinstance(node, Concept))
    pieces = (statement.command, statement.label, *statement.options, *statement.recipes, *calls)
    stay = [each.span for each in pieces if each]
    whole = (*stay, *groups, *(each.span for each in statement.comments))
    low, high = _beginning(text, span.start - NEAR, whole), _end(text, span.end + NEAR, whole)
    far = (each for each in groups if each.end <= low or each.start >= high)
    examples = _examples(text, far)
    kept = sorted({*examples, *(each for each in stay if not any(one.contains(each) for one in examples))})
    before = " ".join(text[each.start : each.end] for each in kept if each.end <= low)
    after = " ".join(text[each.start : each.end] for each in kept if each.start >= high)
    return f"{before} {text[low : span.start]}", f"{text[span.end : high]} {after}"


def _examples(text: str, groups: Iterator[Span]) -> tuple[Span, ...]:
    """The shortest group of each kind."""
    found: dict[str, Span] = {}
    for each in sorted(groups, key=lambda group: group.end - group.start):
        if each.end - each.start <= LONGEST:
            found.setdefault(_kind(text[each.start : each.end]), each)
    return tuple(found.values())


def _kind(group: str) -> str:
    """The signs of a group, each once: groups of the same signs are read alike."""
    return "".join(dict.fromkeys(re.sub(r"\d+", "0", re.sub(r"[^\W\d]|[\s,]", "", group))))


def _beginning(text: str, at: int, whole: tuple[Span, ...]) -> int:
    """Where to begin at an offset or before it: at none inside of an option, a call, a group or a word."""
    at = max(at, 0)
    blank = max(text.rfind(each, max(at - LONGEST, 0), at) for each in _BLANKS)
    at = blank + 1 if blank >= 0 or at <= LONGEST else at
    return min((each.start for each in _cut(at, whole)), default=at)


def _end(text: str, at: int, whole: tuple[Span, ...]) -> int:
    """Where to end at an offset or behind it."""
    at = min(at, len(text))
    blanks = [found for each in _BLANKS if (found := text.find(each, at, at + LONGEST)) >= 0]
    at = min(blanks, default=len(text) if at + LONGEST >= len(text) else at)
    return max((each.end for each in _cut(at, whole)), default=at)


def _cut(at: int, whole: tuple[Span, ...]) -> Iterator[Span]:
    return (each for each in whole if each.start < at < each.end and each.end - each.start <= LONGEST)


def _findings(page: Page, index: int, text: str) -> list[Diagnostic]:
    """The warnings and errors of a statement with that text in the place of this one."""
    from promptlang.checks.checking import check_statement, with_severity
    from promptlang.statements.inheritance import dialect_of
    from promptlang.statements.parsing import parse_statement
    from promptlang.statements.scan import scan

    context = page.context(index)
    found = check_statement(parse_statement(text, dialect_of(scan(text), context.parser)), context)
    judged = (with_severity(each, page.project) for each in found)
    return [each for each in judged if each and each.severity <= Severity.WARNING]
