"""What a statement asks for and the family of its model does not do: weights, BREAK, guidance, negative prompts."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import command_span, inherited, insertion, left_out, option_span
from promptlang.meaning.effects import has_second_pass, highest_guidance, is_off, model_title
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.nodes import Break, Negative, Weight, walk
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import OWNERS, Ability, ability, guides
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.models.family import Guides
from promptlang.tables.options.table import DECIDING, TRUE_CFG
from promptlang.tables.options.table import GUIDANCE as GUIDANCE_OPTION

WEIGHT = Rule(
    name="weight/no-effect",
    severity=Severity.WARNING,
    summary="a word weight does nothing on this model",
    why="Weights scale what CLIP or T5 makes of single words. A language model reads the sentence as a whole, and its "
    "text encoder takes no weights: the words are drawn without them.",
    example="/render /parser:new a (cow:1.2) <qwen-image>",
    source=OWNERS,
    tags=("unnecessary",),
)
ALOUD = Rule(
    name="weight/read-aloud",
    severity=Severity.WARNING,
    summary="the signs of a weight are read as text by this model",
    why="ComfyUI hands brackets and numbers on to text encoders that are language models, and a statement in its "
    "dialect does the same: they change the picture as any other letters do, not as a weight.",
    example="/set <qwen-image>\n/render /parser:comfy a (cow:1.2)",
    source=OWNERS,
)
BREAK = Rule(
    name="break/no-effect",
    severity=Severity.INFORMATION,
    summary="`BREAK` does nothing on this model",
    why="It ends a chunk of CLIP's 75 tokens; other text encoders read the prompt as a whole. It is left out.",
    example="/set <qwen-image>\n/render /parser:a1111 a cow BREAK a barn",
    source=OWNERS,
    tags=("unnecessary",),
)
GUIDANCE = Rule(
    name="guidance/no-effect",
    severity=Severity.WARNING,
    summary="guidance does nothing on this model",
    why="The model was distilled to draw without guidance in few steps; no number is read.",
    example="/render /guidance:7 a cow <flux-schnell>",
    source=OWNERS,
    tags=("unnecessary",),
)
NEGATIVE = Rule(
    name="negative/no-effect",
    severity=Severity.WARNING,
    summary="the negative prompt does nothing on this model, or at this guidance",
    why="A negative prompt is what classifier-free guidance steers away from. Where guidance is an input of the model, "
    "is distilled into it, or is 1, there is no such second pass.",
    example="/render /parser:new a cow [blurry] <flux>",
    source=OWNERS,
    tags=("unnecessary",),
)
RULES = (WEIGHT, ALOUD, BREAK, GUIDANCE, NEGATIVE)
SECOND_PASS = TRUE_CFG.name


def check(seen: View) -> Iterator[Diagnostic]:
    """Silent where the family is unknown."""
    if seen.family is UNKNOWN:
        return
    if Weight in seen.kinds:
        yield from _weights(seen)
    if Break in seen.kinds:
        yield from _breaks(seen)
    if GUIDANCE_OPTION.name in seen.settings:
        yield from _guidance(seen)
    if seen.sides.negative:
        yield from _negative(seen)


def _does(seen: View, feature: str) -> Ability:
    return ability(feature, seen.family, seen.variant)


def _weights(seen: View) -> Iterator[Diagnostic]:
    """One finding a statement, at its first weight."""
    if (found := _does(seen, "weights")).acts:
        return
    statement = seen.statement
    weights = [node for node in statement.nodes() if isinstance(node, Weight) and node.factor != 1]
    if not weights:
        return
    first, others = weights[0], len(weights) - 1
    more = f"; {others} more in the statement" if others else ""
    if dialect_row(statement.prompt.dialect).aloud and seen.family.read_aloud:
        message = (
            f"{model_title(seen)} is read by a language model, which is handed the signs of a weight as text{more}"
        )
        yield finding(ALOUD, message, first.span, help="leave the weight out, and say in words what matters")
        return
    message = f"the weight {first.factor:g} does nothing on {model_title(seen)}: {found.why}{more}"
    yield finding(WEIGHT, message, first.span, "no effect", help="leave it out, and say in words what matters")


def _breaks(seen: View) -> Iterator[Diagnostic]:
    if (found := _does(seen, "break")).acts:
        return
    node = next((each for each in walk(seen.parts) if isinstance(each, Break)), None)
    if node is not None and seen.positive is seen.statement.positive:
        message = f"`BREAK` does nothing on {model_title(seen)}: {found.why}"
        yield finding(BREAK, message, node.span, "no effect")


def _guidance(seen: View) -> Iterator[Diagnostic]:
    setting = seen.given(GUIDANCE_OPTION.name)
    if setting is None or (found := _does(seen, "guidance")).acts:
        return
    message = f"{model_title(seen)} ignores `/guidance`: {found.why}{inherited(setting)}"
    yield finding(GUIDANCE, message, option_span(seen, setting), "no effect", fixes=left_out(seen, setting))


def _negative(seen: View) -> Iterator[Diagnostic]:
    if not any(run.text.strip() for run in seen.sides.negative):
        return
    span = _place(seen)
    kind = guides(seen.family, seen.variant)
    if (found := _does(seen, "negative")).acts:
        if is_off(seen):
            highest = highest_guidance(seen)
            message = f"guidance {highest:g} is off on {model_title(seen)}, so the negative prompt does nothing"
            yield finding(NEGATIVE, message, span, "no effect", help="write a `/guidance` above 1, or leave it out")
        return
    if has_second_pass(seen):
        return
    message = f"the negative prompt does nothing on {model_title(seen)}: {found.why}"
    if kind is Guides.EMBEDDED and not TRUE_CFG.remark:
        word, there = f"/{SECOND_PASS}:2", seen.use(SECOND_PASS)  # without a value that is read
        fix = Fix(f"Write `{word}`", (Edit(there.span, word) if there else insertion(seen, word),), safe=False)
        help_text = f"write `/{SECOND_PASS}:2`, which takes twice the time, or leave it out"
        yield finding(NEGATIVE, message, span, "no effect", help=help_text, fixes=(fix,))
        return
    yield finding(NEGATIVE, message, span, "no effect", help="leave it out, and say what shall be there instead")


def _place(seen: View) -> Span:
    """The negative prompt: the first square brackets, or `/negative`, or else the command."""
    node = next((each for each in walk(seen.statement.prompt.parts) if isinstance(each, Negative)), None)
    if node is not None:
        return node.span
    use = seen.use(DECIDING["side"].name)
    return use.span if use else command_span(seen)
