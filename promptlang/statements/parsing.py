"""Text to tree. Parsing is total: any string gives a document, and what is wrong with it as diagnostics.

The work on a statement is cached by its text, so that editing a file costs what the edited statement costs. Of a
thousand statements, that is: the garbage collector walks over everything that is kept, again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.dialects.dialect import dialect
from promptlang.source import Passage, Span, joined, pointing
from promptlang.statements.cutting import TOGETHER, is_foreign, starts
from promptlang.statements.expanding import place_of
from promptlang.statements.inheritance import called_dialect, dialect_below, dialect_of, given_dialect
from promptlang.statements.look_alikes import plain_options
from promptlang.statements.scan import Scan, scan, scan_for
from promptlang.syntax.nodes import Document, Prompt, RecipeUse, Statement
from promptlang.tables.dialects import DEFAULT, dialect_row, fuller
from promptlang.tables.options.table import DECIDING
from promptlang.values import replace

DOTPROMPT = Rule(
    name="file/dotprompt",
    severity=Severity.INFORMATION,
    summary="the file belongs to another program",
    why="A `.prompt` file that opens with a `---` line is a prompt for a language model with settings on top.",
    example="---\nmodel: some-model\n---\nhello",
    source=OURS,
)
RULES = (DOTPROMPT,)

SELDOM = (30_000, 20, 50)
"""Thresholds of the collector where many texts are read: they hold no cycles, and looking for some takes a fifth."""


def parse(text: str, *, parser: str = DEFAULT, shared: Mapping[str, str] | None = None) -> Document:
    """The document of a text; `parser` is the dialect of statements that name none, as the project file may set it, and
    `shared` those that recipes of other files bring along, by lower-case name.

    Example: `parse("/render a (cow)").statements[0].prompt.parts`.
    """
    if is_foreign(text):
        return Document(text, (), (), (_dotprompt(text),))
    at = starts(text)
    pieces = [text[start:end] for start, end in zip(at, (*at[1:], len(text)), strict=True)]
    statements: list[Statement] = []
    recipes: dict[str, str] = {}
    if shared:
        own = {read.label.name.lower() for read in _scans(pieces) if read.label}
        recipes |= {name: each for name, each in shared.items() if name not in own}
    inherited = parser
    for piece, read in zip(pieces, _scans(pieces), strict=True):
        statements.append(parse_statement(piece, dialect_of(read, called_dialect(read, recipes.get) or inherited)))
        inherited = dialect_below(read, inherited)
        if given := given_dialect(read):
            recipes[given[0]] = given[1]
    return Document(text, tuple(statements), at)


def _scans(pieces: Sequence[str]) -> Iterator[Scan]:
    """The scans of a row of texts, some ahead of what is done with them."""
    for at in range(0, len(pieces), TOGETHER):
        yield from [scan(piece) for piece in pieces[at : at + TOGETHER]]


@lru_cache(maxsize=1024)
def parse_statement(text: str, parser: str) -> Statement:
    """One statement, its prompt read by the dialect `parser`; spans count from the start of `text`."""
    read = scan(text)
    options, alike = plain_options(text, read.options)
    if read.command and read.command.name == "set" and not dialect_row(parser).model:
        parser = fuller(DEFAULT)  # `/set` is the language's own, and names the model as the language does
    row = dialect_row(parser)
    words = scan_for(text, row)
    calls = read.recipes if row.comments else ()
    prompt = read_prompt(_with_calls_as_words(words.positive, calls), parser)
    negative = None
    if _has_section(read):
        negative = read_prompt(_with_calls_as_words(words.negative, calls), parser, is_negative=True)
    said = (*prompt.diagnostics, *(negative.diagnostics if negative else ()))
    if read.label or read.recipes:  # a bracket may have its partner where the words are put in, or in what is put in
        said = tuple(map(_as_guess, said))
    return Statement(
        span=Span(0, len(text)),
        text=text,
        command=read.command,
        label=read.label,
        options=options,
        recipes=read.recipes,
        comments=read.comments,
        positive=words.positive,
        negative=words.negative,
        prompt=prompt,
        negative_prompt=negative,
        diagnostics=(*alike, *said),
    )


def _with_calls_as_words(passage: Passage, calls: Sequence[RecipeUse]) -> Passage:
    """The passage with a backslash before each call of a recipe, which begins no comment of the dialect."""
    pieces: list[Passage] = []
    at = 0
    for use in calls:
        place = place_of(passage, use)
        if place is not None:
            pieces += (passage.part(at, place), pointing("\\", use.span.start))
            at = place
    return joined((*pieces, passage.part(at, len(passage.text)))) if pieces else passage


def _as_guess(found: Diagnostic) -> Diagnostic:
    """The finding without a safe fix."""
    return replace(found, fixes=tuple(replace(fix, safe=False) for fix in found.fixes)) if found.fixes else found


@lru_cache(maxsize=1024)
def read_prompt(passage: Passage, parser: str, *, is_negative: bool = False) -> Prompt:
    """A passage read by the dialect of that name; an unknown name reads as the old dialect."""
    return dialect(dialect_row(parser).name).read(passage, is_negative=is_negative)


def _has_section(read: Scan) -> bool:
    return any(use.name == DECIDING["side"].name for use in read.options)


def _dotprompt(text: str) -> Diagnostic:
    end = text.find("\n")
    return finding(
        DOTPROMPT,
        "this looks like a Dotprompt file, so it is left alone",
        Span(0, len(text) if end < 0 else end),
        help="remove the `---` line if it is meant as a promptlang file",
    )
