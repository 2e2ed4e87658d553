"""THE rule table: every rule of the house by name, collected from the files that fire them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from promptlang.diagnostics import Rule
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.options.rules import option_rules

TABLES = (
    "promptlang.files",
    "promptlang.checks.suppress",
    "promptlang.statements.parsing",
    "promptlang.statements.look_alikes",
    "promptlang.checks.texts",
    "promptlang.checks.options.uses",
    "promptlang.checks.options.unknown",
    "promptlang.checks.options.endings",
    "promptlang.checks.recipes",
    "promptlang.checks.pasted.rule",
    "promptlang.meaning.contexts",
    "promptlang.checks.statements",
    "promptlang.lints.table",
    "promptlang.config.rules",
    *dict.fromkeys(row.rules for row in DIALECTS.values()),
    "promptlang.variants.rules",
)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by name, in alphabetical order."""
    found = dict(option_rules())
    for table in TABLES:
        found |= {rule.name: rule for rule in import_module(table).RULES}
    return MappingProxyType(dict(sorted(found.items())))


def __getattr__(name: str) -> Mapping[str, Rule]:
    """`RULES`, gathered when it is first asked for: a check needs only the rules that fire."""
    if name == "RULES":
        return rules()
    raise AttributeError(name)
