"""ComfyUI's prompt text: `(x)` counts 1.1 times as much, `(x:1.3)` exactly 1.3, `embedding:name` is a concept."""

from __future__ import annotations

import re
from functools import cache, partial
from math import isfinite

from promptlang.diagnostics import MOST_MENDED, Diagnostic, Edit, Fix, finding
from promptlang.dialects.comfy.lexemes import Piece, sorted_pieces
from promptlang.dialects.comfy.rules import (
    GLUED,
    LITERAL_SYNTAX,
    STRAY_CLOSE,
    UNCLOSED,
    WEIGHT_REPLACES_OUTER,
)
from promptlang.dialects.comfy.write import plain, write
from promptlang.dialects.dialect import Dialect, WeightedText
from promptlang.source import Passage, Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token, placed
from promptlang.syntax.nodes import Concept, Part, Parts, Prompt, Text, Weight, walk
from promptlang.tables.dialects import NETWORK_PREFIXES

FACTOR = 1.1

# A textual inversion stands at the start of a piece or after white space, and white space may stand before its name,
# which ends at the next, at `<` or at `[`.
EMBEDDING = re.compile(r"(?:^|(?<=\s))embedding:(?:\s+(?!embedding:))?([^\s<\[]+)")
FOREIGN = re.compile(
    rf"\bBREAK\b|\bAND\b|<(?:{'|'.join(NETWORK_PREFIXES)}):[^<>]*>|\[[^\[\]:|]*(?::[^\[\]:|]*)?:\s*[\d.]+\s*\]|\[[^\[\]|]*\|[^\[\]]*\]"
)


class _Builder:
    """Makes nodes while the parser runs."""

    def start(self, children: list[tuple[Part, ...]]) -> Parts:
        return tuple(part for parts in children for part in parts)

    def text(self, children: list[Token]) -> Parts:
        return tuple(_words(children[0]))

    def group(self, children: list[Token | tuple[Part, ...]]) -> Parts:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        number = children[-2]
        parts = tuple(part for child in children if not isinstance(child, Token) for part in child)
        span = Span(opening.start_pos, closing.end_pos)
        if isinstance(number, Token) and number.type == "NUMBER":
            digits = number.span.part(1, len(number), len(number))
            return (Weight(span, parts, float(number[1:]), digits, absolute=True),)
        return (Weight(span, parts, FACTOR),)


def _words(token: Token) -> list[Part]:
    """Plain text and the embeddings in it."""
    span, written = token.span, str(token)
    if "embedding:" not in written:
        return [Text(span, resolved(written))]
    place = partial(span.part, length=len(written))
    result: list[Part] = []
    done = 0
    for match in EMBEDDING.finditer(written):
        name = match[1].rstrip(",")
        if not name.strip(","):
            continue
        ends = match.start(1) + len(name)
        if match.start() > done:
            result.append(Text(place(done, match.start()), resolved(written[done : match.start()])))
        name_span = place(match.start(1), ends)
        result.append(Concept(place(match.start(), ends), resolved(name), name_span, kind="embedding"))
        done = ends
    if done < len(written):
        result.append(Text(place(done, len(written)), resolved(written[done:])))
    return result


def resolved(written: str) -> str:
    """The text with `\\(` and `\\)` unescaped; the owner's own place holders are undone as well, as the owner does."""
    text = written.replace("\\)", ")").replace("\\(", "(")
    return text.replace("\0\1", ")").replace("\0\2", "(") if "\0" in text else text


@cache
def _grammar() -> Loop[Parts]:
    return grammar.load("comfy", _Builder())


@cache
def _scanner() -> re.Pattern[str]:
    expressions = _grammar().terminals
    return re.compile("|".join(f"(?P<{name}>{expressions[name]})" for name in ("OPEN", "CLOSE", "TEXT")))


def parse(passage: Passage) -> Prompt:
    """The tree of a prompt text in ComfyUI's dialect."""
    text = passage.text
    if "(" not in text and ")" not in text:  # as nearly half of all texts, and most of what a tag holds
        words = tuple(_words(placed("TEXT", passage, 0, len(text)))) if text else ()
        found = (*_foreign_findings(passage), *_glued_findings(words))
        return Prompt(passage.span(0, len(text)), passage, words, "comfy", found)
    pieces = [Piece(match.lastgroup or "", *match.span()) for match in _scanner().finditer(text)]
    opened = {piece.start for piece in pieces if piece.kind == "OPEN"}
    sorted_out, strays = sorted_pieces(text, pieces)
    kept = {piece.start for piece in sorted_out if piece.kind == "OPEN"}
    tree = _grammar().built([placed(piece.kind, passage, piece.start, piece.end) for piece in sorted_out])
    unclosed = min(opened - kept - set(strays), default=None)
    diagnostics = (
        *_parenthesis_findings(passage, pieces, strays, unclosed),
        *_weight_findings(tree),
        *_foreign_findings(passage),
        *_glued_findings(tree),
    )
    return Prompt(passage.span(0, len(text)), passage, tree, "comfy", diagnostics)


