"""A high clip skip on a prompt that lives on detail."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import option_span
from promptlang.meaning.view import View
from promptlang.tables.models.family import ClipSkip
from promptlang.tables.options.table import CLIP_SKIP

RULE = Rule(
    name="clipskip/detail-lost",
    severity=Severity.INFORMATION,
    summary="a long prompt is read with few layers",
    why="Clip skip sets how exactly the text model reads you: with fewer layers “young man in a field” becomes "
    "“a man”.",
    example="/render /parser:new /clipskip:4 a young man, red scarf, oak tree, field, fog, crows, fence, dew, hat",
    source="help page on clip skip, community explanation",
    covers=("SR-20",),
)
RULES = (RULE,)
ABOUT = frozenset({CLIP_SKIP.name})
MANY_PARTS = 8
MANY_WORDS = 30  # about 40 tokens


def check(seen: View) -> Iterator[Diagnostic]:
    """Information from clip skip 3 on, for prompts of many parts."""
    setting = seen.settings.get(CLIP_SKIP.name)
    if setting is None or seen.family.clip_skip in (ClipSkip.IGNORED_BY_RULE, ClipSkip.NOT_CLIP):
        return
    numbers = [number for number in setting.points.values or () if isinstance(number, int)]
    text = "".join(run.text for run in seen.sides.positive)
    if not numbers or max(numbers) < 3 or (text.count(",") + 1 < MANY_PARTS and len(text.split()) < MANY_WORDS):
        return
    message = f"with clip skip {max(numbers)} a long prompt often loses its detail"
    yield finding(RULE, message, option_span(seen, setting), help="write `/clipskip:2`, or a shorter prompt")
