"""What a text asks for reaches its plan, or a finding says why not: nodes alone and inside each other, and options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import product
from typing import get_args

import pytest

from promptlang.diagnostics import Severity
from promptlang.lowering.lower import Compilation, compile
from promptlang.meaning.contexts import contexts
from promptlang.meaning.project import DefaultOption, Project
from promptlang.meaning.view import view
from promptlang.plans.json import content_hash
from promptlang.source import Span
from promptlang.statements.parsing import parse, read_prompt
from promptlang.syntax.nodes import Node, Statement, walk
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.models.abilities import FEATURES, ability
from promptlang.tables.models.families import FAMILIES, UNKNOWN
from promptlang.tables.models.family import Family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.fills import Nothing, Spoken
from promptlang.tables.options.kinds import sample
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS, ROWS
from tests.asked import (
    AROUND,
    ASKS_NOTHING,
    IN_TEXT,
    OTHER_WORD,
    RECIPES,
    SPOKEN,
    WORD,
    Example,
    every_value,
    values,
)
from tests.golden.cases import FOLDER, blocks
from tests.models.conftest import write_model

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
LORA = {f"{LAYER}.lora_down.weight": (4, 768), f"{LAYER}.lora_up.weight": (320, 4)}
FILES = {"ink": LORA, "oak": LORA, "zorb": {"emb_params": (2, 768)}, "wide": {"emb_params": (1, 768)}}
SIDES = ("a red {} at dusk", "a house /negative bad {} art")
ALONE = ("{}", "a house /negative {}")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with two LoRAs and two textual inversions for the demo model."""
    folder = tmp_path_factory.mktemp("models")
    for name, shapes in FILES.items():
        write_model(folder / f"{name}.safetensors", shapes)
    return Project(folders=(folder,))


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_kind_of_node_has_an_example() -> None:
    """A kind that somebody adds is walked through as well."""
    assert {each.kind for each in (*IN_TEXT, *AROUND)} == set(get_args(Node))


def test_every_field_of_a_node_has_an_example() -> None:
    """Parts are what other examples stand in, and places change no picture."""
    shown = {(each.kind, each.field) for each in (*IN_TEXT, *AROUND)}
    asking = {
        (kind, field.name)
        for kind in get_args(Node)
        for field in fields(kind)
        if "Span" not in str(field.type) and "Part" not in str(field.type) and "Branch" not in str(field.type)
    }
    assert asking - shown == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_kind_that_a_dialect_reads_has_an_example_there(dialect: str) -> None:
    """Whatever the golden cases make it read."""
    shown = {each.kind for each in IN_TEXT if each.dialect == dialect}
    prompts = {block.prompt for page in FOLDER.rglob("*.md") for block in blocks(page)}
    read = {
        type(node)
        for text in prompts
        for statement in parse(text).statements
        for prompt in (read_prompt(statement.positive, dialect), read_prompt(statement.negative, dialect))
        for node in walk(prompt.parts)
    }
    assert read - shown == set()


@pytest.mark.parametrize("example", [*IN_TEXT, *AROUND], ids=lambda example: example.id)
def test_an_example_is_one(example: Example, project: Project) -> None:
    """Its two texts differ in what it says."""
    texts = (example.text, example.other) if example in AROUND else example.statements
    one, other = (Counter(_asked(example, text, project)) for text in texts)
    assert one != other


def _asked(example: Example, text: str, project: Project) -> Iterator[object]:
    """What the nodes of the example's kind say in its field."""
    document = parse(RECIPES + text)
    (*_, around) = contexts(document, project)
    statement = document.statements[-1]
    seen = view(statement, around)
    above = statement.prompt.parts if seen.choices else seen.parts  # what is compared is one of several in the view
    inside = (node for parts in (above, seen.negative_parts) for node in walk(parts))
    for node in (*inside, *_around(statement)):
        if isinstance(node, example.kind):
            yield _bare(getattr(node, example.field) if example.field else node)


def _around(statement: Statement) -> Iterator[object]:
    yield from filter(None, (statement.command, *statement.options, *statement.recipes, *statement.comments))


