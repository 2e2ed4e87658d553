"""The rules of the ComfyUI dialect, one row each."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

WEIGHT_REPLACES_OUTER = Rule(
    name="comfy/weight-replaces-outer",
    severity=Severity.WARNING,
    summary="a number inside a weighted group replaces the outer weight",
    why="ComfyUI multiplies nested `( )` by 1.1, but a number is taken as it stands: in `(a (b:1.5):1.2)` the word b "
    "counts 1.5, not 1.8.",
    example="/render /parser:comfy (a cat (hat:1.5):1.2)",
    source="ComfyUI 0.12, `token_weights`; issue 4610, closed as intended",
)
STRAY_CLOSE = Rule(
    name="comfy/stray-close",
    severity=Severity.WARNING,
    summary="a `)` without its `(` turns the next group into plain text",
    why="ComfyUI counts parentheses up and down, and the count may go below zero: the next `(` only brings it back.",
    example="/render /parser:comfy a) (b:1.3)",
    source="ComfyUI 0.12, `parse_parentheses`",
)
UNCLOSED = Rule(
    name="comfy/unclosed",
    severity=Severity.WARNING,
    summary="a `(` that is never closed makes the rest plain text",
    why="ComfyUI keeps an unclosed group as it is written, and every group inside it too.",
    example="/render /parser:comfy (a cat, (hat:1.2) and coat",
    source="ComfyUI 0.12, `parse_parentheses`",
)
LITERAL_SYNTAX = Rule(
    name="comfy/plain-words",
    severity=Severity.INFORMATION,
    summary="syntax of another program is plain words in ComfyUI",
    why="ComfyUI has no `BREAK`, `AND`, `[a:b:0.5]` or `<lora:…>`; the characters go to the text encoder as they are.",
    example="/render /parser:comfy a cat BREAK a hat",
    source="ComfyUI 0.12, `token_weights`",
)
GLUED = Rule(
    name="comfy/embeddings-in-one-word",
    severity=Severity.WARNING,
    summary="a second `embedding:` stands in the name of the first",
    why="ComfyUI cuts at white space, so a name goes on to the next blank: `embedding:a,embedding:b` calls a file "
    "`a,embedding:b`.",
    example="/render /parser:comfy a cow embedding:fur,embedding:horns",
    source="ComfyUI 0.29, `SDTokenizer.tokenize_with_weights`; issue 10230",
)

RULES = (WEIGHT_REPLACES_OUTER, STRAY_CLOSE, UNCLOSED, LITERAL_SYNTAX, GLUED)
