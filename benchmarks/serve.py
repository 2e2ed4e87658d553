"""What the service costs: its start, and 200 clients at once beside the same requests one after the other.

The bundled model at two steps on the CPU. Each client waits as long as a refusal of a full queue says and asks again.
`python -m benchmarks.serve [CLIENTS]`; exits with 1 where a claim does not hold.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

CLIENTS = 200
STARTS = 5
LONGEST_START = 0.9  # seconds, before a model is needed
PATH = "/v1/images/generations"


@contextmanager
def serving(*options: str) -> Generator[str]:
    """The address of a service of its own."""
    command = [sys.executable, "-m", "promptlang", "serve", "--port", "0", "--device", "cpu", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as service,
    ):
        assert service.stderr
        try:
            yield service.stderr.readline().split()[-1]
        finally:
            service.terminate()
            service.wait(60)


def starts() -> bool:
    """How long it takes until it listens; CPU seconds, end and all, do not depend on who else works here."""
    walls, spent = list[float](), list[float]()
    for _ in range(STARTS):
        began, before = time.perf_counter(), _of_children()
        with serving():
            walls.append(time.perf_counter() - began)
        spent.append(_of_children() - before)
    wall, cpu = statistics.median(walls), statistics.median(spent)
    print(
        f"  start: {wall:.2f} s, {cpu:.2f} CPU seconds with its end  (claim: at most {LONGEST_START} CPU seconds)",
        flush=True,
    )
    return cpu <= LONGEST_START


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ask(client: httpx.Client, seed: int) -> tuple[float, int, int]:
    """One client: seconds until its picture is there, how often it was told to come again, and the last status."""
    began, refusals = time.perf_counter(), 0
    body = {"prompt": "a red circle", "seed": seed, "num_inference_steps": 2, "size": "64x64"}
    while True:
        answer = client.post(PATH, json=body)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return time.perf_counter() - began, refusals, answer.status_code
        refusals += 1
        time.sleep(float(answer.headers["Retry-After"]))


def at_once(client: httpx.Client, count: int) -> tuple[float, Sequence[tuple[float, int, int]]]:
    """All clients at the same time."""
    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(lambda seed: ask(client, seed), range(count)))
    return time.perf_counter() - began, found


def clients(count: int) -> bool:
    """So many clients, where the queue has room for all of them and where it has not."""
    good = True
    for options in (("--max-queue", str(count)), ()):
        everybody = httpx.Limits(max_connections=count)
        with serving(*options) as address, httpx.Client(base_url=address, limits=everybody, timeout=600) as client:
            ask(client, 0)
            began = time.perf_counter()
            for seed in range(count // 10):
                ask(client, seed)
            alone = (time.perf_counter() - began) * count / (count // 10)
            took, found = at_once(client, count)
        statuses = dict(Counter(status for _, _, status in found))
        refused = sum(refusals for _, refusals, _ in found)
        middle = statistics.median(seconds for seconds, _, _ in found)
        queue = " ".join(options) or "the usual queue"
        print(
            f"  {count} clients at once, {queue}: {took:.1f} s, {took / alone:.2f} of one after the other; answers "
            f"{statuses}, told to come again {refused} times, half of them within {middle:.1f} s",
            flush=True,
        )
        good &= statuses == {200: count}
    return good


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claims hold."""
    count = int(arguments[0]) if arguments else CLIENTS
    return 0 if all([starts(), clients(count)]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
