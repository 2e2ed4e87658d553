"""What a golden case can show of a prompt: one function for each kind of block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.golden import compiler, server
from tests.golden.cases import Case

# The argument stands behind the kind: which action is made, which item of a list is accepted.
VIEWS: Mapping[str, Callable[[Case, str], str]] = {
    "diagnostics": compiler.diagnostics,
    "project": compiler.project,
    "plan": compiler.plan,
    "origins": compiler.origins,
    "fix": compiler.fix,
    "unsafe-fix": compiler.unsafe_fix,
    "format": compiler.formatted,
    "tree": compiler.tree,
    "written": compiler.written,
    "explain": compiler.explanation,
    "hover": server.hovered,
    "signature": server.signature,
    "declaration": server.declared,
    "complete": server.completed,
    "actions": server.acted,
    "hints": server.hinted,
    "lenses": server.lenses,
    "colours": server.coloured,
    "outline": server.outlined,
}
