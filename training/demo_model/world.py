"""The small world the demo model knows: coloured shapes on a coloured ground."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CANVAS = 128

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (212, 44, 46),
    "orange": (240, 134, 38),
    "yellow": (246, 212, 64),
    "green": (52, 158, 78),
    "blue": (48, 92, 208),
    "purple": (124, 60, 174),
    "pink": (240, 138, 190),
    "white": (246, 246, 244),
    "black": (26, 26, 30),
    "gray": (136, 138, 144),
}
CHROMATIC = tuple(COLOURS)[:7]
SHAPES = ("circle", "square", "triangle", "star", "heart", "diamond", "cross")
PATTERNS = ("solid", "outlined", "striped", "dotted")
RADII: dict[str, float] = {"small": 16.0, "medium": 26.0, "large": 40.0}
PLACES: dict[str, tuple[int, int]] = {
    "top left": (-1, -1),
    "top": (0, -1),
    "top right": (1, -1),
    "left": (-1, 0),
    "center": (0, 0),
    "right": (1, 0),
    "bottom left": (-1, 1),
    "bottom": (0, 1),
    "bottom right": (1, 1),
}
PLACE_OFFSET = 36.0

# Never drawn in training, so that the evaluation can ask for what the model has not seen.
HELD_OUT_PAIRS = frozenset(
    {
        ("purple", "star"),
        ("green", "heart"),
        ("orange", "cross"),
        ("blue", "triangle"),
        ("pink", "square"),
        ("red", "diamond"),
        ("yellow", "circle"),
        ("gray", "star"),
    }
)


def is_held_out(colour: str, shape: str, background: str) -> bool:
    """Eight (colour, shape) pairs and a fifth of all (colour, shape, background) triples are for the evaluation."""
    number = tuple(COLOURS).index
    triple = number(colour) * 31 + SHAPES.index(shape) * 17 + number(background) * 7
    return (colour, shape) in HELD_OUT_PAIRS or triple % 5 == 0


SEEN = frozenset(
    (colour, shape, background)
    for colour in COLOURS
    for shape in SHAPES
    for background in COLOURS
    if colour != background and not is_held_out(colour, shape, background)
)


class Layout(StrEnum):
    """How the things of a scene belong together."""

    ONE = "one"
    ALIKE = "alike"
    BESIDE = "beside"
    STACKED = "stacked"


class Attribute(StrEnum):
    """What a caption can say; the order is from the broad to the fine."""

    BACKGROUND = "background"
    SHAPE = "shape"
    COLOUR = "colour"
    SIZE = "size"
    COUNT = "count"
    PATTERN = "pattern"
    PLACE = "place"


# Clip skip, as the source page tells it: the fewer layers, the fewer details. The number is the clip skip up to which
# an attribute is (mostly) still told; beyond it captions are trained to be wrong about it.
FADES_AFTER: dict[Attribute, int] = {
    Attribute.PLACE: 4,
    Attribute.PATTERN: 4,
    Attribute.COLOUR: 7,
    Attribute.SIZE: 7,
    Attribute.COUNT: 7,
    Attribute.SHAPE: 10,
    Attribute.BACKGROUND: 13,
}


def known_share(attribute: Attribute, clip_skip: int) -> float:
    """How often a caption read at this clip skip (1 = every layer) is right about the attribute, 0 to 1."""
    return min(1.0, max(0.0, (FADES_AFTER[attribute] + 1 - clip_skip) / 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One drawn shape. Lengths are pixels of the 128 pixel canvas, `turn` is radians."""

    colour: str
    shape: str
    size: str
    pattern: str
    place: str | None
    x: float
    y: float
    radius: float
    turn: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis:
    """Token weights that the picture obeys: colours grow stronger, things and sizes larger."""

    colour: float = 1.0
    background: float = 1.0
    shape: float = 1.0
    size: float = 1.0


PLAIN = Emphasis()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture to draw and to describe."""

    background: str
    things: tuple[Thing, ...]
    layout: Layout
    emphasis: Emphasis = PLAIN


def saturated(colour: str, strength: float) -> tuple[float, float, float]:
    """The colour as 0 to 1 RGB, moved away from (strength above 1) or towards its own gray."""
    rgb = tuple(channel / 255 for channel in COLOURS[colour])
    gray = sum(channel * share for channel, share in zip(rgb, (0.30, 0.59, 0.11), strict=True))
    red, green, blue = (min(1.0, max(0.0, gray + (channel - gray) * strength)) for channel in rgb)
    return red, green, blue
