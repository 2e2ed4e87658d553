"""Prompts that end after the last token that the family's pipeline reads."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import command_span
from promptlang.meaning.view import View
from promptlang.tables.models.family import DIFFUSERS

TOO_LONG = Rule(
    name="prompt/too-long",
    severity=Severity.WARNING,
    summary="the prompt is longer than what this model reads of it",
    why="The pipelines of models that a language model reads for cut a prompt after a number of tokens, and draw "
    "nothing of what follows. How many tokens a text is, is estimated: every model divides words in its own way. CLIP "
    "reads a prompt of any length in chunks here, and T5 reads all of it.",
    example=f"/set <qwen-image>\n/render a cow {'in a field of flowers ' * 140}",
    source=DIFFUSERS,
)
RULES = (TOO_LONG,)


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding a side."""
    most = seen.family.reads
    if not most:
        return
    for runs, what in ((seen.sides.positive, "prompt"), (seen.sides.negative, "negative prompt")):
        text = "".join(run.text for run in runs)
        if len(text) > most and (tokens := _tokens(text)) > most:
            message = f"the {what} has about {round(tokens, -1)} tokens, of which {seen.family.title} reads {most}"
            help_text = "shorten it, or begin with what matters: the end is likely cut"
            yield finding(TOO_LONG, message, command_span(seen), help=help_text)


def _tokens(text: str) -> int:
    """About as many tokens as a language model reads: those of CLIP, and one for every letter that is not ASCII."""
    from promptlang.tokens.ids import token_ids  # few prompts are that long

    plain = "".join(letter if letter.isascii() else " " for letter in text)
    return len(token_ids(plain)) + sum(not letter.isascii() and letter.isalnum() for letter in text)
