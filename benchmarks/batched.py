"""What a run of many pictures costs beside diffusers called by hand, in one process and one thread.

A comparison of all 13 layers beside the one batch it could be, and 16 prompts from 4 seeds each beside a loop, with
the bundled model (the loop at half its size, where it takes 10 seconds) and texts read anew on both sides; pairs
alternate, so that a busy machine slows both alike. And 20 statements over three models with LoRAs, shuffled: how often
which file is read. Claims stand in the rows. `python -m benchmarks.batched [PAIRS]`; exits with 1 where one does not
hold. `--real` has only the 64 pictures beside a loop, drawn once by Stable Diffusion 1 in its real size with random
weights, two steps each, at a quarter of its size: a quarter of an hour. More steps only favour batches, since it is the
denoiser that gains by them, and decoding does not.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from promptlang import compile
from promptlang.plans.plan import Conditioning, Model, Network, Plan
from promptlang_runtime.conditioning.encode import PromptEncoder, prompt_encoder
from promptlang_runtime.executors import loading
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.loading import load
from promptlang_runtime.executors.single import Single
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models import parts, tensors
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job
from tests.runtime.pictures import low_rank, with_alpha
from tests.runtime.tiny import original_layout, tiny_pipeline

PAIRS = 7
STEPS, REAL_STEPS = 5, 2
LAYERS = (
    f"/compare /parser:new /seed:1 /steps:{STEPS} /guidance:5 /sampler:ddim /clipskip:1..13 <demo> a (red:1.2) star"
)
COLOURS, SHAPES = ("red", "green", "blue", "black"), ("circle", "square", "triangle", "star")
SEEDS = 4
SMALL, REAL = (64, 64), (128, 128)
"""The sizes of the 64 pictures: by the bundled model, and by one of real size."""
LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_q"

Draw = Callable[[], Sequence[Image.Image]]


def by_plans(plans: Sequence[Plan], *, device: str = "cpu") -> list[Image.Image]:
    """The pictures as a run draws them, in the order of the plans."""
    given = [Job(plan=plan, file=Path("a.prompt"), folder=Path(), place=place) for place, plan in enumerate(plans)]
    found: dict[tuple[int, int], Image.Image] = {}
    for batch, result in results(Single(Settings(device=device)), batches(given, device=device), set(), _silent):
        places = [(share.job.place, each) for share in batch for each in share.places]
        found |= dict(zip(places, result.pictures, strict=True))
    return [found[place] for place in sorted(found)]


def _silent(pictures: int, done: int, total: int) -> None:
    """Nobody looks."""


def by_hand(model: LoadedModel, plans: Sequence[Plan]) -> list[Image.Image]:
    """One batch of diffusers' pipeline for plans that differ in text, layer and seed alone."""
    first = plans[0]
    pipeline = model.pipeline
    pipeline.scheduler = scheduler_of(first.sampler, schedule=first.schedule, config=model.scheduler_config)
    readers = [
        prompt_encoder(pipeline.text_encoder, weighting=each.weighting, clip_skip=each.clip_skip or 1) for each in plans
    ]
    return pipeline(
        prompt_embeds=_embedded(readers, [each.positive for each in plans]),
        negative_prompt_embeds=_embedded(readers, [each.negative for each in plans]),
        num_inference_steps=first.steps,
        guidance_scale=first.guidance,
        width=first.size[0],
        height=first.size[1],
        generator=[torch.Generator("cpu").manual_seed(each.seed or 0) for each in plans],
    ).images


def _embedded(readers: Sequence[PromptEncoder], sides: Sequence[Conditioning]) -> torch.Tensor:
    runs = (side.branches[0].segments[0].runs for side in sides)
    return torch.cat([reader.embed(each) for reader, each in zip(readers, runs, strict=True)])


def beside(name: str, ours: Draw, theirs: Draw, pairs: int, most: float) -> bool:
    """Measure and print one row; the claim is on the median of the ratios of CPU seconds."""
    apart = max(
        int(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max())
        for one, other in zip(ours(), theirs(), strict=True)
    )
    ratios: list[float] = []
    for pair in range(pairs):
        took = {draw: _seconds(draw) for draw in ((ours, theirs) if pair % 2 else (theirs, ours))}
        ratios.append(took[ours] / took[theirs])
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(
        f"  {name:<44} {middle:5.2f} of its time, {low:.2f} to {high:.2f}  (claim: at most {most:.2f});"
        f" pixels {apart} of 255 apart",
        flush=True,
    )
    return middle <= most and apart <= 1


