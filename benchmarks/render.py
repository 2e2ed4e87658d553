"""What a plan costs beside the same call made by hand in diffusers, for every family that is drawn, in one run.

The bundled model is given embeddings that were made beforehand; tiny random models of the other families read the
texts anew on both sides. Pairs alternate, so that a busy machine slows both alike. Claims: the same pixels, and at most
3 % more time. `python -m benchmarks.render [PAIRS] [FAMILY...]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL import Image

from promptlang import compile
from promptlang.plans.plan import Model, Plan
from promptlang_runtime.conditioning.encode import prompt_encoder
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import language, test_sd2, test_sdxl, tiny, tiny_language
from tests.runtime.pictures import opened
from tests.runtime.test_language import GUIDANCE, KINDS, Kind, called, plainly

PROMPT = "/render /parser:new /clipskip:2 /seed:11 /steps:20 /size:128x128 a (large:1.2) red circle on white [blue]"
STEPS, SIDE = 8, 64
PAIRS = 25
MOST = 0.03

Draw = Callable[[Plan], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One plan, and how a picture is drawn by it and by hand."""

    name: str
    plan: Plan
    by_plan: Draw
    by_hand: Draw


def bundled() -> Beside:
    """The model of `<demo>`; by hand, nothing is encoded."""
    (plan,) = compile(PROMPT).plans
    model = load(plan.model, device=torch.device("cpu"), dtype=torch.float32)
    encoder = prompt_encoder(model.pipeline.text_encoder, weighting=plan.weighting, clip_skip=plan.clip_skip or 1)
    positive = encoder.embed(plan.positive.branches[0].segments[0].runs)
    negative = encoder.embed(plan.negative.branches[0].segments[0].runs)

    def by_hand(plan: Plan) -> Image.Image:
        told = {"prompt_embeds": positive, "negative_prompt_embeds": negative}
        return by_pipeline(model, plan, **told, generator=noise(plan))[0]

    return Beside(name="sd1, bundled", plan=plan, by_plan=lambda plan: render(plan, device="cpu")[0], by_hand=by_hand)


def of_family(kind: Kind, folder: str) -> Beside:
    """A tiny random model of a family, in a folder; whoever draws reads the texts."""
    pipeline = kind.build()
    pipeline.save_pretrained(folder)
    # Tensors that were never in a file lie elsewhere in memory, which is enough for another last bit.
    networks = {name: part for name, part in pipeline.components.items() if isinstance(part, torch.nn.Module)}
    read = {name: type(part).from_pretrained(f"{folder}/{name}") for name, part in networks.items()}
    pipeline.register_modules(**read)
    plan = planned(Model(name="tiny", family=kind.name, path=folder, variant=kind.variant), kind.sampler)

    def by_hand(plan: Plan) -> Image.Image:
        return called(plan, pipeline=pipeline, **kind.guided(pipeline, GUIDANCE, language.BAD))[0]

    name = kind.name if not kind.variant else f"{kind.name} {kind.variant}"
    return Beside(name=name, plan=plan, by_plan=anew(plan.model), by_hand=by_hand)


def of_unet(name: str, folder: str) -> Beside:
    """A tiny random model with a UNet, in a folder; by hand, transformers reads the texts."""
    build, embedded = UNETS[name]
    build().save_pretrained(folder)
    plan = planned(Model(name="tiny", family=name, path=folder), "dpm2m")
    model = opened(plan)

    def by_hand(plan: Plan) -> Image.Image:
        return by_pipeline(model, plan, **embedded(model.pipeline), generator=noise(plan))[0]

    return Beside(name=name, plan=plan, by_plan=anew(plan.model), by_hand=by_hand)


def by_pipeline(model: LoadedModel, plan: Plan, **told: object) -> Sequence[Image.Image]:
    """The pictures of the pipeline of diffusers, with a plan's settings; `told` is what it reads and begins with."""
    pipeline = model.pipeline
    pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    return pipeline(
        **told,
        num_inference_steps=plan.steps,
        guidance_scale=plan.guidance,
        width=plan.size[0],
        height=plan.size[1],
    ).images


def noise(plan: Plan) -> torch.Generator:
    """Where a plan's noise comes from."""
    return torch.Generator("cpu").manual_seed(plan.seed or 0)


