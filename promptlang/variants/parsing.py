"""Reads a template: marks become chunks, what only looks like a mark becomes text with a warning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, islice, pairwise

from promptlang.diagnostics import MOST_MENDED, Diagnostic, Edit, Fix, finding, further, replacement
from promptlang.sentences import and_more
from promptlang.source import Passage, Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token, placed
from promptlang.values import replace
from promptlang.variants.lexemes import Sorting, patterns
from promptlang.variants.nodes import (
    Choice,
    Chunk,
    Chunks,
    Define,
    Literal,
    Option,
    Sampling,
    Template,
    Use,
    WildcardUse,
    Wrap,
)
from promptlang.variants.rules import ALONE, LEFT_OUT, LIGHT, MISSING, NOTHING, ONE, STRAY, UNDEFINED
from promptlang.variants.wildcards import NO_WILDCARDS, Wildcards

_LONGEST = 9  # digits of a count that is still told from others
_NOWHERE = Span(0, 0)  # where an option of nothing stands until what is before it is known


class _Builder:
    """Makes nodes while the parser runs."""

    def start(self, children: list[Chunk]) -> Chunks:
        return tuple(children)

    def literal(self, children: list[Token]) -> Literal:
        return Literal(children[0].span, str(children[0]))

    def variant(self, children: list[Token | Option]) -> Choice:
        opening = children[0]
        assert isinstance(opening, Token)
        options = tuple(_placed(child, before) for before, child in pairwise(children) if isinstance(child, Option))
        bound = next((child for child in children if isinstance(child, Token) and child.type == "BOUND"), None)
        low, high, separator = _bounds(str(bound), len(options)) if bound is not None else (1, 1, ",")
        return Choice(_around(children), options, low, high, separator, _sampling(opening))

    def option(self, children: list[Token | Chunk]) -> Option:
        chunks = _chunks(children)
        weight = children[0] if children and isinstance(children[0], Token) else None
        span = _around(children) if children else _NOWHERE
        return Option(span, chunks, float(weight[:-2]) if weight is not None else 1.0)

    def wildcard(self, children: list[Token | Chunk]) -> WildcardUse:
        opening, *rest = children
        assert isinstance(opening, Token)
        arguments = next((child for child in rest if isinstance(child, Token) and child.type == "ARGUMENTS"), None)
        variables = _variables(arguments) if arguments is not None else ()
        return WildcardUse(_around(children), _path(_chunks(rest)), variables, _sampling(opening))

    def define(self, children: list[Token | Chunk]) -> Define:
        opening = str(children[0])
        name, _, mark = opening.partition("=")
        value = _chunks(children)
        preserving = name.endswith("?")
        return Define(_around(children), _name(name), value, mark.startswith("!"), preserving)

    def use(self, children: list[Token | Chunk]) -> Use:
        opening = str(children[0])
        return Use(_around(children), _name(opening), _chunks(children) if ":" in opening else None)

    def wrap(self, children: list[Token | Chunk]) -> Wrap:
        middle = next(at for at, child in enumerate(children) if isinstance(child, Token) and child.type == "THEN")
        return Wrap(_around(children), _chunks(children[:middle]), _chunks(children[middle:]))


def _placed(option: Option, before: Token | Option) -> Option:
    """The option; one of nothing at all stands behind the sign before it."""
    return replace(option, span=Span(before.span.end, before.span.end)) if option.span is _NOWHERE else option


def _around(children: list[Token | Chunk] | list[Token | Option]) -> Span:
    return Span(children[0].span.start, children[-1].span.end)


def _chunks(children: list[Token | Chunk]) -> Chunks:
    return tuple(child for child in children if not isinstance(child, Token))


def _sampling(opening: Token) -> Sampling | None:
    return Sampling(opening[-1]) if opening[-1] in "~!@" else None


def _name(opening: str) -> str:
    found = re.search(r"[A-Za-z_\-][A-Za-z0-9_\-]*", opening)
    return found[0] if found else ""


def _bounds(written: str, options: int) -> tuple[int, int, str]:
    """Lower and upper count, in order, and the separator."""
    counts, separator, *_ = (*written.rstrip("\t\r\n").split("$$"), "")
    low, dash, high = counts.partition("-")
    if not dash:
        low = high = counts
    first, second = sorted((_whole(low) if low else 1, _whole(high) if high else options))
    return first, second, separator if written.count("$$") > 1 else ","


def _whole(digits: str) -> int:
    """The number; Python reads none of thousands of digits, and any of them is more than there is to pick from."""
    return int(digits) if len(digits) <= _LONGEST else 10**_LONGEST


def _variables(arguments: Token) -> tuple[tuple[str, Chunks], ...]:
    """`(name=value, other={a|b})`: each value is a template of its own; the last of a name counts."""
    inside = arguments[arguments.index("(") + 1 : -1]
    pairs = (pair.partition("=") for pair in inside.split(","))
    return tuple({name.strip(): _read(Passage(value.strip())) for name, _, value in pairs}.items())


def _path(chunks: Chunks) -> Chunks:
    """In a path a variable that nothing defines stands for its own name."""
    return tuple(Use(chunk.span, chunk.name, _stripped(chunk)) if isinstance(chunk, Use) else chunk for chunk in chunks)


def _stripped(use: Use) -> Chunks:
    text = "".join(chunk.text for chunk in use.default or () if isinstance(chunk, Literal))
    return (Literal(use.span, text.strip() if use.default else use.name),)


@cache
def _grammar() -> Loop[Chunks]:
    return grammar.load("variants", _Builder())


def _read(passage: Passage) -> Chunks:
    return parse(passage).chunks


def is_plain(text: str) -> bool:
    """Whether a text stands for itself alone, as most entries of wildcards do."""
    return "\t" not in text and not _MARK.search(text)


def parse(text: Passage | str, wildcards: Wildcards = NO_WILDCARDS) -> Template:
    """The template of a text; `wildcards` are only asked which names exist."""
    passage = _untabbed(Passage(text) if isinstance(text, str) else text)
    whole = passage.span(0, len(passage.text))
    if not _MARK.search(passage.text):
        chunks = (Literal(whole, passage.text),) if passage.text else ()
        return Template(whole, passage, chunks)
    found = Sorting(passage.text, patterns(_grammar())).sort()
    chunks = _grammar().built(
        placed(piece.kind, passage, piece.start, piece.end, text=piece.text) for piece in found.pieces
    )
    strays = [_stray(passage, piece.start, piece.end) for piece in found.strays[:MOST_STRAYS]]
    return Template(whole, passage, chunks, (*strays, *_findings(chunks, wildcards)))


def _untabbed(passage: Passage) -> Passage:
    """The passage with every tab as blanks up to the next column of eight, as the owner's parser reads it."""
    if "\t" not in passage.text:
        return passage
    kept: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = column = 0
    for at, letter in enumerate(passage.text):
        blanks = TAB - column % TAB if letter == "\t" else 1
        column = 0 if letter in "\r\n" else column + blanks
        kept.append(" " * blanks if letter == "\t" else letter)
        starts += range(length, length + blanks)
        origins += (passage.at(at),) * blanks
        length += blanks
    return Passage("".join(kept), tuple(starts), tuple(origins))


