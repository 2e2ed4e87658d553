"""What a plan costs beside diffusers called by hand on a GPU: Stable Diffusion 1 and XL at their real size.

The weights are random and in half precision, since time does not depend on what is drawn. One picture beside the
pipeline, as it is and with its denoiser compiled; a comparison of 13 layers beside the one batch it could be; 64
pictures beside a loop. Both sides read texts anew and take turns. `python -m benchmarks.on_gpu [PAIRS] [ROW...]`;
exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from benchmarks.batched import COLOURS, SEEDS, SHAPES, by_plans
from benchmarks.render import by_pipeline, planned
from promptlang import compile
from promptlang.plans.plan import Model, Plan
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.family import LoadedModel
from tests.runtime.pictures import embeddings

PAIRS = 5
STEPS = 20
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
CLIP = {"vocab_size": 49408, "bos_token_id": 49406, "eos_token_id": 49407}
DEVICE, DTYPE = "cuda", torch.float16

Draw = Callable[[int], Sequence[Image.Image]]
"""Pictures from a seed."""


def clip_l() -> CLIPTextConfig:
    """The text encoder of both models."""
    return CLIPTextConfig(
        **CLIP, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        hidden_act="quick_gelu", projection_dim=768,
    )  # fmt: skip


def autoencoder(scale: float) -> AutoencoderKL:
    """The VAE of both models."""
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, scaling_factor=scale,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, force_upcast=False,
    )  # fmt: skip


def sd1() -> DiffusionPipeline:
    """Stable Diffusion 1: 860 million numbers in the denoiser."""
    return StableDiffusionPipeline(
        vae=autoencoder(0.18215),
        text_encoder=CLIPTextModel(clip_l()),
        tokenizer=None,
        unet=UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8),
        scheduler=DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl() -> DiffusionPipeline:
    """Stable Diffusion XL: 2.6 billion."""
    second = CLIPTextConfig(
        **CLIP, hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20,
        hidden_act="gelu", projection_dim=1280,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        vae=autoencoder(0.13025),
        text_encoder=CLIPTextModel(clip_l()),
        text_encoder_2=CLIPTextModelWithProjection(second),
        tokenizer=None,
        tokenizer_2=None,
        unet=UNet2DConditionModel(
            sample_size=128, block_out_channels=(320, 640, 1280), cross_attention_dim=2048,
            attention_head_dim=(5, 10, 20), use_linear_projection=True, transformer_layers_per_block=(1, 2, 10),
            addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=EulerDiscreteScheduler(**BETAS, timestep_spacing="leading"),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )  # fmt: skip


BUILDS: Mapping[str, tuple[Callable[[], DiffusionPipeline], int]] = {"sd1": (sd1, 512), "sdxl": (sdxl, 1024)}
"""How each is built, and the side of its pictures in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A model in a folder, and one plan for it."""

    name: str
    model: LoadedModel
    plan: Plan


def written(name: str, folder: str) -> Written:
    """The model as a user has it: saved, and opened by us."""
    build, side = BUILDS[name]
    before = torch.get_default_dtype()
    torch.set_default_dtype(DTYPE)
    try:
        with torch.device(DEVICE):
            pipeline = build()
    finally:
        torch.set_default_dtype(before)
    pipeline.save_pretrained(folder)
    del pipeline
    torch.cuda.empty_cache()
    place = Model(name=name, family=name, path=folder)
    plan = replace(planned(place, "ddim" if name == "sd1" else "k_euler"), steps=STEPS, size=(side, side))
    began = time.perf_counter()
    model = load(place, device=torch.device(DEVICE), dtype=DTYPE)
    print(f"  {name}: opened in {time.perf_counter() - began:.1f} s")
    return Written(name=name, model=model, plan=plan)


def by_hand(model: LoadedModel, plans: Sequence[Plan]) -> Sequence[Image.Image]:
    """One batch of the diffusers pipeline, of plans that differ in text, layer and seed alone."""
    first = plans[0]
    model.encoded.clear()
    said = [embeddings(plan, model) for plan in plans]
    told = {name: torch.cat([each[name] for each in said]) for name in said[0]}
    return by_pipeline(model, first, **told, latents=noise(first.size, [each.seed or 0 for each in plans]))


def noise(size: tuple[int, int], seeds: Sequence[int]) -> torch.Tensor:
    """What both sides begin with; in half precision diffusers would draw other numbers than on the CPU."""
    shape = 1, 4, size[1] // 8, size[0] // 8
    rows = [torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed)) for seed in seeds]
    return torch.cat(rows).to(device=DEVICE, dtype=DTYPE)


def by_plan(model: LoadedModel, plan: Plan) -> Sequence[Image.Image]:
    """The picture of a plan, its texts read anew."""
    model.encoded.clear()
    return render(plan, device=DEVICE)


def ran(model: LoadedModel, plans: Sequence[Plan]) -> Sequence[Image.Image]:
    """The pictures as a run draws them."""
    model.encoded.clear()
    return by_plans(plans, device=DEVICE)


def beside(name: str, ours: Draw, theirs: Draw, pairs: int, most: float) -> bool:
    """Measure and print one row; the claim is on the median of the ratios of seconds."""
    both = zip(ours(0), theirs(0), strict=True)
    apart = max(int(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max()) for one, other in both)
    took: dict[Draw, list[float]] = {ours: [], theirs: []}
    for pair in range(pairs):
        for draw in (ours, theirs) if pair % 2 else (theirs, ours):
            torch.cuda.synchronize()
            began = time.perf_counter()
            draw(pair)
            torch.cuda.synchronize()
            took[draw].append(time.perf_counter() - began)
    ratios = [one / other for one, other in zip(took[ours], took[theirs], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    one, other = (statistics.median(took[draw]) for draw in (ours, theirs))
    print(
        f"  {name:<46} {one:7.3f} {other:7.3f} s  {middle:5.3f}  {low:.3f} to {high:.3f}"
        f"  (claim: at most {most:.2f}); {apart} of 255 apart",
        flush=True,
    )
    return middle <= most


def rows(name: str, pairs: int) -> list[bool]:
    """The rows of one model."""
    with tempfile.TemporaryDirectory() as folder:
        found = written(name, folder)
        model, plan = found.model, found.plan

        def one(how: str) -> bool:
            return beside(
                f"{name}, one picture, {how}",
                lambda seed: by_plan(model, replace(plan, seed=seed)),
                lambda seed: by_hand(model, [replace(plan, seed=seed)]),
                pairs,
                1.03,
            )

        kept = [one(f"{STEPS} steps")]
        if name == "sd1":
            layers = [replace(plan, clip_skip=layer) for layer in range(1, 13)]
            kept.append(
                beside(
                    "sd1, 12 layers, beside one batch",
                    lambda seed: ran(model, [replace(each, seed=seed) for each in layers]),
                    lambda seed: by_hand(model, [replace(each, seed=seed) for each in layers]),
                    max(3, pairs // 2),
                    1.10,
                )
            )
            texts = [f"a {colour} {shape}" for colour in COLOURS for shape in SHAPES]
            sides = [compile(f"/render {text}").plans[0].positive for text in texts]
            many = [replace(plan, positive=side, seed=seed, steps=8) for side in sides for seed in range(SEEDS)]
            kept.append(
                beside(
                    "sd1, 16 prompts x 4 seeds, beside a loop",
                    lambda seed: ran(model, many),
                    lambda seed: [picture for each in many for picture in by_hand(model, [each])],
                    2,
                    1 / 3,
                )
            )
        model.pipeline.unet.to(memory_format=torch.channels_last)
        model.pipeline.unet.compile()  # in place, for both sides
        kept.append(one("denoiser compiled"))
    return kept


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    if not torch.cuda.is_available():
        print("there is no CUDA device")
        return 0
    pairs = int(arguments[0]) if arguments else PAIRS
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {pairs} pairs, seconds of ours and by hand")
    kept = [each for name in arguments[1:] or BUILDS for each in rows(name, pairs)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
