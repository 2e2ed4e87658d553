"""What a plan asks of its family that nothing here draws: one list, for the check, a dry run and the renderer alike."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.plans.controlling import control_shares
from promptlang.plans.enlarging import drawn_size, second_strength
from promptlang.plans.plan import Plan
from promptlang.plans.refining import BEGUN
from promptlang.plans.remixing import steps_of, strength_of
from promptlang.refusals.refusal import Refusal
from promptlang.tables.arithmetics import DEFAULT, arithmetic, draws_flow
from promptlang.tables.models.abilities import (
    CHANGING,
    CHANGING_BELOW,
    INVERSION,
    MIXED,
    REMIX,
    SEVERAL,
    Ability,
    ability,
    flow_of,
    guides,
)
from promptlang.tables.models.families import family, near_size
from promptlang.tables.models.family import INPAINTING, Family, Guides, PromptSide, variant_names
from promptlang.tables.options.kinds import Size
from promptlang.tables.options.table import (
    ARITHMETIC,
    BLEND,
    CONTROL,
    CONTROL_END,
    FREEU,
    GUIDANCE,
    HIRES,
    HIRES_STRENGTH,
    IMAGE,
    MASK,
    RESCALE,
    SAMPLER,
    SIZE,
    STRENGTH,
    TRUE_CFG,
    VAE,
)
from promptlang.tables.samplers import sampler
from promptlang.values import dataclass

MOST_SIDE = Size().high


@dataclass(frozen=True, slots=True)
class Limit:
    """What is asked for in vain, named as a feature of the table of abilities or as an option, and why."""

    feature: str
    refusal: Refusal


def plan_refusal(plan: Plan) -> Refusal | None:
    """Why the plan is not drawn with a model of its family; None where nothing speaks against it."""
    return next((each.refusal for each in limits(plan)), None)


def limits(plan: Plan) -> Iterator[Limit]:
    """Everything that the plan asks for in vain; nothing where no model of its family is drawn at all."""
    row = family(plan.model.family)
    if not row.rendered:
        return
    yield from _of_size(plan, row)
    for feature, what in _asked(plan, row):
        if refusal := _of_ability(row, ability(feature, row, plan.model.variant), what):
            yield Limit(feature, refusal)
    if plan.image is not None and not ability(REMIX, row).limit:
        yield from _of_image(plan)
        yield from _over_a_picture(plan, row, REMIX) if row.is_unet else _of_flow_image(plan, row)
    yield from _of_mask(plan)
    yield from _of_control(plan, row) if plan.control is not None else ()
    yield from _in_one_direction(plan, BLEND.name) if _is_blended(plan, row) else ()
    yield from _of_second_pass(plan, row) if plan.hires is not None and row.is_unet else ()
    yield from () if row.is_unet else _of_guidance(plan, row)
    yield from _of_refiner(plan) if plan.refiner else ()
    yield from _of_arithmetic(plan, row) if plan.arithmetic != DEFAULT else ()


def _of_arithmetic(plan: Plan, row: Family) -> Iterator[Limit]:
    """What is not drawn as other programs draw it."""
    program = arithmetic(plan.arithmetic).program
    is_known = draws_flow(plan.arithmetic) and flow_of(row, plan.model.variant) is not None
    if not row.is_unet and not is_known:
        message = f"models of {row.title} are not drawn as {program} draws them yet"
        yield Limit(ARITHMETIC.name, Refusal(message, f"write `/{ARITHMETIC.name}:{DEFAULT}`", is_limit=True))
        return
    asked = {CONTROL.name: plan.control is not None, BLEND.name: plan.blend is not None}
    if not row.is_unet:
        asked |= {MASK.name: plan.mask is not None, IMAGE.name: plan.image is not None}
    for name in (name for name, is_asked in asked.items() if is_asked):
        message = f"`/{name}` is not drawn as {program} draws it yet"
        yield Limit(ARITHMETIC.name, Refusal(message, f"write `/{ARITHMETIC.name}:{DEFAULT}`", is_limit=True))
    own = sampler(plan.sampler)
    if plan.refiner and own and (own.calls_per_step > 1 or own.is_measured):
        message = f"a refiner does not go on with the sampler `{own.name}` as {program} draws it"
        help = f"write `/{ARITHMETIC.name}:{DEFAULT}`, or add `/nofix`"
        yield Limit(ARITHMETIC.name, Refusal(message, help, is_limit=True))


def _of_size(plan: Plan, row: Family) -> Iterator[Limit]:
    if any(side % row.multiple for side in plan.size):
        width, height = plan.size
        near = "x".join(map(str, near_size(row, plan.size)))
        message = f"{width}x{height} is no size of {row.title}: both sides must be multiples of {row.multiple}"
        yield Limit(SIZE.name, Refusal(message, f"write `/{SIZE.name}:{near}`"))


def _of_ability(row: Family, found: Ability, what: str) -> Refusal | None:
    if found.limit:
        return Refusal(found.limit, f"leave {what} out, or use a model of another family", is_limit=True)
    if not found.acts:
        message = f"{what} cannot be rendered with models of {row.title}: {found.why}"
        return Refusal(message, f"leave {what} out", is_limit=True)
    return None


def _asked(plan: Plan, row: Family) -> Iterator[tuple[str, str]]:
    """The features that the plan asks for, each with how it is called."""
    kinds = {each.kind: f"<{each.name}>" for each in plan.networks}
    is_below = reads_negative(plan, row)
    asked = {
        (REMIX, f"`/{REMIX}`"): plan.image is not None,
        (MASK.name, f"`/{MASK.name}`"): plan.mask is not None,
        (CONTROL.name, f"`/{CONTROL.name}`"): plan.control is not None,
        (BLEND.name, f"`/{BLEND.name}`"): plan.blend is not None,
        (HIRES.name, f"`/{HIRES.name}`"): plan.hires is not None,
        (RESCALE.name, f"`/{RESCALE.name}`"): bool(plan.rescale),
        (FREEU.name, f"`/{FREEU.name}`"): plan.freeu is not None,
        (TRUE_CFG.name, f"`/{TRUE_CFG.name}`"): plan.true_cfg not in (None, 1),
        (VAE.name, "another VAE"): plan.vae is not None or "vae" in kinds,
        (INVERSION, f"the textual inversion {kinds.get(INVERSION)}"): INVERSION in kinds,
        (SEVERAL, "all but one prompt"): plan.positive.combine == "and" and len(plan.positive.branches) > 1,
        (MIXED, "all but one prompt"): (plan.positive.combine != "and" and len(plan.positive.branches) > 1)
        or (is_below and len(plan.negative.branches) > 1),
        (CHANGING, "the change"): any(len(each.segments) > 1 for each in plan.positive.branches),
        (CHANGING_BELOW, "the change"): is_below and any(len(each.segments) > 1 for each in plan.negative.branches),
    }
    return (names for names, is_asked in asked.items() if is_asked)


def reads_negative(plan: Plan, row: Family) -> bool:
    """Whether the negative prompt of a plan is read at all."""
    match guides(row, plan.model.variant):
        case Guides.BUILT_IN | Guides.EMBEDDED_ALONE:
            return False
        case Guides.EMBEDDED:
            return (plan.true_cfg or 1.0) > 1
        case Guides.CLASSIFIER_FREE:
            return plan.guidance != 1


def _of_image(plan: Plan) -> Iterator[Limit]:
    if steps_of(plan) < 1:
        message = f"strength {strength_of(plan):g} leaves none of {plan.steps} steps"
        yield Limit(STRENGTH.name, Refusal(message, f"write a larger `/{STRENGTH.name}`, or more steps"))


def _of_mask(plan: Plan) -> Iterator[Limit]:
    """Models made for inpainting draw nothing without a mask; what is drawn with one is not drawn over as a whole."""
    if INPAINTING in variant_names(plan.model.variant) and plan.mask is None:
        message = f"<{plan.model.name}> is made for inpainting: it draws with a mask alone"
        help = f"write `/{REMIX} /{IMAGE.name}:picture.png /{MASK.name}:mask.png`, or use another model"
        yield Limit(MASK.name, Refusal(message, help, is_limit=True))
    others = {HIRES.name: plan.hires is not None, "refiner": plan.refiner is not None}
    for name in (each for each, is_asked in others.items() if is_asked and plan.mask is not None):
        message = f"what `/{MASK.name}` keeps would be drawn over by the {name} pass"
        help = f"leave `/{HIRES.name}` out" if name == HIRES.name else "add `/nofix`"
        yield Limit(MASK.name, Refusal(message, help, is_limit=True))


def _of_control(plan: Plan, row: Family) -> Iterator[Limit]:
    """What a ControlNet holds nothing of: it is asked in one direction, in the first pass, by pipelines of its own."""
    start, end = control_shares(plan)
    if start >= end:
        message = f"control that starts at {start:g} and ends at {end:g} holds no step"
        yield Limit(CONTROL_END.name, Refusal(message, f"write a larger `/{CONTROL_END.name}`"))
    others = {
        MASK.name: (plan.mask is not None, f"leave `/{MASK.name}` out"),
        HIRES.name: (plan.hires is not None, f"leave `/{HIRES.name}` out"),
        RESCALE.name: (bool(plan.rescale), f"leave `/{RESCALE.name}` out"),
        "refiner": (plan.refiner is not None, "add `/nofix`"),
        REMIX: (plan.image is not None and not row.is_unet, f"write `/render`, without `/{IMAGE.name}`"),
    }
    for name in (name for name, (is_asked, _) in others.items() if is_asked):
        what = "a refiner" if name == "refiner" else f"`/{name}`"
        message = f"`/{CONTROL.name}` cannot be drawn together with {what} yet"
        yield Limit(CONTROL.name, Refusal(message, others[name][1], is_limit=True))
    if plan.image is None and (row.is_unet or len(plan.positive.branches) > 1):
        yield from _in_one_direction(plan, CONTROL.name)


def _is_blended(plan: Plan, row: Family) -> bool:
    """Whether an adapter alone asks for one direction: drawing over a picture, or by a map, asks for it already."""
    return plan.blend is not None and row.adapted and plan.image is None and plan.control is None


def _of_second_pass(plan: Plan, row: Family) -> Iterator[Limit]:
    """What is not drawn twice; the second pass draws over a picture as `/remix` does."""
    yield from _over_a_picture(plan, row, HIRES.name)
    width, height = drawn_size(plan)
    if max(width, height) > MOST_SIDE:
        message = f"`/{HIRES.name}` makes it {width}x{height}, and no side may have more than {MOST_SIDE} pixels"
        yield Limit(HIRES.name, Refusal(message, f"write a smaller number, or a smaller `/{SIZE.name}`"))
    if not second_strength(plan):
        message = f"{HIRES_STRENGTH.words} 0 draws nothing over the enlarged picture"
        yield Limit(HIRES_STRENGTH.name, Refusal(message, f"write a larger `/{HIRES_STRENGTH.name}`"))
    if plan.refiner:
        message = "a refiner does not finish what is drawn twice yet"
        yield Limit(HIRES.name, Refusal(message, f"leave `/{HIRES.name}` out, or add `/nofix`", is_limit=True))


def _over_a_picture(plan: Plan, row: Family, by: str) -> Iterator[Limit]:
    """What a picture is not started from with; several directions or less than a whole one are pulled from noise."""
    if plan.arithmetic == DEFAULT and plan.rescale and not row.rescaled_remix:
        message = f"`/{by}` of {row.title} does not rescale guidance"
        yield Limit(RESCALE.name, Refusal(message, f"leave `/{RESCALE.name}` out", is_limit=True))
    yield from _in_one_direction(plan, by)


def _in_one_direction(plan: Plan, by: str) -> Iterator[Limit]:
    is_several = len(plan.positive.branches) > 1 and plan.positive.combine == "and"
    if plan.arithmetic == DEFAULT and plan.guidance and (is_several or plan.guidance * _own_weight(plan) < 1):
        message = f"`/{by}` cannot pull in several directions yet, nor by a guidance below 1"
        refusal = Refusal(message, "write one prompt, and a guidance of 1 or more", is_limit=True)
        yield Limit(SEVERAL if is_several else GUIDANCE.name, refusal)


def _of_flow_image(plan: Plan, row: Family) -> Iterator[Limit]:
    """What the pipelines of transformers that start from a picture know less of than those that start from noise."""
    if plan.sampler in row.solvers:
        message = f"`/{REMIX}` of {row.title} does not draw with the sampler `{plan.sampler}`"
        yield Limit(SAMPLER.name, Refusal(message, f"write `/{SAMPLER.name}:k_euler`", is_limit=True))
    asked = {feature for feature, _ in _asked(plan, row)}
    sides: dict[str, PromptSide] = {CHANGING: "positive", CHANGING_BELOW: "negative"}
    for feature, side in sides.items():
        is_known = side in (row.remixing or ()) or ability(feature, row, plan.model.variant).limit
        if feature in asked and not is_known:
            message = f"`/{REMIX}` of {row.title} draws no prompt that changes between steps"
            yield Limit(feature, Refusal(message, "write one text for all steps", is_limit=True))


def _of_guidance(plan: Plan, row: Family) -> Iterator[Limit]:
    """Guidance between 0 and 1, which the pipelines of transformers take for none at all."""
    match guides(row, plan.model.variant):
        case Guides.BUILT_IN | Guides.EMBEDDED_ALONE:
            return
        case Guides.EMBEDDED:
            option, number = TRUE_CFG, plan.true_cfg or 1.0
        case Guides.CLASSIFIER_FREE:
            option, number = GUIDANCE, plan.guidance
    pull = number * _own_weight(plan)
    if number and pull < 1:
        message = f"guidance {pull:g} is below 1, which turns it off in models of {row.title}"
        yield Limit(option.name, Refusal(message, f"write `/{option.name}:1` or more", is_limit=True))


def _of_refiner(plan: Plan) -> Iterator[Limit]:
    """What no refiner finishes: it goes on in one direction, with what another model has begun."""
    if len(plan.positive.branches) > 1 or (plan.guidance and plan.guidance * _own_weight(plan) < 1):
        message = "a refiner cannot pull in several directions yet, nor by a guidance below 1"
        refusal = Refusal(message, "write one prompt and a guidance of 1 or more, or add `/nofix`", is_limit=True)
        yield Limit(SEVERAL if len(plan.positive.branches) > 1 else GUIDANCE.name, refusal)
    strength = strength_of(plan)
    if plan.image is not None and strength + BEGUN <= 1:
        message = f"strength {strength:g} leaves nothing to draw before the refiner"
        help = f"write a `/{STRENGTH.name}` above {1 - BEGUN:g}, or add `/nofix`"
        yield Limit(STRENGTH.name, Refusal(message, help))


def _own_weight(plan: Plan) -> float:
    """What guidance is multiplied by where there is one prompt."""
    branches = plan.positive.branches
    return branches[0].weight if plan.positive.combine == "and" and len(branches) == 1 else 1.0
