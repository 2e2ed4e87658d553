"""Whether the language shows in the pictures: weights, negatives, schedules, guidance, clip skip, added concepts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import fmean

from training.demo_model.judge import Reading
from training.demo_model.measures import GUIDANCES, WEIGHTS, Gallery, Result, share


def _coloured(readings: list[Reading], *colours: str) -> float:
    return share([reading.first is not None and reading.first.colour in colours for reading in readings])


def weights(gallery: Gallery, scale: int) -> Iterator[Result]:
    """Two colour words compete; the weights decide."""
    won: list[float] = []
    for heavy, light in (("red", "blue"), ("green", "purple")):
        for words in (f"({heavy}:1.4) ({light}:0.6)", f"({light}:0.6) ({heavy}:1.4)"):
            line = f"/parser:new a {words} circle on a white background"
            won.append(_coloured(gallery.read(line, images=max(8, scale // 4), seed=40), heavy))
    yield Result(
        name="weight: the heavier colour wins", value=fmean(won), pictures=4 * max(8, scale // 4), at_least=0.95
    )
    shares: list[float] = []
    for weight in WEIGHTS:
        line = f"/parser:new a (red:{weight}) blue square on a white background"
        readings = gallery.read(line, images=scale, seed=80, sheet="weights", label=f"(red:{weight}) blue", keep=4)
        shares.append(_coloured(readings, "red"))
        yield Result(name=f"weight: share of red at {weight}", value=shares[-1], pictures=scale)
    steps = [after - before for before, after in itertools.pairwise(shares)]
    rises = min(steps) >= 0 and shares[-1] > shares[0]
    yield Result(name="weight: the share never falls", value=float(rises), pictures=scale * len(WEIGHTS), at_least=1.0)


def negative(gallery: Gallery, scale: int) -> Iterator[Result]:
    """A colour left open, with and without one colour forbidden."""
    for name, text, most in (("base rate", "", None), ("[red]", "[red]", 0.01)):
        line = f"/parser:new a heart on a white background {text}"
        readings = gallery.read(line, images=2 * scale, seed=160, sheet="negative", label=f"a heart {text}", keep=8)
        yield Result(
            name=f"negative: red with {name}", value=_coloured(readings, "red"), pictures=2 * scale, at_most=most
        )


EDITED_AT = 0.5


def editing(gallery: Gallery, scale: int) -> Iterator[Result]:
    """The first text gives the shape, the second the colour."""
    for when in (0.3, EDITED_AT, 0.7):
        line = f"/parser:a1111 [yellow triangle:blue square:{when}] on a white background"
        readings = gallery.read(
            line, images=scale, seed=240, sheet="editing", label=f"[yellow triangle:blue square:{when}]", keep=4
        )
        both = [r.first is not None and (r.first.shape, r.first.colour) == ("triangle", "blue") for r in readings]
        least = 0.8 if when == EDITED_AT else None
        yield Result(name=f"editing at {when}: blue triangle", value=share(both), pictures=scale, at_least=least)
    # A canvas that changes its colour at every step asks for little guidance and a sampler without a memory.
    line = "/parser:a1111 /sampler:euler /guidance:3 /steps:30 a [red|blue] circle on a white background"
    readings = gallery.read(line, images=scale, seed=280, sheet="editing", label="a [red|blue] circle", keep=4)
    mixed = [
        r.first is not None and r.first.shape == "circle" and r.first.colour in ("red", "blue", "purple", "pink")
        for r in readings
    ]
    yield Result(
        name="alternation: a circle in either colour or between", value=share(mixed), pictures=scale, at_least=0.8
    )


def guidance(gallery: Gallery, scale: int) -> Iterator[Result]:
    """0 ignores the prompt, the middle is best, much distorts."""
    found: list[float] = []
    for value in GUIDANCES:
        line = f"/parser:new /guidance:{value} a purple star on a yellow background"
        readings = gallery.read(line, images=scale, seed=320, sheet="guidance", label=f"guidance {value}", keep=4)
        right = [r.background == "yellow" and _is_one(r, "purple", "star") for r in readings]
        found.append(share(right))
        yield Result(name=f"guidance {value}: all right", value=found[-1], pictures=scale)
    best = max(found[2:5])
    in_the_middle = best >= max(found) and found[0] <= 0.2 and found[-1] <= best / 2
    yield Result(name="guidance: chance at 0, best in the middle", value=float(in_the_middle), pictures=0, at_least=1.0)


def _is_one(reading: Reading, colour: str, shape: str) -> bool:
    thing = reading.first
    return thing is not None and (thing.colour, thing.shape, len(reading.things)) == (colour, shape, 1)


# Each attribute, from the fine to the broad, in the order in which clip skip is to lose them; two of a rank may swap.
_RANKS = (("position", "pattern"), ("colour", "size"), ("shape",), ("background",))


def clip_skip(gallery: Gallery, scale: int) -> Iterator[Result]:
    """Every attribute at every clip skip: 1 and 2 are alike, then the fine goes before the broad."""
    found: dict[str, list[float]] = {}
    for skip in range(1, 14):
        for name, claims in _at_clip_skip(gallery, skip, scale).items():
            found.setdefault(name, []).append(share(claims))
            yield Result(name=f"clip skip {skip}: {name}", value=found[name][-1], pictures=len(claims))
    furthest = max(abs(values[0] - values[1]) for values in found.values())
    yield Result(name="clip skip: between 1 and 2 at most", value=furthest, pictures=0, at_most=0.15)
    ranks = [[fmean(found[name]) for name in names] for names in _RANKS]
    in_order = all(max(fine) < min(broad) for fine, broad in itertools.pairwise(ranks))
    yield Result(name="clip skip: the fine is lost first", value=float(in_order), pictures=0, at_least=1.0)


def _at_clip_skip(gallery: Gallery, skip: int, scale: int) -> dict[str, list[bool]]:
    claims: dict[str, list[bool]] = {name: [] for names in _RANKS for name in names}
    keep = 2 if skip in (1, 2, 4, 6, 8, 10, 12, 13) else 0
    asked = (("red", "star", "striped", "left", "white"), ("blue", "heart", "outlined", "right", "yellow"))
    for number, (colour, shape, pattern, place, ground) in enumerate(asked):
        line = f"/parser:new /clipskip:{skip} a {pattern} {colour} {shape} at the {place} on a {ground} background"
        seed = 360 + number * scale // 2
        for reading in gallery.read(
            line, images=scale // 2, seed=seed, sheet="clip-skip", label=f"clip skip {skip}", keep=keep
        ):
            thing = reading.first
            claims["position"].append(thing is not None and thing.place == place)
            claims["pattern"].append(thing is not None and thing.pattern == pattern)
            claims["colour"].append(thing is not None and thing.colour == colour)
            claims["shape"].append(thing is not None and thing.shape == shape)
            claims["background"].append(reading.background == ground)
    for number, (size, line) in enumerate(
        (("small", "a small green square"), ("large", "a large purple circle in the center"))
    ):
        line = f"/parser:new /clipskip:{skip} {line} on a white background"
        for reading in gallery.read(line, images=scale // 2, seed=600 + number * scale // 2):
            claims["size"].append(reading.first is not None and reading.first.size == size)
    return claims


def lora(gallery: Gallery, scale: int) -> Iterator[Result]:
    """The neon LoRA darkens the ground, the more the heavier."""
    found: list[float] = []
    for weight in (0.0, 0.25, 0.5, 1.0):
        concept = f"<neon:{weight}>" if weight else ""
        line = f"/parser:new {concept} a pink heart on a green background"
        readings = gallery.read(line, images=scale, seed=400, sheet="concepts", label=f"<neon:{weight}>", keep=4)
        found.append(fmean(reading.background_lightness for reading in readings))
        yield Result(name=f"LoRA at {weight}: lightness of the ground", value=found[-1], pictures=scale)
    falls = all(before > after + 1 for before, after in itertools.pairwise(found)) and found[0] > found[-1] + 20
    yield Result(name="LoRA: darker with its weight", value=float(falls), pictures=4 * scale, at_least=1.0)


def inversion(gallery: Gallery, scale: int) -> Iterator[Result]:
    """The word for a blueprint brings white outlines on blue, the more the heavier."""
    found: list[float] = []
    for weight in (0.0, 0.6, 1.0):
        concept = f"<blueprint:{weight}>" if weight else ""
        line = f"/parser:new a {concept} star"
        readings = gallery.read(
            line, images=scale, seed=440, sheet="concepts", label=f"a <blueprint:{weight}> star", keep=4
        )
        signs = [
            (
                r.background == "blue",
                r.first is not None and r.first.colour == "white",
                r.first is not None and r.first.pattern == "outlined",
            )
            for r in readings
        ]
        found.append(fmean(fmean(sign) for sign in signs))
        yield Result(name=f"inversion at {weight}: signs of a blueprint", value=found[-1], pictures=scale)
    rises = found[0] < found[1] <= found[2] and found[2] > found[0] + 0.3
    yield Result(name="inversion: more with its weight", value=float(rises), pictures=3 * scale, at_least=1.0)
