"""Draws the pictures of docs/pictures.md: `python docs/pictures.py [NAME…]` renders its statements.

Each block of statements has the picture that stands below it: the sheet of a block that draws several, else the one
picture. A statement may start from the picture of a block above, by its name.
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

PAGE = Path(__file__).with_name("pictures.md")
PICTURES = PAGE.parent / "images" / "pictures"
COLOURS = 192  # of a sheet as it is kept, which halves its file
_PROJECT = re.compile(r"^```promptlang\.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(
    r"^```prompt\n(.*?)^```\n\n!\[[^]\n]*\]\(images/pictures/([\w-]+)\.png\)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A block of statements, and what its picture is called."""

    text: str
    name: str


def project(page: str) -> str:
    """The project file that the statements of a page are read with."""
    found = _PROJECT.search(page)
    assert found, "the page shows no project file"
    return found[1]


def shown(page: str) -> Iterator[Shown]:
    """The blocks of a page that have pictures, in order."""
    return (Shown(text, name) for text, name in _SHOWN.findall(page))


def main(names: Sequence[str]) -> int:
    """Draw the pictures of those names, or all of them; whatever the later ones start from is there already."""
    page = PAGE.read_text(encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "promptlang.toml").write_text(project(page), encoding="utf-8")
        for each in shown(page):
            kept = PICTURES / f"{each.name}.png"
            if (not names or each.name in names) and (code := _draw(each, root, kept)):
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
