"""What the family of a model would do, and `promptlang render` does not draw with it: asked of the plans themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.places import command_span, option_span
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.nodes import Alternation, Blend, Conjunction, Parts, Schedule, walk
from promptlang.tables.models.abilities import CHANGING, CHANGING_BELOW, MIXED, SEVERAL
from promptlang.tables.models.family import INPAINTING, variant_names
from promptlang.tables.options.table import (
    ARITHMETIC,
    BLEND,
    CONTROL,
    CONTROL_END,
    HIRES,
    HIRES_STRENGTH,
    IMAGE,
    SIZE,
    STRENGTH,
)

RULE = Rule(
    name="family/not-drawn",
    severity=Severity.WARNING,
    summary="what is asked for is not drawn with models of this family yet",
    why="The plan can be made and exported; rendering the statement here is refused.",
    example="/set <flux>\n/render /parser:a1111 a [red:blue:0.5] cow",
    source=OURS,
)
MULTIPLE = Rule(
    name="size/not-a-multiple",
    severity=Severity.WARNING,
    summary="a side of the picture is no multiple of the model's own step",
    why="The denoiser reads latents in blocks, so only sizes that are whole blocks can be drawn. Rendering the "
    "statement here is refused.",
    example="/set <flux>\n/render /size:1000x1000 a cow",
    source="code of the diffusers pipelines",
)
NO_STEP = Rule(
    name="strength/no-step",
    severity=Severity.WARNING,
    summary="the strength leaves no step to draw",
    why="Over an image only a share of the steps is drawn, the last ones. Where that is less than one, there is "
    "nothing to draw, and rendering the statement here is refused.",
    example="/remix /image:cow.png /strength:0.01 /steps:20 a cow",
    source="code of the diffusers pipelines",
)
RULES = (RULE, MULTIPLE, NO_STEP)
_OWN: Mapping[str, Rule] = MappingProxyType(
    {SIZE.name: MULTIPLE, STRENGTH.name: NO_STEP, HIRES_STRENGTH.name: NO_STEP, CONTROL_END.name: NO_STEP}
)
_NODES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        CHANGING: (Schedule, Alternation),
        CHANGING_BELOW: (Schedule, Alternation),
        SEVERAL: (Conjunction,),
        MIXED: (Blend, Conjunction),
    }
)
_OF_UNETS = frozenset({IMAGE.name, HIRES.name, CONTROL.name, BLEND.name, ARITHMETIC.name})
"""The options by which alone a model with a UNet is asked for something that is not drawn with it."""
_MOST = 100  # points of sweeps that are looked at


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each feature, where it is asked for first."""
    if not seen.family.rendered or (seen.family.is_unet and not _asks_much(seen)):
        return
    from promptlang.filling.plans import apart  # most prompts are for models with a UNet
    from promptlang.refusals.limits import Limit, limits

    found: dict[str, Limit] = {}
    for plan in islice(apart(seen), _MOST):
        for each in limits(plan):
            found.setdefault(each.feature, each)
    for feature, each in found.items():
        setting = seen.settings.get(feature)
        if setting and setting.use and setting.row.remark_on(setting.value):
            continue  # said of the option itself
        rule = _OWN.get(feature, RULE)
        yield finding(rule, each.refusal.message, _place(seen, feature), help=each.refusal.help)


def _asks_much(seen: View) -> bool:
    """Whether a model with a UNet may be asked for what is not drawn with it: by an option, or by what it is."""
    return not _OF_UNETS.isdisjoint(seen.settings) or INPAINTING in variant_names(seen.variant)


def _place(seen: View, feature: str) -> Span:
    """The option, the call or the part of the text that asks for it, or else the command."""
    if kinds := _NODES.get(feature):
        sides = (seen.negative_parts,) if feature == CHANGING_BELOW else (seen.parts, seen.negative_parts)
        return next((span for parts in sides for span in _spans(kinds, parts)), command_span(seen))
    setting = seen.settings.get(feature)
    if setting and setting.use and setting.row is SIZE:
        return setting.use.value_span
    if setting and seen.given(feature):
        return option_span(seen, setting)
    calls = (each.node.span for each in seen.called if each.kind == feature)
    return next(calls, command_span(seen))


def _spans(kinds: tuple[type, ...], parts: Parts) -> Iterator[Span]:
    return (each.span for each in walk(parts) if isinstance(each, kinds))
