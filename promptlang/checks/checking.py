"""What is wrong with a document: names and values by walking the option table, everything else by the lints."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from promptlang.checks import options, recipes, statements, texts
from promptlang.checks.drawn import drawn
from promptlang.checks.endings import CUT_SHORT
from promptlang.checks.pasted import pasting
from promptlang.checks.pasted.rule import at_the_end
from promptlang.diagnostics import Diagnostic, Fix, Severity
from promptlang.dialects.words.rules import BAD_CONCEPT, NEEDS_NEW_PARSER, NETWORK_PREFIX
from promptlang.lints.clipskip.in_prose import RULE as CLIP_SKIP_IN_PROSE
from promptlang.lints.models import concepts, variant_unknown
from promptlang.lints.models.not_drawn import BAD_FILE
from promptlang.lints.options import compared
from promptlang.lints.options.not_read import RULE as NOT_READ
from promptlang.lints.prompts.other_dialect import RULE as OTHER_DIALECT
from promptlang.lints.prompts.other_program import RULE as OTHER_PROGRAM
from promptlang.lints.prompts.other_program import is_tag
from promptlang.lints.prompts.weights_as_text import WIDE
from promptlang.lints.table import lints
from promptlang.looks import OneLook
from promptlang.meaning.contexts import EMPTY_PROJECT, Context, contexts, parsed, repeated_recipes
from promptlang.meaning.project import Project
from promptlang.meaning.settings import read_points
from promptlang.meaning.spread import has_variants
from promptlang.meaning.view import view
from promptlang.source import Span
from promptlang.statements.parsing import parse_statement, read_prompt
from promptlang.statements.removal import opens_quote
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import Document, Statement
from promptlang.tables.commands import command
from promptlang.tables.dialects import NETWORK_PREFIXES
from promptlang.tables.options.table import OPTIONS, SWAP
from promptlang.values import replace

# Few statements have fixes, so only those compile what follows.
_SIGN = r"(?:\A|(?<=\s))[/#]\S*\Z"
_PIECE = r"\s[/#]|[/#]\S*\s+\S"  # where an option or a comment may stand beside words
_WITHOUT_PARTNER = ("/unopened", "/unclosed", "/stray-close")
_LONGEST_NAME = 60  # letters before a place among which a word is looked for
_CHOOSING = "write the `/parser:` of the program that the prompt comes from"


def check(text: str, *, project: Project | None = None, name: str = "<text>") -> tuple[Diagnostic, ...]:
    """Everything there is to say about a text, in the order of the text.

    Spans are code-point offsets in `text`. Severities are those of the project; suppression comments are applied by
    `promptlang.checks.suppress`.
    """
    del name  # kept so that a call reads like the ones that print
    project = project or EMPTY_PROJECT
    return check_document(parsed(text, project), project)


def check_document(
    document: Document, project: Project, around: Iterable[Context] | None = None
) -> tuple[Diagnostic, ...]:
    """`check` for a document that is parsed already, with the contexts of its statements where they are at hand."""
    here = contexts(document, project) if around is None else around
    with OneLook():
        return gathered(document, project, map(check_statement, document.statements, here))


def gathered(
    document: Document, project: Project, of_statements: Iterable[tuple[Diagnostic, ...]]
) -> tuple[Diagnostic, ...]:
    """`check` for a document whose statements are checked already, each with spans that count from its start."""
    found = list(document.diagnostics)
    last = len(document.starts) - 1
    for number, (start, diagnostics) in enumerate(zip(document.starts, of_statements, strict=True)):
        diagnostics = at_the_end(diagnostics) if number == last else diagnostics
        found.extend(diagnostic.moved(start) for diagnostic in diagnostics)
    found.extend(each.moved(document.starts[number]) for number, each in repeated_recipes(document.placed(), project))
    if not found:
        return ()
    kept = (with_severity(diagnostic, project) for diagnostic in found)
    return tuple(sorted((each for each in kept if each), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, int, int]:
    span = diagnostic.label.span
    return span.start, span.end, diagnostic.severity


@lru_cache(maxsize=1024)
def check_statement(statement: Statement, context: Context) -> tuple[Diagnostic, ...]:
    """What there is to say about one statement; spans count from its start."""
    row = command(statement.command_name)
    if row is not None and row.hosted:
        return (statements.hosted(statement),)
    if (
        row is not None
        and row.draws
        and (block := pasting.check(statement, context.concept or context.project.concept))
    ):
        return (block.found, *_about(block.own, options.check(statement)))
    speaks_for_others = row is not None and row.declares
    if speaks_for_others and statement.label and (block := pasting.check(statement, "")):
        return (replace(block.found, fixes=()), *_about(block.own, options.check(statement)))
    seen = view(statement, context)
    # What has to stand there: what speaks for other statements may override what holds for them.
    standing = [name for name, setting in seen.settings.items() if speaks_for_others or setting.overrides]
    found = [
        *texts.invisible(statement.text),
        *texts.words(statement),
        *options.check(statement, standing, seen.checkpoint),
        *recipes.check(statement, context),
        *statements.check(seen),
    ]
    if row is not None and row.draws and (statement.command or statement.options or statement.positive.text):
        found.extend(_about_words_written_here(statement, (each for lint in lints(seen) for each in lint(seen))))
    elif speaks_for_others:
        found.extend(variant_unknown.check(seen))
        if statement.command_name == "set":  # a recipe's names are said where it is called
            found.extend(_about_words_written_here(statement, concepts.check(seen)))
            found.extend(compared.one_counts(seen, statement.prompt.parts))
    if not found and not (seen.choices or SWAP.name in seen.settings):
        return ()
    found = _one_each(statement, drawn(found, seen))
    unknown = sorted(each.node.span for each in seen.called if each.known is None)
    is_wordless = statement.command is None and not statement.positive.text
    has_columns = "\t" in statement.text and has_variants(seen)
    is_open = any(each.rule is OTHER_DIALECT for each in found)
    is_cut = any(each.rule is CUT_SHORT for each in found)
    is_doubtful = is_open or is_cut or has_columns or opens_quote(statement.text)

    def is_guess(each: Diagnostic, fix: Fix) -> bool:
        return (
            is_doubtful
            or (speaks_for_others and each.severity is Severity.ERROR)
            or (is_wordless and _deletes(fix))
            or _touches(fix, unknown)
            or _joins(fix, statement)
            or _mixes(fix, statement)
            or _ends_sweep(fix, statement)
        )

    return tuple(_with_fixes(each, is_guess) for each in found)


def _one_each(statement: Statement, found: list[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that others have said the cause of already."""
    rules = {each.rule for each in found}
    if OTHER_PROGRAM in rules or OTHER_DIALECT in rules:
        found = [each for each in found if not _is_of_others(statement, each)]
    if WIDE in rules:  # the partner of a bracket may be a wide one
        found = [replace(each, fixes=()) if each.rule.name.endswith(_WITHOUT_PARTNER) else each for each in found]
    if CUT_SHORT in rules:  # the file that is not there is one whose name was cut
        cut = [each.label.span for each in found if each.rule is CUT_SHORT]
        found = [each for each in found if each.rule is not BAD_FILE or not any(map(each.label.span.contains, cut))]
    if CLIP_SKIP_IN_PROSE in rules and NOT_READ in rules:
        settings = [label.span for each in found if each.rule is NOT_READ for label in (each.label, *each.related)]
        found = [
            each
            for each in found
            if each.rule is not CLIP_SKIP_IN_PROSE or not any(map(each.label.span.meets, settings))
        ]
    if OTHER_DIALECT in rules:  # two fixes that decide the dialect, each its own way, would undo each other
        found = [each for each in found if each.rule is not NETWORK_PREFIX]
        found = [replace(each, fixes=(), help=_CHOOSING) if each.rule is NEEDS_NEW_PARSER else each for each in found]
    return found


