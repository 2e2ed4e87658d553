"""Our own pictures: the statement that drew one, with what held for it where it stood."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from promptlang.dialects.dialect import uncommented
from promptlang.importers.imported import Call, Entry, Imported, Reading
from promptlang.importers.json_text import number, shortened
from promptlang.models.evidence.records import Record
from promptlang.models.names import SLASHES
from promptlang.plans.json import PlanError, from_data
from promptlang.plans.plan import Plan
from promptlang.source import Passage
from promptlang.statements.parsing import parse, read_prompt
from promptlang.statements.recipes import untold
from promptlang.syntax.nodes import Concept, Statement, walk
from promptlang.tables.dialects import dialect_row
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.options.fills import Layer, Sides, Value
from promptlang.tables.options.table import IMAGES, ROWS
from promptlang.values import replace

_SETTLED = frozenset({"source", "plan", "seed", "version"})


def reading(record: Record) -> Reading | None:
    """The statement that our own chunk names; None where it is no such chunk."""
    if not record.keys() >= _SETTLED:
        return None
    try:
        plan = from_data({**record.record("plan"), "source": record.text("source")})
    except (PlanError, ValueError, KeyError, TypeError):
        return Reading(program="promptlang", remarks=("our own text in it is of another version and cannot be read",))
    found = of_plan(plan, record.whole("seed"))
    if found is None or not (by := record.text("by")):
        return found
    unsaid = tuple(
        f"{shortened(by)} drew it: {shortened(each)}" for each in record.items_of("unsaid") if isinstance(each, str)
    )
    return replace(found, remarks=(*found.remarks, *(unsaid or (f"{shortened(by)} drew it",))))


def of_plan(plan: Plan, seed: int | None) -> Reading | None:
    """What a picture says that a plan drew from a seed; None where its source is no single statement."""
    statements = parse(plan.source).statements
    if len(statements) != 1:
        return None
    called = ", ".join(f"`{call}`" for call in untold(statements[0], plan.expanded))
    remarks = (f"its statement calls {called}, which the picture does not hold",) if called else ()
    drawn = plan if seed is None else replace(plan, seed=seed, images=1)
    found = _imported(plan, statements[0], seed)
    return Reading(program="promptlang", plan=drawn, found=(found,), remarks=remarks)


def _imported(plan: Plan, statement: Statement, seed: int | None) -> Imported:
    options = {**dict(_options(plan)), **({"seed": Entry("seed", str(seed))} if seed is not None else {})}
    positive = uncommented(plan.expanded or statement.positive.text, plan.dialect).strip()
    words = walk(read_prompt(Passage(positive), plan.dialect).parts)
    calls = [name for each in (*statement.nodes(), *words) if isinstance(each, Concept) for name in each.names]
    is_called = plan.model.name.lower() in (each.lower() for each in calls)
    return Imported(
        positive=positive,
        negative=uncommented(statement.negative.text, plan.dialect).strip(),
        dialect=dialect_row(plan.dialect).name,
        model="" if is_called else plan.model.name,
        networks=tuple(_above(plan, {_bare(each) for each in calls})),
        are_set=True,
        command="render"
        if statement.command_name == "compare"
        else statement.command_name,  # one cell compares nothing
        options=tuple(options.items()),
    )


def _above(plan: Plan, called: Collection[str]) -> Iterator[Call]:
    """The LoRAs that the statement does not call itself: a `/set` above it did."""
    for each in plan.networks:
        if each.kind == "lora" and _bare(each.name) not in called:
            yield Call(each.name, each.weight, each.text_weight)


def _bare(name: str) -> str:
    """A name as calls may write it: of any case, with folders and ending or without."""
    *_, last = SLASHES.split(name.lower())
    return last.removesuffix(SAFETENSORS)


def _options(plan: Plan) -> list[tuple[str, Entry]]:
    """Every option that filled a field of the plan, with what stands there."""
    found: list[tuple[str, Entry]] = []
    for row in ROWS:
        if (
            isinstance(row.fills, Value | Sides | Layer)
            and row is not IMAGES
            and (value := _written(getattr(plan, row.fills.field)))
        ):
            found.append((row.name, Entry(row.name, value)))
    return found


def _written(value: object) -> str:
    match value:
        case None | bool():
            return ""
        case str():
            return value
        case int() | float():
            return number(value)
        case (int() as width, int() as height):
            return f"{width}x{height}"
        case tuple():
            return ",".join(number(each) for each in value if isinstance(each, int | float))  # pyright: ignore[reportUnknownVariableType]
        case _:
            return ""
