"""The picture so far, in the terminal and in a file: drawn by kitty's, iTerm's or sixel's signs, or half blocks."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from rich.color import Color
from rich.console import Console, ConsoleOptions
from rich.segment import ControlType, Segment
from rich.style import Style

from promptlang.writing import beside
from promptlang_runtime.command.settings import WAYS, Way
from promptlang_runtime.drawing.glimpses import Glimpse

if TYPE_CHECKING:
    from PIL import Image

ROWS = 12  # lines of the terminal that a picture takes
WIDEST = 48  # columns
_CELL = (10, 20)  # pixels of a character, as good as any guess
_NUMBER = 7350  # of our picture among those of a kitty
_PIECE = 4096  # bytes that kitty takes at once
_QUESTION, _PATIENCE = "\x1b[c", 0.15  # what a terminal answers with what it can; seconds
_SIXEL = "4"


def way_of(environment: Mapping[str, str], ask: Callable[[], str]) -> Way:
    """How a terminal shows pictures, by what it says of itself; `ask` gives its answer to what it can."""
    name, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment or name.startswith(("screen", "tmux")):
        return "blocks"  # which hands no pictures on
    if "kitty" in name or "KITTY_WINDOW_ID" in environment or program == "ghostty" or "ghostty" in name:
        return "kitty"
    if program in ("iTerm.app", "WezTerm") or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm"
    return "sixel" if _SIXEL in ask().removeprefix("\x1b[?").rstrip("c").split(";")[1:] else "blocks"


def asked() -> str:
    """What the terminal of this process answers to the question what it can; empty where nobody answers in time."""
    try:
        import select
        import termios
        import tty
    except ImportError:
        return ""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    number = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(number)
        try:
            tty.setcbreak(number)
            sys.stderr.write(_QUESTION)
            sys.stderr.flush()
            answer = ""
            while not answer.endswith("c") and select.select([number], [], [], _PATIENCE)[0]:
                answer += os.read(number, 64).decode("ascii", "replace")
            return answer
        finally:
            termios.tcsetattr(number, termios.TCSANOW, before)
    except (OSError, termios.error):
        return ""


class Preview:
    """What stands under the moving line: the last glimpse, in as many lines as it needs."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._picture: Image.Image | None = None
        self._drawn: str | None = None  # the signs of the picture

    def show(self, glimpse: Glimpse) -> None:
        """Take up a glimpse; it is drawn when the line moves next."""
        self._picture, self._drawn = glimpse.picture, None

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self._picture = None

    def gone(self) -> str:
        """The signs that take away what no text covers."""
        return f"\x1b_Ga=d,d=I,i={_NUMBER},q=2\x1b\\" if self._way == "kitty" else ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        if self._picture is None:
            return
        columns, rows = cells_of(self._picture.size, options.max_width)
        if self._way == "blocks":
            yield from _blocks(_scaled(self._picture, columns, rows * 2))
            return
        if self._drawn is None:
            self._drawn = _SIGNS[self._way](self._picture, columns, rows)
        # Room first, or the terminal would roll under the picture.
        yield Segment("\n" * rows + f"\x1b[{rows}A\x1b7{self._drawn}\x1b8", None, [(ControlType.CURSOR_UP, rows)])
        yield from (Segment.line() for _ in range(rows))


def cells_of(size: tuple[int, int], widest: int) -> tuple[int, int]:
    """Columns and lines of a picture, in its shape: a character is twice as high as it is wide."""
    wide, high = size
    columns = min(WIDEST, widest, max(1, round(ROWS * 2 * wide / high)))
    return columns, max(1, min(ROWS, round(columns * high / wide / 2)))


def _blocks(picture: Image.Image) -> Iterator[Segment]:
    """Two pixels a character, one above the other."""
    for row in range(0, picture.height, 2):
        for column in range(picture.width):
            above, below = (_colour(picture.getpixel((column, row + each))) for each in (0, 1))
            yield Segment("▀", Style(color=above, bgcolor=below))
        yield Segment.line()


