"""Draws scenes as batches on any device: every shape is a signed distance, so edges are crisp and anti-aliased."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from training.demo_model.world import CANVAS, PATTERNS, SHAPES, Scene, saturated

MOST_THINGS = 3
_CELL, _EXTENT = 160, 1.6


def scene_rows(scene: Scene) -> tuple[list[list[float]], tuple[float, float, float]]:
    """The numbers that `draw` needs: three rows of things (unused ones hidden) and the colour of the ground.

    A row: shown (0 or 1), shape, pattern, x, y, radius, turn, red, green, blue.
    """
    rows = [
        [
            1.0,
            float(SHAPES.index(thing.shape)),
            float(PATTERNS.index(thing.pattern)),
            thing.x,
            thing.y,
            thing.radius,
            thing.turn,
            *saturated(thing.colour, scene.emphasis.colour),
        ]
        for thing in scene.things
    ]
    hidden = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    return rows + [hidden] * (MOST_THINGS - len(rows)), saturated(scene.background, scene.emphasis.background)


def draw_scenes(scenes: Sequence[Scene], device: torch.device | str = "cpu", neon: float = 0.0) -> Tensor:
    """Pictures of the scenes, (N, 3, 128, 128), from -1 to 1."""
    rows, grounds = zip(*(scene_rows(scene) for scene in scenes), strict=True)
    looks = torch.full((len(scenes),), neon, device=device)
    return draw(torch.tensor(rows, device=device), torch.tensor(grounds, device=device), looks)


def draw(things: Tensor, grounds: Tensor, neon: Tensor) -> Tensor:
    """Paint things (N, 3, 10) on grounds (N, 3); `neon` (N) from 0 to 1 darkens the ground and lets the things glow."""
    across, down = _pixels(things.device)
    glow = neon.view(-1, 1, 1, 1)
    canvas = (grounds * (1 - 0.8 * neon[:, None]))[:, :, None, None].expand(-1, -1, CANVAS, CANVAS)
    distances = _distances(things, across, down)
    for index in range(MOST_THINGS):
        thing, distance = things[:, index], distances[:, index]
        cover = _cover(distance, thing[:, 5], thing[:, 2], across, down) * thing[:, 0, None, None]
        colour = thing[:, 7:10, None, None]
        bright = colour + glow * (0.25 * (1 - colour) + 0.35 * (colour - colour.mean(1, keepdim=True)))
        halo = glow * 0.75 * thing[:, :1, None, None] * torch.exp(-distance.abs() / 6)[:, None]
        canvas = canvas + halo * (bright - canvas)
        canvas = canvas + cover[:, None] * (bright - canvas)
    return canvas.clamp(0, 1) * 2 - 1


def _pixels(device: torch.device) -> tuple[Tensor, Tensor]:
    line = torch.arange(CANVAS, device=device, dtype=torch.float32) + 0.5
    return line[None, None, :], line[None, :, None]


def _distances(things: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """Signed distance in pixels of every pixel to every thing, (N, 3, 128, 128), negative inside."""
    parts = things.flatten(0, 1)
    shape, x, y, radius, turn = (parts[:, column, None, None] for column in (1, 3, 4, 5, 6))
    right, below = (across - x) / radius, (down - y) / radius
    cosine, sine = torch.cos(turn), torch.sin(turn)
    places = torch.stack((right * cosine + below * sine, below * cosine - right * sine), -1)
    inside = places.clamp(-_EXTENT, _EXTENT)
    pixel = (inside / _EXTENT + 1) / 2 * (_CELL - 1)
    column, row = pixel[..., 0], pixel[..., 1] + shape * _CELL
    rows = _CELL * len(SHAPES)
    grid = torch.stack((column / (_CELL - 1) * 2 - 1, row / (rows - 1) * 2 - 1), -1)
    atlas = _atlas(things.device)
    looked_up = functional.grid_sample(
        atlas, grid.reshape(1, -1, CANVAS, 2), mode="bilinear", padding_mode="border", align_corners=True
    )
    beyond = (places - inside).norm(dim=-1)
    return ((looked_up.view_as(beyond) + beyond) * radius).view(len(things), MOST_THINGS, CANVAS, CANVAS)


def _cover(distance: Tensor, radius: Tensor, pattern: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """How much of each pixel the thing covers, 0 to 1, after its pattern has taken its share."""
    whole = (0.5 - distance).clamp(0, 1)
    number = pattern[:, None, None]
    line = (0.2 * radius).clamp(3.5, 8)[:, None, None]
    line = torch.where(number == PATTERNS.index("outlined"), line, 2.6)
    rim = (line / 2 + 0.5 - (distance + line / 2).abs()).clamp(0, 1)
    filling = torch.where(number == PATTERNS.index("striped"), _stripes(across, down), torch.zeros_like(whole))
    filling = torch.where(number == PATTERNS.index("dotted"), _around_dots(across, down), filling)
    patterned = torch.maximum(rim, whole * filling)
    return torch.where(number == PATTERNS.index("solid"), whole, patterned)


# Patterns repeat every 16 pixels of the canvas, two latent cells, whatever thing they fill: stripes along the diagonal,
# dots in the middle of one cell of four. Dots on the diagonal too would be stripes to the denoiser.
def _stripes(across: Tensor, down: Tensor) -> Tensor:
    off_centre = ((((across + down) / 16) % 1) - 0.5).abs() * 16 / math.sqrt(2)
    return (3.4 - off_centre).clamp(0, 1)


def _around_dots(across: Tensor, down: Tensor) -> Tensor:
    nearest = torch.hypot((across - 4 + 8) % 16 - 8, (down - 4 + 8) % 16 - 8)
    return (nearest - 3.9).clamp(0, 1)


@lru_cache(maxsize=4)
def _atlas(device: torch.device) -> Tensor:
    """Signed distances of the seven unit shapes, one below the other, (1, 1, 7 * 160, 160)."""
    line = torch.linspace(-_EXTENT, _EXTENT, _CELL)
    grid = torch.stack((line[None, :].expand(_CELL, -1), line[:, None].expand(-1, _CELL)), -1)
    cells = [_polygon_distance(grid, torch.tensor(outline(shape))) for shape in SHAPES]
    return torch.cat(cells)[None, None].to(device)


def _polygon_distance(points: Tensor, corners: Tensor) -> Tensor:
    start, end = corners, corners.roll(-1, 0)
    edge, offset = end - start, points[..., None, :] - start
    along = ((offset * edge).sum(-1) / (edge * edge).sum(-1)).clamp(0, 1)
    distance = (offset - along[..., None] * edge).norm(dim=-1).amin(-1)
    vertical = points[..., None, 1]
    crosses = (start[:, 1] > vertical) != (end[:, 1] > vertical)
    slope = (vertical - start[:, 1]) / torch.where(edge[:, 1] == 0, 1e-9, edge[:, 1])
    is_inside = (crosses & (points[..., None, 0] < start[:, 0] + slope * edge[:, 0])).sum(-1) % 2 == 1
    return torch.where(is_inside, -distance, distance)


def outline(shape: str) -> list[tuple[float, float]]:
    """The corners of a shape of radius 1 around the origin; y grows downwards."""
    match shape:
        case "circle":
            return _ring(96, 1.0)
        case "square":
            return _ring(4, 0.9 * math.sqrt(2), math.pi / 4)
        case "triangle":
            return [(x, y + 0.2) for x, y in _ring(3, 1.25)]
        case "star":
            points = zip(_ring(5, 1.25), _ring(5, 0.54, math.pi / 5), strict=True)
            return [(x, y + 0.06) for pair in points for x, y in pair]
        case "diamond":
            return [(0.0, -1.25), (0.8, 0.0), (0.0, 1.25), (-0.8, 0.0)]
        case "cross":
            arm, end = 0.36, 1.08
            quarter = [(arm, -end), (arm, -arm), (end, -arm)]
            return [corner for turns in range(4) for corner in _quarter_turns(quarter, turns)]
        case _:
            return [_heart(2 * math.pi * step / 96) for step in range(96)]


def _ring(corners: int, radius: float, start: float = 0.0) -> list[tuple[float, float]]:
    angles = (start + 2 * math.pi * corner / corners for corner in range(corners))
    return [(radius * math.sin(angle), -radius * math.cos(angle)) for angle in angles]


def _quarter_turns(corners: list[tuple[float, float]], turns: int) -> list[tuple[float, float]]:
    for _ in range(turns):
        corners = [(-y, x) for x, y in corners]
    return corners


def _heart(angle: float) -> tuple[float, float]:
    height = 13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle)
    return 16 * math.sin(angle) ** 3 / 15, -height / 15 - 0.1
