"""What `/hires`, `/mask`, `/control` and `/blend` cost beside the same calls made by hand in diffusers, in one run.

The bundled model draws, with a ControlNet and an adapter of random weights; by hand, everything is loaded and encoded
beforehand. Claims: the same pixels, and at most 5 % more time.
`python -m benchmarks.from_pictures [PAIRS] [OPTION...]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded, as in the other benchmarks

import diffusers
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file
from torch.nn.functional import interpolate

from benchmarks.render import PAIRS, Beside, row
from promptlang import compile
from promptlang.plans.blending import BESIDE
from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.encode import prompt_encoder
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime.test_blend import adapter_for, eyes
from tests.runtime.test_controls import net_for

PROMPT = "/render /parser:new /clipskip:2 /seed:11 /steps:12 /size:128x128 a large red circle on white [blue]"
MOST = 0.05
SHARE = 0.75  # of the steps, over a picture
START, MASK, NET, ADAPTER = "start.png", "mask.png", "net", "adapter.safetensors"

Calls = Callable[..., object]


def prepared(root: Path) -> LoadedModel:
    """The bundled model, with pictures, a ControlNet and an adapter for it in a folder."""
    (plan,) = compile(PROMPT).plans
    model = load(plan.model, device=torch.device("cpu"), dtype=torch.float32)
    Image.effect_mandelbrot((128, 128), (-2, -1, 1, 1), 40).convert("RGB").save(root / START)
    mask = Image.new("L", (128, 128))
    ImageDraw.Draw(mask).rectangle((64, 0, 127, 127), fill="white")
    mask.save(root / MASK)
    net_for("sd1", model.pipeline).save_pretrained(root / NET)
    save_file(adapter_for(model.pipeline), root / ADAPTER)
    eyes().save_pretrained(root / BESIDE)
    return model


def texts(model: LoadedModel, plan: Plan) -> Mapping[str, object]:
    """Both sides, encoded."""
    encoder = prompt_encoder(model.pipeline.text_encoder, weighting=plan.weighting, clip_skip=plan.clip_skip or 1)
    return {
        "prompt_embeds": encoder.embed(plan.positive.branches[0].segments[0].runs),
        "negative_prompt_embeds": encoder.embed(plan.negative.branches[0].segments[0].runs),
        "guidance_scale": plan.guidance,
    }


def caller(model: LoadedModel, kind: str, plan: Plan, **more: object) -> Calls:
    """A pipeline of diffusers of that kind with the model's parts, called as a plan says, its scheduler made anew."""
    made = getattr(diffusers, kind)(**model.pipeline.components, requires_safety_checker=False, **more)
    made.set_progress_bar_config(disable=True)
    told = texts(model, plan)

    def call(plan: Plan, **given: object) -> object:
        made.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
        noise = torch.Generator("cpu").manual_seed(plan.seed or 0)
        return made(**{"num_inference_steps": plan.steps, **told, **given}, generator=[noise]).images

    return call


def opened(path: str | None) -> Image.Image:
    """A picture of a file, as pipelines take it."""
    with Image.open(path or "") as picture:
        return picture.convert("RGB")


def hires(model: LoadedModel, root: Path, plan: Plan) -> Beside:
    """Text to latents, latents enlarged, and drawn over."""
    first, second = (caller(model, f"StableDiffusion{each}Pipeline", plan) for each in ("", "Img2Img"))
    plan = replace(plan, hires=1.5, hires_steps=6, hires_strength=0.5)

    def by_hand(plan: Plan) -> Image.Image:
        small = first(plan, width=128, height=128, output_type="latent")
        (picture,) = second(plan, image=interpolate(small, (24, 24), mode="bilinear"), strength=6.5 / 12)
        return picture

    return beside("/hires", plan, by_hand)


def mask(model: LoadedModel, root: Path, plan: Plan) -> Beside:
    """The white part of a picture, drawn anew."""
    call = caller(model, "StableDiffusionInpaintPipeline", plan)
    plan = replace(plan, command="remix", image=str(root / START), mask=str(root / MASK), strength=SHARE)

    def by_hand(plan: Plan) -> Image.Image:
        pair = {"image": opened(plan.image), "mask_image": opened(plan.mask).convert("L")}
        (picture,) = call(plan, **pair, strength=SHARE, width=128, height=128)
        return picture

    return beside("/mask", plan, by_hand)


def control(model: LoadedModel, root: Path, plan: Plan) -> Beside:
    """Held by a ControlNet."""
    net = diffusers.ControlNetModel.from_pretrained(root / NET)
    call = caller(model, "StableDiffusionControlNetPipeline", plan, controlnet=net)
    plan = replace(plan, control="map", control_net=str(root / NET), control_image=str(root / START))

    def by_hand(plan: Plan) -> Image.Image:
        (picture,) = call(plan, image=opened(plan.control_image), width=128, height=128)
        return picture

    return beside("/control", plan, by_hand)


def blend(model: LoadedModel, root: Path, plan: Plan) -> Beside:
    """With a picture in the prompt; by hand, a denoiser of its own has the adapter."""
    parts = {**model.pipeline.components, "unet": type(model.pipeline.unet).from_config(model.pipeline.unet.config)}
    parts["unet"].load_state_dict(model.pipeline.unet.state_dict())
    whole = diffusers.StableDiffusionPipeline(**parts, requires_safety_checker=False)
    whole.set_progress_bar_config(disable=True)
    whole.load_ip_adapter(str(root), subfolder="", weight_name=ADAPTER, image_encoder_folder=BESIDE)
    whole.set_ip_adapter_scale(0.5)
    told = texts(model, plan)
    plan = replace(plan, blend=str(root / START), blend_adapter=str(root / ADAPTER))

    def by_hand(plan: Plan) -> Image.Image:
        whole.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
        given = {"ip_adapter_image": opened(plan.blend), "width": 128, "height": 128, "num_inference_steps": plan.steps}
        noise = torch.Generator("cpu").manual_seed(plan.seed or 0)
        return whole(**told, **given, generator=[noise]).images[0]

    return beside("/blend", plan, by_hand)


def beside(name: str, plan: Plan, by_hand: Callable[[Plan], object]) -> Beside:
    """A row of the table."""
    return Beside(name=name, plan=plan, by_plan=lambda plan: render(plan, device="cpu")[0], by_hand=by_hand)


OPTIONS = {"hires": hires, "mask": mask, "control": control, "blend": blend}


def rows(pairs: int, names: Sequence[str]) -> Iterator[bool]:
    """A row for every option, or for those that are named."""
    with tempfile.TemporaryDirectory() as folder:
        model = prepared(Path(folder))
        (plan,) = compile(PROMPT).plans
        for make in (OPTIONS[name] for name in names or OPTIONS):
            yield row(make(model, Path(folder), plan), pairs, most=MOST)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    pairs = int(arguments[0]) if arguments else PAIRS
    print(f"{pairs} pairs, torch {torch.__version__}, {torch.get_num_threads()} thread, CPU milliseconds a picture")
    print(f"  option           plan   hand   median  quartiles           pixels   (claim: at most {MOST:.0%} more)")
    return 0 if all(list(rows(pairs, arguments[1:]))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