def _parenthesis_findings(
    passage: Passage, pieces: list[Piece], strays: list[int], unclosed: int | None
) -> list[Diagnostic]:
    result: list[Diagnostic] = []
    if not strays and unclosed is None:
        return result
    fixes = _escaping(passage, pieces)
    if strays:  # the first one is the cause of all that follow
        span = passage.span(strays[0], strays[0] + 1)
        message = "`)` closes nothing, so the next `(` opens nothing"
        result.append(finding(STRAY_CLOSE, message, span, "without a `(`", help="write `\\)`", fixes=fixes))
    if unclosed is not None:
        span = passage.span(unclosed, unclosed + 1)
        message = "`(` is never closed, so everything after it is plain text"
        result.append(finding(UNCLOSED, message, span, "without a `)`", help="write `\\(` or add `)`", fixes=fixes))
    return result


def _escaping(passage: Passage, pieces: list[Piece]) -> tuple[Fix, ...]:
    """The fix that escapes every parenthesis without a partner: of the first alone another one would be the cause."""
    opened: list[Piece] = []
    alone: list[Piece] = []
    for piece in pieces:
        if piece.kind == "OPEN":
            opened.append(piece)
        elif piece.kind == "CLOSE":
            if opened:
                opened.pop()
            else:
                alone.append(piece)
    alone = sorted((*alone, *opened), key=lambda piece: piece.start)
    if not 0 < len(alone) <= MOST_MENDED:
        return ()
    signs = [passage.text[piece.start : piece.start + 1] for piece in alone]
    edits = (
        Edit(passage.span(piece.start, piece.start + 1), f"\\{sign}") for piece, sign in zip(alone, signs, strict=True)
    )
    title = f"Escape it as `\\{signs[0]}`" if len(alone) == 1 else "Escape the parentheses without a partner"
    return (Fix(title, tuple(edits), safe=False),)


def _weight_findings(parts: Parts) -> list[Diagnostic]:
    result: list[Diagnostic] = []
    waiting = [(part, 1.0) for part in reversed(parts)]
    while waiting:
        part, outer = waiting.pop()
        if not isinstance(part, Weight):
            continue
        if part.number is not None:
            result.extend(_number_findings(part, part.number, outer))
        inner = part.factor if part.number is not None else outer * part.factor
        waiting.extend((child, inner) for child in reversed(part.parts))
    return result


def _number_findings(weight: Weight, number: Span, outer: float) -> list[Diagnostic]:
    if outer == 1.0 or not isfinite(weight.factor):
        return []
    message = f"{weight.factor:g} replaces the outer weight {outer:.3g}, it does not multiply it"
    product = outer * weight.factor
    help = (
        f"write `{product:.4g}` for the product" if isfinite(product) else ""
    )  # no fix: a number replaces the outer weight whatever it is
    return [finding(WEIGHT_REPLACES_OUTER, message, number, "counts alone", help=help)]


def _foreign_findings(passage: Passage) -> list[Diagnostic]:
    result: list[Diagnostic] = []
    for match in FOREIGN.finditer(passage.text):
        message = f"`{match[0]}` is plain words in ComfyUI" if len(match[0]) < 25 else "this is plain words in ComfyUI"
        span = passage.span(*match.span())
        help = "remove it, or write `/parser:a1111` if the prompt was made for that program"
        result.append(finding(LITERAL_SYNTAX, message, span, "no syntax here", help=help))
    return result


def _glued_findings(tree: Parts) -> list[Diagnostic]:
    result: list[Diagnostic] = []
    for node in walk(tree):
        if not isinstance(node, Concept) or "embedding:" not in node.name:
            continue
        name, place = node.name, node.name_span
        found = [place.part(*match.span(), len(name)) for match in re.finditer("embedding:", name)]
        message = "a blank is missing before the second `embedding:`"
        fix = Fix("Insert a blank", tuple(Edit(Span(each.start, each.start), " ") for each in found), safe=False)
        fixes = (fix,) if place not in found else ()  # a name with a backslash in it says nothing about places
        result.append(
            finding(GLUED, message, found[0], "part of the name", help="write a blank before it", fixes=fixes)
        )
    return result


def weights(prompt: Prompt) -> WeightedText:
    """ComfyUI's own answer: one text and weight per piece, in order."""
    result: list[tuple[str, float]] = []
    before: Part | None = None  # the neighbour within the same group
    waiting: list[tuple[Part | None, float]] = [(part, 1.0) for part in reversed(prompt.parts)]
    while waiting:
        part, weight = waiting.pop()
        if isinstance(part, Weight):
            waiting.append((None, weight))
            inner = part.factor if part.absolute else weight * part.factor
            waiting.extend((child, inner) for child in reversed(part.parts))
            part = None
        elif isinstance(part, Concept | Text):
            text = part.text if isinstance(part, Text) else f"embedding:{part.name}"
            if before is not None and _is_one_piece(before, part):
                text = result.pop()[0] + text
            result.append((text, weight))
        before = part
    return tuple(result)


def _is_one_piece(before: Part, part: Part) -> bool:
    """Whether the owner keeps both together: always around a name, unless an unclosed `(` starts a piece behind it."""
    return isinstance(part, Concept) or (
        isinstance(before, Concept) and not (isinstance(part, Text) and part.text.startswith("("))
    )


DIALECT = Dialect(name="comfy", parse=parse, weights=weights, write=write, plain=plain, weighting="comfy")
