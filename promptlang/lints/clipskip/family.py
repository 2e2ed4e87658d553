"""Clip skip on a model where it does nothing, or where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Label, Rule, Severity, finding
from promptlang.lints.places import inherited, left_out, option_span
from promptlang.meaning.settings import Setting
from promptlang.meaning.view import View
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.family import ClipSkip
from promptlang.tables.options.table import CLIP_SKIP

NO_EFFECT = Rule(
    name="clipskip/no-effect",
    severity=Severity.WARNING,
    summary="clip skip does nothing on this model",
    why="Stable Diffusion 2.x uses OpenCLIP, where the setting makes no difference by the rule of the language, even "
    "where a backend would act on it; newer families read the prompt with another encoder than CLIP. The setting is "
    "dropped from the plan.",
    example="/render /parser:new /clipskip:2 a cow <sd21>",
    source="help page on clip skip; for families newer than the page an inference",
    covers=("SR-27", "SR-28"),
    tags=("unnecessary",),
)
STARTS_AT_TWO = Rule(
    name="clipskip/starts-at-two",
    severity=Severity.INFORMATION,
    summary="this family skips one layer already",
    why="The family always takes the last layer but one, so 1 and 2 give the same picture and 3 is the first change. "
    "The help page is older than the family.",
    example="/render /parser:new /clipskip:2 a cow <sdxl>",
    source="code of the diffusers pipelines",
    covers=("SR-28",),
)
UNKNOWN = Rule(
    name="clipskip/family-unknown",
    severity=Severity.INFORMATION,
    summary="whether clip skip works on this model is not known",
    why="It works on models whose text encoder is CLIP: Stable Diffusion 1.x and derivatives. Nothing in the file says "
    "what this one is, so the setting is passed on.",
    example="/render /parser:new /clipskip:2 a cow <some-checkpoint>",
    source="help page on clip skip, community explanation",
    covers=("SR-28", "SR-29"),
)
BEYOND = Rule(
    name="clipskip/beyond-encoder",
    severity=Severity.ERROR,
    summary="the text encoder has fewer layers",
    why="An encoder with L layers has L + 1 hidden states: one after each layer, and the embedding.",
    example="/render /parser:new /clipskip:13 a cow <six-layers>",
    source="code of the text encoders",
    covers=("SR-15",),
)

RULES = (NO_EFFECT, STARTS_AT_TWO, UNKNOWN, BEYOND)
ABOUT = frozenset({CLIP_SKIP.name})


def check(seen: View) -> Iterator[Diagnostic]:
    """What the family of the checkpoint makes of the setting."""
    setting = seen.settings.get(CLIP_SKIP.name)
    if setting is None or setting.origin == "concept" or not setting.points.values:
        return
    highest = max(number for number in setting.points.values if isinstance(number, int))
    layers = seen.checkpoint.layers if seen.checkpoint else None
    match seen.family.clip_skip:
        case ClipSkip.IGNORED_BY_RULE if not seen.project.force_clip_skip:
            yield _no_effect(seen, setting)
        case ClipSkip.NOT_CLIP:
            yield _no_effect(seen, setting)
        case ClipSkip.AT_LEAST_TWO if highest <= 2:
            yield _starts_at_two(seen, setting)
        case ClipSkip.PASSED_ON if seen.checkpoint is not None:
            message = f"the family of `{seen.checkpoint.name}` is not known, so clip skip is passed on as it is"
            yield finding(UNKNOWN, message, option_span(seen, setting), related=_model(seen))
        case _:
            pass
    if layers is not None and highest > layers + 1 and seen.family.clip_skip is ClipSkip.APPLIES:
        message = f"clip skip must be 1 to {layers + 1} for an encoder of {layers} layers, found {highest}"
        yield finding(BEYOND, message, option_span(seen, setting), related=_model(seen), help=f"write `{layers + 1}`")


def _no_effect(seen: View, setting: Setting) -> Diagnostic:
    return finding(
        NO_EFFECT,
        f"{seen.family.title} {ability(setting.row.name, seen.family).why}{inherited(setting)}",
        option_span(seen, setting),
        "no effect",
        related=_model(seen),
        help="remove `/clipskip`, or choose a Stable Diffusion 1.x model",
        fixes=left_out(seen, setting),
    )


def _starts_at_two(seen: View, setting: Setting) -> Diagnostic:
    message = f"{seen.family.title} skips one layer already, so 1 and 2 change nothing{inherited(setting)}"
    fixes = left_out(seen, setting)
    return finding(STARTS_AT_TWO, message, option_span(seen, setting), related=_model(seen), fixes=fixes)


def _model(seen: View) -> tuple[Label, ...]:
    """The concept that decides the family, where the statement names it."""
    if seen.checkpoint_call is None:
        return ()
    return (Label(seen.checkpoint_call.node.span, seen.family.title),)
