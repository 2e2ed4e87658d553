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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression

from benchmarks.check import fresh
from benchmarks.constructs import Construct, Work, constructs
from promptlang.tables.dialects import DIALECTS

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


PAGE = Path(__file__).parents[1] / "docs" / "growth.md"


def main() -> None:
    """A line for each construct, and with `--page` the page of the documentation."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="measure only constructs whose place and name hold one of these")
    arguments.add_argument("--size", type=int, default=1_000, help="characters of the shortest text to begin with")
    arguments.add_argument("--largest", type=int, default=16_000, help="characters of the shortest text at most")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--page", metavar="MACHINE", help="write docs/growth.md, and in it what was measured on")
    options = arguments.parse_args()
    found: list[Growth] = []
    with tempfile.TemporaryDirectory() as folder:
        for construct in constructs(Path(folder)):
            name = f"{construct.place}: {construct.name}"
            if options.names and not any(each in name for each in options.names):
                continue
            growth = measured(construct, options.size, options.largest, options.rounds)
            found.append(growth)
            figures = f"{growth.seconds:8.3f} s {growth.exponent:6.2f} {growth.held:6.0f} {growth.peak:6.0f}"
            print(f"{name:48} {growth.length:8,} {figures}", flush=True)
    print(f"{len(found)} constructs: {', '.join(summary(found))}")
    if options.page:
        PAGE.write_text("\n".join(page(found, options.page)) + "\n", "utf-8")


# --- the page ---------------------------------------------------------------------------------------------------------

_HEAD = """# How time and memory grow

Written by `python -m benchmarks.growth --page MACHINE`; nobody edits it.

Every construct is a text of one thing over and over, of n, 2n, 4n and 8n characters, with n so large that the shortest
text takes some milliseconds. Two figures stand for each: the **exponent**, which is the slope of processor time over
length (both as logarithms; 1 where twice the text takes twice the time, 2 where it takes four times as long), and the
**bytes** that are held for each byte of text when all is done: the results (tree, findings, plans, formatted text) and
all that is kept for the next time. Both are what the longest text takes more than the shortest. We want at most
{steepest} and {most}.

A node of the tree takes about 200 bytes, a finding about 500. So a text with a bracket, an option or a finding every
few characters holds more than {most} bytes a byte, and one of words a tenth of that; what stands in bold does so. In a
long run no more than the last thousand statements are kept.

More is held on the way, for as long as one statement is read: a reader cuts signs into a lexeme each, so that a row
of brackets takes some 400 bytes a byte at its peak, and at most 900 were seen (one quote over and over, in Compel);
words take 10. The command prints both figures. Where every other letter is a construct of its own, {most} is out of
reach: the node, its span and its text take more than that already.

What a text makes of itself is counted before it is made, and bounded whatever its length: 20,000 characters of a
statement with its recipes written out, 200 recipes that it leads to, 20 of which call one another, 1,000 pictures,
500,000 entries of a wildcard file with its aliases written out, 20 parts of a key in a project file. Up to there its
time may grow with what is made: of a file whose every statement calls one long recipe, with the square of its length.
"""


def summary(found: Sequence[Growth]) -> Iterator[str]:
    """How many are within the limits."""
    steep = sum(growth.exponent > STEEPEST for growth in found)
    yield f"{steep} with an exponent above {STEEPEST}"
    yield f"{sum(growth.held > MOST_MEMORY for growth in found)} that hold more than {MOST_MEMORY} bytes a byte"


def _at_their_peak(found: Sequence[Growth]) -> str:
    return f"{sum(growth.peak > MOST_MEMORY for growth in found)} that do at their peak"


def page(found: Sequence[Growth], machine: str) -> Iterator[str]:
    """The lines of the page: a table for all dialects, one for what is told of them, one for each kind of file."""
    yield _HEAD.format(steepest=STEEPEST, most=MOST_MEMORY)
    yield f"Measured on {machine}: {len(found)} constructs, {', '.join(summary(found))}, {_at_their_peak(found)}."
    dialects = tuple(DIALECTS)
    titles = {
        dialects: "Prompts, by dialect: parse, check, compile, format",
        tuple(f"{name}, told" for name in dialects): "Prompts, by dialect: explain, convert into every other one",
    }
    for places, title in titles.items():
        yield from _table(title, places, [growth for growth in found if growth.construct.place in places])
    others = dict.fromkeys(growth.construct.place for growth in found)
    for place in others:
        if not any(place in places for places in titles):
            title = f"{place[:1].upper()}{place[1:]}"
            yield from _table(title, (place,), [growth for growth in found if growth.construct.place == place])


def _table(title: str, places: Sequence[str], found: Sequence[Growth]) -> Iterator[str]:
    cells = {(growth.construct.name, growth.construct.place): growth for growth in found}
    heads = [place.removesuffix(", told") for place in places] if len(places) > 1 else ["exponent, bytes"]
    yield f"\n## {title}\n"
    yield f"| Construct | {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * len(places)}"
    for name in dict.fromkeys(growth.construct.name for growth in found):
        yield f"| {name} | {' | '.join(_cell(cells.get((name, place))) for place in places)} |"


def _cell(growth: Growth | None) -> str:
    if growth is None:
        return ""
    figures = ((growth.exponent, STEEPEST, f"{growth.exponent:.2f}"), (growth.held, MOST_MEMORY, f"{growth.held:.0f}"))
    return ", ".join(f"**{shown}**" if figure > limit else shown for figure, limit, shown in figures)


if __name__ == "__main__":
    main()
