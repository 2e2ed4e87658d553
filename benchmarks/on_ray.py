"""What a Ray actor takes beside this process for the same batches, after both have opened the model.

One actor of one CPU, and a thread here; batches of four pictures by the bundled model, whose pixels must be equal.
Pairs alternate, in seconds on the wall, for the work is another process's; the least counts, which is that of a machine
that does nothing else meanwhile. `python -m benchmarks.on_ray [PAIRS]`; exits
with 1 where the claim does not hold, and says so where Ray is not installed.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")

from promptlang import compile
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import Executor
from promptlang_runtime.executors.single import Single
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job

PAIRS, MOST, BATCHES = 7, 1.1, 3


def drawn(executor: Executor, first: int) -> list[bytes]:
    """The pixels of some batches of four, which start at a seed."""
    texts = "".join(f"/render /seed:{first + 4 * each} /images:4 a red star {each}\n" for each in range(BATCHES))
    jobs = [
        Job(plan=plan, file=Path("a.prompt"), folder=Path(), place=place)
        for place, plan in enumerate(compile(texts).plans)
    ]
    found: dict[int, bytes] = {}
    for batch, result in results(executor, batches(jobs, device="cpu", most=4), set(), lambda *_: None):
        found[batch[0].job.place] = b"".join(each.tobytes() for each in result.pictures)
    return [found[place] for place in sorted(found)]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claim holds."""
    try:
        import ray

        from promptlang_runtime.executors.on_ray import OnRay
    except ImportError:
        print('  Ray is not installed: pip install "promptlang-diffusion[ray]"')
        return 0
    pairs = int(arguments[0]) if arguments else PAIRS
    ray.init(num_cpus=1, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    settings = Settings(device="cpu")
    with closing(OnRay(settings)) as actor:
        here = Single(settings)
        equal = drawn(actor, 0) == drawn(here, 0)
        took: dict[str, list[float]] = {"actor": [], "here": []}
        for pair in range(pairs):
            for name, each in sorted({"actor": actor, "here": here}.items(), reverse=bool(pair % 2)):
                began = time.perf_counter()
                drawn(each, 100 * (pair + 1))
                took[name].append(time.perf_counter() - began)
    least = min(took["actor"]) / min(took["here"])
    low, middle, high = statistics.quantiles([one / other for one, other in zip(*took.values(), strict=True)], n=4)
    print(
        f"  a Ray actor, beside this process: {least:.2f} of its least time (claim: {MOST}), in pairs {middle:.2f},"
        f" {low:.2f} to {high:.2f}; pixels {'equal' if equal else 'not equal'}"
    )
    return 0 if least <= MOST and equal else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
