"""Which pictures belong on which page: a grid for every sweep, and one contact sheet for the rest of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil, isqrt, sqrt
from pathlib import Path

from PIL import Image

from promptlang.exporters.facts import lead, named, told_apart
from promptlang.exporters.infotext import prompts
from promptlang.plans.blending import blend_strength
from promptlang.plans.controlling import control_strength
from promptlang.plans.enlarging import drawn_size, second_strength
from promptlang.plans.plan import WORDS, Plan
from promptlang.plans.remixing import strength_of
from promptlang.statements.parsing import parse
from promptlang_runtime.output.metadata import picture_of
from promptlang_runtime.output.sheet import Sheet, thumbnail

WIDEST = 6  # columns of a contact sheet of less than fifty pictures; of more it is a square
WIDEST_ROW = 8  # columns of a sweep over one option before it is laid out in lines
WIDEST_LABEL = 20  # letters of a label above a picture; longer ones stand below it in two lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture at the size of a page; `size` is its own, `name` its file's, `place` that of its plan in the file."""

    plan: Plan
    seed: int
    name: str
    picture: Image.Image
    size: tuple[int, int]
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A picture of an earlier run, which is opened only for a page that is not there yet."""

    plan: Plan
    seed: int
    file: Path
    place: int


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures of one page in their order: the cells of a sweep or of variants, or the rest of a file."""

    pictures: tuple[Drawn | Unread, ...]
    is_comparison: bool = False

    @property
    def mark(self) -> str:
        """What names the page of these pictures."""
        return _mark(self.pictures)

    def read(self) -> tuple[Drawn, ...]:
        """The pictures at the size of a page, without those that have gone meanwhile."""
        return tuple(found for each in self.pictures if (found := _read(each)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differing:
    """Of which things the pictures of a page show several: prompts, places among `_facts`, seeds of one prompt."""

    positive: bool
    negative: bool
    facts: tuple[int, ...]
    seeds: frozenset[tuple[str, str]]


def groups(drawn: Iterable[Drawn | Unread]) -> Iterator[Group]:
    """The pages of one file's pictures, in the order of its statements, whenever each was drawn."""
    ordered = sorted(drawn, key=lambda each: (each.place, each.seed))
    loose: list[Drawn | Unread] = []
    sweeps: dict[int, list[Drawn | Unread]] = {}
    for each in ordered:
        if each.plan.axes:
            sweeps.setdefault(each.plan.statement, []).append(each)
        else:
            loose.append(each)
    if len(loose) > 1:
        yield Group(tuple(loose))
    yield from (Group(tuple(sweep), is_comparison=True) for sweep in sweeps.values() if len(sweep) > 1)


def sheet_of(title: str, group: Group, drawn: Sequence[Drawn]) -> Sheet:
    """The page of a group, with those of its pictures that are there."""
    made = grid(title, _told_apart(_to_scale(drawn))) if group.is_comparison else contact(title, drawn)
    return replace(made, mark=_mark(drawn))


def _told_apart(drawn: Sequence[Drawn]) -> Sequence[Drawn]:
    plans = told_apart([each.plan for each in drawn])
    return [replace(each, plan=plan) for each, plan in zip(drawn, plans, strict=True)]


def _to_scale(drawn: Sequence[Drawn]) -> Sequence[Drawn]:
    """The same with pictures of different sizes reduced alike, so that they compare."""
    scale = min(each.picture.width / each.size[0] for each in drawn)
    return [replace(each, picture=_scaled(each.picture, each.size, scale)) for each in drawn]


def _scaled(picture: Image.Image, size: tuple[int, int], scale: float) -> Image.Image:
    wide, high = (max(1, round(side * scale)) for side in size)
    return picture if picture.size == (wide, high) else picture.resize((wide, high), Image.Resampling.LANCZOS)


def _read(each: Drawn | Unread) -> Drawn | None:
    """The picture at the size of a page; None where it has gone meanwhile."""
    if isinstance(each, Drawn):
        return each
    try:
        with Image.open(each.file) as picture:
            size, small = picture.size, thumbnail(picture)
    except OSError:
        return None
    return Drawn(plan=each.plan, seed=each.seed, name=each.file.name, picture=small, size=size, place=each.place)


def _mark(drawn: Iterable[Drawn | Unread]) -> str:
    return sha256("".join(f"{picture_of(each.plan)} {each.seed}\n" for each in drawn).encode()).hexdigest()


def contact(title: str, drawn: Sequence[Drawn]) -> Sheet:
    """The pictures in reading order, each with what tells it from the others: its prompt, its seed, or both."""
    columns = _columns(drawn)
    places = [(place // columns, place % columns) for place in range(len(drawn))]
    told: dict[tuple[str, str], set[int]] = {}
    for each in drawn:
        told.setdefault(prompts(each.plan), set()).add(each.seed)
    positive, negative = prompts(drawn[0].plan)
    several = _Differing(
        positive=len({each for each, _ in told}) > 1,
        negative=len({each for _, each in told}) > 1,
        facts=tuple(place for place, values in enumerate(_columns_of(drawn)) if len(set(values)) > 1),
        seeds=frozenset(prompt for prompt, seeds in told.items() if len(seeds) > 1),
    )
    if several.positive:
        positive = f"{len(drawn)} pictures of {len(told)} prompts"
    return Sheet(
        title=title,
        prompt=positive,
        negative=negative if len(told) == 1 else "",
        shared=shared(drawn),
        pictures={place: each.picture for place, each in zip(places, drawn, strict=True)},
        captions={place: _caption(each, several) for place, each in zip(places, drawn, strict=True)},
    )


def _caption(each: Drawn, several: _Differing) -> str:
    """What tells the picture: its prompt and settings where the page shows several, and the seed where one has more."""
    prompt, facts = prompts(each.plan), _facts(each.plan)
    return ", ".join(
        (
            *([prompt[0] or each.name] if several.positive else []),
            *([f"without {prompt[1]}"] if several.negative and prompt[1] else []),
            *filter(None, (facts[place] for place in several.facts)),
            *([f"seed {each.seed}"] if prompt in several.seeds else []),
        )
    )


def grid(title: str, drawn: Sequence[Drawn]) -> Sheet:
    """The longest axis across and everything else down; a sweep over a single option may take several lines, and many
    variants with several seeds each stand down.
    """
    names = _by_length(drawn)
    batches = max(each.plan.images for each in drawn) > 1
    widest = max(len(value) for each in drawn for _, value in each.plan.axes)
    if len(names) == 1 and not batches and (len(drawn) > WIDEST_ROW or widest > WIDEST_LABEL):
        return _lines(title, names[0], drawn)
    *outer, last = names
    cells = [(_row(each, outer, batches), dict(each.plan.axes)[last]) for each in drawn]
    across, down = _in_order(column for _, column in cells), _in_order(row for row, _ in cells)
    if names == [WORDS] and (len(across) > WIDEST_ROW or widest > WIDEST_LABEL):
        across, down, cells = down, across, [(column, row) for row, column in cells]
    columns, rows = ({label: place for place, label in enumerate(labels)} for labels in (across, down))
    return Sheet(
        title=title,
        prompt=_said(drawn),
        negative=prompts(drawn[0].plan)[1],
        shared=shared(drawn),
        across=lead(last).strip(),
        down=", ".join((*map(named, outer), *(["seed"] if batches else []))) if len(outer) + batches > 1 else "",
        columns=across,
        rows=down if outer or batches else (),
        pictures={(rows[row], columns[column]): each.picture for (row, column), each in zip(cells, drawn, strict=True)},
        captions={},
    )


def shared(drawn: Sequence[Drawn]) -> str:
    """What all pictures have in common, in a line."""
    values = (*_columns_of(drawn), tuple(f"seed {each.seed}" for each in drawn))
    return "  ·  ".join(each[0] for each in values if each[0] and len(set(each)) == 1)


def _columns_of(drawn: Sequence[Drawn]) -> Sequence[tuple[str, ...]]:
    """Each fact as every picture has it."""
    return tuple(zip(*(_facts(each.plan) for each in drawn), strict=True))


def _facts(plan: Plan) -> tuple[str, ...]:
    """What a picture is drawn with beside its words and its seed, each in a few words; empty where not asked for."""
    return (
        f"<{plan.model.name}>",
        "x".join(map(str, drawn_size(plan))),
        f"{plan.sampler}{f' {plan.schedule}' if plan.schedule else ''}",
        f"{plan.steps} steps",
        f"guidance {plan.guidance:g}",
        f"clip skip {plan.clip_skip}" if plan.clip_skip else "",
        f"over {Path(plan.image).name}" if plan.image else "",
        f"strength {strength_of(plan):g}" if plan.image else "",
        f"mask {Path(plan.mask).name}" if plan.mask else "",
        f"control {plan.control} of {Path(plan.control_image or '').name}" if plan.control else "",
        f"control strength {control_strength(plan):g}" if plan.control else "",
        f"blend {Path(plan.blend).name}" if plan.blend else "",
        f"blend strength {blend_strength(plan):g}" if plan.blend else "",
        f"hires {plan.hires:g}" if plan.hires else "",
        f"hires strength {second_strength(plan):g}" if plan.hires else "",
    )


def _lines(title: str, name: str, drawn: Sequence[Drawn]) -> Sheet:
    columns = _columns(drawn)
    places = [(place // columns, place % columns) for place in range(len(drawn))]
    return Sheet(
        title=title,
        prompt=_said(drawn),
        negative=prompts(drawn[0].plan)[1],
        shared=shared(drawn),
        pictures={place: each.picture for place, each in zip(places, drawn, strict=True)},
        captions={
            place: f"{lead(name)}{dict(each.plan.axes)[name]}" for place, each in zip(places, drawn, strict=True)
        },
    )


def _said(drawn: Sequence[Drawn]) -> str:
    """The prompt of a sweep: as it was written where its words are swept over."""
    plan = drawn[0].plan
    if any(name == WORDS for name, _ in plan.axes):
        return parse(plan.source).statements[0].positive.text
    return prompts(plan)[0]


def _columns(drawn: Sequence[Drawn]) -> int:
    return len(drawn) if len(drawn) <= 4 else min(max(WIDEST, isqrt(len(drawn))), ceil(sqrt(len(drawn) * 1.4)))


def _row(each: Drawn, outer: Sequence[str], batches: bool) -> str:
    axes = dict(each.plan.axes)
    single = len(outer) + batches == 1
    parts = [f"{lead(name)}{axes[name]}" if single else axes[name] for name in outer]
    return ", ".join((*parts, *([f"seed {each.seed}" if single else str(each.seed)] if batches else [])))


def _by_length(drawn: Sequence[Drawn]) -> list[str]:
    """The names of the axes; the one with most values comes last, since a page is read across."""
    values: dict[str, set[str]] = {}
    for each in drawn:
        for name, value in each.plan.axes:
            values.setdefault(name, set()).add(value)
    return sorted(values, key=lambda name: (name != WORDS, len(values[name])))  # words need room: they stand down


def _in_order(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))
