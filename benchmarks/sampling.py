"""What our own samplers cost beside diffusers' schedulers of the same method, and alternation beside a plain prompt.

Both sides draw the same plan but for that, with the bundled model, and take turns, so that a busy machine slows both
alike. Claims: at most 2 % more time for a sampler, 5 % for alternation over two texts, both of which are encoded once.
`python -m benchmarks.sampling [PAIRS]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from benchmarks.render import PAIRS, seconds
from promptlang import compile
from promptlang.plans.plan import Plan
from promptlang_runtime.executors.here import render

SETTINGS = "/seed:11 /steps:20 /size:128x128"
PLAIN, ALTERNATING = "a red circle on white", "a [red|blue] circle on white"
SAMPLERS = ("dpm2m /schedule:karras", "k_euler", "heun /schedule:karras", "ddim", "deis /schedule:karras", "upms")
SAMPLER_MOST, ALTERNATION_MOST = 0.02, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two plans, and how much more time the first may take."""

    name: str
    ours: Plan
    theirs: Plan
    most: float


def plan_of(text: str) -> Plan:
    """The plan of a statement."""
    (plan,) = compile(text).plans
    return plan


def pairs_of_plans() -> Sequence[Pair]:
    """Every sampler in ComfyUI's arithmetic and in diffusers', and alternation in both arithmetics that know it."""
    samplers = [
        Pair(
            name=sampler.partition(" ")[0],
            ours=plan_of(f"/render /arithmetic:comfy /sampler:{sampler} {SETTINGS} {PLAIN}"),
            theirs=plan_of(f"/render /arithmetic:diffusers /sampler:{sampler} {SETTINGS} {PLAIN}"),
            most=SAMPLER_MOST,
        )
        for sampler in SAMPLERS
    ]
    alternations = [
        Pair(
            name=f"[a|b] {whose}",
            ours=plan_of(f"/render /parser:a1111 /arithmetic:{whose} /sampler:k_euler {SETTINGS} {ALTERNATING}"),
            theirs=plan_of(f"/render /parser:a1111 /arithmetic:{whose} /sampler:k_euler {SETTINGS} {PLAIN}"),
            most=ALTERNATION_MOST,
        )
        for whose in ("webui", "diffusers")
    ]
    return [*samplers, *alternations]


def draw(plan: Plan) -> object:
    """The picture of a plan."""
    return render(plan, device="cpu")


def row(pair: Pair, count: int) -> bool:
    """Measure and print one row, and say whether the claim holds."""
    draw(pair.ours)
    draw(pair.theirs)
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(count):
        sides = [(pair.ours, ours), (pair.theirs, theirs)]
        for plan, times in sides if turn % 2 else reversed(sides):
            times.append(seconds(draw, replace(plan, seed=turn)))
    ratios = [one / other - 1 for one, other in zip(ours, theirs, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    one, other = (1000 * statistics.median(times) for times in (ours, theirs))
    print(
        f"  {pair.name:<15} {one:6.0f} {other:6.0f}   {middle:+6.1%}  {low:+6.1%} to {high:+6.1%}"
        f"   (claim: at most {pair.most:.0%} more)",
        flush=True,
    )
    return middle <= pair.most


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    count = int(arguments[0]) if arguments else PAIRS
    print(f"{count} pairs, torch {torch.__version__}, {torch.get_num_threads()} thread, CPU milliseconds a picture")
    print("  sampler           ours  other   median  quartiles")
    kept = [row(pair, count) for pair in pairs_of_plans()]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
