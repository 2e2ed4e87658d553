"""What an option may be where JSON or TOML says it: a number or a text that a prompt would take."""

from __future__ import annotations

from typing import Union

from promptlang.tables.options.kinds import Choice, Flag, Integer, Number
from promptlang.tables.options.row import Option

Json = Union[str, int, float, bool, None, "list[Json]", "dict[str, Json]"]
Schema = dict[str, Json]

TEXT: Schema = {"type": "string"}


def option_schema(row: Option) -> Schema:
    """The JSON Schema of an option's value; a flag is `true` or `false`."""
    match row.kind:
        case Flag():
            kind: Schema = {"type": "boolean"}
        case Integer(low=low, high=high, words=words):
            named: list[Json] = [word.name for word in words]
            number: Schema = {"type": "integer", "minimum": low, "maximum": high}
            kind = {"anyOf": [number, TEXT if not named else {"enum": named}]}
        case Number(low=low, high=high):
            kind = {"anyOf": [{"type": "number", "minimum": low, **({} if high is None else {"maximum": high})}, TEXT]}
        case Choice(items=items):
            kind = {"anyOf": [{"enum": [item.name for item in items]}, TEXT]}  # names of other programs are read too
        case _:
            kind = {"type": ["string", "number"]}
    return {"description": row.docs, **kind}
