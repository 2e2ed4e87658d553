"""Contact sheets: labelled grids of pictures, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

_GAP, _LINE = 8, 13


def pictures(batch: Tensor) -> list[Image.Image]:
    """PIL pictures of a batch (N, 3, H, W) from -1 to 1."""
    pixels = ((batch.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return [Image.fromarray(picture) for picture in pixels.permute(0, 2, 3, 1).cpu().numpy()]


def sheet(images: Sequence[Image.Image], labels: Sequence[str] | None = None, *, columns: int = 8) -> Image.Image:
    """The pictures in a grid, each with up to three lines of text below it."""
    width, height = images[0].size
    font = ImageFont.load_default(size=11)
    texts = [_wrapped(label, width, font) for label in labels] if labels else [[] for _ in images]
    band = _LINE * max(len(lines) for lines in texts) + (4 if labels else 0)
    rows = -(-len(images) // columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + band + _GAP) + _GAP)
    canvas = Image.new("RGB", size, (255, 255, 255))
    pen = ImageDraw.Draw(canvas)
    for index, (image, lines) in enumerate(zip(images, texts, strict=True)):
        left = _GAP + index % columns * (width + _GAP)
        top = _GAP + index // columns * (height + band + _GAP)
        canvas.paste(image, (left, top))
        for number, line in enumerate(lines):
            pen.text((left, top + height + 2 + _LINE * number), line, fill=(40, 40, 40), font=font)
    return canvas


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines[:3]
