"""The compiler for diffusion prompts: text to tree to plan, pure and without torch.

The names below are the public interface; each is imported when it is first used, so that a check loads only what it
needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptlang.checking import check
    from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Rule, Severity
    from promptlang.explaining import Explanation, explain, explain_file
    from promptlang.lower import Compilation, compile
    from promptlang.nodes import Document, Prompt, Statement
    from promptlang.parsing import parse
    from promptlang.plan import Plan
    from promptlang.plan_json import content_hash, from_json, to_json, verify
    from promptlang.project import KnownConcept, Project
    from promptlang.source import Source, Span
    from promptlang.version import VERSION as __version__

__all__ = [
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
    "checking": ("check",),
    "diagnostics": ("Diagnostic", "Edit", "Fix", "Label", "Rule", "Severity"),
    "explaining": ("Explanation", "explain", "explain_file"),
    "lower": ("Compilation", "compile"),
    "nodes": ("Document", "Prompt", "Statement"),
    "parsing": ("parse",),
    "plan": ("Plan",),
    "plan_json": ("content_hash", "from_json", "to_json", "verify"),
    "project": ("KnownConcept", "Project"),
    "source": ("Source", "Span"),
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
