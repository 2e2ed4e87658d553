"""Clip skip together with a LoRA or a textual inversion."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Label, Rule, Severity, finding
from promptlang.lints.places import option_span
from promptlang.meaning.view import View
from promptlang.tables.models.family import ClipSkip
from promptlang.tables.options.table import CLIP_SKIP

WITH_LORA = Rule(
    name="clipskip/with-lora",
    severity=Severity.WARNING,
    summary="clip skip is combined with a LoRA",
    why="A LoRA is trained on one layer of the text encoder. With another one it can make the image worse, or do "
    "nothing at all: the page calls the result unpredictable.",
    example="/render /parser:new /clipskip:2 a cow <some-lora:0.7>",
    source="help page on clip skip",
    covers=("SR-24", "SR-26"),
)
WITH_INVERSION = Rule(
    name="clipskip/with-inversion",
    severity=Severity.WARNING,
    summary="clip skip is combined with a textual inversion",
    why="An inversion is trained on one layer of the text encoder. With another one it can make the image worse, or do "
    "nothing at all; that holds in the negative prompt too.",
    example="/render /parser:new /clipskip:2 a cow [[<verybad-negative:-2>]]",
    source="help page on clip skip",
    covers=("SR-25", "SR-26"),
)

RULES = (WITH_LORA, WITH_INVERSION)
ABOUT = frozenset({CLIP_SKIP.name})
KINDS = ((WITH_LORA, "lora", "LoRA"), (WITH_INVERSION, "inversion", "textual inversion"))


def check(seen: View) -> Iterator[Diagnostic]:
    """One warning per kind, on the option, with every such concept as a related place."""
    setting = seen.settings.get(CLIP_SKIP.name)
    if setting is None or seen.family.clip_skip in (ClipSkip.IGNORED_BY_RULE, ClipSkip.NOT_CLIP):
        return
    if not any(isinstance(number, int) and number >= 2 for number in setting.points.values or ()):
        return
    for rule, kind, words in KINDS:
        called = [each for each in seen.called if each.kind == kind]
        if not called:
            continue
        names = ", ".join(f"`{each.node.name}`" for each in called[:3])
        yield finding(
            rule,
            f"clip skip with the {words} {names} is unpredictable: it can look worse, or do nothing",
            option_span(seen, setting),
            related=tuple(Label(each.node.span, f"the {words}") for each in called),
            help="compare with and without it: same seed, guidance, concept and sampler",
        )
