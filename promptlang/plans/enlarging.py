"""The second pass of a picture: how large it is drawn, in how many steps, and from how much noise."""

from __future__ import annotations

from promptlang.plans.plan import Plan
from promptlang.tables.options.picture import DEFAULT_HIRES_STRENGTH
from promptlang.tables.upscalers import DEFAULT, UPSCALERS, Upscaler

WEBUI_MOST = 0.999  # its `sd_samplers_common.setup_img2img_steps` takes no more
_GRID = 8  # pixels of a latent


def drawn_size(plan: Plan) -> tuple[int, int]:
    """Width and height of the finished picture: those of the plan, or those that its second pass brings it to."""
    return plan.size if plan.hires is None else enlarged_size(plan.size, plan.hires)


def enlarged_size(size: tuple[int, int], times: float) -> tuple[int, int]:
    """Both sides so many times as long, in whole latents."""
    width, height = (int(side * times) // _GRID * _GRID for side in size)
    return width, height


def second_strength(plan: Plan) -> float:
    """How strongly the enlarged picture is drawn over."""
    return DEFAULT_HIRES_STRENGTH if plan.hires_strength is None else plan.hires_strength


def second_steps(plan: Plan) -> int:
    """How many steps are drawn over the enlarged picture: all that are asked for, else as many as before."""
    return plan.steps if plan.hires_steps is None else plan.hires_steps


def spaced_steps(plan: Plan) -> int:
    """Of how many steps these are the last, as stable-diffusion-webui counts them."""
    return int(second_steps(plan) / min(second_strength(plan), WEBUI_MOST))


def upscaler_of(plan: Plan) -> Upscaler:
    """What enlarges the picture in between."""
    return UPSCALERS[plan.hires_upscaler or DEFAULT]
