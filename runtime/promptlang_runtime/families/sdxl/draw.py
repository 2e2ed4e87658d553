"""Stable Diffusion XL: two CLIP encoders, classifier-free guidance, the denoiser told of summary and size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PIL import Image

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.sides import Sides, sides_of
from promptlang_runtime.drawing.pipelines import OnCall
from promptlang_runtime.drawing.unet import Over, unet_pictures
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sdxl.encode import are_zeroes, reader_of

UNMARKED = {"add_watermarker": False}
OVER = Over(
    whole="StableDiffusionXLImg2ImgPipeline",
    masked="StableDiffusionXLInpaintPipeline",
    held="StableDiffusionXLControlNetPipeline",
    held_over="StableDiffusionXLControlNetImg2ImgPipeline",
    given=UNMARKED,
)


def draw(model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]:
    """The pictures, drawn as one batch."""

    def read(plan: Plan) -> Sides:
        return sides_of(plan, reader_of(model, plan), zeroes=are_zeroes(model))

    refiner, finish = model.refiner, None
    if refiner and refiner.family.finish:
        finish = partial(refiner.family.finish, refiner, wanted[0].plan, inversions=model.inversions)
    config = model.scheduler_config
    return unet_pictures(
        model.pipeline, wanted, read, config=config, remix=OVER, on_call=on_call, finish=finish, control=model.control
    )
