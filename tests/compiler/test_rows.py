"""A row of the option table reaches its end: a field of the plan and all who read it, or a reason why there is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from pathlib import Path

import jsonschema
import pytest

from promptlang.exporters import infotext, numbers
from promptlang.filling import plans as filling
from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans import enlarging
from promptlang.plans.json import content_hash, from_data, schema, to_data
from promptlang.plans.plan import Plan
from promptlang.tables.editions import ROWS as EDITIONS
from promptlang.tables.models.abilities import only_in
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.fills import Nothing, Spoken, Value
from promptlang.tables.options.kinds import Name, sample
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS, ROWS
from tests.asked import values

FIELDS = {each.name: each for each in fields(Plan)}
FILLED = {row.fills.field: row for row in ROWS if not isinstance(row.fills, Spoken | Nothing)}
NOT_DRAWN = {"origins", "source", "axes", "statement", "format"}


def _plans(row: Option, option: str) -> tuple[Plan, ...]:
    """The plans of a statement with the option, on a model that takes it."""
    acting = [each.name for each in only_in(row.name)]
    command, family = _command(row), "sdxl" if not acting or "sdxl" in acting else acting[0]
    model = KnownConcept(name="model", kind="checkpoint", family=family, evidence="the test", refiner="fine")
    fine = KnownConcept(name="fine", kind="checkpoint", family="sdxl-refiner", evidence="the test")
    project = Project(concepts=(model, fine), concept="model")
    image = "" if command == "render" else "/image:cow.png "
    whole = OPTIONS[row.beside] if row.beside else row
    needed = [each for each in (whole, *map(OPTIONS.__getitem__, whole.needs)) if each is not row or not option]
    others = "".join(f"/{each.name}:{_given(each)} " for each in needed if row.beside or (option and each is not row))
    text = f"/{command} /parser:new {image}{others}{option} a {{red|blue}} [cow] horse"
    return compile(text, project=project).plans


def _given(row: Option) -> str:
    return "net" if isinstance(row.kind, Name) else sample(row.kind)


def _command(row: Option) -> str:
    return next(iter((row.commands or {"render"}) - {"set"}), "render")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if not isinstance(row.fills, Spoken | Nothing)], ids=lambda row: row.name
)
def test_a_row_fills_its_field(row: Option) -> None:
    """A value changes the field that the row names, and no other; the plan still is one by its types."""
    assert not isinstance(row.fills, Spoken | Nothing)
    assert row.fills.field in FIELDS, f"the plan has no field `{row.fills.field}`, which `/{row.name}` is to fill"
    (without,) = _plans(row, "")
    changed = {name for value in values(row) for plan in _plans(row, value) for name in _changes(without, plan)}
    sets = {other for word in getattr(row.kind, "words", ()) for other, _ in word.sets}
    needed = {each.fills.field for each in map(OPTIONS.__getitem__, row.needs) if isinstance(each.fills, Value)}
    assert changed == {row.fills.field, *sets, *needed}


def _changes(one: Plan, other: Plan) -> set[str]:
    assert from_data(to_data(other)) == other
    return (
        {name for name in FIELDS if getattr(one, name) != getattr(other, name)} - NOT_DRAWN - _conditioned(one, other)
    )


def _conditioned(one: Plan, other: Plan) -> set[str]:
    """Where a segment ends follows from sampler and steps."""
    return {"positive", "negative"} if (one.sampler, one.steps) != (other.sampler, other.steps) else set()


@pytest.mark.parametrize("row", [row for row in ROWS if isinstance(row.fills, Spoken)], ids=lambda row: row.name)
def test_a_row_that_is_read_before_the_plan_changes_it_too(row: Option) -> None:
    """The fields named are what differs where the option holds."""
    assert isinstance(row.fills, Spoken)
    assert set(row.fills.fields) <= set(FIELDS)
    assert row.fills.how
    texts = {
        "parser": ("/render a [cow]", "/render /parser:comfy a [cow]"),
        "karras": ("/render a cow", "/render /karras a cow"),
        "variants": ("/render a {red|blue} cow", "/render /variants:all a {red|blue} cow"),
        "negative": ("/render a cow", "/render a cow /negative horse"),
        "swap": ("/render a cow", "/render /swap:cow|hen a cow"),
        "edition": ("/render a cow", f"/set /edition:{EDITIONS[-1].name}\n/render a cow"),
    }
    one, other = (compile(text).plans[-1] for text in texts[row.name])
    assert set(row.fills.fields) <= {name for name in FIELDS if getattr(one, name) != getattr(other, name)}


def test_a_row_without_a_field_says_why() -> None:
    """Its remark is what a writer reads."""
    silent = [row.name for row in ROWS if isinstance(row.fills, Nothing) and not row.remark]
    assert silent == []


def test_every_field_of_the_plan_is_filled() -> None:
    """By a row, or by the part of filling that reads the tree; nothing else is in a plan."""
    tree = set(_keywords(Path(filling.__file__), "_made")) | {"positive", "negative", "statement"}
    constant = {"format"}
    unfilled = set(FIELDS) - set(FILLED) - tree - constant
    assert unfilled == set(), f"nothing fills {', '.join(sorted(unfilled))}"
    assert tree & set(FILLED) == set(), "filled twice"


def _keywords(path: Path, function: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield from (each.arg for each in node.keywords if each.arg)


def test_every_field_is_part_of_the_published_plan() -> None:
    """JSON, schema and hash know it; what does not enter the hash is not drawn."""
    (plan,) = compile("/render a cow").plans
    assert set(to_data(plan)) == set(FIELDS)
    jsonschema.validate(to_data(plan), schema())
    (other,) = compile("/render   a cow").plans
    assert content_hash(plan) == content_hash(other)


@pytest.mark.parametrize("field", sorted(FILLED))
def test_another_value_is_another_picture(field: str) -> None:
    """Whatever an option fills is part of the plan's name."""
    row = FILLED[field]
    (without,) = _plans(row, "")
    hashes = {content_hash(plan) for value in values(row) for plan in _plans(row, value)}
    assert hashes - {content_hash(without)}


def test_infotext_writes_every_field_or_says_why_not() -> None:
    """What webui's readers have no words for is named, with the reason."""
    modules = (infotext, numbers, enlarging)  # the others are asked by the first
    read = {each for module in modules for each in reads(Path(module.__file__ or ""))}
    read |= {*signature(infotext.infotext).parameters}
    assert read & set(infotext.UNSAID) == set()
    assert read | set(infotext.UNSAID) >= set(FILLED), set(FILLED) - read
    assert set(infotext.UNSAID) <= set(FIELDS)


def reads(path: Path) -> Iterator[str]:
    """The fields of `plan` that the source of a module looks at."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if name == "plan" and node.attr in FIELDS:
                yield node.attr


def test_aspects_have_a_row_each() -> None:
    """A new aspect of the families is an option as well."""
    assert {row.name for row in ROWS} >= set(ASPECTS)
