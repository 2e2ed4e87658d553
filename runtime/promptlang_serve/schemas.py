"""What a body may be, said once as JSON Schema: the document of the service publishes it, and requests obey it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from promptlang.models.evidence.records import is_list, is_number, is_whole
from promptlang.suggest import nearest
from promptlang.tables.options.schema import Json, Schema

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
_PLACES = 2**64  # of whole numbers; what is larger is nobody's
_TYPES: Mapping[str, str] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def whole(low: int, high: int = _PLACES - 1) -> Schema:
    """Whole numbers in a range."""
    return {"type": "integer", "minimum": low, "maximum": high}


def text(most: int, least: int = 0) -> Schema:
    """Texts of so many characters."""
    return {"type": "string", "maxLength": most, **({"minLength": least} if least else {})}


def listed(items: Schema, most: int = 1000) -> Schema:
    """Lists of the same."""
    return {"type": "array", "items": items, "maxItems": most}


def choice(*values: str) -> Schema:
    """One of several words."""
    return {"type": "string", "enum": [*values]}


def record(properties: Mapping[str, Schema], *needed: str, others: bool = False) -> Schema:
    """Objects with these fields, and where `others` with any beside them."""
    return {
        "type": "object",
        "properties": dict[str, Json](properties),
        **({"required": [*needed]} if needed else {}),
        "additionalProperties": others,
    }


def or_null(schema: Schema) -> Schema:
    """The same, or null, which says nothing."""
    return {"anyOf": [schema, {"type": "null"}]}


def described(schema: Schema, docs: str) -> Schema:
    """The schema with words about it."""
    return {"description": docs, **schema}


def faults(schema: Schema, value: object, where: str = "the body") -> Iterator[str]:
    """What is wrong with a value, each in one clause; nothing where the schema takes it."""
    if either := _schemas(schema.get("anyOf")):
        found = [list(faults(each, value, where)) for each in either]
        if all(found):
            yield next((each[0] for each in found if " must be " not in each[0]), found[0][0])
        return
    kinds = schema.get("type")
    wanted = [str(each) for each in kinds] if isinstance(kinds, list) else [str(kinds)] if kinds else []
    if wanted and not any(_is_of(kind, value) for kind in wanted):
        yield f"{where} must be {' or '.join(_TYPES[each] for each in wanted)}, found {_shown(value)}"
        return
    known = schema.get("enum")
    if isinstance(known, list) and not any(_is_same(each, value) for each in known):
        yield f"{where} must be {' or '.join(map(_shown, known))}, found {_shown(value)}"
    match value:
        case bool():
            return
        case int() | float():
            yield from _of_number(schema, value, where)
        case str():
            yield from _of_length(schema, len(value), "Length", "characters", where)
        case _:
            if is_list(value):
                yield from _of_list(schema, value, where)
            elif _is_record(value):
                yield from _of_record(schema, value, where)


def _of_number(schema: Schema, value: float, where: str) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, int | float) and value < low:
        yield f"{where} must be {low} or more, found {value}"
    if isinstance(high, int | float) and value > high:
        yield f"{where} must be at most {high}, found {value}"


def _of_length(schema: Schema, length: int, what: str, unit: str, where: str) -> Iterator[str]:
    low, high = schema.get(f"min{what}"), schema.get(f"max{what}")
    if isinstance(low, int) and length < low:
        yield f"{where} must have {low} {unit} or more, found {length}"
    if isinstance(high, int) and length > high:
        yield f"{where} must have at most {high:,} {unit}, found {length:,}"


def _of_list(schema: Schema, value: Sequence[object], where: str) -> Iterator[str]:
    yield from _of_length(schema, len(value), "Items", "entries", where)
    if items := _object(schema.get("items")):
        for place, each in enumerate(value):
            yield from faults(items, each, f"{where}[{place}]")


def _of_record(schema: Schema, value: Mapping[str, object], where: str) -> Iterator[str]:
    properties, needed = _object(schema.get("properties")), schema.get("required")
    for name in needed if isinstance(needed, list) else ():
        if str(name) not in value:
            yield f"`{name}` is missing"
    for name, each in value.items():
        if inner := _object(properties.get(name)):
            yield from faults(inner, each, f"`{name}`")
        elif name not in properties and schema.get("additionalProperties") is False:
            close = nearest(name, properties)
            yield f"there is no field {_shown(name)}" + (f"; write `{close}`" if close else "")


def _is_of(kind: str, value: object) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return is_whole(value)
        case "number":
            return is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return value is None


def _is_same(known: Json, value: object) -> bool:
    """Whether a value is one of JSON's that is known: `true` is no number."""
    return isinstance(known, bool) == isinstance(value, bool) and known == value


def _shown(value: object) -> str:
    """A value as a message quotes it: as JSON, cut where it is long."""
    written = json.dumps(value, default=str)
    return f"`{written[:40]}…`" if len(written) > 40 else f"`{written}`"


def _is_record(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _object(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


def _schemas(value: Json) -> list[Schema]:
    return [_object(each) for each in value] if isinstance(value, list) else []
