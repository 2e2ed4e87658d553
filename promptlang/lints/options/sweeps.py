"""Sweeps whose points fall together, and statements that make too many images."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.about import SEVERAL
from promptlang.lints.places import command_span, option_span
from promptlang.meaning.settings import Setting, swept
from promptlang.meaning.spread import images
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Concept
from promptlang.tables.options.kinds import written
from promptlang.tables.options.table import IMAGES, SWAP, VARIANTS

DUPLICATES = Rule(
    name="sweep/duplicate-points",
    severity=Severity.WARNING,
    summary="several points of a sweep are the same",
    why="Clip skip changes the result only when a full number is crossed: 1, 1.5 and 1.9 are one point.",
    example="/render /parser:new /clipskip:1|1.5|2 a cow",
    source="help page on clip skip",
    covers=("SR-08",),
)
TOO_MANY = Rule(
    name="sweep/too-many-images",
    severity=Severity.ERROR,
    summary="the statement makes more images than the limit",
    why="Several sweeps multiply. The limit of the project file guards against typing slips; nothing is expanded to "
    "count.",
    example="/render /seed:1..2000 a cow",
    source="decision of this language",
)
RULES = (DUPLICATES, TOO_MANY)
ABOUT = frozenset({SEVERAL, IMAGES.name, VARIANTS.name, Concept})  # of which there may be several in one call


def check(seen: View) -> Iterator[Diagnostic]:
    """Merged points first, then the number of images."""
    for setting in swept(seen.settings):
        if setting.points.merged and setting.use and setting.points.values and not _lacks_others(setting):
            texts = [written(value) for value in setting.points.values]
            message = f"{setting.points.merged + len(texts)} points give only {_counted(len(texts))}"
            help_text = f"write `/{setting.row.name}:{'|'.join(texts)}`"
            yield finding(DUPLICATES, message, setting.use.value_span, help=help_text)
    for choice in (each for each in seen.choices if each.merged):
        texts = [each.text for each in choice.points]
        message = f"{choice.merged + len(texts)} points give only {_counted(len(texts))}"
        span = seen.written.span(choice.start, choice.end)
        yield finding(DUPLICATES, message, span, help=f"write `{'|'.join(texts)}`")
    count = images(seen)
    if count.number > seen.project.image_limit:
        widest = max(seen.settings.values(), key=lambda each: each.points.count or len(each.points.values or ()))
        message = f"this makes {count.words}, more than the limit of {seen.project.image_limit:,}"
        span = option_span(seen, widest) if widest.use else command_span(seen)
        choice = max(seen.choices, key=lambda each: each.count, default=None)
        if choice and choice.count > (widest.points.count or len(widest.points.values or ())):
            span = seen.written.span(choice.start, choice.end)
        yield finding(TOO_MANY, message, span, help="use fewer points, or raise `images` under `[limits]`")


def _lacks_others(setting: Setting) -> bool:
    """Whether words are swapped for themselves alone, which has a rule of its own."""
    return setting.row is SWAP and len(setting.points.values or ()) == 1


def _counted(number: int) -> str:
    return "one value" if number == 1 else f"{number} different values"
