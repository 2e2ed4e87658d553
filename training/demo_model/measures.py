"""What is asked of the demo model, through promptlang and its runtime, and how the answers are counted."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
import torch
from PIL import Image

import promptlang
from promptlang_runtime import render
from training.demo_model.drawing import draw_scenes
from training.demo_model.export import BUNDLE
from training.demo_model.judge import Reading, judge
from training.demo_model.scenes import scenes
from training.demo_model.world import CHROMATIC, COLOURS, PLACES, PLAIN, SHAPES, is_held_out

STEPS = 16
GUIDANCES = (0, 1, 2.5, 4, 7, 20, 40, 80)
WEIGHTS = (0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table: a share or a mean, and the least or most it may be."""

    name: str
    value: float
    pictures: int
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        enough = self.at_least is None or self.value >= self.at_least
        return enough and (self.at_most is None or self.value <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing a prompt asks for; None is anything."""

    colour: str | None = None
    shape: str | None = None
    place: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what its picture must show."""

    prompt: str
    background: str | None
    things: tuple[Wanted, ...]


@dataclass(slots=True)
class Gallery:
    """Draws prompt lines and remembers some pictures for the contact sheets."""

    shown: dict[str, list[tuple[str, Image.Image]]] = field(default_factory=dict)

    def read(
        self, line: str, *, images: int, seed: int, sheet: str = "", label: str = "", keep: int = 0
    ) -> list[Reading]:
        """The judge's readings of `images` pictures of one prompt line, from consecutive seeds."""
        project = promptlang.Project(folders=(BUNDLE / "concepts",))
        text = f"/render /seed:{seed} /images:{images} {line}"
        text = text if "/steps:" in line else text.replace("/render", f"/render /steps:{STEPS}", 1)
        compilation = promptlang.compile(text, project=project)
        if len(compilation.plans) != 1:
            raise ValueError(f"not one plan: {text}: {compilation.diagnostics}")
        drawn = render(compilation.plans[0])
        self.shown.setdefault(sheet, []).extend((label or line, picture) for picture in drawn[:keep])
        pixels = torch.from_numpy(np.stack([np.asarray(picture.convert("RGB")) for picture in drawn]))
        return judge(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)


Section = Callable[[Gallery, int], Iterator[Result]]


def share(claims: Sequence[bool]) -> float:
    """The share of true claims, 0 to 1."""
    return fmean(claims) if claims else 0.0


def _is(reading: Reading, **wanted: str) -> bool:
    thing = reading.first
    return thing is not None and all(getattr(thing, name) == value for name, value in wanted.items())


def judges_own(gallery: Gallery, scale: int) -> Iterator[Result]:
    """The judge on true drawings, which it must read before it may judge anything."""
    plain = (scene for scene in scenes(4711) if scene.emphasis == PLAIN)
    drawn = list(itertools.islice(plain, 6 * scale))
    read = [reading for start in range(0, len(drawn), 48) for reading in judge(draw_scenes(drawn[start : start + 48]))]
    pairs = [(scene.things[0], reading) for scene, reading in zip(drawn, read, strict=True) if len(scene.things) == 1]
    yield Result(name="judge: colour", value=share([_is(r, colour=t.colour) for t, r in pairs]), pictures=len(pairs))
    yield Result(name="judge: shape", value=share([_is(r, shape=t.shape) for t, r in pairs]), pictures=len(pairs))
    yield Result(name="judge: pattern", value=share([_is(r, pattern=t.pattern) for t, r in pairs]), pictures=len(pairs))
    counts = [len(scene.things) == len(reading.things) for scene, reading in zip(drawn, read, strict=True)]
    yield Result(name="judge: count", value=share(counts), pictures=len(counts))


def held_out_questions(count: int, seed: int = 7) -> list[Question]:
    """Combinations never drawn in training, as sentences and as tags."""
    dice, found = random.Random(seed), list[Question]()
    while len(found) < count:
        colour, shape, background = dice.choice(tuple(COLOURS)), dice.choice(SHAPES), dice.choice(tuple(COLOURS))
        if colour != background and is_held_out(colour, shape, background):
            sentence = f"a {colour} {shape} on a {background} background"
            prompt = sentence if len(found) % 3 else f"{colour} {shape}, {background} background"
            found.append(Question(prompt, background, (Wanted(colour=colour, shape=shape),)))
    return found


def accuracy(gallery: Gallery, questions: Sequence[Question], images: int = 2) -> Iterator[Result]:
    """Background, colour, shape and all three of the questions' pictures, each from several seeds."""
    grounds, colours, shapes, places, patterns = (list[bool]() for _ in range(5))
    together: list[bool] = []
    for number, question in enumerate(questions):
        readings = gallery.read(
            f"/parser:new {question.prompt}",
            images=images,
            seed=1000 + 10 * number,
            sheet="held-out",
            label=question.prompt,
            keep=1,
        )
        for reading in readings:
            claims = [_matches(reading, question.things, name) for name in ("colour", "shape", "place", "pattern")]
            ground = question.background is None or reading.background == question.background
            grounds.append(ground)
            together.append(ground and claims[0] is not False and claims[1] is not False)
            for claim, into in zip(claims, (colours, shapes, places, patterns), strict=True):
                if claim is not None:
                    into.append(claim)
    limits = (("background", grounds, 0.99), ("colour", colours, 0.97), ("shape", shapes, 0.95))
    limits += (("position", places, 0.95), ("pattern", patterns, 0.9), ("background, colour and shape", together, 0.95))
    for name, claims, least in limits:
        if claims:
            yield Result(name=name, value=share(claims), pictures=len(claims), at_least=least)


def _matches(reading: Reading, wanted: Sequence[Wanted], name: str) -> bool | None:
    """Whether the picture's things can be paired with the wanted ones in this attribute; None: nothing was asked."""
    values = [getattr(thing, name) for thing in wanted]
    if all(value is None for value in values):
        return None
    seen = [getattr(thing, name) for thing in reading.things]
    if len(seen) < len(values):
        return False
    return any(
        all(value is None or value == seen_value for value, seen_value in zip(values, order, strict=False))
        for order in itertools.permutations(seen[:4], len(values))
    )


def held_out(gallery: Gallery, scale: int) -> Iterator[Result]:
    yield from accuracy(gallery, held_out_questions(scale))


def places(gallery: Gallery, scale: int) -> Iterator[Result]:
    claims: list[bool] = []
    for number, place in enumerate(PLACES):
        colour, shape = CHROMATIC[number % 7], SHAPES[number % 7]
        readings = gallery.read(
            f"/parser:new a small {colour} {shape} at the {place} on a white background",
            images=max(2, -(-scale // len(PLACES))),
            seed=50 * number,
            sheet="words",
            label=f"at the {place}",
            keep=1,
        )
        claims += [_is(reading, place=place) for reading in readings]
    yield Result(name="position", value=share(claims), pictures=len(claims), at_least=0.95)


def counts(gallery: Gallery, scale: int) -> Iterator[Result]:
    claims: list[bool] = []
    asked = (("a red heart", 1), ("two yellow circles", 2), ("three green crosses", 3), ("three blue stars", 3))
    for words, count in asked:
        readings = gallery.read(
            f"/parser:new {words} on a {'black' if count == 2 else 'white'} background",
            images=max(3, scale // 4),
            seed=300 + count,
            sheet="words",
            label=words,
            keep=2,
        )
        claims += [len(reading.things) == count for reading in readings]
    yield Result(name="count", value=share(claims), pictures=len(claims), at_least=0.95)


def patterns(gallery: Gallery, scale: int) -> Iterator[Result]:
    claims: list[bool] = []
    asked = (
        ("an outlined", "purple star"),
        ("a striped", "red circle"),
        ("a dotted", "blue heart"),
        ("a striped", "green square"),
    )
    for words, thing in asked:
        pattern = words.split()[1]
        readings = gallery.read(
            f"/parser:new {words} {thing} on a white background",
            images=max(3, scale // 4),
            seed=500,
            sheet="words",
            label=f"{words} {thing}",
            keep=2,
        )
        claims += [_is(reading, pattern=pattern) for reading in readings]
    yield Result(name="pattern", value=share(claims), pictures=len(claims), at_least=0.9)


def two_things(gallery: Gallery, scale: int) -> Iterator[Result]:
    bound: list[bool] = []
    asked = (
        ("red", "circle", "to the left of", "blue", "square"),
        ("green", "heart", "above", "yellow", "star"),
        ("black", "cross", "and", "pink", "triangle"),
        ("orange", "star", "next to", "purple", "diamond"),
    )
    for colour, shape, relation, other_colour, other_shape in asked:
        ground = "gray" if colour == "black" else "white"
        readings = gallery.read(
            f"/parser:new a {colour} {shape} {relation} a {other_colour} {other_shape} on a {ground} background",
            images=max(3, scale // 4),
            seed=700,
            sheet="words",
            label=f"{colour} {shape} {relation} {other_colour} {other_shape}",
            keep=1,
        )
        for reading in readings:
            seen = {(thing.colour, thing.shape) for thing in reading.things}
            bound.append({(colour, shape), (other_colour, other_shape)} <= seen and len(reading.things) == 2)
    yield Result(
        name="two different things: both colours with their shapes",
        value=share(bound),
        pictures=len(bound),
        at_least=0.9,
    )