def _colour(pixel: object) -> Color:
    assert isinstance(pixel, tuple)
    red, green, blue = pixel  # pyright: ignore[reportUnknownVariableType]
    return Color.from_rgb(red, green, blue)  # pyright: ignore[reportUnknownArgumentType]


def _scaled(picture: Image.Image, wide: int, high: int) -> Image.Image:
    from PIL import Image  # a run that draws nothing loads none

    return picture.resize((wide, high), Image.Resampling.BILINEAR)


def _png(picture: Image.Image) -> bytes:
    packed = BytesIO()
    picture.save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def kitty(picture: Image.Image, columns: int, rows: int) -> str:
    """kitty's graphics protocol: a PNG in pieces, under one number, so that it replaces the last."""
    data = b64encode(_png(picture)).decode()
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    head = f"a=T,f=100,i={_NUMBER},p=1,c={columns},r={rows},C=1,q=2,"
    return "".join(
        f"\x1b_G{head if not place else ''}m={int(place + 1 < len(pieces))};{piece}\x1b\\"
        for place, piece in enumerate(pieces)
    )


def iterm(picture: Image.Image, columns: int, rows: int) -> str:
    """iTerm's inline images: a PNG in characters."""
    shape = f"inline=1;width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1"
    return f"\x1b]1337;File={shape}:{b64encode(_png(picture)).decode()}\x07"


def sixel(picture: Image.Image, columns: int, rows: int) -> str:
    """DEC's sixels: six rows of pixels at a time, a colour after the other."""
    few = _scaled(picture, columns * _CELL[0], rows * _CELL[1]).quantize(64)
    palette = few.getpalette() or []
    wide, high = few.size
    pixels = few.tobytes()
    used = sorted(set(pixels))
    colours = "".join(
        f"#{each};2;{';'.join(str(round(part / 2.55)) for part in palette[each * 3 : each * 3 + 3])}" for each in used
    )
    bands: list[str] = []
    for top in range(0, high, 6):
        lines = [pixels[row * wide : (row + 1) * wide] for row in range(top, min(top + 6, high))]
        here = sorted(set(b"".join(lines)))
        bands.append("$".join(f"#{each}{_sixels(lines, each, wide)}" for each in here))
    return f'\x1bPq"1;1;{wide};{high}{colours}{"-".join(bands)}\x1b\\'


def _sixels(lines: list[bytes], colour: int, wide: int) -> str:
    """Where a colour stands in six rows, with a count before what repeats."""
    signs = [chr(63 + sum((line[at] == colour) << row for row, line in enumerate(lines))) for at in range(wide)]
    found: list[str] = []
    at = 0
    while at < wide:
        end = at
        while end < wide and signs[end] == signs[at]:
            end += 1
        found.append(f"!{end - at}{signs[at]}" if end - at > 3 else signs[at] * (end - at))
        at = end
    return "".join(found)


_SIGNS: Mapping[str, Callable[[Image.Image, int, int], str]] = {"kitty": kitty, "iterm": iterm, "sixel": sixel}


def shown_in(console: Console, wanted: str) -> Preview | None:
    """The preview of a terminal, as it is wanted or as it can; None elsewhere, and where none is wanted."""
    if wanted == "off" or not console.is_terminal:
        return None
    ways: Mapping[str, Way] = {each: each for each in WAYS}
    return Preview(ways.get(wanted) or way_of(os.environ, asked))


def written_to(path: Path) -> Callable[[Glimpse], None]:
    """What writes each glimpse to a file, whole or not at all; a disk that refuses costs the glimpse."""

    def write(glimpse: Glimpse) -> None:
        try:
            with beside(path, lambda file: file.write(glimpse.png()), lasting=False) as temporary:
                os.replace(temporary, path)
        except OSError:
            return

    return write
