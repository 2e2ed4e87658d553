"""What no valid plan may break, whoever made it: the compiler, an importer or a JSON file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import inf, isfinite
from operator import attrgetter
from sys import float_info

from promptlang.plans.plan import FORMAT, Conditioning, Plan
from promptlang.tables.options.controls import CONTROL_MAPS
from promptlang.tables.options.fills import Value
from promptlang.tables.options.kinds import Integer, Number
from promptlang.tables.options.table import ROWS, SEED
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang.tables.upscalers import UPSCALERS


def _ranges() -> Iterator[tuple[str, float, float, str]]:
    """The fields that options fill with a number, the least and the greatest it may be, and both in words.

    How large a whole number may be is what the language takes, not what can be drawn; seeds alone have an end.
    """
    for row in ROWS:
        match row.fills, row.kind:
            case Value(field=name), Number(low=low, high=None):
                yield name, low, float_info.max, f"{low:g} or more"
            case Value(field=name), Number(low=low, high=float() | int() as high):
                yield name, low, high, f"{low:g} to {high:g}"
            case Value(field=name), Integer(low=low, high=high) if row is SEED:
                yield name, low, high, f"{low} to {high}"
            case Value(field=name), Integer(low=low):
                yield name, low, inf, f"at least {low}"
            case _:
                pass


_RANGES = tuple(_ranges())
_ranged = attrgetter(*(name for name, _, _, _ in _RANGES))


def verify(plan: Plan) -> tuple[str, ...]:
    """Every rule the plan breaks, as `place: must be …, found …`; empty for a valid plan."""
    return (
        *_format(plan),
        *_numbers(plan),
        *_pictures(plan),
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
    numbers = _ranged(plan)
    for place in _out_of_range(numbers):
        name, _, _, words = _RANGES[place]
        yield f"{name}: must be {words}, found {numbers[place]}"
    if plan.clip_skip is not None and plan.clip_skip < 1:
        yield f"clip_skip: must be at least 1, found {plan.clip_skip}"
    width, height = plan.size
    if min(width, height) < 8 or width % 8 or height % 8:
        yield f"size: must be multiples of 8, found {width}x{height}"
    if plan.freeu is not None and not all(0 <= scale <= 2 for scale in plan.freeu):
        yield f"freeu: must be four numbers from 0 to 2, found {','.join(map(str, plan.freeu))}"


@lru_cache(maxsize=256)
def _out_of_range(numbers: tuple[float | None, ...]) -> tuple[int, ...]:
    """Where numbers stand that their options do not take; kept, since most statements have the same."""
    ranges = zip(numbers, _RANGES, strict=True)
    return tuple(
        place
        for place, (value, (_, low, high, _)) in enumerate(ranges)
        if value is not None and not low <= value <= high
    )


def _pictures(plan: Plan) -> Iterator[str]:
    if plan.control is not None:
        known = [each.name for each in CONTROL_MAPS.items]
        if plan.control not in known:
            yield f"control: must be {' or '.join(known)}, found {plan.control}"
        if not plan.control_net or not plan.control_image:
            yield "control: must have a control_net and a control_image, found none"
    if plan.blend is not None and not plan.blend_adapter:
        yield "blend: must have a blend_adapter, found none"


def _sides(plan: Plan) -> Iterator[str]:
    yield from _conditioning("positive", plan.positive)
    yield from _conditioning("negative", plan.negative)
    if plan.negative.combine == "and" and len(plan.negative.branches) > 1:
        yield f"negative: must be one branch or mixed, found {len(plan.negative.branches)} branches added up"


def _conditioning(side: str, conditioning: Conditioning) -> Iterator[str]:
    if not conditioning.branches:
        yield f"{side}.branches: must not be empty"
    for place, branch in enumerate(conditioning.branches):
        infinite = [run.weight for segment in branch.segments for run in segment.runs if not isfinite(run.weight)]
        if len(branch.segments) == 1 and isfinite(branch.weight) and not infinite:
            continue  # as most do, which hold for the whole picture
        where = f"{side}.branches[{place}]"
        if infinite:
            yield f"{where}: must have words with finite weights, found {infinite[0]}"
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
