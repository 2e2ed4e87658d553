"""The rules of the NovelAI dialect, one row each."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

_DOCS = "NovelAI's documentation, strengthening and weakening"

UNCLOSED = Rule(
    name="novelai/unclosed",
    severity=Severity.WARNING,
    summary="a bracket is never closed, so everything behind it counts",
    why="What a bracket begins ends at its partner, at a `::` or at the end of the prompt.",
    example="/render /parser:novelai {a cat, a hat",
    source=_DOCS,
)
UNOPENED = Rule(
    name="novelai/unopened",
    severity=Severity.WARNING,
    summary="a bracket or `::` ends nothing, so it is left out",
    why="NovelAI has no escapes, so a bracket or `::` is never a word. What it makes of one that ends nothing is not "
    "published; here it reaches no text encoder.",
    example="/render /parser:novelai a cat}, a hat",
    source=_DOCS,
)
TOO_DEEP = Rule(
    name="novelai/too-deep",
    severity=Severity.WARNING,
    summary="brackets are nested more deeply than they are read",
    why="A hundred of them count 130 times as much; a number says the same and can be read.",
    example=f"/render /parser:novelai {'{' * 101}a cat{'}' * 101}",
    source="promptlang",
)
ENDS_IN_NUMBER = Rule(
    name="novelai/words-end-in-number",
    severity=Severity.WARNING,
    summary="a number at the end of weighted words begins the next weight",
    why="`1.5::area 51::` is the words `area` at 1.5, and then a weight of 51 up to the next `::`.",
    example="/render /parser:novelai 1.5::area 51::, a hat",
    source=_DOCS,
)
PLAIN_WORDS = Rule(
    name="novelai/plain-words",
    severity=Severity.INFORMATION,
    summary="syntax of another program is plain words in NovelAI",
    why="NovelAI has no `(words:1.2)`, `BREAK` or `<lora:…>`; the characters go to the text encoder as they are.",
    example="/render /parser:novelai a (cat:1.2)",
    source=_DOCS,
)
PARTS = Rule(
    name="novelai/several-prompts",
    severity=Severity.WARNING,
    summary="`|` makes several prompts of a text, which are drawn as one here",
    why="From V4 on NovelAI gives what stands behind a `|` to a character of its own, before V4 it mixed the prompts, "
    "and between two `||` it draws one at random. None of it is drawn here: the words stand one after another.",
    example="/render /parser:novelai 2girls | red hair | blue hair",
    source=_DOCS,
)

RULES = (UNCLOSED, UNOPENED, TOO_DEEP, ENDS_IN_NUMBER, PLAIN_WORDS, PARTS)
