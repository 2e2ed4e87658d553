"""What the family of a model would do, and `promptlang render` does not draw with it yet."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.places import command_span, option_span
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.nodes import Alternation, Blend, Conjunction, Parts, Schedule, walk
from promptlang.tables.models.abilities import ability

RULE = Rule(
    name="family/not-drawn",
    severity=Severity.INFORMATION,
    summary="what is asked for is not drawn with models of this family yet",
    why="The plan can be made and exported; rendering the statement here is refused.",
    example="/set <flux>\n/render /parser:a1111 a [red:blue:0.5] cow",
    source=OURS,
)
RULES = (RULE,)
_OVER_STEPS = (Schedule, Alternation)
_SEVERAL = (Conjunction, Blend)


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each feature, where it is asked for first."""
    if not seen.family.rendered:
        return
    for feature, span in _asked(seen):
        found = ability(feature, seen.family, seen.variant)
        if found.limit:
            yield finding(RULE, found.limit, span, help="leave it out, or use a model of another family")
        elif not found.acts and feature == "inversion":
            message = f"{seen.family.title} reads no textual inversion: {found.why}"
            yield finding(RULE, message, span, help="remove it, and say in words what it stands for")
    yield from _of_remix(seen)


def _asked(seen: View) -> Iterator[tuple[str, Span]]:
    if not seen.kinds.isdisjoint((*_OVER_STEPS, *_SEVERAL)):
        yield from _nodes("schedules", _OVER_STEPS, seen.parts)
        yield from _nodes("several", _SEVERAL, seen.parts)
        yield from _nodes("schedules-below", _OVER_STEPS, seen.negative_parts)
    if seen.statement.command_name == "remix":
        yield "remix", command_span(seen)
    if setting := seen.given("vae"):
        yield "vae", option_span(seen, setting)
    for called in seen.called:
        if called.kind in ("vae", "inversion"):
            yield called.kind, called.node.span


def _nodes(feature: str, kinds: tuple[type, ...], parts: Parts) -> Iterator[tuple[str, Span]]:
    node = next((each for each in walk(parts) if isinstance(each, kinds)), None)
    if node is not None:
        yield feature, node.span


def _of_remix(seen: View) -> Iterator[Diagnostic]:
    """What a picture is not started from with besides."""
    if seen.statement.command_name != "remix" or not ability("remix", seen.family, seen.variant).acts:
        return
    from promptlang.meaning.limits import remix_refusal  # few statements start from a picture

    several = any(isinstance(each, Conjunction) for each in seen.parts)
    rescale, guidance = seen.given("rescale"), min(seen.numbers("guidance", seen.family.guidance))
    is_rescaled = max(seen.numbers("rescale", 0)) > 0
    if refusal := remix_refusal(seen.family, rescale=is_rescaled, guidance=guidance, several=several):
        span = option_span(seen, rescale) if rescale and is_rescaled else command_span(seen)
        yield finding(RULE, refusal.message, span, help=refusal.help)