def _seconds(draw: Draw) -> float:
    began = time.process_time()
    draw()
    return time.process_time() - began


def rows(pairs: int) -> list[bool]:
    """Both rows beside diffusers."""
    layers = compile(LAYERS).plans
    model = load(layers[0].model, device=torch.device("cpu"), dtype=torch.float32)
    many = _sixty_four(STEPS, SMALL)

    def anew(plans: Sequence[Plan]) -> list[Image.Image]:
        model.encoded.clear()
        return by_plans(plans)

    def looped() -> list[Image.Image]:
        return [picture for plan in many for picture in by_hand(model, [plan])]

    first = beside("13 layers, beside one batch", lambda: anew(layers), lambda: by_hand(model, layers), pairs, 1.10)
    second = beside("16 prompts x 4 seeds, beside a loop", lambda: anew(many), looped, max(3, pairs // 2), 1 / 3)
    return [first, second]


def _sixty_four(steps: int, size: tuple[int, int]) -> list[Plan]:
    """16 prompts, each from 4 seeds."""
    return [
        replace(plan, seed=seed, images=1, size=size)
        for text in (f"a {colour} {shape}" for colour in COLOURS for shape in SHAPES)
        for plan in compile(f"/render /steps:{steps} /sampler:ddim {text}").plans
        for seed in range(SEEDS)
    ]


def in_real_size() -> bool:
    """The same 64 by a model as large as people have them."""
    from benchmarks.on_gpu import sd1

    with tempfile.TemporaryDirectory() as folder:
        sd1().save_pretrained(folder)
        place = Model(name="sd1", family="sd1", path=folder)
        many = [replace(plan, model=place) for plan in _sixty_four(REAL_STEPS, REAL)]
        model = load(place, device=torch.device("cpu"), dtype=torch.float32)
        theirs = _seconds(lambda: [picture for plan in many for picture in by_hand(model, [plan])])
        model.encoded.clear()
        ours = _seconds(lambda: by_plans(many))
    print(f"  16 prompts x 4 seeds, real size, beside a loop: {ours:.0f} and {theirs:.0f} s  (claim: at most 1 / 1.3)")
    return ours <= theirs / 1.3


def files_read() -> bool:
    """Twenty statements over three models with two LoRAs, in no order: each file is read once."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as patched:
        plans = _shuffled(Path(folder))
        read: Counter[str] = Counter()
        original = tensors.load_tensors

        def counting(path: Path) -> dict[str, torch.Tensor]:
            read[path.name] += 1
            return original(path)

        for module in (tensors, loading, parts):
            patched.enter_context(patch.object(module, "load_tensors", counting))
        pictures = by_plans(plans)
    times = ", ".join(f"{name} {count}" for name, count in sorted(read.items()))
    print(f"  {len(pictures)} statements over 3 models with 2 LoRAs, shuffled: {times}  (claim: each file once)")
    return len(pictures) == len(plans) and set(read.values()) == {1} and len(read) == 5


def _shuffled(folder: Path) -> list[Plan]:
    models: list[Model] = []
    for number in range(3):
        path = folder / f"model-{number}.safetensors"
        save_file(original_layout(tiny_pipeline(number)), path)
        models.append(Model(name=f"model-{number}", family="sd1", path=str(path)))
    layer = tiny_pipeline().unet.down_blocks[0].attentions[0].transformer_blocks[0].attn2.to_q
    networks: list[Network] = []
    for name in ("ink", "oil"):
        path = folder / f"{name}.safetensors"
        save_file(with_alpha(low_rank({LAYER: layer})), path)
        networks.append(Network(name=name, kind="lora", weight=0.5, path=str(path)))
    (plain,) = compile("/render /steps:2 /seed:3 /size:64x64 /sampler:ddim a cow").plans
    plans = [
        replace(plain, seed=number, model=models[number % 3], networks=tuple(networks[: number % 2 + number // 10]))
        for number in range(20)
    ]
    random.Random(4).shuffle(plans)
    return plans


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    if "--real" in arguments:
        return 0 if in_real_size() else 1
    pairs = int(arguments[0]) if arguments else PAIRS
    print(f"{pairs} pairs, torch {torch.__version__}, {torch.get_num_threads()} thread, CPU seconds")
    return 0 if all([files_read(), *rows(pairs)]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
