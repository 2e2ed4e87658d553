"""A strength that changes between steps, on what has one strength for the whole picture."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Concept

RULE = Rule(
    name="concept/steps-no-effect",
    severity=Severity.WARNING,
    summary="a strength over steps stands on something else than a LoRA",
    why="A LoRA changes the layers of the denoiser, which are asked anew at every step. A checkpoint, a textual "
    "inversion or a VAE has one strength for the whole picture: the first number counts.",
    example="/render /parser:new a cow <sd15:1@0,0@0.5>",
    source=OURS,
)
RULES = (RULE,)
ABOUT = frozenset({Concept})
KINDS = frozenset({"lora", "unknown"})


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each call of the statement."""
    for each in seen.called:
        if each.node.moments and each.kind not in KINDS:
            first = each.node.moments[0][1]
            message = f"the strength of `{each.node.name}` cannot change between steps, since it is no LoRA"
            help_text = f"write one number: `<{each.node.name}:{first:g}>`"
            yield finding(RULE, message, each.node.span, f"{first:g} counts", help=help_text)
