"""Draws icon.png: a slash that becomes a picture. Needs Pillow: python draw_icon.py"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIDE = 256
SCALE = 4  # drawn larger and reduced, for smooth edges
GROUND = ((44, 30, 84), (18, 14, 38))
NOISE = (
    (0.20, 0.24, 0.020, 90), (0.36, 0.20, 0.014, 60), (0.29, 0.36, 0.024, 130), (0.15, 0.43, 0.016, 70),
    (0.24, 0.55, 0.018, 90), (0.40, 0.43, 0.012, 60), (0.16, 0.68, 0.014, 50),
)  # fmt: skip
ORDER = tuple((0.86 - 0.095 * column, 0.80 - 0.095 * row, 0.027, 255) for row in range(3) for column in range(3 - row))
SLASH = ((255, 196, 92), (255, 92, 138), (128, 108, 255))


def icon() -> Image.Image:
    """The icon, 256 pixels square, on a transparent ground."""
    side = SIDE * SCALE
    tile = Image.new("L", (side, side))
    ImageDraw.Draw(tile).rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.22, fill=255)
    picture = _blend(side, GROUND)
    slash = _slash(side)
    glow = slash.filter(ImageFilter.GaussianBlur(side * 0.05)).point(lambda value: value * 0.55)
    colours = _blend(side, SLASH)
    picture.paste(colours, mask=glow)
    picture.paste(colours, mask=slash)
    picture.paste((255, 255, 255), mask=_marks(side))
    picture.putalpha(tile)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _blend(side: int, stops: tuple[tuple[int, int, int], ...]) -> Image.Image:
    """Colours from top to bottom."""
    column = Image.new("RGB", (1, len(stops)))
    for row, colour in enumerate(stops):
        column.putpixel((0, row), colour)
    return column.resize((side, side), Image.Resampling.BICUBIC)


def _slash(side: int) -> Image.Image:
    mask = Image.new("L", (side, side))
    width = round(side * 0.125)
    ends = ((side * 0.36, side * 0.77), (side * 0.60, side * 0.23))
    draw = ImageDraw.Draw(mask)
    draw.line(ends, fill=255, width=width)
    for x, y in ends:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return mask


def _marks(side: int) -> Image.Image:
    """Noise to the left of the slash, order to the right."""
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    for x, y, radius, light in (*NOISE, *ORDER):
        draw.ellipse(((x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side), fill=light)
    return mask


if __name__ == "__main__":
    icon().save(Path(__file__).parent / "images" / "icon.png", optimize=True)