def _is_of_others(statement: Statement, diagnostic: Diagnostic) -> bool:
    """Whether what looks like a call without a number for its weight is one that another program reads."""
    written = _text_at(statement, diagnostic)
    is_network = written[1:].lower().startswith(tuple(f"{kind}:" for kind in NETWORK_PREFIXES))
    return diagnostic.rule is BAD_CONCEPT and (is_network or is_tag(written))


def _text_at(statement: Statement, diagnostic: Diagnostic) -> str:
    span = diagnostic.label.span
    return statement.text[span.start : span.end]


def _about(spans: Iterable[Span], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings that stand in one of the spans."""
    places = tuple(spans)
    return (each for each in found if any(place.contains(each.label.span) for place in places))


def _about_words_written_here(statement: Statement, found: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """The findings without fixes for words of a recipe: they stand where the recipe is, not where it is called."""
    calls = [use.span for use in statement.recipes]
    if not calls:
        return found

    def is_here(fix: Fix) -> bool:
        return not any(edit.span.meets(call) for edit in fix.edits for call in calls)

    return (replace(each, fixes=tuple(filter(is_here, each.fixes))) for each in found)


def _with_fixes(diagnostic: Diagnostic, is_guess: Callable[[Diagnostic, Fix], bool]) -> Diagnostic:
    """The diagnostic with those of its safe fixes for guesses that may draw another picture.

    Once the dialect is named, or the model of a name is known, what they write may mean something else; what was
    rejected and speaks for others would hold for them; of a statement that is nothing but options, nothing may be left;
    what stood in the middle of a word may leave an option, or have one in its own middle; without a sweep there are
    fewer pictures; a quote without an end may find one; and a tab that variants read is as wide as what is before it
    leaves it.
    """
    guesses = [fix for fix in diagnostic.fixes if fix.safe and is_guess(diagnostic, fix)]
    if not guesses:
        return diagnostic
    fixes = (replace(fix, safe=False) if fix in guesses else fix for fix in diagnostic.fixes)
    return replace(diagnostic, fixes=tuple(fixes))


def _deletes(fix: Fix) -> bool:
    return not any(edit.text.strip() for edit in fix.edits)


def _joins(fix: Fix, statement: Statement) -> bool:
    """Whether a fix takes something out of the middle of a word, of which a command, an option or a recipe is left."""
    return any(not edit.text and _is_sign_left(statement, edit.span) for edit in fix.edits)


def _ends_sweep(fix: Fix, statement: Statement) -> bool:
    """Whether a fix takes an option out that gives several values, each a picture even where all look alike, or none
    that can be read, of which nobody knows whether they are several.
    """
    uses = {use.name: use for use in statement.options}.values()  # the last of each counts
    gone = [use for use in uses if any(edit.span.contains(use.span) for edit in fix.edits)]
    points = [read_points(use.name, use.value) for use in gone if use.value and use.name in OPTIONS]
    return any(each.swept or each.values is None for each in points)


def _mixes(fix: Fix, statement: Statement) -> bool:
    """Whether a fix for words takes an option or comment along that stands among them."""
    return any(_has_both(statement, edit.span) for edit in fix.edits)


def _has_both(statement: Statement, gone: Span) -> bool:
    text = statement.text[gone.start : gone.end]
    if re.search(_PIECE, text) is None:
        return False
    inside = [each.span for each in (*statement.options, *statement.comments) if gone.contains(each.span)]
    ends = (gone.start, *(at for span in sorted(inside) for at in (span.start, span.end)), gone.end)
    words = (statement.text[at:to] for at, to in zip(ends[::2], ends[1::2], strict=True))
    return bool(inside) and any(map(str.strip, words))


def _is_sign_left(statement: Statement, gone: Span) -> bool:
    text = statement.text
    if gone.start == gone.end or text[gone.start].isspace():
        return False
    if any(use.span.start < gone.start and gone.end <= use.span.end for use in statement.options):
        return False  # a value, without which the option is left
    behind = "" if text[gone.end - 1].isspace() else text[gone.end : gone.end + 1].strip()
    return re.search(_SIGN, text[max(0, gone.start - _LONGEST_NAME) : gone.start] + behind) is not None


def _touches(fix: Fix, spans: Sequence[Span]) -> bool:
    """Whether a fix changes something in one of the spans, which are in order and lie apart."""
    before = (bisect_right(spans, edit.span.start, key=_start) for edit in fix.edits)
    return any(at and spans[at - 1].contains(edit.span) for at, edit in zip(before, fix.edits, strict=True))


def _start(span: Span) -> int:
    return span.start


def forget() -> None:
    """Let go of the work that is cached by text; who keeps statements and their diagnostics has no more use for it."""
    for cached in (scan, parse_statement, read_prompt, read_points, check_statement):
        cached.cache_clear()


def with_severity(diagnostic: Diagnostic, project: Project) -> Diagnostic | None:
    """The diagnostic as the project wants it; None where it is switched off."""
    if not project.severities:
        return diagnostic if diagnostic.rule.enabled else None
    name = diagnostic.rule.name
    for pattern in (name, f"{name.partition('/')[0]}/*", "*"):
        if pattern in project.severities:
            severity = project.severities[pattern]
            return replace(diagnostic, severity=severity) if severity else None
    return diagnostic if diagnostic.rule.enabled else None
