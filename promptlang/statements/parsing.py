"""Text to tree. Parsing is total: any string gives a document, and what is wrong with it as diagnostics.

The work on a statement is cached by its text, so that editing a long file costs what the edited statement costs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding, replacement
from promptlang.dialects.dialect import dialect
from promptlang.source import Passage, Span
from promptlang.statements.scan import Scan, scan, starts
from promptlang.syntax.nodes import Document, OptionUse, Prompt, Statement
from promptlang.tables.dialects import DEFAULT, dialect_row, fuller
from promptlang.tables.kinds import FilePath, Name
from promptlang.tables.kinds import read as read_value
from promptlang.tables.options import PARSER, option

DOTPROMPT = Rule(
    name="file/dotprompt",
    severity=Severity.INFORMATION,
    summary="the file belongs to another program",
    why="A `.prompt` file that opens with a `---` line is a prompt for a language model with settings on top.",
    example="---\nmodel: some-model\n---\nhello",
    source=OURS,
)
LOOK_ALIKE = Rule(
    name="text/look-alike",
    severity=Severity.INFORMATION,
    summary="a typographic character stands where a plain one is meant",
    why="Web pages print `×` for `x`, full-width colons, curly quotes and long minus signs. They are read as meant; "
    "other programs may not be so kind.",
    example="/render /size:768×768 a cow",
    source="pages of the hosted service",
)
RULES = (DOTPROMPT, LOOK_ALIKE)

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\r|\n|\Z)")
_QUOTES = str.maketrans(dict.fromkeys("“”„″", '"'))
_LOOK_ALIKES = str.maketrans({"×": "x", "✕": "x", "：": ":", "−": "-", "–": "-", "，": ",", "．": "."}) | _QUOTES
_TYPOGRAPHIC = re.compile("[×✕：−–，．“”„″]")


def parse(text: str, *, parser: str = DEFAULT) -> Document:
    """The document of a text; `parser` is the dialect of statements that name none, as the project file may set it.

    Example: `parse("/render a (cow)").statements[0].prompt.parts`.
    """
    if _FRONT_MATTER.match(text):
        return Document(text, (), (), (_dotprompt(text),))
    at = starts(text)
    pieces = [text[start:end] for start, end in zip(at, (*at[1:], len(text)), strict=True)]
    statements: list[Statement] = []
    recipes: dict[str, str] = {}
    inherited = parser
    for piece in pieces:
        read = scan(piece)
        own = _own_parser(read)
        called = next((recipes[use.name.lower()] for use in read.recipes if use.name.lower() in recipes), None)
        kind = read.command.name if read.command else "render"
        if kind == "recipe":
            if read.label and own:
                recipes[read.label.name.lower()] = own
            statements.append(parse_statement(piece, own or fuller(inherited)))
            continue
        statements.append(parse_statement(piece, own or called or inherited))
        if kind == "set" and own:
            inherited = own
    return Document(text, tuple(statements), at)


@lru_cache(maxsize=20_000)
def parse_statement(text: str, parser: str) -> Statement:
    """One statement, its prompt read by the dialect `parser`; spans count from the start of `text`."""
    read = scan(text)
    options, alike = _plain_options(text, read.options)
    prompt = read_prompt(read.positive, parser)
    negative = read_prompt(read.negative, parser) if _has_section(read) else None
    found = (*alike, *prompt.diagnostics, *(negative.diagnostics if negative else ()))
    return Statement(
        span=Span(0, len(text)),
        text=text,
        command=read.command,
        label=read.label,
        options=options,
        recipes=read.recipes,
        comments=read.comments,
        positive=read.positive,
        negative=read.negative,
        prompt=prompt,
        negative_prompt=negative,
        diagnostics=found,
    )


@lru_cache(maxsize=20_000)
def read_prompt(passage: Passage, parser: str) -> Prompt:
    """A passage read by the dialect of that name; an unknown name reads as the old dialect."""
    return dialect(dialect_row(parser).name).parse(passage)


def _has_section(read: Scan) -> bool:
    return any(use.name == "negative" for use in read.options)


def _own_parser(read: Scan) -> str | None:
    """The dialect that the statement itself names; None where it names none that is known."""
    for use in reversed(read.options):
        if use.name == "parser" and use.value:
            return named_parser(use.value)
    return None


def parser_name(value: str) -> str | None:
    """The dialect's own name for a written value of `/parser`."""
    found = read_value(PARSER.kind, PARSER.name, value.translate(_LOOK_ALIKES).strip('"')).value
    return found if isinstance(found, str) else None


def named_parser(value: str) -> str:
    """The dialect that `/parser:value` calls; a misspelled name is said once, not for every weight."""
    return parser_name(value) or fuller(DEFAULT)


def _dotprompt(text: str) -> Diagnostic:
    end = text.find("\n")
    return finding(
        DOTPROMPT,
        "this looks like a Dotprompt file, so it is left alone",
        Span(0, len(text) if end < 0 else end),
        help="remove the `---` line if it is meant as a promptlang file",
    )


def _plain_options(text: str, uses: tuple[OptionUse, ...]) -> tuple[tuple[OptionUse, ...], tuple[Diagnostic, ...]]:
    """The options with look-alike characters read as meant, and a fix for each."""
    found: list[Diagnostic] = []
    return tuple(_plain_option(text, use, found) for use in uses), tuple(found)


def _plain_option(text: str, use: OptionUse, found: list[Diagnostic]) -> OptionUse:
    row = option(use.name)
    if row is None or use.value is None:
        return use
    written = Span(use.name_span.end, use.span.end)
    raw = text[written.start : written.end]
    if not _TYPOGRAPHIC.search(raw):
        return use
    plain = raw.translate(_LOOK_ALIKES)
    if isinstance(row.kind, Name | FilePath):  # a file may really be called so: only colon and quotes are plain
        plain = ":" + raw[1:].translate(_QUOTES)
    if plain == raw:
        return use
    found.append(
        finding(
            LOOK_ALIKE,
            f"`{raw}` has typographic characters, read as `{plain}`",
            written,
            help=f"write `{plain}`",
            fixes=(replacement(f"Write `{plain}`", written, plain),),
        )
    )
    return replace(use, value=plain[1:].strip('"'))
