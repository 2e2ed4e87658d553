"""Words that change at a step, as SwarmUI's node for ComfyUI finds them in the filled text: `[a:b:0.5]` and `[a|b]`.

The node is no grammar: the first `:` or `|` inside brackets decides what they are, brackets with neither lose their
signs, and one that never closes leaves the rest as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import isfinite

from promptlang.dialects.dialect import LATEST
from promptlang.dialects.swarm.cells import Cells
from promptlang.dialects.swarm.filling import EMBEDDING
from promptlang.dialects.swarm.tags import DEEPEST
from promptlang.source import Span
from promptlang.values import dataclass

_ESCAPABLE = frozenset("\\[]:|()<>")
OPEN, CLOSE = "\0\1", "\0\2"  # brackets that are words


@dataclass(frozen=True, slots=True)
class Switch:
    """Parts of which one is read at a step: the one before and the one after `when`, or with none, each in turn."""

    branches: tuple[Nodes, ...]
    span: Span
    when: str = ""
    number: Span | None = None


Node = Cells | Switch
Nodes = tuple[Node, ...]
Say = Callable[[Span, str], None]


def nodes(cells: Cells, say: Say) -> Nodes:
    """The words and switches of a filled text; `say` is told of brackets that are none."""
    if "[" not in cells.text and "\\" not in cells.text:
        return (cells,) if cells.text else ()
    return _level(cells.replaced("\\[", OPEN).replaced("\\]", CLOSE), say, 0)


def words(text: str, *, embedding: str = "embedding:") -> str:
    """The text of a node as it reaches the text encoder."""
    if "\0" not in text:
        return text
    return text.replace(OPEN, "[").replace(CLOSE, "]").replace(EMBEDDING, embedding)


def _level(cells: Cells, say: Say, depth: int) -> Nodes:
    found: list[Node] = []
    done = 0
    while done < len(cells.text):
        start = cells.text.find("[", done)
        if start < 0 or depth >= DEEPEST:
            found.append(cells.part(done))
            break
        end, colons, bars = _signs(cells.text, start)
        if end < 0:
            say(cells.spans[start], "this bracket is never closed, so it and all behind it are words")
            found.append(cells.part(done))
            break
        if start > done:
            found.append(cells.part(done, start))
        found += _bracket(cells, start, end, colons, bars, say, depth)
        done = end + 1
    return tuple(found)


def _signs(text: str, start: int) -> tuple[int, list[int], list[int]]:
    """Where the bracket closes (-1 where it does not), and its `:` or `|`, whichever comes first."""
    colons: list[int] = []
    bars: list[int] = []
    depth, at = 0, start + 1
    while at < len(text):
        letter = text[at]
        if letter == "\\" and text[at + 1 : at + 2] in _ESCAPABLE and at + 1 < len(text):
            at += 1
        elif letter == "[":
            depth += 1
        elif letter == "]":
            if not depth:
                return at, colons, bars
            depth -= 1
        elif letter == ":" and not depth and not bars:
            colons.append(at)
        elif letter == "|" and not depth and not colons:
            bars.append(at)
        at += 1
    return -1, colons, bars


def _bracket(cells: Cells, start: int, end: int, colons: list[int], bars: list[int], say: Say, depth: int) -> Nodes:
    span = cells.span(start, end + 1, Span(0, 0))
    marks = bars or colons
    pieces = [cells.part(left + 1, right) for left, right in pairwise((start, *marks, end))]
    if bars:
        return (Switch(tuple(_inside(each, say, depth) for each in pieces), span),)
    if not 1 <= len(colons) <= 2:
        say(span, "these square brackets change nothing, so their signs are left out")
        return (cells.part(start + 1, end),)
    number = pieces[-1].stripped()
    if not _is_step(number.text):
        say(span, f"`{number.text[:24]}` is no step, at which SwarmUI stops")
        return (cells.part(start, end + 1),)
    before = () if len(colons) == 1 else _inside(pieces[0], say, depth)
    after = _inside(pieces[-2], say, depth)
    return (Switch((before, after), span, number.text, number.span(0, len(number.text), span)),)


def _is_step(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _inside(cells: Cells, say: Say, depth: int) -> Nodes:
    """What stands between the signs; escapes are undone only where another bracket is read in it."""
    text, at = cells.text, 0
    gone: list[int] = []
    while at < len(text) - 1:
        is_escape = text[at] == "\\" and text[at + 1] in _ESCAPABLE
        if is_escape:
            gone.append(at)
        at += 1 + is_escape
    bare = cells.without(gone) if gone else cells
    if "[" in bare.text:
        return _level(bare, say, depth + 1)
    return (cells,) if text else ()


def last_before(when: str, calls: int) -> int:
    """The last call before a switch; calls count from 0."""
    number = float(when)
    first = number * calls if number < 1 else number
    whole = int(min(max(first, 0), calls))
    return whole - (whole >= first)


def moment(when: str) -> float:
    """A number as written, as a share of all steps below 1, a count of steps, or never."""
    return max(float(when), 0.0)


def when(moment: float) -> str:
    """How a moment is written."""
    return f"{min(moment, LATEST):.6f}".rstrip("0").rstrip(".")


def at_call(found: Nodes, call: int, calls: int) -> str:
    """The text that is read at a call."""
    pieces: list[str] = []
    waiting: list[Node] = list(reversed(found))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Cells):
            pieces.append(words(node.text, embedding=""))
        elif node.when:
            waiting += reversed(node.branches[call > last_before(node.when, calls)])
        else:
            waiting += reversed(node.branches[call % len(node.branches)])
    return "".join(pieces)


def changes(found: Nodes) -> bool:
    """Whether anything changes between calls."""
    return any(isinstance(node, Switch) for node in found)
