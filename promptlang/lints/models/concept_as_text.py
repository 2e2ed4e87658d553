"""The name of a model in the angle brackets of this language, where the dialect's owner reads plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.prompts.other_program import is_tag
from promptlang.meaning.view import ADDED, View
from promptlang.source import Span
from promptlang.syntax.nodes import Prompt, Text, walk
from promptlang.tables.dialects import DialectRow, dialect_row
from promptlang.tables.models.known import KnownConcept

RULE = Rule(
    name="concept/plain-text",
    severity=Severity.WARNING,
    summary="`<name>` calls no model in the dialect of the statement, it is drawn as words",
    why="stable-diffusion-webui, ComfyUI and Compel name no model in a prompt. `/set <name>` above names it for the "
    "statements below, in every dialect.",
    example="/render /parser:a1111 <sd15> a cow",
    source=OURS,
)
CASE = Rule(
    name="concept/other-case",
    severity=Severity.INFORMATION,
    summary="the name of an embedding is written in other letters than its file",
    why="stable-diffusion-webui reads prompts in lower case, so `BadHands` in a prompt calls the embedding `badhands`.",
    example="/render /parser:a1111 NEEDS an embedding in the project, written in other letters",
    source="stable-diffusion-webui 1.10, `EmbeddingDatabase.find_embedding_at_position`",
)
UNKNOWN = Rule(
    name="concept/unknown-as-text",
    severity=Severity.INFORMATION,
    summary="`<name>` is drawn as words in the dialect of the statement, and no model of that name is known",
    why="The owner of the dialect has no such tag. If a model is meant, it is named elsewhere, and the project knows "
    "it.",
    example="/render /parser:a1111 <a-model> a cow",
    source=OURS,
)
RULES = (RULE, CASE, UNKNOWN)

_NAME = r"\w[\w.+-]+"
_TAG = r"<(?P<name>[^<>:\s]+)(?::(?P<weight>[\d.+-]+))?>"  # compiled when a text first has one


def check(seen: View) -> Iterator[Diagnostic]:
    """A warning for each name that the project knows."""
    row = dialect_row(seen.statement.prompt.dialect)
    if row.model:
        return
    for each in seen.called if row.bare_embeddings else ():
        node, written = each.node, seen.statement.text[each.node.span.start : each.node.span.end]
        if node.kind == "embedding" and written != node.name and written.lower() == node.name.lower():
            message = f"`{written[:40]}` calls the embedding `{node.name[:40]}`, whatever the case of its letters"
            yield finding(CASE, message, node.span, help=f"write `{node.name[:40]}`, or other words if none is meant")
    for prompt in (seen.statement.prompt, seen.statement.negative_prompt):
        if prompt and "<" in prompt.passage.text:
            yield from _names(seen, row, prompt)


def _names(seen: View, row: DialectRow, prompt: Prompt) -> Iterator[Diagnostic]:
    texts = (part.text for part in walk(prompt.parts) if isinstance(part, Text) and "<" in part.text)
    drawn = {found[0] for text in texts for found in re.finditer(_TAG, text)}
    faults = sorted(each.label.span for each in seen.statement.diagnostics)
    for found in re.finditer(_TAG, prompt.passage.text):
        span = prompt.passage.span(*found.span())
        if re.fullmatch(_NAME, found["name"]) and found[0] not in drawn:
            continue  # a tag of the dialect's own
        if span.contains_one(faults):
            continue  # the dialect has found a fault in it already
        known = seen.project.known(found["name"])
        if known is None and re.fullmatch(_NAME, found["name"]) and not is_tag(found[0]):
            yield _of_none(row, found, span)
        if known is None or (found["weight"] and known.kind not in ADDED):
            continue
        message = f"`{found[0][:40]}` is plain words to {row.title}, so nothing is called"
        yield finding(RULE, message, span, help=how_to_call(row, known, found["weight"]))


def _of_none(row: DialectRow, found: re.Match[str], span: Span) -> Diagnostic:
    name = found["name"][:60]
    message = f"`{found[0][:60]}` is plain words to {row.title}, and no model called `{name}` is known here"
    help = f"name it in `promptlang.toml` and write `/set <{name}>` above, or take the brackets away"
    return finding(UNKNOWN, message, span, help=help)


def how_to_call(row: DialectRow, known: KnownConcept, weight: str | None = None) -> str:
    """What to write in the dialect to call a model for what it is."""
    if known.kind not in ADDED:
        return f"write `/set <{known.name}>` as a statement of its own above this one"
    call = row.embedding if known.kind == "inversion" else row.network
    if known.kind not in ("lora", "inversion") or not call or (known.kind == "inversion" and not row.calls_embeddings):
        return "remove it, or write `/parser:new`"
    written = call.format(name=known.name)
    strength = row.strength.format(weight=weight or "1") if call == row.network else ""
    return f"write `{written[:-1]}{strength}{written[-1]}`" if strength else f"write `{written}`"
