"""Words that a schedule switches to after the last step that is drawn."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.dialects.dialect import dialect
from promptlang.meaning.view import View
from promptlang.plans.remixing import STRENGTH, steps_left
from promptlang.syntax.nodes import Schedule, walk
from promptlang.tables.commands import command
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.samplers import sampler

RULE = Rule(
    name="switch/out-of-reach",
    severity=Severity.WARNING,
    summary="words are switched after the last step that is drawn",
    why="Steps count from the first that is drawn, and fractions are of all steps, also where `/remix` draws only as "
    "many of them as its strength says. The words before a switch get the step of its number too.",
    example="/remix /parser:a1111 /image:cow.png /strength:0.5 /steps:10 a [cow:dog:0.5]",
    source="stable-diffusion-webui, `sd_samplers_common.setup_img2img_steps`, `CFGDenoiser.step`",
)
RULES = (RULE,)

_ENDLESS = 2**40  # calls: what is out of reach even of these, the dialect itself has said
_MOST = 20  # findings of a statement


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each switch that no point of a sweep reaches."""
    name = seen.statement.prompt.dialect
    last_before = dialect(name).last_before if DIALECTS[name].steps else None
    if last_before is None:
        return
    nodes = [each for parts in (seen.parts, seen.negative_parts) for each in walk(parts) if isinstance(each, Schedule)]
    if not nodes:
        return
    steps = int(max(seen.numbers("steps", seen.family.steps)))
    left = _left(seen, steps)
    names = seen.values("sampler") or (seen.family.sampler,)
    rows = [row for row in map(sampler, map(str, names)) if row]
    for node in nodes[:_MOST]:
        last = [(last_before(node.when, steps * row.calls_per_step), row.calls(left) - 1) for row in rows]
        if all(before >= end for before, end in last) and last_before(node.when, _ENDLESS) < _ENDLESS:
            yield _unreached(node, steps, left)


def _unreached(node: Schedule, steps: int, left: int) -> Diagnostic:
    what = "this switch comes" if node.before and node.after else "these words " + ("come" if node.after else "go")
    count = f"{left} of {steps} steps are drawn" if left != steps else f"{steps} steps are drawn"
    message = f"{what} after the last step, since {count}"
    return finding(RULE, message, node.number, "never reached", help="write a smaller number, or draw more steps")


def _left(seen: View, steps: int) -> int:
    row = command(seen.statement.command_name)
    if row is None or "image" not in row.needs:
        return steps
    return steps_left(steps, max(seen.numbers("strength", STRENGTH)), seen.statement.prompt.dialect)
