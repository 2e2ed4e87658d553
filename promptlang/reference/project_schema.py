"""The JSON schema of `promptlang.toml`, for editors that complete and check TOML by one."""

from __future__ import annotations

from typing import assert_never

from promptlang.checks.rules import RULES
from promptlang.config.keys import CONCEPT_KINDS, CONCEPT_PARTS, KEYS, Key
from promptlang.config.settings import SEVERITIES
from promptlang.tables.editions import EDITIONS
from promptlang.tables.models.families import BY_NAME
from promptlang.tables.options.schema import TEXT, Schema, option_schema
from promptlang.tables.options.table import ROWS

TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
COUNT: Schema = {"type": "integer", "minimum": 1}


def project_schema() -> Schema:
    """The whole file, nested as the paths of its keys are; what has no row is refused."""
    root = _table()
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    root["title"] = "promptlang.toml"
    for row in KEYS:
        *above, name = row.path
        here = root
        for part in above:
            properties = here["properties"]
            assert isinstance(properties, dict)
            below = properties.setdefault(part, _table())
            assert isinstance(below, dict)
            here = below
        default = f" Default: {row.default}." if row.default != "none" else ""
        schema: Schema = {"description": f"{row.docs}{default}", **_value(row)}
        properties = here["properties"]
        assert isinstance(properties, dict)
        if row.shape == "option":
            properties.update(_options())
        elif name == "*":
            here["additionalProperties"] = schema
            properties.update({rule: schema for rule in sorted(RULES) if row.shape == "severity"})
        else:
            properties[name] = schema
    return root


def _table() -> Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _value(row: Key) -> Schema:
    match row.shape:
        case "text" | "inside" | "path":
            return TEXT
        case "texts" | "folders" | "files" | "patterns":
            return TEXTS
        case "flag":
            return {"type": "boolean"}
        case "count":
            return COUNT
        case "limit":
            return {"anyOf": [COUNT, {"const": False}]}
        case "edition":
            return {"enum": [*EDITIONS]}
        case "severity":
            return {"enum": [*SEVERITIES]}
        case "option":
            return {}
        case "concept":
            return {"anyOf": [TEXT, _concept()]}
        case "concept table":
            return _concept()
        case _:
            assert_never(row.shape)


def _concept() -> Schema:
    own: Schema = {
        "family": {"enum": [*BY_NAME]},
        "kind": {"enum": [*CONCEPT_KINDS]},
        "layers": COUNT,
        "options": {**_table(), "properties": _options()},
        **dict.fromkeys(("text-encoder", "triggers", "tags"), TEXTS),
    }
    return {**_table(), "properties": {part: own.get(part, TEXT) for part in CONCEPT_PARTS}}


def _options() -> Schema:
    """Every option that a project may hold; a side of the prompt is none."""
    return {row.name: option_schema(row) for row in ROWS if row.decides != "side"}
