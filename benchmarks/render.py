"""What a plan costs beside the same call made by hand in diffusers with the same embeddings, in one run.

Both draw the bundled model; pairs alternate, so that a busy machine slows both alike. Claims: the same pixels, and at
most 3 % more time. `python benchmarks/render.py [PAIRS]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from PIL import Image

from promptlang import compile
from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.encode import prompt_encoder
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.models.schedulers import scheduler_of

PROMPT = "/render /parser:new /clipskip:2 /seed:11 /steps:20 /size:128x128 a (large:1.2) red circle on white [blue]"
PAIRS = 25
MOST = 0.03

Draw = Callable[[Plan], Image.Image]


def by_plan(plan: Plan) -> Image.Image:
    """From the plan to the picture: encoding, sampler, noise, drawing."""
    return render(plan, device="cpu")[0]


def by_hand(plan: Plan) -> Draw:
    """The call of diffusers; the embeddings are made beforehand and are not timed."""
    model = load(plan.model, device=torch.device("cpu"), dtype=torch.float32)
    encoder = prompt_encoder(model.pipeline.text_encoder, weighting=plan.weighting, clip_skip=plan.clip_skip or 1)
    positive = encoder.embed(plan.positive.branches[0].segments[0].runs)
    negative = encoder.embed(plan.negative.branches[0].segments[0].runs)

    def draw(plan: Plan) -> Image.Image:
        model.pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
        return model.pipeline(
            prompt_embeds=positive,
            negative_prompt_embeds=negative,
            num_inference_steps=plan.steps,
            guidance_scale=plan.guidance,
            width=plan.size[0],
            height=plan.size[1],
            generator=torch.Generator("cpu").manual_seed(plan.seed or 0),
        ).images[0]

    return draw


def seconds(draw: Draw, plan: Plan) -> float:
    """CPU seconds of this process for one picture; other processes do not count."""
    began = time.process_time()
    draw(plan)
    return time.process_time() - began


def main() -> int:
    """Measure, print, and say whether the claims hold."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    (plan,) = compile(PROMPT).plans
    hand = by_hand(plan)
    same = np.array_equal(np.asarray(by_plan(plan)), np.asarray(hand(plan)))
    plans, hands = [], []
    for pair in range(pairs):
        turn = replace(plan, seed=pair)
        for draw, times in sorted(((by_plan, plans), (hand, hands)), key=lambda each: pair % 2 == (each[0] is hand)):
            times.append(seconds(draw, turn))
    ratios = [ours / theirs - 1 for ours, theirs in zip(plans, hands, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} thread")
    print(f"{pairs} pairs of {plan.size[0]}x{plan.size[1]}, {plan.steps} steps, {plan.sampler}, CPU seconds")
    for name, times in (("plan", plans), ("diffusers by hand", hands)):
        print(f"  {name:<18} median {statistics.median(times):.3f}  best {min(times):.3f}  worst {max(times):.3f}")
    print(
        f"  overhead           median {middle:+.1%}  quartiles {low:+.1%} to {high:+.1%}  (claim: at most {MOST:.0%})"
    )
    print(f"  pixels             {'the same' if same else 'DIFFERENT'}")
    return 0 if same and middle <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
