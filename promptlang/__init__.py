"""The compiler for diffusion prompts: text to tree to plan, pure and without torch.

The names below are the public interface; each is imported when it is first used, so that a check loads only what it
needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptlang.checks.checking import check
    from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Rule, Severity
    from promptlang.lowering.building import Built, build
    from promptlang.lowering.explaining import Explanation, explain, explain_file
    from promptlang.lowering.lower import Compilation, compile
    from promptlang.meaning.project import Project
    from promptlang.plans.json import content_hash, from_json, to_json, verify
    from promptlang.plans.plan import Plan
    from promptlang.source import Source, Span
    from promptlang.statements.parsing import parse
    from promptlang.syntax.nodes import Document, Prompt, Statement
    from promptlang.tables.models.known import KnownConcept
    from promptlang.version import VERSION as __version__

__all__ = [
    "Built",
    "Compilation",
    "Diagnostic",
    "Document",
    "Edit",
    "Explanation",
    "Fix",
    "KnownConcept",
    "Label",
    "Plan",
    "Project",
    "Prompt",
    "Rule",
    "Severity",
    "Source",
    "Span",
    "Statement",
    "__version__",
    "build",
    "check",
    "compile",
    "content_hash",
    "explain",
    "explain_file",
    "from_json",
    "parse",
    "to_json",
    "verify",
]

_HOMES = {
    "checks.checking": ("check",),
    "diagnostics": ("Diagnostic", "Edit", "Fix", "Label", "Rule", "Severity"),
    "lowering.building": ("Built", "build"),
    "lowering.explaining": ("Explanation", "explain", "explain_file"),
    "lowering.lower": ("Compilation", "compile"),
    "meaning.project": ("Project",),
    "plans.json": ("content_hash", "from_json", "to_json", "verify"),
    "plans.plan": ("Plan",),
    "source": ("Source", "Span"),
    "statements.parsing": ("parse",),
    "syntax.nodes": ("Document", "Prompt", "Statement"),
    "tables.models.known": ("KnownConcept",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("promptlang.version").VERSION
    if name not in _HOME:
        raise AttributeError(f"module 'promptlang' has no attribute '{name}'")
    value = getattr(import_module(f"promptlang.{_HOME[name]}"), name)
    globals()[name] = value
    return value
