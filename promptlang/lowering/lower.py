"""From a checked document to plans: plain data, one plan for every batch of images, nothing of the syntax left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Literal

from promptlang.checks.checking import check_document, check_statement
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.dialects.dialect import dialect
from promptlang.meaning.contexts import EMPTY_PROJECT, contexts, project_parser
from promptlang.meaning.project import Project
from promptlang.meaning.settings import Setting
from promptlang.meaning.spread import spread
from promptlang.meaning.view import ADDED, Called, Context, View, view
from promptlang.plans.plan import Conditioned, Conditioning, Model, Network, Origin, Plan, Run, Segment
from promptlang.statements.parsing import parse
from promptlang.syntax.nodes import Statement
from promptlang.tables.clip_skip import effective_clip_skip
from promptlang.tables.commands import command
from promptlang.tables.concepts import native_side
from promptlang.tables.dialects import dialect_row
from promptlang.tables.families import ASPECTS, Aspect, Family, aspect_size
from promptlang.tables.kinds import Value, written
from promptlang.tables.samplers import sampler

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Compilation:
    """The plans of a text, and what there is to say about it. A statement with an error has no plan."""

    plans: tuple[Plan, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether some statement has no plan."""
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)


def compile(text: str, *, project: Project | None = None, name: str = "<text>") -> Compilation:
    """The plans of a text, in its order; deterministic.

    Example: `compile("/render /parser:new /clipskip:2 a cow").plans[0].clip_skip` is 2.
    """
    del name  # kept so that a call reads like the ones that print
    project = project or EMPTY_PROJECT
    document = parse(text, parser=project_parser(project))
    around = tuple(contexts(document, project))
    plans = (
        _placed(plan, start, number)
        for number, ((start, statement), context) in enumerate(zip(document.placed(), around, strict=True))
        for plan in lower_statement(statement, context)
    )
    return Compilation(tuple(plans), check_document(document, project, around))


def _placed(plan: Plan, start: int, number: int) -> Plan:
    """The plan of the statement of that number, which starts at that offset of the file."""
    if not start and not number:
        return plan
    return replace(plan, origins=tuple(origin.moved(start) for origin in plan.origins), statement=number)


@lru_cache(maxsize=4096)
def lower_statement(statement: Statement, context: Context) -> tuple[Plan, ...]:
    """The plans of one statement; offsets of origins count from its start. No plan where there is an error."""
    row = command(statement.command_name)
    if row is None or not row.draws or _is_blank(statement):
        return ()
    if any(each.severity is Severity.ERROR for each in check_statement(statement, context)):
        return ()
    seen = view(statement, context)
    return tuple(plan for each in spread(seen) for plan in planned(each))


def _is_blank(statement: Statement) -> bool:
    """Whether there is nothing but comments and blanks, as before the first command of a file."""
    return statement.command is None and not statement.options and not statement.positive.text


def planned(seen: View) -> Iterator[Plan]:
    """The plans of a view, whatever the checks say of it: one for each point of its sweeps, in order."""
    swept = [setting for setting in seen.settings.values() if setting.points.swept]
    swept.sort(key=lambda setting: setting.use.span.start if setting.use else -1)
    for point in product(*(setting.points.values or () for setting in swept)):
        values = {setting.row.name: value for setting, value in zip(swept, point, strict=True)}
        axes = tuple((name, written(value)) for name, value in values.items())
        yield _plan(seen, values, axes)


def _plan(seen: View, point: Mapping[str, Value], axes: tuple[tuple[str, str], ...]) -> Plan:
    def number(name: str, otherwise: float) -> float:
        value = point.get(name, _value(seen, name))
        return value if isinstance(value, int | float) else otherwise

    family, statement = seen.family, seen.statement
    steps = int(number("steps", family.steps))
    method = str(point.get("sampler") or _value(seen, "sampler") or family.sampler)
    positive, negative = _conditioning(seen, method, steps)
    freeu = _value(seen, "freeu")
    remix = statement.command_name == "remix"
    return Plan(
        command=statement.command_name,
        model=_model(seen),
        positive=positive,
        negative=negative,
        weighting=dialect(statement.prompt.dialect).weighting,
        clip_skip=_clip_skip(seen, point.get("clipskip", _value(seen, "clipskip"))),
        sampler=method,
        karras="karras" in seen.settings,
        steps=steps,
        guidance=float(number("guidance", family.guidance)),
        size=_size(seen, family, point.get("size")),
        images=int(number("images", 1)),
        seed=int(number("seed", 0)) if "seed" in seen.settings else None,
        vae=_text(seen, "vae"),
        freeu=freeu if isinstance(freeu, tuple) and len(freeu) == 4 else None,
        networks=tuple(_networks(seen)),
        image=_text(seen, "image") if remix else None,
        strength=number("strength", 0.75) if remix else None,
        refiner=family.refiner and "nofix" not in seen.settings,
        file_format=_format(seen),
        edition=seen.edition.name,
        dialect=statement.prompt.dialect,
        source=statement.text,
        origins=tuple(_origins(seen)),
        axes=axes,
    )


