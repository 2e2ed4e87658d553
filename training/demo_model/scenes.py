"""Random scenes: which things a training picture shows, and where."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from training.demo_model.world import (
    CHROMATIC,
    COLOURS,
    PATTERNS,
    PLACE_OFFSET,
    PLACES,
    PLAIN,
    RADII,
    SEEN,
    SHAPES,
    Emphasis,
    Layout,
    Scene,
    Thing,
)


def growth(emphasis: Emphasis, size: str) -> float:
    """The factor on a thing's radius that the weights of its noun and of its size word ask for."""
    by_size = {"small": -0.4, "medium": 0.0, "large": 0.3}[size] * (emphasis.size - 1)
    return (1 + 0.5 * (emphasis.shape - 1)) * (1 + by_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What share of the scenes shows two different things, and what share of the things has a pattern."""

    pairs: float = 0.26
    # Fine and small, patterns need more practice than their share of a world.
    patterned: float = 0.6


USUAL = Mix()
_SINGLE = 0.52 / 0.74  # of the scenes that are no pairs
_PATTERN_SHARES = (0.24, 0.35, 0.41)  # outlined, striped, dotted


def random_scene(dice: random.Random, mix: Mix = USUAL) -> Scene:
    """A scene whose (colour, shape, background) combinations are all allowed in training."""
    while True:
        scene = _any_scene(dice, mix)
        if all((thing.colour, thing.shape, scene.background) in SEEN for thing in scene.things):
            return scene


def _any_scene(dice: random.Random, mix: Mix) -> Scene:
    background = dice.choice(tuple(COLOURS))
    kind = dice.random()
    if kind >= 1 - mix.pairs:
        return _two(dice, background, mix.patterned)
    if kind < (1 - mix.pairs) * _SINGLE:
        return _one(dice, background, mix.patterned)
    return _alike(dice, background, mix.patterned)


def _thing(dice: random.Random, patterned: float) -> Thing:
    return Thing(
        colour=dice.choice(tuple(COLOURS)),
        shape=dice.choice(SHAPES),
        size="medium",
        pattern=dice.choices(PATTERNS, (1 - patterned, *(share * patterned for share in _PATTERN_SHARES)))[0],
        place=None,
        x=64.0,
        y=64.0,
        radius=RADII["medium"],
        turn=dice.uniform(-0.06, 0.06),
    )


def _one(dice: random.Random, background: str, patterned: float) -> Scene:
    emphasis = _emphasis(dice, background) if dice.random() < 0.4 else PLAIN
    size = dice.choices(tuple(RADII), (0.25, 0.45, 0.3))[0]
    place = dice.choice(tuple(PLACES)) if dice.random() < 0.6 else "center"
    radius = RADII[size] * dice.uniform(0.93, 1.07) * growth(emphasis, size)
    if place != "center":
        radius = min(radius, 25.0)
    across, down = PLACES[place]
    reach = min(PLACE_OFFSET, 61 - radius * 1.2)
    thing = replace(
        _thing(dice, patterned),
        size=size,
        place=place,
        radius=max(9.0, min(radius, 50.0)),
        x=64 + across * reach + dice.uniform(-3, 3),
        y=64 + down * reach + dice.uniform(-3, 3),
    )
    return Scene(background=background, things=(thing,), layout=Layout.ONE, emphasis=emphasis)


def _emphasis(dice: random.Random, background: str) -> Emphasis:
    weight = random_weight(dice)
    match dice.choices(("colour", "background", "shape", "size", "all"), (0.45, 0.13, 0.17, 0.15, 0.1))[0]:
        case "colour":
            return Emphasis(colour=weight)
        case "all":
            return Emphasis(colour=weight, shape=weight, size=weight)
        case "background" if background in CHROMATIC:
            return Emphasis(background=weight)
        case "shape":
            return Emphasis(shape=weight)
        case _:
            return Emphasis(size=weight)


def random_weight(dice: random.Random) -> float:
    """A token weight from 0.3 to 1.7, seldom near 1, where nothing is to be seen."""
    return dice.uniform(0.3, 0.85) if dice.random() < 0.5 else dice.uniform(1.15, 1.7)


# Places of two or three things of a kind, in units of their distance.
_ARRANGEMENTS: dict[int, tuple[tuple[tuple[float, float], ...], ...]] = {
    2: (((-1, 0), (1, 0)), ((-1, 0), (1, 0)), ((0, -1), (0, 1)), ((-1, -0.9), (1, 0.9))),
    3: (
        ((-1, 0), (0, 0), (1, 0)),
        ((0, -1), (0, 0), (0, 1)),
        ((0, -0.75), (-0.8, 0.6), (0.8, 0.6)),
        ((0, -0.75), (-0.8, 0.6), (0.8, 0.6)),
    ),
}


def _alike(dice: random.Random, background: str, patterned: float) -> Scene:
    count = 2 if dice.random() < 0.5 else 3
    size = "small" if dice.random() < 0.3 else "medium"
    radius = {("small", 2): 13.0, ("medium", 2): 20.0, ("small", 3): 11.0, ("medium", 3): 14.0}[size, count]
    radius *= dice.uniform(0.95, 1.05)
    distance = dice.uniform(29, 32) if count == 2 else dice.uniform(40, 43)
    model = _thing(dice, patterned)
    if radius < 18 and model.pattern in ("striped", "dotted"):  # too few pixels for a filling that repeats
        model = replace(model, pattern="solid")
    things = tuple(
        replace(
            model,
            size=size,
            radius=radius,
            x=64 + across * distance + dice.uniform(-1.5, 1.5),
            y=64 + down * distance + dice.uniform(-1.5, 1.5),
        )
        for across, down in dice.choice(_ARRANGEMENTS[count])
    )
    return Scene(background=background, things=things, layout=Layout.ALIKE)


def _two(dice: random.Random, background: str, patterned: float) -> Scene:
    layout = Layout.BESIDE if dice.random() < 0.6 else Layout.STACKED
    first, second = _two_different(dice, patterned)
    distance = dice.uniform(28, 32)
    across, down = (distance, 0.0) if layout is Layout.BESIDE else (0.0, distance)
    things = tuple(
        replace(
            thing,
            radius=21 * dice.uniform(0.93, 1.05),
            x=64 + side * across + dice.uniform(-2, 2),
            y=64 + side * down + dice.uniform(-2, 2),
        )
        for side, thing in ((-1, first), (1, second))
    )
    return Scene(background=background, things=things, layout=layout)


def _two_different(dice: random.Random, patterned: float) -> tuple[Thing, Thing]:
    while True:
        first, second = _thing(dice, patterned), _thing(dice, patterned)
        if first.colour != second.colour and first.shape != second.shape:
            return first, second


def scenes(seed: int) -> Iterator[Scene]:
    """An endless, repeatable stream of scenes."""
    dice = random.Random(seed)
    while True:
        yield random_scene(dice)


def recoloured(scene: Scene, dice: random.Random) -> Scene:
    """The same drawing with another colour on its things: what is on the canvas when a prompt is edited late."""
    choices = [colour for colour in COLOURS if colour not in (scene.background, scene.things[0].colour)]
    colour = dice.choice(choices)
    return replace(scene, things=tuple(replace(thing, colour=colour) for thing in scene.things))
