"""Several concepts, strengths or words that compare nothing: where one counts, or where the first is not there."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.lints.places import option_span
from promptlang.meaning.view import View
from promptlang.syntax.nodes import Concept, OptionUse, Parts, walk
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.kinds import quoted, written
from promptlang.tables.options.table import SWAP

ABSENT = Rule(
    name="swap/words-absent",
    severity=Severity.ERROR,
    summary="the words that others should take the place of are not in the prompt",
    why="Every picture would be drawn from the same words. Capitals count, as they do in the “Prompt S/R” of "
    "stable-diffusion-webui; words behind `/negative` are left alone.",
    example="/render /swap:cow|horse a sheep",
    source="stable-diffusion-webui 1.10, `apply_prompt`, which stops there",
)
NOTHING_ELSE = Rule(
    name="swap/nothing-else",
    severity=Severity.ERROR,
    summary="nothing takes the place of the words that are swapped",
    why="The first words are those of the prompt; what is drawn in their place stands behind `|`.",
    example="/render /swap:cow a cow",
    source="decision of this language",
)
ONE_COUNTS = Rule(
    name="concept/several-at-once",
    severity=Severity.ERROR,
    summary="several concepts or strengths stand where one counts",
    why="They are compared in the prompt of a statement. `/set` speaks for other statements, and the text behind "
    "`/negative` is the same for all pictures.",
    example="/set <demo|sd15>\n/render a cow",
    source="decision of this language",
)
RULES = (ABSENT, NOTHING_ELSE, ONE_COUNTS)
ABOUT = frozenset({SWAP.name, Concept})


def check(seen: View) -> Iterator[Diagnostic]:
    """The words first."""
    yield from _of_swap(seen)
    yield from one_counts(seen, seen.negative_parts)


def one_counts(seen: View, parts: Parts) -> Iterator[Diagnostic]:
    """What is compared in parts of a text that are the same for all pictures."""
    if not dialect_row(seen.statement.prompt.dialect).compares:
        return
    for node in walk(parts):
        if isinstance(node, Concept) and (len(node.names) > 1 or node.strengths):
            found = node.name if len(node.names) > 1 else node.strengths
            name = node.name.partition("|")[0].strip()
            first = f"<{name}{'' if node.weight is None else f':{node.weight:g}'}>"
            message = f"one concept with one strength counts here, found `{found[:40]}`"
            yield finding(ONE_COUNTS, message, node.span, help=f"write `{first}`, or compare them in a prompt")


def _of_swap(seen: View) -> Iterator[Diagnostic]:
    setting = seen.settings.get(SWAP.name)
    words, *others = map(str, seen.values(SWAP.name) or ("",))
    if setting is None or not words or seen.point:
        return
    span = option_span(seen, setting)
    if not others:
        message = f"nothing takes the place of `{words[:40]}`"
        help = f"write `/{SWAP.name}:{written(words[:40])}|others`"
        if setting.use and (cut := _cut_at_blank(seen.statement.text, setting.use)):
            help = f"write `/{SWAP.name}:{cut[:40]}`, in quotes where there are blanks"
        elif words not in seen.written.text and (listed := words.replace(", ", ",").split(","))[0] in seen.written.text:
            help = f"write `/{SWAP.name}:{'|'.join(map(quoted, listed))[:40]}`, with bars between them"
        yield finding(NOTHING_ELSE, message, span, help=help)
    elif words not in seen.written.text:
        message = f"`{words[:40]}` is nowhere in the prompt, so nothing takes its place"
        help = f"write words of the prompt first: `/{SWAP.name}:words|{'|'.join(others)[:40]}`"
        yield finding(ABSENT, message, span, help=help)


def _cut_at_blank(text: str, use: OptionUse) -> str:
    """Words of several that were meant, where the bar stands behind a blank; empty where there is none."""
    line, _, _ = text[use.value_span.start :].partition("\n")
    before, bar, behind = line.partition("|")
    words = before.split(" /", 1)[0]
    if not bar or words != before or "," in before or before[:1] == '"' or (use.value or "") not in before:
        return ""
    return f"{quoted(before.strip())}|{quoted(behind.split()[0])}" if behind.split() else ""