def _bare(value: object) -> object:
    """A value without its places."""
    if isinstance(value, tuple):
        return tuple(map(_bare, value))  # pyright: ignore[reportUnknownArgumentType]
    if not is_dataclass(value):
        return value
    return (type(value), *(_bare(getattr(value, each.name)) for each in fields(value) if "Span" not in str(each.type)))


# --- texts ------------------------------------------------------------------------------------------------------------


def placed(dialect: str, side: str, text: str) -> tuple[str, Span]:
    """A statement with the text on one of its sides, and where it stands there."""
    before, after = side.split("{}")
    start = f"{RECIPES}/render /parser:{dialect} /steps:20 {before}".replace("/parser:old ", "")
    return f"{start}{text}{after}", Span(len(start), len(start) + len(text))


@cache
def compiled(text: str, project: Project) -> Compilation:
    return compile(text, project=project)


def are_told_apart(text: str, where: Span, other: str, project: Project) -> bool:
    """Whether the plans of two texts differ, the first has none, or a finding about that place says why."""
    one = compiled(text, project)
    if not one.plans or pictures(one) != pictures(compiled(other, project)):
        return True
    said = (each.label.span for each in one.diagnostics if each.severity < Severity.HINT)
    return any(span.start < where.end and where.start < span.end for span in said)


def pictures(compilation: Compilation) -> list[str]:
    """What is drawn of a text, by name."""
    return [content_hash(plan) for plan in compilation.plans]


@pytest.mark.parametrize("example", IN_TEXT, ids=lambda example: example.id)
def test_a_text_is_told_from_one_that_asks_for_something_else(example: Example, project: Project) -> None:
    """On either side."""
    for side in ALONE if example.alone else SIDES:
        text, where = placed(example.dialect, side, example.text)
        other, _ = placed(example.dialect, side, example.other)
        assert are_told_apart(text, where, other, project), text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_whatever_stands_inside_something_else_is_not_lost(dialect: str, project: Project) -> None:
    """Every example in the place of every other's word, changed inside and outside."""
    rows = [row for row in IN_TEXT if row.dialect == dialect]
    lost = [
        f"{text.removeprefix(RECIPES)}   is as   {changed}"
        for outer, inner in product([row for row in rows if WORD in row.text], rows)
        if not inner.alone
        for side in (ALONE if outer.alone else SIDES)
        for text, where in [placed(dialect, side, outer.text.replace(WORD, inner.text))]
        for changed in (outer.text.replace(WORD, inner.other), outer.other.replace(WORD, inner.text))
        if OTHER_WORD not in outer.other or changed.count(OTHER_WORD) < 2
        for other, _ in [placed(dialect, side, changed)]
        if other != text and not are_told_apart(text, where, other, project)
    ]
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize("example", AROUND, ids=lambda example: example.id)
def test_a_statement_is_told_from_one_that_asks_for_something_else(example: Example, project: Project) -> None:
    """Its command, options, recipes; a comment asks nothing."""
    one, other = (compiled(RECIPES + text, project) for text in (example.text, example.other))
    assert (pictures(one) != pictures(other)) == (example.kind not in ASKS_NOTHING)


# --- options ----------------------------------------------------------------------------------------------------------


def _families() -> Iterator[tuple[Family, str]]:
    """A family and a variant for each way to take the features of the language; the others do as one of these."""
    found: dict[tuple[object, ...], tuple[Family, str]] = {}
    for row in FAMILIES:
        for variant in ("", *(each.name for each in row.variants)):
            takes = tuple(ability(each.name, row, variant) for each in FEATURES)
            found.setdefault(takes, (row, variant))
    return iter(found.values())


