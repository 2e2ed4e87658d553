"""Models on which many people like clip skip 2. Off unless a project switches it on."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import command_span
from promptlang.meaning.view import View
from promptlang.tables.options.table import CLIP_SKIP

RULE = Rule(
    name="clipskip/suggest-2",
    severity=Severity.HINT,
    summary="clip skip 2 is popular on models like this one",
    why="Models built on booru tags often gave better images with one layer skipped, by trial and error, and it is "
    "worth a try for anime and semi-realism. It is a minor optimisation, so the rule is off unless switched on.",
    example="/render /parser:new 1girl, long_hair <anything-v5>",
    source="help page on clip skip",
    covers=("SR-17", "SR-18", "SR-21", "SR-22", "SR-23"),
    enabled=False,
)
RULES = (RULE,)
STYLES = frozenset({"danbooru", "semi-realistic"})


def check(seen: View) -> Iterator[Diagnostic]:
    """A hint on the model's name."""
    if seen.checkpoint is None or CLIP_SKIP.name in seen.settings or STYLES.isdisjoint(seen.checkpoint.tags):
        return
    call = seen.checkpoint_call
    message = f"many people use clip skip 2 with `{seen.checkpoint.name}`; trial and error decides"
    yield finding(RULE, message, call.node.span if call else command_span(seen), help="try `/parser:new /clipskip:2`")
