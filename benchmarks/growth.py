"""How time and memory grow with the length of a text, whatever it is made of: `python -m benchmarks.growth [NAME …]`.

Every construct is a text of n, 2n, 4n and 8n characters, n large enough that the shortest takes some milliseconds. The
exponent is the slope of time over length, both as logarithms: 1 where twice the text takes twice the time. Time is that
of the processor, the least of several rounds.

Memory is what is still held when all is done and the collector has run: the results (tree, findings, plans, formatted
text) and all that is kept for the next time. The peak is what was held at most on the way. Both are what the longest
text takes more than the shortest, for each byte by which it is longer: what is loaded once is not counted.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression

from benchmarks.check import fresh
from benchmarks.constructs import Construct, Work, constructs

STEEPEST = 1.2
MOST_MEMORY = 40  # bytes a byte of text
TIMES = (1, 2, 4, 8)
LEAST_SECONDS = 0.003  # of the shortest text: below, the start of everything hides what grows


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What was measured of a construct."""

    construct: Construct
    length: int  # of the longest text
    seconds: float
    exponent: float
    held: float  # bytes a byte
    peak: float


def timed(work: Work, text: str) -> float:
    """Seconds of the processor, with nothing remembered."""
    fresh()
    start = time.process_time()
    work(text)
    return time.process_time() - start


def allocated(work: Work, text: str) -> tuple[int, int]:
    """Bytes that are held with the results, and the peak."""
    fresh()
    tracemalloc.start()
    result = work(text)
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return held, peak


def measured(construct: Construct, size: int, largest: int, rounds: int) -> Growth:
    """Exponent and memory of one construct."""
    work = construct.work
    work(construct.made(size))  # what is loaded when first used
    while size < largest and timed(work, construct.made(size)) < LEAST_SECONDS:
        size *= 2
    texts = [construct.made(size * times) for times in TIMES]
    seconds = [min(timed(work, text) for _ in range(rounds)) for text in texts]
    lengths = [log(len(text)) for text in texts]
    slope = linear_regression(lengths, [log(each) for each in seconds]).slope
    (short, low), (long, high) = (allocated(work, text) for text in (texts[0], texts[-1]))
    more = sum(map(bytes_of, texts[-1:])) - bytes_of(texts[0])
    return Growth(
        construct=construct,
        length=len(texts[-1]),
        seconds=seconds[-1],
        exponent=slope,
        held=(long - short) / more,
        peak=(high - low) / more,
    )


def bytes_of(text: str) -> int:
    """How long the text is in a file."""
    return len(text.encode("utf-8", "surrogatepass"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="measure only constructs whose place and name hold one of these")
    arguments.add_argument("--size", type=int, default=1_000, help="characters of the shortest text to begin with")
    arguments.add_argument("--largest", type=int, default=16_000, help="characters of the shortest text at most")
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for construct in constructs(Path(folder)):
            name = f"{construct.place}: {construct.name}"
            if options.names and not any(each in name for each in options.names):
                continue
            g = measured(construct, options.size, options.largest, options.rounds)
            print(f"{name:50} {g.length:8} {g.seconds:8.3f} {g.exponent:5.2f} {g.held:6.0f} {g.peak:6.0f}", flush=True)


if __name__ == "__main__":
    main()
