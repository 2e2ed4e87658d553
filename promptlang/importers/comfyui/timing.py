"""Words that change on the way: prompts that each count for a stretch of the steps, as `[a:b:0.5]` says it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.importers.comfyui.graph import Link, Node
from promptlang.importers.comfyui.values import Values
from promptlang.source import Passage
from promptlang.syntax.nodes import Schedule, walk
from promptlang.tables.dialects import A1111, COMFY
from promptlang.values import dataclass

_JOINS, _RANGES = "ConditioningCombine", "ConditioningSetTimestepRange"
_MOST = 100  # stretches
_DEEPEST = 12  # changes of the same words
_NEAR = 0.002  # of all steps, by which stretches are rounded
_SIGNS = frozenset("[]():|\\<>")
_PAIRS = ("()", "[]", "<>")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that count from one part of the steps to another."""

    text: str
    start: float
    end: float


def stretches(link: Link, values: Values) -> tuple[Stretch, ...]:
    """What a link brings, where it is nothing but words that follow each other over all steps; else nothing."""
    found: list[Stretch] = []
    waiting = [link]
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        node = values.graph.get(here.node)
        if node is None or here.node in seen or len(found) > _MOST:
            return ()
        seen.add(here.node)
        first, second = node.link("conditioning_1"), node.link("conditioning_2")
        if node.kind == _JOINS and first and second:
            waiting += (second, first)
            continue
        stretch = _stretch(node, values) if node.kind == _RANGES else None
        if stretch is None:
            return ()
        found.append(stretch)
    found.sort(key=lambda each: each.start)
    follow = all(abs(before.end - after.start) < _NEAR for before, after in pairwise(found))
    return tuple(found) if len(found) > 1 and follow and found[0].start < _NEAR and found[-1].end > 1 - _NEAR else ()


def _stretch(node: Node, values: Values) -> Stretch | None:
    above = node.link("conditioning")
    encoder = values.graph.get(above.node) if above else None
    start, end = values.of(node, "start"), values.of(node, "end")
    text = values.of(encoder, "text") if encoder and encoder.kind == "CLIPTextEncode" else None
    if isinstance(text, str) and isinstance(start, int | float) and isinstance(end, int | float):
        return Stretch(text, start, end)
    return None


def converted(text: str) -> str:
    """Words for ComfyUI as the dialect writes them that has schedules."""
    return convert(dialect(COMFY.name).parse(Passage(text)), A1111.name).positive


def as_schedule(found: Sequence[Stretch], steps: int) -> str:
    """The same as one text; empty where it cannot be written so."""
    texts = [converted(each.text) for each in found]
    moments = [f"{each.start:g}" for each in found]
    written = _by_words(texts, moments, steps) or _by_ends(texts, moments)
    back = dialect(A1111.name).parse(Passage(written))
    return written if any(isinstance(node, Schedule) for node in walk(back.parts)) or "|" in written else ""


def _by_words(texts: Sequence[str], moments: Sequence[str], steps: int) -> str:
    """Every word for itself, where all texts have as many."""
    rows = [text.split(" ") for text in texts]
    if len({len(row) for row in rows}) > 1:
        return ""
    words: list[str] = []
    for column in zip(*rows, strict=True):
        word = column[0] if len({*column}) == 1 else _changing(column, moments, steps)
        if not word:
            return ""
        words.append(word)
    return " ".join(words)


def _changing(column: Sequence[str], moments: Sequence[str], steps: int) -> str:
    """A word that changes: in turn where that is at every step, else at some."""
    if any(_SIGNS.intersection(word) for word in column):
        return ""
    if len(column) == steps and len(column) > 2:
        for period in range(2, len(column) // 2 + 1):
            if all(word == column[number % period] for number, word in enumerate(column)):
                return f"[{'|'.join(column[:period])}]"
    return _nested(column, moments)


def _nested(texts: Sequence[str], moments: Sequence[str]) -> str:
    """Texts that follow each other at moments; empty where they are too many."""
    written, now, depth = texts[0], texts[0], 0
    for text, moment in zip(texts[1:], moments[1:], strict=True):
        if text != now:
            written, now, depth = f"[{written}:{text}:{moment}]", text, depth + 1
    return written if depth <= _DEEPEST else ""


def _by_ends(texts: Sequence[str], moments: Sequence[str]) -> str:
    """What is the same at the beginning and at the end, and between them what changes."""
    rows = [text.split(" ") for text in texts]
    most = min(map(len, rows))
    head = next((number for number in range(most) if len({row[number] for row in rows}) > 1), most)
    tail = next((number for number in range(most - head) if len({row[-1 - number] for row in rows}) > 1), most - head)
    middles = [" ".join(row[head : len(row) - tail]) for row in rows]
    if not all(each.count(pair[0]) == each.count(pair[1]) for each in middles for pair in _PAIRS):
        return _nested(texts, moments)
    ends = rows[0][:head], rows[0][len(rows[0]) - tail :]
    changing = _nested(middles, moments)
    return " ".join((*ends[0], changing, *ends[1])) if changing else ""
