"""How much of a picture is drawn when it starts from an image."""

from __future__ import annotations

from promptlang.plans.enlarging import WEBUI_MOST, second_steps, spaced_steps
from promptlang.plans.plan import Plan
from promptlang.plans.refining import calls_again
from promptlang.tables.arithmetics import WEBUI, arithmetic, calls
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.models.families import family
from promptlang.tables.models.family import Family
from promptlang.tables.options.picture import DEFAULT_STRENGTH
from promptlang.tables.samplers import sampler

_COMFY_WHOLE = 0.9999  # from which ComfyUI draws a picture anew


def strength_of(plan: Plan) -> float:
    """How strongly the image is drawn over."""
    return DEFAULT_STRENGTH if plan.strength is None else plan.strength


def calls_of(plan: Plan) -> int:
    """How often the denoiser is called for a picture, whether it starts from an image or from noise, in both passes.

    With a refiner it is the most it may be (`calls_again`).
    """
    begun = _calls(plan, plan.steps) if plan.image is None else _calls(plan, steps_of(plan), of=spacing_of(plan))
    return begun + _second_calls(plan) + calls_again(plan)


def _second_calls(plan: Plan) -> int:
    """How often the denoiser is called for the second pass."""
    return 0 if plan.hires is None else _calls(plan, second_steps(plan), of=spaced_steps(plan))


def _calls(plan: Plan, steps: int, *, of: int | None = None) -> int:
    """How often it is for so many steps, or the last of so many over a picture; once each with an unknown sampler."""
    row = sampler(plan.sampler)
    return calls(row, plan.arithmetic, steps, schedule=plan.schedule, of=of) if row else steps


def steps_of(plan: Plan) -> int:
    """How many steps of a plan are drawn over its image."""
    return steps_left(plan.steps, strength_of(plan), plan.dialect, family(plan.model.family), plan.arithmetic)


def share_of(plan: Plan) -> float:
    """The strength that a pipeline is told, so that it draws as many steps as the statement's owner."""
    if not DIALECTS[plan.dialect].extra_remix_step:
        return strength_of(plan)
    half = 0.5 if family(plan.model.family).is_unet else -0.5  # of a step: it rounds the product down, or up
    left = steps_of(plan)
    return 1.0 if left == plan.steps else (left + half) / plan.steps


def spacing_of(plan: Plan) -> int:
    """Of how many steps those over an image are the last, in the arithmetic of a program."""
    if not arithmetic(plan.arithmetic).whole_remix or strength_of(plan) > _COMFY_WHOLE:
        return plan.steps
    return int(plan.steps / strength_of(plan))


def steps_left(steps: int, strength: float, dialect: str, row: Family, whose: str) -> int:
    """How many of the steps, the last ones, are drawn over the image.

    The pipelines of UNets leave a step out that the strength reaches in part, those of transformers draw it. Steps in
    a prompt go on counting from the first of these, in stable-diffusion-webui and here: its denoiser counts its own
    calls, and fractions are of all steps. In the arithmetic of ComfyUI all steps are drawn, closer to each other.
    """
    if arithmetic(whose).whole_remix:
        return steps if strength else 0
    if DIALECTS[dialect].extra_remix_step or whose == WEBUI.name:
        return int(min(strength, WEBUI_MOST) * steps) + 1
    return min(int(steps * strength), steps) if row.is_unet else steps - int(max(steps - steps * strength, 0))