TAB = 8  # columns
MOST_STRAYS = 20  # marks that are told of one by one


_MARK = re.compile(r"[{}$%#]|__|^\s*/[/*]")


def _stray(passage: Passage, start: int, end: int) -> Diagnostic:
    span = passage.span(start, end)
    mark = passage.text[start:end].strip()
    message = f"`{mark}` begins nothing here, so it is plain text"
    return finding(STRAY, message, span, "plain text", help="remove it if dynamicprompts has to read the text too")


def _findings(chunks: Chunks, wildcards: Wildcards) -> Iterator[Diagnostic]:
    defined = frozenset(chunk.name for chunk in chunks if isinstance(chunk, Define) and chunk.value)
    if len(chunks) == 1 and isinstance(chunks[0], Define):
        yield finding(ALONE, "a definition alone makes an empty prompt", chunks[0].span, help="use it in the prompt")
    waiting = [(chunk, defined) for chunk in reversed(chunks)]
    unparted: list[tuple[Span, list[Span]]] = []
    while waiting:
        chunk, known = waiting.pop()
        match chunk:
            case WildcardUse(path=(Literal(text=name),)):
                yield from _wildcard(chunk.span, name, wildcards)
            case WildcardUse(path=path) if not wildcards.values(_any_of(path, "*")):
                yield _missing(chunk.span, _any_of(path, "…"), wildcards)
            case Use(name=name, default=default):
                if not default and name not in known:
                    help = f"write `${{{name}=…}}` before it"
                    yield finding(UNDEFINED, f"nothing defines `{name}`", chunk.span, "stands as text", help=help)
            case Choice(options=options, low=low):
                if low > 1 and len({option.chunks for option in options}) < min(low, len(options)):
                    message = f"{low} different options are needed, but some are the same"
                    yield finding(NOTHING, message, chunk.span, "no prompt is left", help="write different options")
                if len(options) == 1 and (places := _commas(options[0])):
                    unparted.append((chunk.span, places))
            case Define(name=name, immediate=immediate):
                # A value that is drawn at once is read before anything is defined.
                known = frozenset[str]() if immediate else known - {name}
            case _:
                pass
        waiting.extend((below, known) for below in reversed(_below(chunk)))
    if unparted:
        yield _one_option(unparted)