def states_of_sd2(pipeline: object) -> Mapping[str, object]:
    """What the model's one encoder makes of both texts."""
    positive, negative = (test_sd2.encoded_by_hand(pipeline, text) for text in (language.RED, language.BAD))
    return {"prompt_embeds": positive, "negative_prompt_embeds": negative}


UNETS: Mapping[str, tuple[Callable[[], DiffusionPipeline], Callable[[object], Mapping[str, object]]]] = {
    "sd2": (tiny.tiny_sd2, states_of_sd2),
    "sdxl": (tiny.tiny_sdxl, lambda pipeline: test_sdxl.embeds(pipeline, language.RED, language.BAD)),
}


def planned(model: Model, sampler: str) -> Plan:
    """The same picture of every family."""
    return Plan(
        command="render",
        model=model,
        positive=language.saying(language.RED),
        negative=language.saying(language.BAD),
        weighting="a1111",
        clip_skip=None,
        sampler=sampler,
        steps=STEPS,
        guidance=GUIDANCE,
        size=(SIDE, SIDE),
        images=1,
        seed=1,
    )


def anew(model: Model) -> Draw:
    """Draws plans for a model, whose texts are read anew for each picture."""
    loaded = load(model, device=torch.device("cpu"), dtype=torch.float32)

    def by_plan(plan: Plan) -> Image.Image:
        loaded.encoded.clear()
        return render(plan, device="cpu")[0]

    return by_plan


def kinds() -> Iterator[Kind]:
    """The families that read texts themselves."""
    yield from KINDS
    yield Kind(name="chroma", build=tiny_language.chroma, layer="", guided=plainly, unguided={})
    yield Kind(name="sd3", build=tiny_language.sd3, layer="", guided=plainly, unguided={})
    for name, build in (("flux", tiny_language.flux), ("flux2", tiny_language.flux2_dev)):
        yield Kind(name=name, build=build, layer="", guided=embedded, unguided={}, variant="dev")


def embedded(pipeline: object, number: float, negative: str) -> Mapping[str, object]:
    """Guidance as an input of the model, which no negative prompt goes with."""
    return {"guidance_scale": number}


def seconds(draw: Draw, plan: Plan) -> float:
    """CPU seconds of this process for one picture; other processes do not count."""
    began = time.process_time()
    draw(plan)
    return time.process_time() - began


def row(beside: Beside, pairs: int, *, most: float = MOST) -> bool:
    """Measure and print one row, and say whether the claims hold."""
    by_plan, by_hand = beside.by_plan, beside.by_hand
    same = np.array_equal(np.asarray(by_plan(beside.plan)), np.asarray(by_hand(beside.plan)))
    times: dict[Draw, list[float]] = {by_plan: [], by_hand: []}
    for pair in range(pairs):
        turn = replace(beside.plan, seed=pair)
        for draw in (by_plan, by_hand) if pair % 2 else (by_hand, by_plan):
            times[draw].append(seconds(draw, turn))
    ratios = [ours / theirs - 1 for ours, theirs in zip(times[by_plan], times[by_hand], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    plain, hand = (1000 * statistics.median(times[draw]) for draw in (by_plan, by_hand))
    print(
        f"  {beside.name:<14} {plain:6.0f} {hand:6.0f}   {middle:+6.1%}  {low:+6.1%} to {high:+6.1%}"
        f"   {'the same' if same else 'DIFFERENT'}",
        flush=True,
    )
    return same and middle <= most


def rows(pairs: int, names: Sequence[str]) -> Iterator[bool]:
    """A row for every family, or for those that are named."""
    if not names or "sd1" in names:
        yield row(bundled(), pairs)
    builds = [(name, partial(of_unet, name)) for name in UNETS]
    builds += [(kind.name, partial(of_family, kind)) for kind in kinds()]
    for name, build in builds:
        if not names or name in names:
            with tempfile.TemporaryDirectory() as folder:
                yield row(build(folder), pairs)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    pairs = int(arguments[0]) if arguments else PAIRS
    print(f"{pairs} pairs, torch {torch.__version__}, {torch.get_num_threads()} thread, CPU milliseconds a picture")
    print(f"  family           plan   hand   median  quartiles           pixels   (claim: at most {MOST:.0%} more)")
    return 0 if all(list(rows(pairs, arguments[1:]))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
