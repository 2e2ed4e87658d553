"""What a plan asks of its family that nothing here draws: asked by a dry run and by the renderer, of every plan."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.meaning.drawing import Refusal
from promptlang.plans.plan import Plan
from promptlang.tables.models.abilities import Ability, ability, guides
from promptlang.tables.models.families import family, near_size
from promptlang.tables.models.family import Family, Guides


def plan_refusal(plan: Plan) -> Refusal | None:
    """Why the plan is not drawn with a model of its family; None where nothing speaks against it."""
    row = family(plan.model.family)
    if not row.rendered:
        return None
    return size_refusal(row, plan.size) or next(_refused(plan, row), None)


def size_refusal(row: Family, size: tuple[int, int]) -> Refusal | None:
    """Why no picture of the family has that size; None where some have."""
    width, height = size
    if not any(side % row.multiple for side in size):
        return None
    near = "x".join(map(str, near_size(row, size)))
    message = f"{width}x{height} is no size of {row.title}: both sides must be multiples of {row.multiple}"
    return Refusal(message, f"write `/size:{near}`")


def remix_refusal(row: Family, *, rescale: bool, guidance: float, several: bool) -> Refusal | None:
    """Why a picture is not started from with these besides; None where it is."""
    if rescale and not row.rescaled_remix:
        return Refusal(f"`/remix` of {row.title} does not rescale guidance", "leave `/rescale` out", is_limit=True)
    if several or 0 < guidance < 1:
        help = "write one prompt, and a guidance of 1 or more"
        return Refusal("`/remix` cannot pull in several directions yet", help, is_limit=True)
    return None


def ability_refusal(row: Family, found: Ability, what: str) -> Refusal | None:
    """Why what is asked for is not drawn with the family; None where it is."""
    if found.limit:
        return Refusal(found.limit, f"leave {what} out, or use a model of another family", is_limit=True)
    if not found.acts:
        return Refusal(f"{what} cannot be rendered with models of {row.title}", f"leave {what} out", is_limit=True)
    return None


def _refused(plan: Plan, row: Family) -> Iterator[Refusal]:
    for feature, what in _asked(plan, row):
        if refusal := ability_refusal(row, ability(feature, row, plan.model.variant), what):
            yield refusal
    if plan.image is not None:
        several = len(plan.positive.branches) > 1 and plan.positive.combine == "and"
        if refusal := remix_refusal(row, rescale=bool(plan.rescale), guidance=plan.guidance, several=several):
            yield refusal


def _asked(plan: Plan, row: Family) -> Iterator[tuple[str, str]]:
    """The features that the plan asks for, each with how it is called."""
    kinds = {each.kind: f"<{each.name}>" for each in plan.networks}
    is_below = reads_negative(plan, row)
    asked = {
        ("remix", "`/remix`"): plan.image is not None,
        ("rescale", "`/rescale`"): bool(plan.rescale),
        ("freeu", "`/freeu`"): plan.freeu is not None,
        ("vae", "another VAE"): plan.vae is not None or "vae" in kinds,
        ("inversion", f"the textual inversion {kinds.get('inversion')}"): "inversion" in kinds,
        ("several", "all but one prompt"): len(plan.positive.branches) > 1
        or (is_below and len(plan.negative.branches) > 1),
        ("schedules", "the change"): any(len(each.segments) > 1 for each in plan.positive.branches),
        ("schedules-below", "the change"): is_below and any(len(each.segments) > 1 for each in plan.negative.branches),
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
