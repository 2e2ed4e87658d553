"""Options are asked for by their rows: no rule, no view of a statement and no answer of the server spells a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import promptlang
import promptlang_lsp
from promptlang.tables.options.table import OPTIONS

HOME = Path(promptlang.__file__).parent
SERVER = Path(promptlang_lsp.__file__).parent
ROOMS = ("checks", "filling", "lints", "lowering", "meaning", "plans", "refusals", "statements")
ASKING = frozenset({"get", "given", "numbers", "option", "use", "values"})

WORDS_OF_THEIR_OWN: Mapping[tuple[str, str], str] = {
    ("filling/plans.py", "sampler"): "a field of the plan",
    ("filling/plans.py", "steps"): "a field of the plan",
    ("meaning/contexts.py", "edition"): "what an option decides",
    ("lowering/converting.py", "variants"): "what an option decides",
    ("lints/prompts/variants_off.py", "variants"): "what an option decides",
    ("lints/prompts/variants_read.py", "variants"): "what an option decides",
    ("refusals/models.py", "negative"): "a side of the prompt",
    ("meaning/spread.py", "variants"): "what an option decides",
    ("refusals/limits.py", "vae"): "a kind of network",
    ("refusals/named_files.py", "vae"): "a part of a folder",
    ("session/own_use.py", "format"): "what a file says of itself",
    ("plans/json.py", "karras"): "a field of older plans",
    ("plans/json.py", "schedule"): "a field of the plan",
    ("plans/plan.py", "blend"): "a way to put prompts together, and a field of the plan",
    ("plans/plan.py", "negative"): "a side of the prompt",
    ("plans/rules.py", "blend"): "a way to put prompts together",
    ("features/display/inlay_hints.py", "variants"): "what an option decides",
    ("features/display/strength.py", "negative"): "a side of the prompt",
}
"""The names that stand for something else there."""


def _spelled(path: Path) -> Iterator[str]:
    """The names of options that a module asks for, compares with or counts up in a loop."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), args=[first, *_]) if attr in ASKING:
                asked: list[ast.expr] = [first]
            case ast.Subscript(slice=inside):
                asked = [inside]
            case ast.Compare(left=left, comparators=others):
                asked = [left, *others]
            case ast.For(iter=ast.Tuple(elts=each)) | ast.comprehension(iter=ast.Tuple(elts=each)):
                asked = each
            case _:
                continue
        for inner in (each for one in asked for each in ast.walk(one)):
            if isinstance(inner, ast.Constant) and inner.value in OPTIONS:
                yield str(inner.value)


def test_no_rule_spells_the_name_of_an_option() -> None:
    """What is listed has its reason, and is there."""
    places = {
        HOME: (*(path for room in ROOMS for path in (HOME / room).rglob("*.py")), *(HOME / "importers").glob("*.py")),
        SERVER: tuple(SERVER.rglob("*.py")),
    }
    found = {
        (path.relative_to(home).as_posix(), name)
        for home, paths in places.items()
        for path in paths
        for name in _spelled(path)
    }
    assert found == set(WORDS_OF_THEIR_OWN)
