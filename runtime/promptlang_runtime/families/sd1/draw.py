"""Stable Diffusion 1: one CLIP encoder, classifier-free guidance."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.sides import Sides, sides_of
from promptlang_runtime.drawing.pipelines import OnCall
from promptlang_runtime.drawing.unet import Over, unet_pictures
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sd1.encode import encoder_of

OVER = Over(
    whole="StableDiffusionImg2ImgPipeline",
    masked="StableDiffusionInpaintPipeline",
    held="StableDiffusionControlNetPipeline",
    held_over="StableDiffusionControlNetImg2ImgPipeline",
    given={"requires_safety_checker": False},
)


def draw(model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]:
    """The pictures, drawn as one batch."""

    def read(plan: Plan) -> Sides:
        return sides_of(plan, encoder_of(model, plan).reader)

    return unet_pictures(
        model.pipeline, wanted, read, config=model.scheduler_config, remix=OVER, on_call=on_call, control=model.control
    )