ORIGINS = ("statement", "recipe", "set", "project", "concept")
FINE = KnownConcept(name="fine", kind="checkpoint", family="sdxl-refiner", evidence="the test")
SAYS_NOTHING = {("nofix", UNKNOWN.name)}  # the plan has no refiner where nobody knows whether there is one
DEFAULTS_FOR_OTHERS = ("set", "project", "concept")  # what another command takes may well stand there


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("row", [row for row in ROWS if row.decides is None], ids=lambda row: row.name)
def test_an_option_reaches_the_plan_from_wherever_it_is_given(row: Option, origin: str) -> None:
    """On every family, or a finding names it; a concept may advise what its family does not take."""
    if isinstance(row.fills, Nothing) and origin in ("project", "concept"):
        pytest.skip("said in the project file, once")
    for family, variant in _families():
        if (row.name, family.name) in SAYS_NOTHING:
            continue
        model = KnownConcept(
            name="model", kind="checkpoint", family=family.name, variant=variant, evidence="the test", layers=12
        )
        model = replace(model, refiner=FINE.name) if family.refiner else model
        plain = Project(concepts=(model, FINE), concept="model")
        command = next(iter((row.commands or {"render"}) - {"set"}), "render")
        for asking in (command, "render"):
            if asking not in (row.commands or {asking}) and origin in DEFAULTS_FOR_OTHERS:
                continue
            start = "/image:cow.png " if asking == "remix" and row.name != "image" else ""
            if row.beside and origin in DEFAULTS_FOR_OTHERS:  # it may wait for its option there
                beside = (row.beside, *(each for each in OPTIONS[row.beside].needs if each != row.name))
                start += "".join(f"/{each}:{sample(OPTIONS[each].kind)} " for each in beside)
            without = pictures(compiled(f"/{asking} /parser:new {start}a cow", plain))
            given = (_given(origin, asking, start, value, plain, model) for value in values(row))
            reached = any(pictures(found) != without or _is_named(row, found) for found in given)
            is_advice = origin == "concept" and not ability(row.name, family, variant).acts
            assert reached or is_advice, f"{family.name} {variant} /{asking}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_value_of_an_option_is_told_from_every_other(row: Option) -> None:
    """By the plan, or a finding names the option or the value; of names that a choice offers, all."""
    if row.name in SPOKEN:
        return
    model = KnownConcept(name="model", kind="checkpoint", family="sd1", evidence="the test", layers=12)
    project = Project(concepts=(model,), concept="model")
    command = next(iter((row.commands or {"render"}) - {"set"}), "render")
    beside = (row.beside, *OPTIONS[row.beside].needs) if row.beside else ()
    start = "".join(f"/{each}:{sample(OPTIONS[each].kind)} " for each in beside if each != row.name)
    start += "/image:cow.png " if command == "remix" and row.name != "image" else ""
    told: dict[tuple[str, ...], str] = {}
    for value in every_value(row):
        found = compile(f"/{command} /parser:new {start}{value} a cow", project=project)
        if not _is_named(row, found) and not _says(value.partition(":")[2], found):
            assert told.setdefault(tuple(pictures(found)), value) == value


def _says(value: str, compilation: Compilation) -> bool:
    return bool(value) and any(f"`{value}`" in each.message for each in compilation.diagnostics)


def test_every_option_without_a_field_of_its_own_has_an_example() -> None:
    assert {row.name for row in ROWS if isinstance(row.fills, Spoken)} == SPOKEN.keys()


@pytest.mark.parametrize("name", SPOKEN)
def test_an_option_that_says_what_others_do_is_told_apart(name: str, project: Project) -> None:
    for one, other in SPOKEN[name]:
        assert pictures(compiled(one, project)) != pictures(compiled(other, project))


def _given(origin: str, command: str, start: str, value: str, plain: Project, model: KnownConcept) -> Compilation:
    name, _, written = value.removeprefix("/").partition(":")
    head, tail = f"/{command} /parser:new {start}", "a cow"
    match origin:
        case "statement":
            return compile(f"{head}{value} {tail}", project=plain)
        case "recipe":
            return compile(f"/recipe #r {value}\n{head}#r {tail}", project=plain)
        case "set":
            return compile(f"/set {value}\n{head}{tail}", project=plain)
        case "project":
            default = DefaultOption(name, written or None)
            return compile(head + tail, project=Project(concepts=(model, FINE), concept="model", options=(default,)))
        case _:
            advising = replace(model, options=((name, written),))
            return compile(head + tail, project=Project(concepts=(advising, FINE), concept="model"))


def _is_named(row: Option, compilation: Compilation) -> bool:
    """Whether a finding speaks of the option."""
    said = [each for each in compilation.diagnostics if each.severity < Severity.HINT]
    return any(each.rule.name.startswith(f"{row.name}/") or f"`/{row.name}`" in each.message for each in said)
