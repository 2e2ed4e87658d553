"""What no valid plan may break, whoever made it: the compiler, an importer or a JSON file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite

from promptlang.plans.plan import FORMAT, Conditioning, Plan
from promptlang.tables.options.controls import CONTROL_MAPS
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang.tables.upscalers import UPSCALERS

SEEDS = 2**64
MOST_ENLARGED = 4


def verify(plan: Plan) -> tuple[str, ...]:
    """Every rule the plan breaks, as `place: must be …, found …`; empty for a valid plan."""
    return (
        *_format(plan),
        *_numbers(plan),
        *_sides(plan),
        *_networks(plan),
    )


def _format(plan: Plan) -> Iterator[str]:
    if plan.format != FORMAT:
        yield f"format: must be {FORMAT}, found {plan.format}"
    if sampler(plan.sampler) is None:
        yield f"sampler: must be a name of the sampler table, found {plan.sampler}"
    if plan.schedule is not None and plan.schedule not in SCHEDULES:
        yield f"schedule: must be a name of the schedule table, found {plan.schedule}"
    if plan.hires_upscaler is not None and plan.hires_upscaler not in UPSCALERS:
        yield f"hires_upscaler: must be a name of the upscaler table, found {plan.hires_upscaler}"
    if not plan.model.name:
        yield "model.name: must not be empty"
    if not all(plan.model.text_encoders):
        yield "model.text_encoders: must be paths, found an empty one"
    if plan.model.vae == "":
        yield "model.vae: must be a path, found an empty one"


def _numbers(plan: Plan) -> Iterator[str]:
    if plan.clip_skip is not None and plan.clip_skip < 1:
        yield f"clip_skip: must be at least 1, found {plan.clip_skip}"
    if plan.steps < 1:
        yield f"steps: must be at least 1, found {plan.steps}"
    if plan.images < 1:
        yield f"images: must be at least 1, found {plan.images}"
    if not (isfinite(plan.guidance) and plan.guidance >= 0):
        yield f"guidance: must be 0 or more, found {plan.guidance}"
    if any(side < 8 or side % 8 for side in plan.size):
        yield f"size: must be multiples of 8, found {plan.size[0]}x{plan.size[1]}"
    if plan.seed is not None and not 0 <= plan.seed < SEEDS:
        yield f"seed: must be 0 to {SEEDS - 1}, found {plan.seed}"
    if plan.strength is not None and not 0 <= plan.strength <= 1:
        yield f"strength: must be 0 to 1, found {plan.strength}"
    yield from _second_pass(plan)
    yield from _control(plan)
    yield from _blend(plan)
    if plan.true_cfg is not None and not (isfinite(plan.true_cfg) and plan.true_cfg >= 1):
        yield f"true_cfg: must be 1 or more, found {plan.true_cfg}"
    if plan.rescale is not None and not 0 <= plan.rescale <= 1:
        yield f"rescale: must be 0 to 1, found {plan.rescale}"
    if plan.freeu is not None and not all(0 <= scale <= 2 for scale in plan.freeu):
        yield f"freeu: must be four numbers from 0 to 2, found {','.join(map(str, plan.freeu))}"


def _control(plan: Plan) -> Iterator[str]:
    if plan.control is not None:
        known = [each.name for each in CONTROL_MAPS.items]
        if plan.control not in known:
            yield f"control: must be {' or '.join(known)}, found {plan.control}"
        if not plan.control_net or not plan.control_image:
            yield "control: must have a control_net and a control_image, found none"
    if plan.control_strength is not None and not 0 <= plan.control_strength <= 2:
        yield f"control_strength: must be 0 to 2, found {plan.control_strength}"
    for name, share in (("control_start", plan.control_start), ("control_end", plan.control_end)):
        if share is not None and not 0 <= share <= 1:
            yield f"{name}: must be 0 to 1, found {share}"


def _blend(plan: Plan) -> Iterator[str]:
    if plan.blend is not None and not plan.blend_adapter:
        yield "blend: must have a blend_adapter, found none"
    if plan.blend_strength is not None and not 0 <= plan.blend_strength <= 1:
        yield f"blend_strength: must be 0 to 1, found {plan.blend_strength}"


def _second_pass(plan: Plan) -> Iterator[str]:
    if plan.hires is not None and not 1 <= plan.hires <= MOST_ENLARGED:
        yield f"hires: must be 1 to {MOST_ENLARGED}, found {plan.hires}"
    if plan.hires_steps is not None and plan.hires_steps < 1:
        yield f"hires_steps: must be at least 1, found {plan.hires_steps}"
    if plan.hires_strength is not None and not 0 <= plan.hires_strength <= 1:
        yield f"hires_strength: must be 0 to 1, found {plan.hires_strength}"


def _sides(plan: Plan) -> Iterator[str]:
    yield from _conditioning("positive", plan.positive)
    yield from _conditioning("negative", plan.negative)
    if plan.negative.combine == "and" and len(plan.negative.branches) > 1:
        yield f"negative: must be one branch or mixed, found {len(plan.negative.branches)} branches added up"


def _conditioning(side: str, conditioning: Conditioning) -> Iterator[str]:
    if not conditioning.branches:
        yield f"{side}.branches: must not be empty"
    for place, branch in enumerate(conditioning.branches):
        where = f"{side}.branches[{place}]"
        ends = [segment.until for segment in branch.segments]
        if not ends:
            yield f"{where}.segments: must not be empty"
        if len(ends) > 1 and any(later <= earlier for earlier, later in pairwise(ends)):
            yield f"{where}.segments: must end one after the other, found {', '.join(map(str, ends))}"
        if not isfinite(branch.weight):
            yield f"{where}.weight: must be a finite number, found {branch.weight}"
    blends = conditioning.combine == "blend" and conditioning.normalized and conditioning.branches
    if blends and not sum(branch.weight for branch in conditioning.branches):
        yield f"{side}: the weights of a blend must not add up to 0"


def _networks(plan: Plan) -> Iterator[str]:
    for place, network in enumerate(plan.networks):
        for name, weight in (("weight", network.weight), ("text_weight", network.text_weight)):
            if weight is not None and not isfinite(weight):
                yield f"networks[{place}].{name}: must be a finite number, found {weight}"
        ends = [each.until for each in network.strengths]
        if any(later <= earlier for earlier, later in pairwise(ends)):
            yield f"networks[{place}].strengths: must end one after the other, found {', '.join(map(str, ends))}"
        for each in network.strengths:
            if not isfinite(each.weight):
                yield f"networks[{place}].strengths: must be finite numbers, found {each.weight}"
