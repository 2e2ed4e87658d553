"""Values in the configuration of a network of transformers that are no such JSON as the library takes there."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.models.evidence.records import Record, is_list, is_number, is_whole
from promptlang.models.fitting.configurations.said import SAID, SEEING, TURNING, shown
from promptlang.sentences import listed
from promptlang.tables.configurations.typed import AROUND, KINDS, TITLES, UNCHECKED

_HALVES = ("text_config", SEEING)
_ALL = {**KINDS, **UNCHECKED}
_INSIDE = {key: kinds for key, kinds in _ALL.items() if key not in AROUND}


def mistyped(config: Record) -> Iterator[str]:
    """One clause for each, of the halves of a network that sees as well."""
    for part, known in ((config, _ALL), *((config.record(each), _INSIDE) for each in _HALVES)):
        for key, value in (*part.items(), *part.record(TURNING).items()):
            kinds = known.get(key)
            if kinds and not any(_is_of(value, each) for each in kinds):
                wanted = listed((TITLES[each] for each in kinds), "or")
                yield f"`{key}` {SAID} is {shown(value)}, where {wanted} is needed"


def _is_of(value: object, kind: str) -> bool:
    match kind:
        case "whole":
            return is_whole(value)
        case "number":
            return is_number(value)
        case "above":
            return isinstance(value, int | float) and value > 0
        case "flag":
            return isinstance(value, bool)
        case "name":
            return isinstance(value, str)
        case "list":
            return is_list(value)
        case "object":
            return isinstance(value, Record)
        case _:
            return value is None
