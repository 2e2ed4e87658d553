"""What a body may be, held against the library that knows all of JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

pytest.importorskip("starlette", reason="the serve extra is not installed")
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

from promptlang_serve.app import rows  # noqa: E402
from promptlang_serve.limits import Limits  # noqa: E402
from promptlang_serve.rows import Row  # noqa: E402
from promptlang_serve.schemas import Schema, faults  # noqa: E402

BODIES = [row for row in rows(Limits()) if row.body is not None]
ODD = (None, True, False, 0, 1, -1, 1.5, 2**40, 2**70, "", "a", "1", [], [1], ["a"], ["a"] * 2000, {}, {"a": 1})


@pytest.mark.parametrize("row", BODIES, ids=lambda row: f"{row.method} {row.path}")
def test_a_body_is_taken_where_the_library_takes_it(row: Row) -> None:
    assert row.body is not None
    judge = jsonschema.Draft202012Validator(row.body)
    judge.check_schema(row.body)
    assert [*faults(row.body, sound(row.body))] == []
    for body in (*ODD, *bodies(row.body)):
        assert ([*faults(row.body, body)] == []) is judge.is_valid(body), body


def sound(schema: Schema) -> dict[str, object]:
    """A body with nothing but what must be there, which are texts and lists of them."""
    properties, needed = schema["properties"], schema.get("required", [])
    assert isinstance(properties, dict)
    assert isinstance(needed, list)
    kinds = {str(name): str(properties[str(name)]) for name in needed}
    return {name: ["a"] if "'type': 'array'" in kind else "a" for name, kind in kinds.items()}


def bodies(schema: Schema) -> Iterator[dict[str, object]]:
    """The same with each field in turn left out, odd, or at an end of what it may be."""
    taken, properties = sound(schema), schema["properties"]
    assert isinstance(properties, dict)
    yield from ({key: each for key, each in taken.items() if key != name} for name in taken)
    yield {**taken, "odd": 1}
    for name, own in properties.items():
        ends = [int(each) + more for each in re.findall(r"imum': (\d+)", str(own)) for more in (-1, 0, 1)]
        words = re.findall(r"'([^']+)'", str(own))
        values = (*ODD, *ends, *words)
        for value in (*values, *([each] for each in values if "'array'" in str(own))):
            yield {**taken, name: value}
