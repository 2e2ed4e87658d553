"""THE rule table: every rule of the house by name, collected from the files that fire them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from promptlang.diagnostics import Rule
from promptlang.lints import LINT_RULES
from promptlang.option_rules import option_rules

TABLES = (
    "promptlang.statement_rules",
    "promptlang.config_rules",
    "promptlang.dialects.words_rules",
    "promptlang.dialects.a1111_rules",
    "promptlang.dialects.comfy_rules",
    "promptlang.dialects.compel_rules",
    "promptlang.variants_rules",
)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by name, in alphabetical order."""
    found = {rule.name: rule for rule in LINT_RULES} | dict(option_rules())
    for table in TABLES:
        found |= {rule.name: rule for rule in import_module(table).RULES}
    return MappingProxyType(dict(sorted(found.items())))


def __getattr__(name: str) -> Mapping[str, Rule]:
    """`RULES`, gathered when it is first asked for: a check needs only the rules that fire."""
    if name == "RULES":
        return rules()
    raise AttributeError(name)