def _value(seen: View, name: str) -> Value | None:
    setting = seen.settings.get(name)
    return setting.value if setting else None


def _text(seen: View, name: str) -> str | None:
    value = _value(seen, name)
    return value if isinstance(value, str) else None


def _format(seen: View) -> Literal["png", "jpg", "webp"]:
    match _value(seen, "format"):
        case "jpg":
            return "jpg"
        case "webp":
            return "webp"
        case _:
            return "png"


def _clip_skip(seen: View, value: Value | None) -> int | None:
    """The layer that counts; None where the statement asks for none, or where the edition or the family drops it."""
    if not isinstance(value, int):
        return None
    if "clipskip" in seen.edition.needs_new_parser and dialect_row(seen.statement.prompt.dialect).successor:
        return None
    return effective_clip_skip(seen.family, value, force=seen.project.force_clip_skip)


def _size(seen: View, family: Family, swept: Value | None) -> Size:
    """`/size`, else an aspect flag, else the concept's recommendation, else the family's native square."""
    explicit, advised = seen.given("size"), seen.settings.get("size")
    chosen = swept or (explicit.value if explicit else None)
    if chosen is None and (aspect := _aspect(seen)) is not None:
        return aspect_size(family, aspect, native_side(seen.checkpoint) if seen.checkpoint else None)
    match chosen if chosen is not None else advised.value if advised else None:
        case (int() as width, int() as height):
            return width, height
        case _:
            return family.native, family.native


def _aspect(seen: View) -> Aspect | None:
    """The aspect flag that counts: the strongest origin, and there the last one."""
    given: list[tuple[Aspect, Setting]] = [
        (name, setting) for name in ASPECTS if (setting := seen.given(name)) is not None
    ]
    if not given:
        return None
    order = ("project", "set", "recipe", "statement")

    def strength(entry: tuple[Aspect, Setting]) -> tuple[int, int]:
        setting = entry[1]
        return order.index(setting.origin), setting.use.span.start if setting.use else 0

    return max(given, key=strength)[0]


def _model(seen: View) -> Model:
    known = seen.checkpoint
    if known is None:
        name = seen.checkpoint_call.node.name if seen.checkpoint_call else seen.project.concept
        return Model(name=name, family="unknown")
    path = str(known.path) if known.path else None
    return Model(name=known.name, family=known.family, path=path, variant=known.variant)


def _networks(seen: View) -> Iterator[Network]:
    for each in seen.called:
        if each is seen.checkpoint_call or each.kind not in (*ADDED, "unknown"):
            continue
        path = str(each.known.path) if each.known and each.known.path else None
        yield Network(
            name=each.known.name if each.known else each.node.name,
            kind=each.kind,
            weight=_strength(seen, each),
            path=path,
            side="negative" if each.negative else "positive",
            text_weight=_text_weight(each),
        )


def _strength(seen: View, called: Called) -> float:
    """How strong a network is; an owner with passes of its own cuts calls out before it reads brackets."""
    if dialect(seen.statement.prompt.dialect).condition is None:
        return called.weight
    return 1.0 if called.node.weight is None else called.node.weight


def _text_weight(called: Called) -> float | None:
    """A second strength for the text encoder, named `te` or the first of two numbers; the other one is `weight`."""
    named = {name: value for name, mark, value in (each.partition("=") for each in called.node.arguments) if mark}
    plain = [each for each in called.node.arguments if "=" not in each]
    given = named.get("te", plain[0] if len(plain) > 1 or (plain and "unet" in named) else None)
    try:
        return None if given is None else float(given)
    except ValueError:
        return None


def _conditioning(seen: View, method: str, steps: int) -> tuple[Conditioning, Conditioning]:
    owner = dialect(seen.statement.prompt.dialect)
    row = sampler(method)
    if owner.condition is None:
        calls = row.calls(steps) if row else steps
        return plain(seen.sides.positive, calls), plain(seen.sides.negative, calls)
    doubled = steps * (row.calls_per_step if row else 1)
    return owner.condition(seen.positive, doubled), owner.condition(seen.negative, doubled)


def plain(runs: tuple[Run, ...], until: int) -> Conditioning:
    """One branch that holds for the whole picture."""
    return Conditioning(branches=(Conditioned((Segment(until, runs),)),))


def _origins(seen: View) -> Iterator[Origin]:
    """Where every value comes from, for those that a statement, a recipe, a project or a concept gives."""
    for setting in seen.settings.values():
        span = setting.use.span if setting.use else seen.statement.command.span if seen.statement.command else None
        yield Origin(setting.row.name, setting.origin, span.start if span else 0, span.end if span else 0)
    call = seen.checkpoint_call
    source = "statement" if call else "set" if seen.context.concept else "project" if seen.project.file else "language"
    yield Origin("concept", source, call.node.span.start if call else 0, call.node.span.end if call else 0)
    for name in ("steps", "guidance", "sampler", "size"):
        if name not in seen.settings:
            yield Origin(name, "family")


__all__ = ["Compilation", "compile", "lower_statement", "plain", "planned"]
