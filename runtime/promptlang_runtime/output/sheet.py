"""Contact sheets and labelled grids: every picture of a run on one page that explains itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from unicodedata import combining, normalize

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, SOFT, LINE, EMPTY = "#fcfbf8", "#23262b", "#767b84", "#e2dfd8", "#f3f1ec"

MARGIN, GAP = 44, 14
TITLE, TEXT, LABEL, CAPTION = 30, 17, 18, 14
LEADING = 8
SMALLEST, LARGEST = 176, 384  # pixels: sides that pictures are brought between
PROMPT_LINES = 3
CAPTION_LINES = 2
ROW_LINES = 3
WIDEST_ROW = 220  # pixels of a label beside its row
LEAST_WIDTH = 640
WIDEST_GRID = 3200  # pixels, past which labels are too small for their page
TALLEST_GRID = 12800  # pixels; down is scrolled more readily than across

_PLAIN = str.maketrans({"×": "x", "—": "-", "–": "-", "„": '"', "→": ">", "ß": "ss"})
_NO_CHARACTER = "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page: a title, both sides of the prompt, what all pictures share, and pictures by row and column.

    `columns` and `rows` are the labels of a grid, `across` and `down` say what they are values of; all are empty where
    the pictures are only collected. `captions` stand below their pictures. `mark` names what is on the page.
    """

    title: str
    prompt: str = ""
    negative: str = ""
    shared: str = ""
    across: str = ""
    down: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[str] = ()
    pictures: Mapping[tuple[int, int], Image.Image]
    captions: Mapping[tuple[int, int], str]
    mark: str = ""


def thumbnail(picture: Image.Image) -> Image.Image:
    """A picture at the size it has on a page: small ones enlarged by a whole number, large ones reduced."""
    longest = max(picture.size)
    if longest > LARGEST:
        scale = LARGEST / longest
        return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    times = -(-SMALLEST // longest)
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.BICUBIC)


def draw_sheet(sheet: Sheet) -> Image.Image:
    """The page as a picture."""
    return _Page(_fitted(sheet)).draw()


def _fitted(sheet: Sheet) -> Sheet:
    """The same with all pictures reduced alike where the page is too wide or too tall, though not past recognition."""
    columns = 1 + max((column for _, column in sheet.pictures), default=0)
    rows = 1 + max((row for row, _ in sheet.pictures), default=0)
    widest = max((each.width for each in sheet.pictures.values()), default=1)
    highest = max((each.height for each in sheet.pictures.values()), default=1)
    scale = min(_reduced(widest, WIDEST_GRID / columns), _reduced(highest, TALLEST_GRID / rows))
    if scale >= 1:
        return sheet
    pictures = {
        place: each.resize(
            (max(1, round(each.width * scale)), max(1, round(each.height * scale))), Image.Resampling.LANCZOS
        )
        for place, each in sheet.pictures.items()
    }
    return replace(sheet, pictures=pictures)


def _reduced(side: int, room: float) -> float:
    """By how much a side of a picture is scaled to leave a gap in its room."""
    return max((room - GAP) / side, SMALLEST / 2 / side)


