"""How long a check takes: `python -m benchmarks.check`.

Questions, answered beside a peer in the same run where there is one: one file as a whole process, the corpus of real
prompts through parse, check and compile and from each dialect into each other, and the growth with the statements.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import permutations
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from promptlang.checks.checking import check_document, check_statement
from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.dialects.swarm.tags import kept_places
from promptlang.lints.models.concepts import guessed
from promptlang.lowering.lower import compile, lower_statement
from promptlang.meaning.project import Project
from promptlang.source import Passage
from promptlang.statements.parsing import SELDOM, parse, parse_statement, read_prompt
from promptlang.statements.scan import scan
from promptlang.tables.dialects import DIALECTS as TABLE

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "real_prompts.txt"
DIALECTS = ("new", "a1111")  # the language's own, and the one that the prompts were written in
FILE = 100  # statements
CONSOLE = Console()


def milliseconds(command: Sequence[str], compiled: Path) -> float:
    """The wall time of one process, byte code compiled beforehand as an installation has it."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env=environment)
    return (time.perf_counter() - start) * 1000


def spread(values: Sequence[float]) -> str:
    """The median, and the least and greatest beside it."""
    return f"{median(values):.0f} ({min(values):.0f}–{max(values):.0f})"


def whole_process(runs: int) -> None:
    """`promptlang check` on one file against `import lark` and an empty Python, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        prompt = Path(folder) / "cow.prompt"
        prompt.write_text("/render /parser:new /clipskip:1.9 a (cow:1.2) [blurry]\n", encoding="utf-8")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import lark'": [sys.executable, "-c", "import lark"],
            "promptlang check": [sys.executable, "-m", "promptlang", "check", str(prompt)],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        compiled = Path(folder) / "compiled"
        for command in commands.values():
            milliseconds(command, compiled)
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(milliseconds(command, compiled))
    table = Table("process", "ms, median (least–most)", "× import lark", title=f"One file, whole process, {runs} runs")
    base = median(times["python -c 'import lark'"])
    for name, values in times.items():
        table.add_row(name, spread(values), f"{median(values) / base:.2f}")
    CONSOLE.print(table)


def fresh() -> None:
    """Forget everything that is cached by text."""
    for cached in (scan, parse_statement, read_prompt, check_statement, lower_statement, guessed, kept_places):
        cached.cache_clear()
    gc.collect()


def through(prompts: Iterable[str], work: Callable[[str], object]) -> float:
    """Seconds of this thread for a piece of work on every prompt; a peer that raises has done its work."""
    start = time.thread_time()
    for prompt in prompts:
        try:
            work(prompt)
        except Exception:  # peers raise on real prompts, with classes of their own
            continue
    return time.thread_time() - start


def ours(parser: str, prompts: str) -> object:
    """Parse, check and compile a file with a statement for each line."""
    return compile("\n".join(f"/render /parser:{parser} {prompt}" for prompt in prompts.split("\n")))


def peers() -> dict[str, tuple[Callable[[str], object], int]]:
    """What the package index has beside us, with how many prompts it gets through in a reasonable time."""
    found: dict[str, tuple[Callable[[str], object], int]] = {}
    try:
        from dynamicprompts.parser.parse import parse as variants

        found["dynamicprompts: parse"] = variants, 1000
    except ImportError:
        CONSOLE.print("dynamicprompts is not installed")
    try:
        from compel.prompt_parser import PromptParser

        found["compel: parse"] = PromptParser().parse_conjunction, 60
    except ImportError:
        CONSOLE.print("compel is not installed")
    return found


def corpus(runs: int) -> None:
    """Real prompts through the whole compiler, and through the parsers of the peers."""
    if not CORPUS.exists():
        CONSOLE.print(f"no corpus at {CORPUS}: skipped")
        return
    prompts = CORPUS.read_text(encoding="utf-8").splitlines()
    table = Table("work", "prompts", "prompts/s, median (least–most)", "MB/s", title="Real prompts, one thread")
    own = {
        f"promptlang, {each}: parse, check, compile, {together} a file": (
            partial(ours, each),
            len(prompts),
            together,
        )
        for each in DIALECTS
        for together in (1, FILE)
    }
    others = {name: (work, count, 1) for name, (work, count) in peers().items()}
    for name, (work, count, together) in {**own, **others}.items():
        few = prompts[:count]
        texts = ["\n".join(few[at : at + together]) for at in range(0, len(few), together)]
        rates: list[float] = []
        for _ in range(runs):
            fresh()
            rates.append(len(few) / through(texts, work))
        size = sum(len(prompt.encode()) for prompt in few) / len(few) / 1e6
        table.add_row(name, f"{len(few):,}", spread(rates), f"{median(rates) * size:.2f}")
    CONSOLE.print(table)


def conversion(runs: int) -> None:
    """Real prompts read by one dialect and written in another, every pair."""
    if not CORPUS.exists():
        return
    prompts = CORPUS.read_text(encoding="utf-8").splitlines()[::10]
    table = Table("from", "to", "prompts/s, median (least–most)", title="Conversion of real prompts, one thread")
    for source, target in permutations(TABLE, 2):
        rates: list[float] = []
        for _ in range(runs):
            fresh()
            rates.append(len(prompts) / through(prompts, partial(converted, source, target)))
        table.add_row(source, target, spread(rates))
    CONSOLE.print(table)


def converted(source: str, target: str, prompt: str) -> object:
    """One prompt read, written in the other dialect and read back."""
    return convert(dialect(source).parse(Passage(prompt)), target)


def growth() -> None:
    """The time for a statement, in files of very different length."""
    table = Table("statements", "seconds", "µs a statement", title="Growth with the file, all statements different")
    project = Project()
    for count in (1_000, 10_000, 100_000):
        fresh()
        text = "\n".join(f"/render /parser:new /seed:{number} a (cow:1.2) [blurry]" for number in range(count))
        start = time.thread_time()
        check_document(parse(text), project)
        seconds = time.thread_time() - start
        table.add_row(f"{count:,}", f"{seconds:.2f}", f"{seconds / count * 1e6:.0f}")
    CONSOLE.print(table)


def main() -> None:
    """All four tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=15)
    options = arguments.parse_args()
    gc.set_threshold(*SELDOM)  # as every command that reads texts does
    whole_process(options.runs)
    corpus(max(1, options.runs // 5))
    conversion(max(1, options.runs // 5))
    growth()


if __name__ == "__main__":
    main()
