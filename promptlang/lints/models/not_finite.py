"""Strengths that no number can hold, and blends without a sum: no plan can say them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.networks import added, network
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Blend, Branch, Conjunction, Parts, walk

STRENGTH = Rule(
    name="concept/strength-not-finite",
    severity=Severity.ERROR,
    summary="the strength of a network is infinite or no number",
    why="The network's weights are multiplied by its strength, so every part of the picture would be lost.",
    example="/render /parser:a1111 a cow <lora:fur:1e999>",
    source="decision of this language",
)
SHARE = Rule(
    name="prompt/share-not-finite",
    severity=Severity.ERROR,
    summary="a part of the prompt has a weight that is infinite or no number",
    why="The parts of `AND` and of a blend are added up by their weights, so nothing of the others would be left.",
    example=f"/render /parser:a1111 a cow AND a meadow :1{'0' * 310}",
    source="decision of this language",
)
NO_SUM = Rule(
    name="prompt/blend-without-sum",
    severity=Severity.ERROR,
    summary="the weights of a blend add up to 0",
    why="Each weight counts as its share of their sum, and there is no share of 0.",
    example='/render /parser:compel ("a cow", "a horse").blend(1, -1)',
    source="compel, `BlendInfo`",
)
RULES = (STRENGTH, SHARE, NO_SUM)


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each network, part and blend."""
    for each in added(seen):
        made = network(seen, each)
        wrong = next(
            (value for value in (made.weight, made.text_weight) if value is not None and not isfinite(value)), None
        )
        if wrong is not None:
            message = f"the strength of `{each.node.name[:40]}` must be a finite number, found {wrong:g}"
            yield finding(STRENGTH, message, each.node.span, help="write a strength such as `0.8`")
    if not seen.kinds.isdisjoint((Conjunction, Blend)):
        yield from _shares((*seen.parts, *seen.negative_parts))


def _shares(parts: Parts) -> Iterator[Diagnostic]:
    for node in walk(parts):
        if not isinstance(node, Conjunction | Blend):
            continue
        wrong = [each for each in node.branches if not isfinite(each.weight)]
        yield from map(_share, wrong)
        if isinstance(node, Blend) and node.normalized and not wrong and not sum(each.weight for each in node.branches):
            message = f"the {len(node.branches)} weights of this blend add up to 0"
            yield finding(NO_SUM, message, node.span, help="write weights with a sum, or add `no_normalize`")


def _share(branch: Branch) -> Diagnostic:
    message = f"the weight of this part must be a finite number, found {branch.weight:g}"
    return finding(SHARE, message, branch.span, help="write a weight such as `1.2`")