class _Page:
    """Sizes of one page, worked out once, and the drawing that follows them."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        places = sheet.pictures
        self.count = (
            1 + max((column for _, column in places), default=0),
            1 + max((row for row, _ in places), default=0),
        )
        self.cell = (
            max((each.width for each in places.values()), default=SMALLEST),
            max((each.height for each in places.values()), default=SMALLEST),
        )
        self.captions = {
            place: _wrapped(caption, CAPTION, self.cell[0], CAPTION_LINES) for place, caption in sheet.captions.items()
        }
        lines = max(map(len, self.captions.values()), default=0)
        self.below = lines * (CAPTION + LEADING // 2) + LEADING if lines else 0
        self.rows = [_wrapped(label, LABEL, WIDEST_ROW, ROW_LINES) for label in sheet.rows]
        lengths = [_length(line, LABEL) for label in self.rows for line in label]
        self.left = MARGIN + (max(*lengths, _length(sheet.down, CAPTION)) + 18 if sheet.rows else 0)
        grid = self.count[0] * (self.cell[0] + GAP) - GAP
        self.width = max(LEAST_WIDTH, self.left + grid + MARGIN)
        inner = self.width - 2 * MARGIN
        negative = f"without {sheet.negative}" if sheet.negative else ""
        self.head = (
            *((line, TEXT, INK) for line in _wrapped(sheet.prompt, TEXT, inner, PROMPT_LINES)),
            *((line, TEXT, SOFT) for line in _wrapped(negative, TEXT, inner, PROMPT_LINES - 1)),
            *((line, CAPTION, SOFT) for line in _wrapped(sheet.shared, CAPTION, inner, 2)),
        )
        self.top = MARGIN + TITLE + 20 + sum(size + LEADING for _, size, _ in self.head) + 26
        name = _length(f"{sheet.across} ", CAPTION)
        widest = max((name + _length(_drawable(each), LABEL) for each in sheet.columns), default=0)
        self.is_stacked = widest > self.cell[0] + GAP // 2
        self.heads = (LABEL + 14 + self.is_stacked * (CAPTION + 4)) if sheet.columns else 0
        self.height = self.top + self.heads + self.count[1] * self.step[1] - GAP + MARGIN

    @property
    def step(self) -> tuple[int, int]:
        """From one cell to the next, across and down."""
        return self.cell[0] + GAP, self.cell[1] + self.below + GAP

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """The upper left corner of a cell."""
        return self.left + column * self.step[0], self.top + self.heads + row * self.step[1]

    def draw(self) -> Image.Image:
        page = Image.new("RGB", (self.width, self.height), PAPER)
        pen = ImageDraw.Draw(page)
        self._head(pen)
        self._labels(pen)
        for row in range(self.count[1]):
            for column in range(self.count[0]):
                self._cell(page, pen, row, column)
        return page

    def _head(self, pen: ImageDraw.ImageDraw) -> None:
        y = MARGIN - 6
        pen.text(
            (MARGIN, y), _cut(_drawable(self.sheet.title), TITLE, self.width - 2 * MARGIN), fill=INK, font=_font(TITLE)
        )
        y += TITLE + 18
        for line, size, colour in self.head:
            pen.text((MARGIN, y), line, fill=colour, font=_font(size))
            y += size + LEADING
        pen.line((MARGIN, y + LEADING, self.width - MARGIN, y + LEADING), fill=LINE, width=2)

    def _labels(self, pen: ImageDraw.ImageDraw) -> None:
        heads = self.top + LABEL // 2
        if self.sheet.columns and self.sheet.rows:
            pen.text((MARGIN, heads), self.sheet.down, fill=SOFT, font=_font(CAPTION), anchor="lm")
        for column, label in enumerate(self.sheet.columns):
            self._head_of_column(pen, self.corner(0, column)[0] + self.cell[0] // 2, heads, _drawable(label))
        for row, lines in enumerate(self.rows):
            middle = self.corner(row, 0)[1] + self.cell[1] // 2
            for number, line in enumerate(lines):
                y = middle + (number - (len(lines) - 1) / 2) * (LABEL + LEADING // 2)
                pen.text((self.left - 18, y), line, fill=INK, font=_font(LABEL), anchor="rm")

    def _head_of_column(self, pen: ImageDraw.ImageDraw, x: int, y: int, label: str) -> None:
        """The value of a column and what it is one of: beside each other where there is room in all columns."""
        if self.is_stacked:
            pen.text(
                (x, y), _cut(self.sheet.across, CAPTION, self.cell[0]), fill=SOFT, font=_font(CAPTION), anchor="mm"
            )
            below = y + CAPTION + 6
            pen.text((x, below), _cut(label, LABEL, self.cell[0]), fill=INK, font=_font(LABEL), anchor="mm")
            return
        name = f"{self.sheet.across} " if self.sheet.across else ""
        left = x - (_length(name, CAPTION) + _length(label, LABEL)) / 2
        pen.text((left, y), name, fill=SOFT, font=_font(CAPTION), anchor="lm")
        pen.text((left + _length(name, CAPTION), y), label, fill=INK, font=_font(LABEL), anchor="lm")

    def _cell(self, page: Image.Image, pen: ImageDraw.ImageDraw, row: int, column: int) -> None:
        x, y = self.corner(row, column)
        picture = self.sheet.pictures.get((row, column))
        if picture is None:
            if self.sheet.columns:
                pen.rectangle((x, y, x + self.cell[0] - 1, y + self.cell[1] - 1), fill=EMPTY)
            return
        at = (x + (self.cell[0] - picture.width) // 2, y + (self.cell[1] - picture.height) // 2)
        page.paste(picture, at)
        pen.rectangle((at[0] - 1, at[1] - 1, at[0] + picture.width, at[1] + picture.height), outline=LINE)
        for line, text in enumerate(self.captions.get((row, column), ())):
            below = y + self.cell[1] + 6 + line * (CAPTION + LEADING // 2)
            pen.text((x + self.cell[0] // 2, below), text, fill=SOFT, font=_font(CAPTION), anchor="ma")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _drawable(text: str) -> str:
    """The text in the letters of Pillow's built-in font: accents dropped, `?` for what it would draw a box for."""
    letters = normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter if _has(letter) else "?" for letter in letters if not combining(letter))


@cache
def _has(letter: str) -> bool:
    return letter == " " or _shape(letter) != _shape(_NO_CHARACTER)


def _shape(letter: str) -> bytes:
    """The pixels of a letter."""
    image = Image.new("L", (2 * TEXT, 2 * TEXT))
    ImageDraw.Draw(image).text((0, 0), letter, fill=255, font=_font(TEXT))
    return image.tobytes()


def _length(text: str, size: int) -> int:
    return round(_font(size).getlength(text))


def _cut(text: str, size: int, width: int) -> str:
    """The text, with an ellipsis where it is too wide."""
    if _length(text, size) <= width:
        return text
    while text and _length(f"{text}…", size) > width:
        text = text[: -max(1, len(text) // 20)]
    return f"{text.rstrip()}…"


def _wrapped(text: str, size: int, width: int, most: int) -> list[str]:
    """The text in at most so many lines; the last one is cut."""
    lines = list(_lines(_drawable(" ".join(text.split())[:2000]), size, width))
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(" ".join(lines[most - 1 : most + 1]), size, width)]


def _lines(text: str, size: int, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _length(longer, size) > width:
            yield _cut(line, size, width)
            line = word
        else:
            line = longer
    if line:
        yield _cut(line, size, width)
