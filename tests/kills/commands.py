"""The commands that are harmed, each with its folder, and what must be true of the folder afterwards."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROUGH = {f"{name}.prompt": f"/render   {name} " + "in a field, " * size + "/STEPS:30\n" for name, size in
         (("cow", 1), ("horse", 40), ("herd", 4000))}  # fmt: skip
WRONG = {f"{name}.prompt": f"/render /parser:new /sampler:DDIM {name} " + "in a field, " * size + "\n" for name, size in
         (("cow", 1), ("horse", 40), ("herd", 400))}  # fmt: skip
KNOWN = "known.json"
DRAWN = {
    "cow.prompt": "/render /parser:new /seed:3 /images:2 /steps:2 /size:64x64 a (red circle:1.3)\n"
    "/render /seed:5 /steps:3 /size:64x64 a star\n",
    "star.prompt": "/compare /parser:new /clipskip:1..2 /seed:7 /guidance:4 /sampler:dpm2m <demo> /steps:2 /size:64x64 "
    "a star\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmed:
    """A command: its words, the files it begins with, what a folder holds, and what is wrong with one afterwards.

    `wrong` is asked right after the harm, with the folder as it was and as a run that was left alone makes it.
    """

    name: str
    words: tuple[str, ...]
    files: Mapping[str, str]
    held: Callable[[Path], list[str]]
    wrong: Callable[[Path, Mapping[str, str], Mapping[str, str]], Iterator[str]]

    def lay(self, folder: Path) -> None:
        """Put the first files into a folder."""
        folder.mkdir()
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")


def texts(folder: Path) -> Mapping[str, str]:
    """The prompt files of a folder, and the baseline of their findings."""
    places = sorted((*folder.glob("*.prompt"), *folder.glob(KNOWN)))
    return {path.name: path.read_text(encoding="utf-8") for path in places}


def leftovers(folder: Path) -> list[str]:
    """Temporary files, at any depth."""
    return [name for _, _, names in os.walk(folder) for name in names if name.endswith(".part")]


def everything(folder: Path) -> list[str]:
    """A line for each file, and for each text."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    return [*names, *(f"{name}: {text[:80]!r}, {len(text)}" for name, text in texts(folder).items())]


def pictures(folder: Path) -> list[str]:
    """The same, and a line for each picture and page, whatever its name."""
    return [*everything(folder), *sorted(_pictures(folder))]


def _mixed(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    found = texts(folder)
    if found.keys() != before.keys():
        yield f"the files are {', '.join(found)}"
    for name, text in found.items():
        if text not in (before.get(name), after.get(name)):
            yield f"`{name}` is neither the old text nor the new one"


def _undrawn(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    yield from _mixed(folder, before, after)
    try:
        found = Counter(_pictures(folder))
    except (OSError, SyntaxError) as error:
        yield f"a picture cannot be read: {error}"
        return
    yield from (f"{made} is there {times} times" for made, times in found.items() if times > 1)


def _pictures(folder: Path) -> Iterator[str]:
    """What names each picture or sheet, with its seed, and its pixels; and whether each page is whole."""
    from PIL import Image

    from promptlang_runtime.output.metadata import read

    for path in sorted((folder / "out").glob("[!.]*")):
        if path.suffix == ".html":
            is_whole = path.read_text(encoding="utf-8").rstrip().endswith("</html>")
            yield f"{path.name}: {'whole' if is_whole else 'cut short'}"
            continue
        making = read(path)
        with Image.open(path) as picture:
            pixels = sha256(picture.tobytes()).hexdigest()
        yield f"{making.picture or making.page} of seed {making.seed}: {pixels}"


COMMANDS = (
    Harmed(name="fmt", words=("fmt", "."), files=ROUGH, held=everything, wrong=_mixed),
    Harmed(name="check --fix", words=("check", "--fix", "."), files=WRONG, held=everything, wrong=_mixed),
    Harmed(
        name="check --write-baseline",
        words=("check", "--baseline", KNOWN, "--write-baseline", "."),
        files={**WRONG, KNOWN: '{"format": "promptlang baseline 1", "files": {}}\n'},
        held=everything,
        wrong=_mixed,
    ),
    Harmed(
        name="render --resume",
        words=("render", "--resume", "--exact", "--device", "cpu", "."),
        files=DRAWN,
        held=pictures,
        wrong=_undrawn,
    ),
)
