"""Words that no step shows: switched after the last one that is drawn, or in turns that a schedule around them ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.dialects.dialect import dialect
from promptlang.filling.moments import steps_asked, steps_drawn
from promptlang.filling.whose import samplers_of
from promptlang.meaning.view import View
from promptlang.source import Span
from promptlang.syntax.nodes import Alternation, Branch, Concept, Part, Parts, Schedule, Text, inner, walk
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.samplers import Sampler
from promptlang.values import dataclass

RULE = Rule(
    name="switch/out-of-reach",
    severity=Severity.WARNING,
    summary="words are switched after the last step that is drawn",
    why="Steps count from the first that is drawn, and fractions are of all steps, also where `/remix` draws only as "
    "many of them as its strength says. The words before a switch get the step of its number too.",
    example="/remix /parser:a1111 /image:cow.png /strength:0.5 /steps:10 a [cow:dog:0.5]",
    source="stable-diffusion-webui, `sd_samplers_common.setup_img2img_steps`, `CFGDenoiser.step`",
)
NEVER_SHOWN = Rule(
    name="switch/never-shown",
    severity=Severity.WARNING,
    summary="words in a schedule or an alternation have no step",
    why="A schedule inside another counts the same steps, and so do alternations: what has its turn while the words "
    "around it are away is never drawn.",
    example="/render /parser:a1111 a [[cow:0.5]:dog:0.5]",
    source="stable-diffusion-webui, `prompt_parser.get_learned_conditioning_prompt_schedules`",
)
RULES = (RULE, NEVER_SHOWN)
ABOUT = frozenset({Schedule, Alternation})

_MOST = 20  # findings of a statement

Steps = int
"""A set of steps, one bit each."""
Switch = Callable[[str], int]
"""The last step before a switch, for its number as written."""


@dataclass(frozen=True, slots=True)
class _Unshown:
    """A branch of a node that no step shows: 0 and 1 are before and after a switch; `inside` where others take it."""

    node: Schedule | Alternation
    branch: int
    parts: Parts
    inside: bool


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each that no point of a sweep shows, unless the dialect has found a fault in its number."""
    name = seen.statement.prompt.dialect
    switching = dialect(name).switching if DIALECTS[name].steps else None
    if switching is None:
        return
    parts = (*seen.parts, *seen.negative_parts)
    steps, left = steps_asked(seen), steps_drawn(seen)
    found = [_of_sampler(parts, row, steps, left, switching.last_before) for row in samplers_of(seen)]
    everywhere = [each for each in found[0] if all(each in others for others in found[1:])] if found else []
    for each in everywhere[:_MOST]:
        if isinstance(each.node, Schedule) and not each.inside:
            if not any(each.node.number.contains(said.label.span) for said in seen.statement.diagnostics):
                yield _unreached(each.node, steps, left) if each.branch else _never(each, each.node.number)
        elif any(isinstance(part, Text | Concept) for part in walk(each.parts)):
            yield _never(each, Span(each.parts[0].span.start, each.parts[-1].span.end))


def _of_sampler(
    parts: Parts, row: Sampler, steps: int, left: int, last_before: Callable[[str, int], int]
) -> list[_Unshown]:
    """What a sampler never comes to. The first call shows step 1 as the second does, so the last step has no call."""
    shown = _first(max(1, row.calls(left) - 1))
    return list(_unshown(parts, shown, partial(_switch, last_before, steps * row.calls_per_step)))


def _switch(last_before: Callable[[str, int], int], calls: int, when: str) -> int:
    return last_before(when, calls)


def _unshown(parts: Parts, shown: Steps, switch: Switch) -> Iterator[_Unshown]:
    waiting: list[tuple[Part | Branch, Steps]] = [(part, shown) for part in reversed(parts)]
    while waiting:
        node, steps = waiting.pop()
        match node:
            case Schedule(before=before, after=after, when=when):
                early = steps & _first(switch(when))
                branches: list[tuple[Steps, Parts]] = [(early, before), (steps & ~early, after)]
            case Alternation(choices=choices):
                turn = _turns(len(choices), shown)
                branches = [(steps & turn << place, choice) for place, choice in enumerate(choices)]
            case other:
                waiting += ((each, steps) for each in reversed(inner(other)))
                continue
        for number, (kept, inside) in reversed(list(enumerate(branches))):
            if kept:
                waiting += ((each, kept) for each in reversed(inside))
            elif inside or (isinstance(node, Schedule) and number and steps == shown):
                yield _Unshown(node, number, inside, steps != shown)


def _first(steps: int) -> Steps:
    """The steps up to one, from 1 on."""
    return (2 << steps) - 2 if steps > 0 else 0


def _turns(choices: int, shown: Steps) -> Steps:
    """The steps of the first of several choices that take turns."""
    turns = -(-shown.bit_length() // choices)
    return ((1 << choices * turns) - 1) // ((1 << choices) - 1) << 1


def _unreached(node: Schedule, steps: int, left: int) -> Diagnostic:
    what = "this switch comes" if node.before and node.after else "these words " + ("come" if node.after else "go")
    count = f"{left} of {steps} steps are drawn" if left != steps else f"{steps} steps are drawn"
    message = f"{what} after the last step, since {count}"
    return finding(RULE, message, node.number, "never reached", help="write a smaller number, or draw more steps")


def _never(unshown: _Unshown, span: Span) -> Diagnostic:
    if not unshown.inside and isinstance(unshown.node, Schedule):
        message = "the words before this switch have no step, since it comes before the first"
        return finding(NEVER_SHOWN, message, span, "never shown", help="write a larger number, or remove the words")
    help_text = "draw more steps, or remove the words"
    if unshown.inside:
        help_text = "take the words out of the brackets around them, or remove them"
    return finding(NEVER_SHOWN, "no step shows these words", span, "never shown", help=help_text)
