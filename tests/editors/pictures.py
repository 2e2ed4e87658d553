"""Takes the pictures of the page of `promptlang play` that README.md and docs/editors.md show: `make play-pictures`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.editors.conftest import ROOT
from tests.editors.test_play import used

IMAGES = ROOT / "docs" / "images"
SHOTS = {
    (1400, 900, "dark"): {"drawn": "editor-play.png", "compared": "editor-play-compared.png"},
    (400, 800, "light"): {"drawn": "editor-play-phone.png"},
}
COLOURS = 255


def main() -> None:
    """Use the page at each size and keep what the documentation shows."""
    for (width, height, look), kept in SHOTS.items():
        with TemporaryDirectory() as folder:
            seen = used(Path(folder), width, height, look)
            if "problem" in seen:
                raise SystemExit(seen["problem"])
            for name, picture in kept.items():
                with Image.open(Path(folder, "shots", f"{name}-{width}-{look}.png")) as shot:
                    few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                    few.save(IMAGES / picture, optimize=True)


if __name__ == "__main__":
    main()
