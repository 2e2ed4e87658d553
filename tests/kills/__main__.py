"""`make kills`: commands are harmed at random places and run again; the folder must be as if nothing had happened."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import ndiff
from importlib import import_module
from pathlib import Path
from random import Random
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import time

from tests.kills.children import Harm, ended
from tests.kills.commands import COMMANDS, Harmed, leftovers, texts

LARGEST = 80_000  # bytes: more than any file that is written here
LIBRARIES = (
    "promptlang.cli.commands.check",
    "promptlang.cli.commands.fmt",
    "promptlang_runtime.command.command",
    "promptlang_runtime.output.gather",
    "promptlang_runtime.output.files",
)
KINDS = (Harm.MOMENT, Harm.LINE, Harm.FULL)


def main() -> int:
    """Harm, and return 1 where something was wrong afterwards."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many kills; full disks besides, half as many")
    parser.add_argument("--seed", type=int, default=int(time()) % 2**31, help="what chance begins with")
    parser.add_argument("--stand-in", action="store_true", help="draw with plain colours, without torch")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # no threads, so that processes can be forked
    _prepare(stand_in=given.stand_in)
    print(f"seed {given.seed}")
    chance, wrong, counts = Random(given.seed), 0, Counter[tuple[str, Harm]]()
    with TemporaryDirectory(prefix="promptlang-kills-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        for command in COMMANDS:
            for harm, found in _harmed(command, Path(folder, "work"), given.count, chance):
                counts[command.name, harm] += 1
                wrong += bool(found)
                for line in found:
                    print(f"{command.name}, {harm.value}: {line}")
    for (name, harm), times in counts.items():
        print(f"{name}, {harm.value}: {times}")
    print(f"{counts.total()} times harmed, {wrong} times something was wrong afterwards")
    return 1 if wrong else 0


def _harmed(command: Harmed, folder: Path, count: int, chance: Random) -> Iterator[tuple[Harm, list[str]]]:
    """Every harm of one command, with what was wrong afterwards."""
    command.lay(folder)
    before, whole = texts(folder), ended(command.words, folder)
    after, held = texts(folder), command.held(folder)
    rmtree(folder)
    if whole.code or not whole.lines:
        raise SystemExit(f"{command.name} does not run: {whole.words}")
    for number in range(-(-count // len(COMMANDS)) * len(KINDS) // 2):  # two kinds of three are kills
        harm = KINDS[number % len(KINDS)]
        when = chance.uniform(0, whole.seconds) if harm is Harm.MOMENT else chance.randint(1, whole.lines)
        room = chance.choice((0, chance.randrange(LARGEST)))
        command.lay(folder)
        end = ended(command.words, folder, harm, when, room)
        found = [f"{each} ({when:.6g} of {whole.seconds:.3g} s, {whole.lines} lines; {room} bytes)" for each in
                 (*command.wrong(folder, before, after), *_said(harm, end.words, folder))]  # fmt: skip
        again = ended(command.words, folder)
        if again.code:
            found.append(f"run again it ends with {again.code}: {again.words}")
        if (there := command.held(folder)) != held:
            found.append("after the next run:" + "".join(_unlike(held, there)))
        rmtree(folder)
        yield harm, found


def _unlike(held: Sequence[str], there: Sequence[str]) -> Iterator[str]:
    return (f"\n  {line}" for line in ndiff(held, there) if line[0] in "+-")


def _said(harm: Harm, words: str, folder: Path) -> Iterator[str]:
    """A full disk is said in words, and leaves nothing for the next run to sweep."""
    if "Traceback" in words:
        yield f"it ends with {words}"
    if harm is Harm.FULL and (left := leftovers(folder)):
        yield f"{', '.join(left)} left over"


def _prepare(*, stand_in: bool) -> None:
    """Import once what every child needs, and with `stand_in` replace what draws."""
    for module in LIBRARIES:
        import_module(module)
    from tests.kills.painting import DRAWING, paint

    if stand_in:
        paint()
    else:
        import_module(DRAWING)


if __name__ == "__main__":
    sys.exit(main())