def _commas(option: Option) -> list[Span]:
    """Where the words of an option have a comma, or a sign that looks like a bar, with the blanks around it."""
    if all(isinstance(each, Literal) and not each.text.strip(" ,") for each in option.chunks):
        return []
    return [
        Span(*match.span()).moved(each.span.start)
        for each in option.chunks
        if isinstance(each, Literal) and each.span.end - each.span.start == len(each.text)
        for match in re.finditer(r"(?<!\s)\s*+[,，、｜¦]\s*", each.text)
    ]


def _one_option(unparted: list[tuple[Span, list[Span]]]) -> Diagnostic:
    """Of all braces with commas and no bar, and of where these stand in them."""
    (first, _), *others = unparted
    places = chain.from_iterable(commas for _, commas in unparted)
    edits = tuple(Edit(each, "|") for each in islice(places, MOST_MENDED))
    return finding(
        ONE,
        f"what these braces hold is one option{and_more(len(others))}",
        first,
        "commas part nothing",
        help="write a bar between options, as in `{red|blue}`, or leave the braces out",
        related=further((span for span, _ in others), "nor here"),
        fixes=(Fix("Part the options by bars", edits, safe=False),),
    )


def _wildcard(span: Span, name: str, wildcards: Wildcards) -> Iterator[Diagnostic]:
    """A name that calls nothing, or a wildcard of which not every entry is a text."""
    if (lost := wildcards.left_out.get(name)) is not None:
        path, (first, *others) = lost
        place = f"line {first.line}" if first.line else "an entry"
        message = f"{place} of `{path.name}` {first.problem}, so {first.what} left out{and_more(len(others))}"
        yield finding(LEFT_OUT, message, span, help=f"{first.help}, in `{path.name}`")
    elif not (values := wildcards.values(name)):
        yield _missing(span, name, wildcards)
    elif light := [each for each in values if each.weight < 1]:
        message = (
            f"an entry of `{name}` has the weight {light[0].weight:g}, so it is never drawn{and_more(len(light) - 1)}"
        )
        yield finding(LIGHT, message, span, help="write a weight from 1 on, or `/variants:random`")


def _any_of(path: Chunks, chosen: str) -> str:
    """The name of a wildcard with a sign for what is chosen in it."""
    return "".join(each.text if isinstance(each, Literal) else chosen for each in path)


def _missing(span: Span, name: str, wildcards: Wildcards) -> Diagnostic:
    near = wildcards.nearest(name)
    help = f"write `__{near}__`" if near else "add the file to a wildcard folder"
    fixes = (replacement(f"Write `__{near}__`", span, f"__{near}__", safe=False),) if near else ()
    return finding(MISSING, f"no wildcard is called `{name}`", span, "stands as text", help=help, fixes=fixes)


def _below(chunk: Chunk) -> Chunks:
    match chunk:
        case Choice(options=options):
            return tuple(below for option in options for below in option.chunks)
        case WildcardUse(path=path, variables=variables):
            return (*path, *(below for _, value in variables for below in value))
        case Define(value=value):
            return value
        case Use(default=default):
            return default or ()
        case Wrap(wrapper=wrapper, wrapped=wrapped):
            return (*wrapper, *wrapped)
        case Literal():
            return ()
