"""The renderer reads every field of a plan, says why it need not, or refuses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import promptlang_runtime
from promptlang import compile
from promptlang.plans import blending, controlling, enlarging, remixing
from promptlang.plans.plan import Plan
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors import reading
from promptlang_runtime.executors.reading import NOT_READ, READ, refuse_unread

FIELDS = {each.name for each in fields(Plan)}
TELLING = ("console.py", "reading.py")  # prints a plan, or names its fields, and draws nothing by them


def _read() -> Iterator[str]:
    """The fields of a plan that the package looks at, by its source and by that of the modules that it asks."""
    asked = [Path(each.__file__) for each in (blending, controlling, enlarging, remixing)]
    for path in (*Path(promptlang_runtime.__file__).parent.rglob("*.py"), *asked):
        if path.name in TELLING:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _is_plan(node.value):
                yield node.attr


def _is_plan(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name == "plan"


def test_what_is_said_to_be_read_is_read() -> None:
    """Neither more nor less."""
    assert set(_read()) & FIELDS == READ


def test_every_field_is_read_or_has_a_reason() -> None:
    """A field that somebody adds must be drawn, or it is refused."""
    assert set(NOT_READ) | READ == FIELDS
    assert len(NOT_READ) + len(READ) == len(FIELDS)
    assert all(NOT_READ.values())


def test_a_field_that_nothing_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where it asks for something."""
    without, asking = (compile(f"/render {text} a cow").plans[0] for text in ("", "/freeu:1,1,1.2,1.2"))
    refuse_unread(asking)
    monkeypatch.setattr(reading, "READ", READ - {"freeu"})
    refuse_unread(without)
    with pytest.raises(RenderError, match="`freeu`"):
        refuse_unread(asking)
