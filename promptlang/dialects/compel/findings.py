"""What to say about a Compel prompt: where the owner raises, drops or silently reads words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from promptlang.diagnostics import Diagnostic, finding, replacement
from promptlang.dialects.compel.flat import flattened
from promptlang.dialects.compel.lexemes import PLAIN, Piece
from promptlang.dialects.compel.rules import (
    BESIDE_BLEND,
    COUNT,
    DROPPED,
    EMPTY,
    LEFT_OVER,
    LOOKS_LIKE_A1111,
    NO_CALL,
    NO_LORA,
    RANGE,
    SETTING,
    SPACE,
    SWAP_IN_BLEND,
    UNCLOSED,
)
from promptlang.sentences import counted
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Blend, Concept, Conjunction, Parts, Swap, walk

MOST_UNCLOSED = 20  # brackets that are told of one by one

_MAYBE_A1111 = re.compile(r":\s*[+-]?[\d.]+\s*[)\]]|<[lh]|BREAK|AND")
_A1111 = re.compile(
    r"\((?P<inside>[^()\[\]:]+):\s*(?P<number>[+-]?\d*\.?\d+)\s*\)|<(?:lora|hypernet):[^<>]+>"
    r"|\[[^\[\]:|]*:[^\[\]:|]*:\s*[\d.]+\s*\]|\bBREAK\b|\bAND\b"
)

_LORA = re.compile(r"(?<![\w\\])(?P<call>(?:use|with)Lora)[ \t\r\n]*\((?P<name>[^(),]*)(?:,[^()]*)?\)")
_LORA_NAME = re.compile(r"[A-Za-z0-9_\-]+")

_CALL = re.compile(r"(?<!\\)\.(?P<call>blend|and|swap|attend)[ \t\r\n]*\(")
_LIST_HELP = "begin the prompt with its list, and write each prompt in it in quotes"
_CALL_HELP = {
    "blend": _LIST_HELP,
    "and": _LIST_HELP,
    "swap": "write words between its parentheses, and nothing else",
    "attend": "write a number between its parentheses",
}
_WEIGHTS = frozenset({"NUMBER", "RAISED", "ATTEND"})
_LEFT_OVER = re.compile(r"[+\-.0-9]*[+\-0-9](?=,?(?:\s|\Z))")


def findings(passage: Passage, pieces: list[Piece], parts: Parts) -> Iterator[Diagnostic]:
    """The diagnostics of a prompt, by its tokens and its tree."""
    text = passage.text
    if _MAYBE_A1111.search(text):
        yield from _a1111(passage)
    if "(" in text or '"' in text:
        unclosed = list(_unclosed(passage, pieces))
        yield from unclosed
        if not unclosed and "." in text:
            yield from _calls(passage, pieces)
    yield from _left_over(passage, pieces)
    if pieces and (pieces[-1].kind == "DROPPED" or any(piece.kind == "JOINED" for piece in pieces)):
        yield from _lists(passage, pieces, parts)
    if "shape_freedom" in text or "++++++++" in text:
        yield from _ranges(parts)
    if "Lora" in text:
        yield from _loras(passage, pieces)
    if "\x0b" in text or "\x0c" in text:
        for match in re.finditer(r"[\x0b\x0c]", text):
            span = passage.span(*match.span())
            yield finding(SPACE, "Compel cannot read this white space", span, "read as a space", help="write a space")


def _a1111(passage: Passage) -> Iterator[Diagnostic]:
    for match in _signs_of_a1111(passage.text):
        span = passage.span(*match.span())
        if match["number"] is None:
            message = "this is A1111 syntax, plain words to Compel"
            yield finding(LOOKS_LIKE_A1111, message, span, "plain words", help="write `/parser:a1111` or remove it")
            continue
        new = f"({match['inside']}){match['number']}"
        message = f"`:{match['number']}` inside the parentheses is plain text to Compel"
        fix = replacement(f"Write `{new}`" if len(new) < 40 else "Move the number behind", span, new, safe=False)
        fixes = () if _LEFT_OVER.match(passage.text, match.end()) else (fix,)  # two weights behind it
        yield finding(LOOKS_LIKE_A1111, message, span, "weight 1", help=f"write `{new}`", fixes=fixes)


def _signs_of_a1111(text: str) -> Iterator[re.Match[str]]:
    """What is found, and what is found again inside a weight: it is plain words without that, too."""
    for match in _A1111.finditer(text):
        yield match
        if match["inside"]:
            yield from _A1111.finditer(text, *match.span("inside"))


def _loras(passage: Passage, pieces: list[Piece]) -> Iterator[Diagnostic]:
    """Calls of a LoRA that the grammar does not read as one."""
    read = [(piece.start, piece.end) for piece in pieces if piece.kind == "LORA"]
    starts = {start for start, _ in read}
    for match in islice(_LORA.finditer(passage.text), MOST_UNCLOSED):
        if match.start() in starts:
            continue
        name = match["name"].strip()
        is_named = _LORA_NAME.fullmatch(name) is not None
        shown = f"`{name[:40]}`" if name else "no name"
        what = "its strength is no number" if is_named else f"a name holds letters, digits, `_` and `-`, found {shown}"
        message = f"`{match['call']}(…)` is plain words here: {what}"
        help = "write a number such as `0.75` behind the comma" if is_named else "rename the file, and write its name"
        span = passage.span(match.start(), match.end())
        yield finding(NO_LORA, message, span, "nothing is loaded", help=help)


def _unclosed(passage: Passage, pieces: list[Piece]) -> Iterator[Diagnostic]:
    """Plain words that begin with a `(` or a quote: the group was never closed, or held something unreadable."""
    bare = (piece for piece in pieces if piece.kind == "FREE" and piece.text[:1] in {"(", '"'})
    for piece in islice(bare, MOST_UNCLOSED):
        span = passage.span(piece.start, piece.start + 1)
        message = f"`{piece.text[0]}` opens no group here, so it is plain text"
        help = f"close it, or write `\\{piece.text[0]}` for the character"
        yield finding(UNCLOSED, message, span, "plain text", help=help)


def _calls(passage: Passage, pieces: list[Piece]) -> Iterator[Diagnostic]:
    """Calls that the grammar reads as words; what stands behind a list is told as such."""
    calls = list(islice(_CALL.finditer(passage.text), MOST_UNCLOSED))
    if not calls:
        return
    joined = next((piece.end for piece in pieces if piece.kind == "JOINED"), len(passage.text))
    read = [(piece.start, piece.end) for piece in pieces if piece.kind in {"JOINED", "SWAP", "ATTEND"}]
    for match in calls:
        if match.start() >= joined or any(start <= match.start() < end for start, end in read):
            continue
        message = f"`.{match['call']}(…)` is plain words here"
        span = passage.span(match.start(), match.end() - 1)
        yield finding(NO_CALL, message, span, "plain words", help=_CALL_HELP[match["call"]])


def _left_over(passage: Passage, pieces: list[Piece]) -> Iterator[Diagnostic]:
    """Signs and numbers that touch a weight which ended before them."""
    touching = (after for weight, after in pairwise(pieces) if weight.kind in _WEIGHTS and after.start == weight.end)
    found = ((piece, _LEFT_OVER.match(piece.text)) for piece in touching if piece.kind in PLAIN)
    for piece, match in islice(((piece, match) for piece, match in found if match), MOST_UNCLOSED):
        message = f"`{match[0]}` is plain text, for the weight ends before it"
        span = passage.span(piece.start, piece.start + match.end())
        yield finding(LEFT_OVER, message, span, "plain text", help="write one number, or signs of one kind")


def _lists(passage: Passage, pieces: list[Piece], parts: Parts) -> Iterator[Diagnostic]:
    joined = next((part for part in parts if isinstance(part, Blend | Conjunction)), None)
    if joined is None:
        return
    closing = next(piece for piece in pieces if piece.kind == "JOINED")
    yield from _settings(passage, closing, joined)
    if any(piece.kind == "DROPPED" for piece in pieces):
        dropped = pieces[-1]
        message = "Compel drops everything behind `.and(…)`"
        yield finding(
            DROPPED, message, passage.span(dropped.start, dropped.end), "dropped", help="move it into the list"
        )
    if isinstance(joined, Blend):
        yield from _blend(joined, parts)


def _settings(passage: Passage, closing: Piece, joined: Blend | Conjunction) -> Iterator[Diagnostic]:
    inside = closing.text[closing.text.index("(") + 1 : -1]
    names = [setting.partition("=")[0].strip() for setting in inside.split(",")] if inside.strip() else []
    if isinstance(joined, Blend) and names and names[-1] == "no_normalize":
        names.pop()
    span = passage.span(closing.start, closing.end)
    for name in names:
        if not _is_number(name):
            message = f"`{name}` is no weight, so Compel stops with an error"
            yield finding(SETTING, message, span, "read as 1", help="write a number for each prompt")
    kept = joined.branches
    if names and len(names) != len(kept):
        message = f"{counted(len(names), 'weight')} for {len(kept)} prompts, so Compel stops with an error"
        yield finding(COUNT, message, span, "one for each prompt", help=f"write {len(kept)} weights")


def _is_number(written: str) -> bool:
    try:
        float(written)
    except ValueError:
        return False
    return True


def _blend(blend: Blend, parts: Parts) -> Iterator[Diagnostic]:
    for part in parts:
        if part is not blend and not isinstance(part, Concept):
            message = "text beside a blend stops Compel with an error, and here no prompts are mixed then"
            yield finding(BESIDE_BLEND, message, part.span, "not part of the blend", help="move it into each prompt")
            break
    for branch in blend.branches:
        if swap := next((node for node in walk(branch.parts) if isinstance(node, Swap)), None):
            yield finding(
                SWAP_IN_BLEND,
                "a swap in a blend stops Compel with an error",
                swap.span,
                help="move it out of the blend",
            )
        if branch.parts == () or not flattened(branch.parts).prompts:
            yield finding(
                EMPTY, "an empty prompt in a blend stops Compel with an error", branch.span, help='write `""`'
            )


def _ranges(parts: Parts) -> Iterator[Diagnostic]:
    for node in walk(parts):
        if isinstance(node, Swap):
            yield from _freedom(node.settings, node.span)


def _freedom(settings: tuple[tuple[str, str], ...], span: Span) -> Iterator[Diagnostic]:
    value = dict(settings).get("shape_freedom")
    if value is not None and not (_is_number(value) and float(value) >= 0):
        message = f"`shape_freedom` must be a number of 0 or more, found `{value}`"
        yield finding(RANGE, message, span, "an error in Compel", help="write `shape_freedom=0.5`")
