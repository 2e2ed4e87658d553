"""How time and memory grow with the length of a text, whatever it is made of: `python -m benchmarks.growth [NAME …]`.

Every construct is a text of n, 2n, 4n and 8n characters. The slope of time over length, both as logarithms, is 1 where
twice the text takes twice the time; memory is the peak while the longest of them is worked on.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression

from rich.console import Console
from rich.table import Table

from benchmarks.check import fresh
from promptlang.checks.review import review
from promptlang.config.chain import load
from promptlang.lowering.lower import compile
from promptlang.statements.format import format_text
from promptlang.tables.dialects import DIALECTS, DialectRow
from promptlang.variants.wildcards import read_file

STEEPEST = 1.2
MOST_MEMORY = 40  # bytes a character
TIMES = (1, 2, 4, 8)
CONSOLE = Console()

Maker = Callable[[int], str]  # of about so many characters
Work = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Construct:
    """A kind of text, how it is made, and what is done with it."""

    name: str
    made: Maker
    work: Work


@dataclass(frozen=True, slots=True)
class Growth:
    """What was measured of a construct."""

    name: str
    seconds: float
    slope: float
    memory: float  # bytes a character

    @property
    def is_level(self) -> bool:
        """Whether both are within their limits."""
        return self.slope <= STEEPEST and self.memory <= MOST_MEMORY


def repeated(piece: str, *, before: str = "", after: str = "") -> Maker:
    """The same piece over and over."""
    return lambda size: before + piece * (size // len(piece)) + after


def numbered(piece: str, *, before: str = "", after: str = "") -> Maker:
    """A piece with a number of its own each time, written `{}`."""
    return lambda size: before + "".join(map(piece.format, range(size // (len(piece) + 2)))) + after


def nested(opening: str, closing: str, *, before: str = "", inside: str = "cow") -> Maker:
    """One in the other, as deep as the text is long."""

    def made(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return before + opening * depth + inside + closing * depth

    return made


PIECES = {
    "words": "a red cow on a meadow, ",
    "groups": "(a cow:1.2), ",
    "numbers": ":1.2 ",
    "quotes": '"a" ',
    "escapes": r"\( \) \[ \/ \\",
    "open round": "(",
    "open square": "[",
    "open angle": "<",
    "open brace": "{",
    "closed round": ")",
    "closed square": "]",
    "closed angle": ">",
    "crossing": "([a)] ",
    "open group with a number": "(a:1.2 ",
    "schedules": "[cow:horse:0.5] ",
    "open schedules": "[cow:",
    "alternatives": "[cow|horse] ",
    "open alternatives": "[cow|",
    "networks": "<lora:cow:0.7> ",
    "open networks": "<lora:cow:",
    "concepts": "<cow:0.5> ",
    "embeddings": "embedding:cow ",
    "BREAK": "cow BREAK ",
    "AND": "cow AND ",
    "weighted AND": "cow:1.2 AND ",
    "signs of Compel": "cow++ barn-- ",
    "signs in a row": "+",
    "blends": '("a", "b").blend(1, 2) ',
    "swaps": "a.swap(b) ",
    "open calls": '("a").and(',
    "comment lines": "cow\n# said\n",
    "comments of webui": "cow # said\n",
    "lines": "\n",
    "carriage returns": "\r",
    "blanks": " ",
    "invisible signs": "a\u200b",
    "look-alikes": "“cow” ×2 ",
}
BRACKETS = {
    "round": ("(", ")"),
    "square": ("[", "]"),
    "weighted": ("(", ":1.1)"),
    "scheduled": ("[a:", ":0.5]"),
    "alternating": ("[a|", "]"),
    "called": ("<", ">"),
}
STATEMENTS: dict[str, Maker] = {
    "statements": numbered("/render /seed:{} a cow\n"),
    "options": numbered("/seed:{} "),
    "flags": repeated("/portrait "),
    "unknown options": numbered("/opt{}:1 "),
    "commands in a line": repeated("/render "),
    "slashes": repeated("/"),
    "negatives": repeated("/negative a "),
    "open quotes": repeated('/vae:"a '),
    "a sweep": numbered("{}|", before="/render /steps:", after="1 cow"),
    "a sweep of ranges": repeated("1..4|", before="/render /steps:", after="1 cow"),
    "ranges": repeated("/guidance:1..9..0.5 "),
    "recipes": numbered("/recipe #r{} warm light\n", after="/render a cow #r1"),
    "recipes in a row": lambda size: (
        "/recipe #r0 light\n" + "".join(f"/recipe #r{n} #r{n - 1} a\n" for n in range(1, size // 16)) + "/render a #r1"
    ),
    "a recipe called often": repeated("#warm ", before="/recipe #warm light\n/render "),
    "unknown recipes": numbered("#r{} ", before="/render "),
    "recipes in a circle": numbered("/recipe #r{} #r0 a\n"),
    "slots": repeated("$prompt ", before="/recipe #r ", after="\n/render cow #r"),
    "settings": numbered("/set /seed:{}\n/render a cow\n"),
    "ignore comments": repeated("# promptlang: ignore[clipskip/high]\n/render /parser:new /clipskip:7 cow\n"),
    "names in an ignore comment": repeated("clipskip/high, ", before="# promptlang: ignore[", after="]\n/render cow"),
    "unknown names in an ignore comment": numbered("no/rule{}, ", before="# promptlang: ignore[", after="]\n"),
    "ignore comments for the file": repeated("# promptlang: ignore-file[guidance/zero]\n", after="/render cow"),
    "front matter": repeated("model: cow\n", before="---\n", after="---\n"),
    "dashes": repeated("---\n"),
    "byte order marks": repeated("\ufeff"),
    "variants": repeated("{cow|horse} ", before="/render /variants:random "),
    "nested variants": nested("{a|", "}", before="/render /variants:random "),
    "open variants": repeated("{a|", before="/render /variants:random "),
    "weighted variants": repeated("{0.5::a|2$$b} ", before="/render /variants:random "),
    "wildcards": repeated("__cow__ ", before="/render /variants:random "),
    "underscores": repeated("_", before="/render /variants:random "),
    "variables": numbered("${{v{}=cow}} ", before="/render /variants:random "),
}
PROJECTS: dict[str, Maker] = {
    "rules": numbered('"clipskip/r{}" = "off"\n', before="[rules]\n"),
    "concepts": numbered("[concepts.c{}]\npath = 'cow.safetensors'\n"),
    "unknown keys": numbered("key{} = 1\n"),
    "a long list": repeated("'wild', ", before="wildcards = [", after="]"),
    "nested lists": nested("[", "]", before="wildcards = ", inside=""),
    "inline tables": nested("{a=", "}", before="x = ", inside="1"),
    "dotted keys": repeated("a.", before="", after="a = 1"),
    "a long text": repeated("cow ", before='concept = "', after='"'),
    "comments": repeated("# said\n"),
    "blank lines": repeated("\n"),
}
FILES: dict[tuple[str, str], Maker] = {
    ("lines", ".txt"): numbered("cow {}\n"),
    ("comments", ".txt"): repeated("# said\n"),
    ("carriage returns", ".txt"): repeated("a\r"),
    ("a list", ".yaml"): numbered("- cow {}\n"),
    ("keys", ".yaml"): numbered("key{}:\n  - cow\n"),
    ("nested lists", ".yaml"): nested("[", "]"),
    ("aliases", ".yaml"): repeated("- *a\n", before="- &a cow\n"),
    ("quotes", ".yaml"): repeated('- "cow"\n'),
    ("a list", ".json"): numbered('"cow {}", ', before="[", after='""]'),
    ("keys", ".json"): numbered('"key{}": ["cow"], ', before="{", after='"z": []}'),
    ("nested lists", ".json"): nested("[", "]", inside=""),
}


def whole(text: str) -> None:
    """Parse, check with the comments that silence, compile and format."""
    review(text)
    compile(text)
    format_text(text)


def in_dialect(row: DialectRow, made: Maker) -> Maker:
    """A text as the prompt of a statement in that dialect."""
    head = f"/render /parser:{row.name} " if row.is_written else "/render "
    return lambda size: head + made(size)


def read_whole(folder: Path, ending: str) -> Work:
    """A project or wildcard file as it is read from disk."""

    def work(text: str) -> object:
        path = folder / f"cow{ending}"
        path.write_text(text, encoding="utf-8")
        return load(path) if ending == ".toml" else read_file(path, folder)

    return work


def constructs(folder: Path) -> Iterator[Construct]:
    """Everything that is measured."""
    for row in DIALECTS.values():
        for name, piece in PIECES.items():
            yield Construct(f"{row.name}: {name}", in_dialect(row, repeated(piece)), whole)
        for name, pair in BRACKETS.items():
            yield Construct(f"{row.name}: nested {name}", in_dialect(row, nested(*pair)), whole)
    for name, made in STATEMENTS.items():
        yield Construct(f"file: {name}", made, whole)
    for name, made in PROJECTS.items():
        yield Construct(f"project: {name}", made, read_whole(folder, ".toml"))
    for (name, ending), made in FILES.items():
        yield Construct(f"wildcards {ending}: {name}", made, read_whole(folder, ending))


def measured(construct: Construct, size: int, runs: int) -> Growth:
    """Slope and memory of one construct."""
    texts = [construct.made(size * times) for times in TIMES]
    construct.work(texts[0])  # what is loaded when first used
    lengths = [log(len(text)) for text in texts]
    seconds = [min(timed(construct.work, text) for _ in range(runs)) for text in texts]
    slope = linear_regression(lengths, [log(each) for each in seconds]).slope
    fresh()
    tracemalloc.start()
    construct.work(texts[-1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Growth(construct.name, seconds[-1], slope, peak / len(texts[-1]))


def timed(work: Work, text: str) -> float:
    """Seconds of this thread, with nothing remembered."""
    fresh()
    start = time.thread_time()
    work(text)
    return time.thread_time() - start


def main() -> None:
    """The table: all that is asked for, or what breaks a limit."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="measure only constructs whose name holds one of these")
    arguments.add_argument("--size", type=int, default=1_000, help="characters of the shortest text")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--all", action="store_true", help="show those within the limits too")
    options = arguments.parse_args()
    table = Table("construct", "seconds of the longest", "exponent", "bytes a character")
    count, steep = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for construct in constructs(Path(folder)):
            if options.names and not any(name in construct.name for name in options.names):
                continue
            growth = measured(construct, options.size, options.runs)
            count, steep = count + 1, steep + (not growth.is_level)
            if options.all or not growth.is_level:
                table.add_row(growth.name, f"{growth.seconds:.3f}", f"{growth.slope:.2f}", f"{growth.memory:.0f}")
    CONSOLE.print(table)
    limits = f"above {STEEPEST} or {MOST_MEMORY} bytes a character"
    CONSOLE.print(
        f"{count} constructs of {options.size:,} to {options.size * TIMES[-1]:,} characters; {steep} {limits}"
    )


if __name__ == "__main__":
    main()
