"""The rules of the Compel dialect, one row each."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

LOOKS_LIKE_A1111 = Rule(
    name="compel/looks-like-a1111",
    severity=Severity.WARNING,
    summary="`(x:1.3)` and other A1111 syntax is plain text in Compel",
    why="Compel writes the number behind the parenthesis. It reads `(cat:1.3)` as the words `cat:1 . 3` at weight 1 "
    "and says nothing.",
    example="/render /parser:compel a (cat:1.3)",
    source="Compel 2.5.1, `PromptParser`",
)
UNCLOSED = Rule(
    name="compel/unclosed",
    severity=Severity.WARNING,
    summary='a `(` or `"` that is never closed is plain text',
    why="Compel falls back to plain words where a group does not close, and needs exponential time to find out.",
    example="/render /parser:compel a (cat",
    source="Compel 2.5.1, `PromptParser`; issues 77 and 103",
)
BESIDE_BLEND = Rule(
    name="compel/text-beside-blend",
    severity=Severity.WARNING,
    summary="text behind `.blend(…)` is an error in Compel",
    why="A blend is the whole prompt. Compel raises on text behind it, and reads a blend behind text as plain words.",
    example='/render /parser:compel ("a cat", "a dog").blend(1, 1) in a hat',
    source="Compel 2.5.1, `PromptParser`",
)
DROPPED = Rule(
    name="compel/text-dropped",
    severity=Severity.WARNING,
    summary="text behind `.and(…)` is dropped",
    why="Compel stops reading at the end of the list and says nothing.",
    example='/render /parser:compel ("a cat", "a dog").and() in a hat',
    source="Compel 2.5.1, `PromptParser`",
)
COUNT = Rule(
    name="compel/weight-count",
    severity=Severity.WARNING,
    summary="a blend or conjunction has more or fewer weights than prompts",
    why="Compel raises. Read here with 1 for a missing weight and without the spare ones.",
    example='/render /parser:compel ("a cat", "a dog").blend(1)',
    source="Compel 2.5.1, `Blend` and `Conjunction`",
)
SETTING = Rule(
    name="compel/unknown-setting",
    severity=Severity.WARNING,
    summary="a weight of a blend or conjunction is no number",
    why="Compel raises; the only word it knows is `no_normalize`, last in a blend. Read here as 1.",
    example='/render /parser:compel ("a cat", "a dog").blend(1, 1, normalize)',
    source="Compel 2.5.1, `make_operator_object`",
)
SWAP_IN_BLEND = Rule(
    name="compel/swap-in-blend",
    severity=Severity.WARNING,
    summary="a swap inside a blend is an error in Compel",
    why="Compel raises; a blend has no attention map to swap.",
    example='/render /parser:compel ("a cat.swap(dog)", "a hat").blend(1, 1)',
    source="Compel 2.5.1, `Blend`",
)
EMPTY = Rule(
    name="compel/empty-prompt",
    severity=Severity.WARNING,
    summary="an empty group in a blend is an error in Compel",
    why="Compel drops the empty prompt, but not its weight, and raises.",
    example='/render /parser:compel ((), "a cat").blend(1, 1)',
    source="Compel 2.5.1, `Blend`",
)
RANGE = Rule(
    name="compel/number-out-of-range",
    severity=Severity.WARNING,
    summary="a setting is no number that Compel takes",
    why="Compel raises: `shape_freedom` has to be a number of 0 or more.",
    example="/render /parser:compel a cat.swap(dog, shape_freedom=high)",
    source="Compel 2.5.1, `make_operator_object`",
)
SPACE = Rule(
    name="compel/odd-space",
    severity=Severity.WARNING,
    summary="a vertical tab or form feed is an error in Compel",
    why="Compel's words end at such a character, but nothing reads it. Read here as a space.",
    example="/render /parser:compel a\x0bcat",
    source="Compel 2.5.1, `PromptParser`",
)

NO_LORA = Rule(
    name="compel/lora-not-read",
    severity=Severity.WARNING,
    summary="what looks like a LoRA call is plain words",
    why="Between the parentheses of `withLora(…)` Compel reads a name of letters, digits, `_` and `-`, and a number. "
    "Anything else makes the whole call plain words, and nothing is loaded.",
    example="/render /parser:compel a cow withLora(fur.v2, 0.75)",
    source="Compel 2.5.1, `PromptParser`",
)
NO_CALL = Rule(
    name="compel/call-not-read",
    severity=Severity.WARNING,
    summary="`.blend(…)`, `.and(…)`, `.swap(…)` or `.attend(…)` is plain words",
    why="Compel mixes and parts only a list that the prompt begins with, whose prompts stand in quotes or are single "
    "words; a swap needs words in its parentheses, and `.attend` a number. Anything else is read as words.",
    example='/render /parser:compel a photo of ("a cat", "a dog").blend(1, 1)',
    source="Compel 2.5.1, `PromptParser`",
)
LEFT_OVER = Rule(
    name="compel/weight-left-over",
    severity=Severity.WARNING,
    summary="what stands behind a weight is no part of it",
    why="One weight stands behind a word or a group: a number, or signs of one kind. What follows is read as words.",
    example="/render /parser:compel a (cat)1.3++",
    source="Compel 2.5.1, `PromptParser`",
)

RULES = (
    *(LOOKS_LIKE_A1111, UNCLOSED, BESIDE_BLEND, DROPPED, COUNT, SETTING, SWAP_IN_BLEND, EMPTY, RANGE, SPACE, NO_LORA),
    *(NO_CALL, LEFT_OVER),
)
