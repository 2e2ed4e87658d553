"""A refiner left out that nobody names."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import inherited, left_out, option_span
from promptlang.meaning.networks import named_refiner
from promptlang.meaning.view import View
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.options.table import LEAVING

RULE = Rule(
    name="refiner/not-named",
    severity=Severity.INFORMATION,
    summary="a refiner is left out, and none is named",
    why="A refiner is a second model, which finishes the pictures of a first. One is used where the prompt calls it "
    "beside its model, or where the model's entry in `promptlang.toml` names it as its `refiner`; else there is none.",
    example="/render /nofix a cow <sdxl>",
    source="help page on VASS",
    tags=("unnecessary",),
)
RULES = (RULE,)
ABOUT = frozenset(LEAVING)


def check(seen: View) -> Iterator[Diagnostic]:
    """Silent where the family has no refiners, which another rule says."""
    for name in LEAVING:
        setting = seen.given(name)
        if setting is None or seen.family is UNKNOWN or not ability(name, seen.family).acts or named_refiner(seen):
            continue
        message = f"`/{name}` leaves out no refiner: none is named for `{seen.model_name}`{inherited(setting)}"
        yield finding(RULE, message, option_span(seen, setting), "no effect", fixes=left_out(seen, setting))
