"""Plans as JSON, both ways: text, schema and hash all follow from the dataclasses in `promptlang.plans.plan`.

A plan written before there was `schedule` says `karras`, true or false; it is read as the schedule of that name.
`refiner` was true where a family has such models; no plan said which, and none was drawn.
A number that JSON cannot write (`nan` and the infinities) is written as a word, so that `verify` can say where it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from hashlib import sha256
from math import inf, isfinite, nan
from types import NoneType, UnionType
from typing import Literal, TypeGuard, Union, get_args, get_origin, get_type_hints

from promptlang.plans.plan import Model, Network, Plan
from promptlang.plans.rules import verify
from promptlang.sentences import listed
from promptlang.tables.models.clip_skip import effective_clip_skip
from promptlang.tables.models.families import family
from promptlang.values import replace

__all__ = [
    "Json",
    "PlanError",
    "content_hash",
    "from_data",
    "from_json",
    "picture_hash",
    "schema",
    "to_data",
    "to_json",
    "verify",
]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_WORDS = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # UTF-8 cannot carry one, an escape can
_LEFT_OUT: dict[type, tuple[str, ...]] = {
    Model: ("text_encoders", "vae", "quantization", "unusable"),
    Network: ("strengths", "unusable"),
}  # asking nothing
_UNHASHED = ("origins", "source", "expanded", "axes", "statement")


class PlanError(ValueError):
    """JSON that is no plan; the message begins with the place."""


def to_json(plan: Plan, *, indent: int | None = 2) -> str:
    """The plan as JSON text; the same plan gives the same text."""
    text = json.dumps(to_data(plan), indent=indent, ensure_ascii=False, allow_nan=False)
    return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def from_json(text: str) -> Plan:
    """The plan of a JSON text; raises PlanError where the text is not JSON or not a plan."""
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"plan: not JSON: {error}") from None
    return from_data(data)


def to_data(plan: Plan) -> dict[str, Json]:
    """The plan as dictionaries, lists and plain values."""
    return _record(Plan, plan)


def from_data(data: object) -> Plan:
    """The plan of plain values; raises PlanError where they are not a plan."""
    plan = _read(Plan, _today(data), "plan")
    assert isinstance(plan, Plan)
    return plan


def _today(data: object) -> object:
    """The data with `schedule` where an older plan has the flag `karras`, and no flag for a refiner."""
    if _is_object(data) and isinstance(data.get("refiner"), bool):
        data = {**data, "refiner": None}
    if not _is_object(data) or "schedule" in data or not isinstance(data.get("karras"), bool):
        return data
    rest = {name: value for name, value in data.items() if name != "karras"}
    return {**rest, "schedule": "karras" if data["karras"] else None}


def content_hash(plan: Plan) -> str:
    """SHA-256 of what is drawn, in hexadecimal; where values come from and how a grid is labelled stay outside."""
    data = {name: write(getattr(plan, name)) for name, write in _writers(Plan) if name not in _UNHASHED}
    if plan.clip_skip == effective_clip_skip(family(plan.model.family), 1):  # the layer that is taken without it
        data["clip_skip"] = None
    return sha256(json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).hexdigest()


def picture_hash(plan: Plan) -> str:
    """The hash of one picture of the plan apart from its seed: a picture is known by this and its seed."""
    return content_hash(replace(plan, seed=None, images=1))


@cache
def schema() -> dict[str, Json]:
    """The JSON Schema of plans, published as `docs/plan.schema.json`."""
    definitions: dict[str, Json] = {}
    whole = _schema_of(Plan, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "promptlang.plan/1",
        **whole,
        "$defs": dict(sorted(definitions.items())),
    }


# --- values to JSON ---------------------------------------------------------------------------------------------------


def _record(kind: type, value: object) -> dict[str, Json]:
    written = {name: write(getattr(value, name)) for name, write in _writers(kind)}
    for name, default in _idle(kind):
        if getattr(value, name) == default:
            del written[name]
    return written


Write = Callable[[object], Json]


@cache
def _writers(kind: type) -> tuple[tuple[str, Write], ...]:
    """How every field of a class is written: type hints are looked into once, for all of its values."""
    return tuple((name, _writer(_hints(kind)[name])) for name in _fields(kind))


@cache
def _idle(kind: type) -> tuple[tuple[str, object], ...]:
    """The fields that are left out where they hold their default."""
    return tuple((name, _fields(kind)[name].default) for name in _LEFT_OUT.get(kind, ()))


def _writer(hint: object) -> Write:
    """How values of a type hint are written as JSON.

    A whole number in a float field becomes a float, so that equal plans give equal text.
    """
    is_float = float in _options(hint)
    in_tuple = next((get_args(option) for option in _options(hint) if get_origin(option) is tuple), ())
    is_alike = in_tuple[-1:] == (Ellipsis,)
    items = tuple(map(_writer, in_tuple[:1] if is_alike else in_tuple))

    def write(value: object) -> Json:
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, (int, float)):
            return _number(float(value)) if is_float else value
        if _is_tuple(value):
            return [one(each) for one, each in zip(items * len(value) if is_alike else items, value, strict=True)]
        return _record(type(value), value)

    return write


def _number(value: float) -> Json:
    if isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


# --- JSON to values ---------------------------------------------------------------------------------------------------


def _read(hint: object, data: object, place: str) -> object:
    """The value of a type hint that the data stands for; the first option that fits counts."""
    for option in _options(hint):
        if get_origin(option) is Literal:
            if isinstance(data, str) and data in get_args(option):
                return data
        elif get_origin(option) is tuple:
            if _is_list(data):
                return _read_items(option, data, place)
        elif isinstance(option, type) and is_dataclass(option):
            if _is_object(data):
                return _read_record(option, data, place)
        elif option is float:
            if isinstance(data, str) and data in _WORDS:
                return _WORDS[data]
            if isinstance(data, (int, float)) and not isinstance(data, bool):
                return _finite(hint, data, place)
        elif type(data) is option:
            return data
    raise _misfit(hint, data, place)


def _finite(hint: object, data: int | float, place: str) -> float:
    try:
        return float(data)
    except OverflowError:
        raise _misfit(hint, data, place) from None


def _misfit(hint: object, data: object, place: str) -> PlanError:
    return PlanError(f"{place}: must be {_named(hint)}, found {_shown(data)}")


def _read_items(hint: object, data: list[object], place: str) -> tuple[object, ...]:
    arguments = get_args(hint)
    if arguments[-1] is not Ellipsis and len(arguments) != len(data):
        raise PlanError(f"{place}: must have {len(arguments)} items, found {len(data)}")
    hints = _item_hints(hint, len(data))
    return tuple(_read(item, each, f"{place}[{at}]") for at, (item, each) in enumerate(zip(hints, data, strict=True)))


def _read_record(kind: type, data: dict[str, object], place: str) -> object:
    known, hints = _fields(kind), _hints(kind)
    for name in data:
        if name not in known:
            raise PlanError(f"{place}: `{name}` is not a part of it; known are {', '.join(known)}")
    for name, each in known.items():
        if name not in data and not _has_default(each):
            raise PlanError(f"{place}: `{name}` is missing")
    return kind(**{name: _read(hints[name], value, f"{place}.{name}") for name, value in data.items()})


def _is_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def _is_list(data: object) -> TypeGuard[list[object]]:
    return isinstance(data, list)


def _is_object(data: object) -> TypeGuard[dict[str, object]]:
    return isinstance(data, dict)


def _shown(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


# --- schema -----------------------------------------------------------------------------------------------------------

_SIMPLE: dict[object, dict[str, Json]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"anyOf": [{"type": "number"}, {"enum": list(_WORDS)}]},
    NoneType: {"type": "null"},
}
_NAMES: dict[object, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    NoneType: "null",
}


def _schema_of(hint: object, definitions: dict[str, Json]) -> dict[str, Json]:
    options = _options(hint)
    if len(options) > 1:
        return {"anyOf": [_schema_of(option, definitions) for option in options]}
    arguments = get_args(hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is Literal:
        return {"enum": list(arguments)}
    if get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return {"type": "array", "items": _schema_of(arguments[0], definitions)}
        places: list[Json] = [_schema_of(argument, definitions) for argument in arguments]
        return {"type": "array", "prefixItems": places, "minItems": len(places), "maxItems": len(places)}
    assert isinstance(hint, type)
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # a place holder, should a type ever contain itself
        definitions[hint.__name__] = _object_schema(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _object_schema(kind: type, definitions: dict[str, Json]) -> dict[str, Json]:
    hints, known = _hints(kind), _fields(kind)
    return {
        "description": re.sub(r"\s+", " ", kind.__doc__ or "").strip().replace("`", ""),
        "type": "object",
        "properties": {name: _schema_of(hints[name], definitions) for name in known},
        "required": [name for name, each in known.items() if not _has_default(each)],
        "additionalProperties": False,
    }


# --- type hints -------------------------------------------------------------------------------------------------------


@cache
def _hints(kind: type) -> dict[str, object]:
    return dict(get_type_hints(kind))


@cache
def _fields(kind: type) -> dict[str, Field[object]]:
    return {each.name: each for each in fields(kind)}


def _has_default(each: Field[object]) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def _options(hint: object) -> tuple[object, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _item_hints(hint: object, count: int) -> tuple[object, ...]:
    """The hint of every item of a tuple; None beside the tuple is left out."""
    arguments = next(get_args(option) for option in _options(hint) if get_origin(option) is tuple)
    return arguments[:1] * count if arguments[-1] is Ellipsis else arguments


def _named(hint: object) -> str:
    """A type in the words of a message."""
    names: list[str] = []
    for option in _options(hint):
        if get_origin(option) is Literal:
            names += [f'"{word}"' for word in get_args(option)]
        elif get_origin(option) is tuple:
            names.append("a list")
        else:
            names.append(_NAMES.get(option, "an object"))
    return listed(names, "or")
