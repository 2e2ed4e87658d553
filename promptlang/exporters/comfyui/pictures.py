"""What else a plan's picture is made of, as nodes: a picture to draw over, its mask, a ControlNet, a second pass."""

from __future__ import annotations

from pathlib import Path

from promptlang.exporters.comfyui.graph import TITLE, Graph, Output
from promptlang.exporters.numbers import number
from promptlang.plans.controlling import control_shares, control_strength
from promptlang.plans.enlarging import drawn_size, second_steps, second_strength, upscaler_of
from promptlang.plans.plan import Plan
from promptlang.tables.models.family import INPAINTING, variant_names
from promptlang.values import dataclass

_LOW, _HIGH = 0.4, 0.8  # what ComfyUI's node begins with, and nearly what we find edges by


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a sampler begins with: a latent picture, and both sides of the prompt, which may show the picture too."""

    latent: Output
    positive: Output
    negative: Output


def begun(made: Graph, plan: Plan, empty: str, vae: Output, positive: Output, negative: Output) -> Start:
    """An empty latent picture from the node `empty`, or one that is drawn over, all of it or by a mask."""
    if not plan.image:
        latent = made.add(empty, width=plan.size[0], height=plan.size[1], batch_size=plan.images)
        return Start(latent=latent, positive=positive, negative=negative)
    pixels = _fitted(made, plan, plan.image)
    mask = None
    if plan.mask:
        mask = made.add("ImageToMask", image=_fitted(made, plan, plan.mask), channel="red")
    if mask and INPAINTING in variant_names(plan.model.variant):
        sides = made.add(
            "InpaintModelConditioning",
            positive=positive,
            negative=negative,
            vae=vae,
            pixels=pixels,
            mask=mask,
            noise_mask=True,
        )
        latent = _repeated(made, plan, [sides[0], 2])
        return Start(latent=latent, positive=sides, negative=[sides[0], 1])
    latent = _repeated(made, plan, made.add("VAEEncode", pixels=pixels, vae=vae))
    if mask:
        latent = made.add("SetLatentNoiseMask", samples=latent, mask=mask)
    return Start(latent=latent, positive=positive, negative=negative)


def held(made: Graph, plan: Plan, positive: Output, negative: Output, vae: Output) -> tuple[Output, Output]:
    """Both sides of the prompt behind the ControlNet that holds the picture."""
    if plan.control is None or not plan.control_net or not plan.control_image:
        return positive, negative
    image = _fitted(made, plan, plan.control_image)
    if plan.control == "canny":
        image = made.add("Canny", image=image, low_threshold=_LOW, high_threshold=_HIGH)
        made.remarks.append(f"{TITLE} finds edges by a program of its own, so a few of them differ")
    start, end = control_shares(plan)
    both = made.add(
        "ControlNetApplyAdvanced",
        positive=positive,
        negative=negative,
        control_net=made.add("ControlNetLoader", control_net_name=Path(plan.control_net).name),
        image=image,
        vae=vae,
        strength=number(control_strength(plan)),
        start_percent=number(start),
        end_percent=number(end),
    )
    return both, [both[0], 1]


def twice(made: Graph, plan: Plan, drawn: Output, vae: Output, settings: dict[str, object]) -> Output:
    """What was drawn, enlarged and drawn over with the same settings."""
    row, (width, height) = upscaler_of(plan), drawn_size(plan)
    if not row.comfy:
        made.remarks.append(f"{TITLE} has no upscaler `{row.name}`: the nearest one stands in its place")
    size = {"width": width, "height": height, "crop": "disabled"}
    method = row.comfy or ("nearest-exact" if row.method == "nearest" else row.method)
    if row.of == "latents":
        larger = made.add("LatentUpscale", samples=drawn, upscale_method=method, **size)
    else:
        pixels = made.add("VAEDecode", samples=drawn, vae=vae)
        larger = made.add("ImageScale", image=pixels, upscale_method=method, **size)
        larger = made.add("VAEEncode", pixels=larger, vae=vae)
    return made.add(
        "KSampler",
        **settings,
        latent_image=larger,
        steps=second_steps(plan),
        denoise=number(second_strength(plan)),
    )


def _fitted(made: Graph, plan: Plan, path: str) -> Output:
    """A picture, cropped to the shape that is drawn and brought to its size."""
    width, height = plan.size
    loaded = made.add("LoadImage", image=path)
    return made.add("ImageScale", image=loaded, upscale_method="lanczos", width=width, height=height, crop="center")


def _repeated(made: Graph, plan: Plan, latent: Output) -> Output:
    """As many as the plan has pictures."""
    return made.add("RepeatLatentBatch", samples=latent, amount=plan.images) if plan.images > 1 else latent
