"""Brackets that strengthen nothing: there is no word in them, only a network whose strength is its own number."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.dialects.dialect import dialect
from promptlang.meaning.view import ADDED, View
from promptlang.syntax.nodes import Branch, Concept, Part, Parts, Text, Weight, inner, walk
from promptlang.tables.models.known import UNREADABLE

RULE = Rule(
    name="weight/without-words",
    severity=Severity.WARNING,
    summary="a weight stands around a network or a checkpoint alone",
    why="stable-diffusion-webui and Compel take the calls of networks out of the text before they weigh it, and a "
    "checkpoint draws the whole picture. The number has no word to count for.",
    example="/render /parser:a1111 a cow (<lora:neon:1>:1.3)",
    source=f"stable-diffusion-webui 1.10, order of passes; Compel 2.5.1; {OURS}",
    tags=("unnecessary",),
)
RULES = (RULE,)
ABOUT = frozenset({Concept})


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for the outermost of such brackets."""
    unweighed = frozenset(_unweighed(seen))
    for parts in (seen.parts, seen.negative_parts):
        for weight in _outermost(parts, unweighed):
            (name, *_) = (node.name for node in walk(weight.parts) if isinstance(node, Concept))
            message = f"the weight {weight.factor:.3g} does nothing: there are no words in it, only <{name[:60]}>"
            help_text = "remove the brackets; the strength of a network is the number in its call"
            yield finding(RULE, message, weight.span, "no effect", help=help_text)


def _unweighed(seen: View) -> Iterator[Concept]:
    """The calls whose strength is what stands in them, whatever is around."""
    is_cut_out = dialect(seen.statement.prompt.dialect).condition is not None
    for each in seen.called:
        is_told = each.known and each.kind not in ("inversion", "unknown", UNREADABLE)
        if is_told and (is_cut_out or each.kind not in ADDED):
            yield each.node


def _outermost(parts: Parts, unweighed: frozenset[Concept]) -> Iterator[Weight]:
    """The weights that act on nothing, and of those inside each other the outer ones."""
    waiting: list[Part | Branch] = list(reversed(parts))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Weight) and node.factor != 1 and _is_wordless(node, unweighed):
            yield node
        else:
            waiting.extend(reversed(inner(node)))


def _is_wordless(weight: Weight, unweighed: frozenset[Concept]) -> bool:
    """Whether there are calls, all of which go their own way, and no word."""
    nodes = tuple(walk(weight.parts))
    calls = [node for node in nodes if isinstance(node, Concept)]
    has_words = any(isinstance(node, Text) and node.text.strip() for node in nodes)
    return bool(calls) and not has_words and unweighed.issuperset(calls)
