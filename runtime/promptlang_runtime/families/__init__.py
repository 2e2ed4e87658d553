"""The families that can be rendered: one module each, which draws the pictures of a plan.

A module has `PIPELINE`, the diffusers class its models load as, and `draw`.
"""

from __future__ import annotations

from types import ModuleType

import promptlang_runtime.quiet  # noqa: F401  silences the imports below
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families import sd1

FAMILIES: dict[str, ModuleType] = {"sd1": sd1}


def family_of(name: str) -> ModuleType:
    """The module that renders a family; raises RenderError where none does yet."""
    if name not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise RenderError(f"models of the family {name} cannot be rendered yet", f"use a model of: {known}")
    return FAMILIES[name]
