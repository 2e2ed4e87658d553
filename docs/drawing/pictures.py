"""Draws the pictures of the pages: `python docs/drawing/pictures.py [PAGE or NAME…]` renders their statements.

Each block of statements has the picture that stands below it, or is named like the block's file: the sheet of a block
that draws several, else the one picture. A statement may start from the picture of a block above, by its name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from promptlang_runtime.command.command import main as render

DOCS = Path(__file__).parents[1]
COLOURS = 192  # of a sheet as it is kept, which halves its file
_PROJECT = re.compile(r"^```promptlang\.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """A block of statements, and what its picture is called."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose statements are drawn."""

    name: str

    @property
    def text(self) -> str:
        """The page as it is written."""
        return (DOCS / f"{self.name}.md").read_text(encoding="utf-8")

    @property
    def pictures(self) -> Path:
        """The folder of its pictures."""
        return DOCS / "images" / self.name

    def project(self) -> str:
        """The project file that its statements are read with; empty where it shows none."""
        found = _PROJECT.search(self.text)
        return found[1] if found else ""

    def shown(self) -> Iterator[Shown]:
        """Its blocks that have pictures, in order: below them, or anywhere by the name of the block's file."""
        picture = rf"!\[[^]\n]*\]\(images/{self.name}/([\w-]+)\.png\)"
        named = {*re.findall(picture, self.text)}
        block = rf'^```prompt(?: title="([\w-]+)\.prompt")?\n((?:(?!^```).)*?)^```\n(?:\n{picture}$)?'
        for file, text, below in re.findall(block, self.text, re.MULTILINE | re.DOTALL):
            if name := below or (file if file in named else ""):
                yield Shown(text, name)


PAGES = (Page("pictures"), Page("tour"), Page("cookbook"))


def main(names: Sequence[str]) -> int:
    """Draw what the names say, pages or pictures, or all; whatever the later ones start from is there already."""
    for page in PAGES:
        page.pictures.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "promptlang.toml").write_text(page.project(), encoding="utf-8")
            for each in page.shown():
                kept = page.pictures / f"{each.name}.png"
                wanted = not names or {each.name, page.name} & {*names}
                if wanted and (code := _draw(each, root, kept)):
                    return code
                (root / kept.name).write_bytes(kept.read_bytes())
    return 0


def _draw(block: Shown, root: Path, kept: Path) -> int:
    text, out = root / f"{block.name}.prompt", root / "out" / block.name
    text.write_text(block.text, encoding="utf-8")
    code = render([str(text), "--out", str(out), "--device", "cpu", "--quiet"])
    if code == 0:
        sheets = sorted(out.glob("*-sheet-*.png"))
        (drawn, *_) = sheets or sorted(out.glob("*.png"))
        with Image.open(drawn) as found:
            picture = found.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE) if sheets else found.copy()
        picture.info.clear()
        picture.save(kept, optimize=True)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
