"""Reads pictures back: pixels tell colours, places and counts; a classifier trained on true drawings tells shapes.

It knows nothing of the demo model, only of the drawings, so that it can say what the demo model really drew.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from training.demo_model.drawing import draw_scenes
from training.demo_model.scenes import scenes
from training.demo_model.world import CANVAS, COLOURS, PATTERNS, PLACES, RADII, SHAPES, Scene

WEIGHTS = Path(__file__).with_name("judge.safetensors")
_CROP = 40
_FAR, _SMALLEST = 18.0, 50  # Lab distance from the ground, and pixels, that make a thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing in a picture; pixels from the top left corner."""

    colour: str
    shape: str
    pattern: str
    place: str
    x: float
    y: float
    extent: float
    chroma: float

    @property
    def size(self) -> str:
        """The size word whose radius fits best."""
        return min(RADII, key=lambda size: abs(2.1 * RADII[size] - self.extent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the judge sees in one picture; the largest thing comes first."""

    background: str
    background_lightness: float
    things: tuple[Seen, ...]

    @property
    def first(self) -> Seen | None:
        return self.things[0] if self.things else None


class ShapeReader(nn.Module):
    """A small classifier of cut-out things: (N, 1, 40, 40) to the scores of shapes and of patterns."""

    def __init__(self) -> None:
        super().__init__()
        widths = (1, 24, 48, 64)
        stages = [
            layer
            for before, after in itertools.pairwise(widths)
            for layer in (nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU())
        ]
        self.body = nn.Sequential(*stages, nn.Flatten(), nn.Linear(64 * 25, 64), nn.ReLU())
        self.shape, self.pattern = nn.Linear(64, len(SHAPES)), nn.Linear(64, len(PATTERNS))

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(crops)
        return self.shape(features), self.pattern(features)


def lab(rgb: Tensor) -> Tensor:
    """CIE Lab of 0 to 1 sRGB in the last dimension: distances there are about what eyes see."""
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    matrix = torch.tensor([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / torch.tensor([0.9505, 1.0, 1.089])
    root = torch.where(xyz > 0.008856, xyz.clamp_min(1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = root.unbind(-1)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), -1)


@lru_cache(maxsize=1)
def _palette() -> Tensor:
    return lab(torch.tensor(list(COLOURS.values())) / 255)


def colour_name(colour: Tensor) -> str:
    """The palette's nearest colour to one in Lab."""
    return tuple(COLOURS)[int((_palette() - colour).norm(dim=-1).argmin())]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A thing before its shape is known."""

    picture: int
    crop: Tensor
    colour: Tensor
    box: tuple[int, int, int, int]


@torch.no_grad()
def judge(pictures: Tensor) -> list[Reading]:
    """Read pictures (N, 3, 128, 128) from -1 to 1."""
    grounds, cuts = _cut_out(pictures.float().cpu())
    reader = _reader()
    shapes, patterns = reader(torch.stack([cut.crop for cut in cuts])) if cuts else (torch.empty(0), torch.empty(0))
    things: list[list[Seen]] = [[] for _ in grounds]
    for cut, shape, pattern in zip(cuts, shapes, patterns, strict=True):
        things[cut.picture].append(_seen(cut, SHAPES[int(shape.argmax())], PATTERNS[int(pattern.argmax())]))
    return [
        Reading(
            background=colour_name(ground),
            background_lightness=float(ground[0]),
            things=tuple(sorted(found, key=lambda thing: -thing.extent)),
        )
        for ground, found in zip(grounds, things, strict=True)
    ]


def _seen(cut: _Cut, shape: str, pattern: str) -> Seen:
    left, top, right, bottom = cut.box
    x, y = (left + right) / 2, (top + bottom) / 2
    steps = tuple((value > 64 + 15) - (value < 64 - 15) for value in (x, y))
    place = next(name for name, step in PLACES.items() if step == steps)
    extent = float(max(right - left, bottom - top))
    chroma = float(cut.colour[1:].norm())
    return Seen(
        colour=colour_name(cut.colour),
        shape=shape,
        pattern=pattern,
        place=place,
        x=x,
        y=y,
        extent=extent,
        chroma=chroma,
    )


def _cut_out(pictures: Tensor) -> tuple[Tensor, list[_Cut]]:
    colours = lab((pictures.clamp(-1, 1) / 2 + 0.5).permute(0, 2, 3, 1))
    border = torch.cat([colours[:, :4].flatten(1, 2), colours[:, -4:].flatten(1, 2)], 1)
    border = torch.cat([border, colours[:, :, :4].flatten(1, 2), colours[:, :, -4:].flatten(1, 2)], 1)
    grounds = border.median(1).values
    distances = (colours - grounds[:, None, None]).norm(dim=-1)
    labels = _labels(_solid(distances))
    cuts: list[_Cut] = []
    for number, (distance, label, colour) in enumerate(zip(distances, labels, colours, strict=True)):
        for value in label.unique()[1:].tolist():
            is_thing = (label == value) & (distance > _FAR)
            if int(is_thing.sum()) >= _SMALLEST:
                cuts.append(_one_cut(number, distance, is_thing, colour))
    return grounds, cuts


def _solid(distances: Tensor) -> Tensor:
    """The pixels that surely belong to things: a faint smear between two things does not make them one."""
    peaks = torch.stack(
        [
            distance[distance > _FAR].quantile(0.8) if (distance > _FAR).any() else distance.amax()
            for distance in distances
        ]
    )
    return (distances > _FAR) & (distances > 0.45 * peaks[:, None, None])


def _labels(masks: Tensor) -> Tensor:
    """A number for every connected thing, (N, 128, 128), 0 for the ground."""
    coarse = functional.max_pool2d(masks.float()[:, None], 2, 2)
    numbers = torch.arange(1, coarse[0].numel() + 1, dtype=torch.float32).view_as(coarse[:1])
    labels = numbers * coarse
    for _ in range(4 * CANVAS):
        grown = functional.max_pool2d(labels, 3, 1, 1) * coarse
        if torch.equal(grown, labels):
            break
        labels = grown
    return functional.interpolate(labels, size=(CANVAS, CANVAS), mode="nearest")[:, 0].long()


def _one_cut(number: int, distance: Tensor, is_thing: Tensor, colour: Tensor) -> _Cut:
    rows, columns = is_thing.nonzero().unbind(-1)
    left, top, right, bottom = (int(value) for value in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    within = distance[is_thing]
    core = within >= within.quantile(0.5)
    solid = (distance / (0.7 * within.quantile(0.8))).clamp(0, 1) * is_thing
    half = 0.58 * max(right - left, bottom - top) + 1
    line = torch.linspace(-1, 1, _CROP) * half
    across, down = line + (left + right) / 2, line + (top + bottom) / 2
    grid = torch.stack((across.expand(_CROP, -1), down[:, None].expand(-1, _CROP)), -1) / CANVAS * 2 - 1
    crop = functional.grid_sample(solid[None, None], grid[None], align_corners=False)[0]
    return _Cut(number, crop, colour[is_thing][core].median(0).values, (left, top, right, bottom))


@lru_cache(maxsize=1)
def _reader() -> ShapeReader:
    reader = ShapeReader()
    reader.load_state_dict({key: value.float() for key, value in load_file(WEIGHTS).items()})
    return reader.eval()


def train_judge(count: int = 2500, epochs: int = 20, seed: int = 3) -> float:
    """Train the classifier on softened true drawings, keep it, and return its accuracy on shapes of fresh ones."""
    torch.manual_seed(seed)
    crops, shapes, patterns = _examples(seed, count)
    reader = ShapeReader()
    optimizer = torch.optim.AdamW(reader.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for rows in torch.randperm(len(crops)).split(100):
            by_shape, by_pattern = reader(crops[rows])
            loss = functional.cross_entropy(by_shape, shapes[rows]) + functional.cross_entropy(
                by_pattern, patterns[rows]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    save_file({key: value.half() for key, value in reader.eval().state_dict().items()}, WEIGHTS)
    _reader.cache_clear()
    fresh, true, _ = _examples(seed + 1, 400)
    with torch.no_grad():
        return float((reader(fresh)[0].argmax(1) == true).float().mean())


def _examples(seed: int, count: int) -> tuple[Tensor, Tensor, Tensor]:
    crops: list[Tensor] = []
    shapes: list[int] = []
    patterns: list[int] = []
    stream = scenes(seed)
    for _ in range(-(-count // 50)):
        drawn = list(itertools.islice(stream, 50))
        _, cuts = _cut_out(_softened(draw_scenes(drawn)))
        for cut in cuts:
            thing = _nearest(drawn[cut.picture], cut.box)
            if thing is not None:
                crops.append(cut.crop)
                shapes.append(SHAPES.index(thing[0]))
                patterns.append(PATTERNS.index(thing[1]))
    return torch.stack(crops), torch.tensor(shapes), torch.tensor(patterns)


def _softened(drawings: Tensor) -> Tensor:
    """Drawings as a decoder might leave them: a little blurred, with a faint large grain."""
    blurred = functional.avg_pool2d(functional.pad(drawings, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blurred = functional.avg_pool2d(functional.pad(blurred, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = torch.rand(len(drawings), 1, 1, 1)
    grain = functional.interpolate(torch.randn(len(drawings), 3, 32, 32), size=(CANVAS, CANVAS), mode="bilinear")
    return drawings + share * (blurred - drawings) + 0.05 * torch.rand_like(share) * grain


def _nearest(scene: Scene, box: tuple[int, int, int, int]) -> tuple[str, str] | None:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    thing = min(scene.things, key=lambda thing: abs(thing.x - x) + abs(thing.y - y))
    return (thing.shape, thing.pattern) if abs(thing.x - x) + abs(thing.y - y) < 12 else None
