"""Signature help for the signs of a prompt: `(words:weight)`, `[before:after:when]`, `.blend(weight, …)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from promptlang.dialects.dialect import dialect
from promptlang.source import Passage
from promptlang.syntax.nodes import Blend, Part, Schedule
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.protocol.words import Json

Words = Callable[[str], str]  # what the statement's model makes of a feature

_BRACKET = re.compile(r"\\.|[()\[\]\r\n]")
_BLEND = re.compile(r"\)\.blend\((?P<weights>[^()\r\n]*)$")
_LONGEST = 2_000  # code points that are looked through for the bracket
_CLOSED_BY = {")": "(", "]": "["}
_GROUP = "How much the words count: 1 changes nothing, more than 1 counts more, less counts less."
_SCHEDULE = "Draws `before` up to `when` and `after` from then on: below 1 a share of the steps, else a step."
_TURNS = "Draws each in turn, step by step."
_MIXED = "How much each of the prompts counts in the mix, in their order."


def sign_signature(text: str, at: int, parser: str, effect: Words, *, invoked: bool) -> Json:
    """The form of the sign that the cursor stands in; one that comes up by itself waits for the number."""
    row, line = dialect_row(parser), text[max(at - _LONGEST, 0) : at]
    if ").blend(" in line and (found := _BLEND.search(line)) and _reads(parser, '("a", "b").blend(1, 1)', Blend):
        active = found["weights"].count(",")
        names = ("weight",) * max(2, active + 1)
        return _help([_signature(".blend(", ", ", names, ")", _MIXED)], 0, active)
    opening, inside = _open(line)
    colons = inside.count(":")
    if not opening or not (colons or invoked):
        return None
    if opening == "(" and row.numbers and row.group == "({words}:{weight})":
        said = "\n\n".join(filter(None, (_GROUP, effect("weights"))))
        return _help([_signature("(", ":", ("words", "weight"), ")", said)], 0, min(colons, 1))
    if opening == "[" and _reads(parser, "[a:b:0.5]", Schedule):
        signatures = [
            _signature("[", ":", ("before", "after", "when"), "]", _SCHEDULE),
            _signature("[", "|", ("one", "other"), "]", _TURNS),
        ]
        return _help(signatures, int("|" in inside), inside.count("|") if "|" in inside else min(colons, 2))
    return None


def _open(line: str) -> tuple[str, str]:
    """The innermost bracket that stands open at the end of a text, and what is written in it, inner brackets apart."""
    opened: list[tuple[str, int]] = []
    inner: list[tuple[int, int]] = []
    for found in _BRACKET.finditer(line):
        match found[0]:
            case "(" | "[":
                opened.append((found[0], found.end()))
            case ")" | "]" if opened and opened[-1][0] == _CLOSED_BY[found[0]]:
                inner.append((opened.pop()[1], found.start()))
            case "\n" | "\r":
                opened.clear()
            case _:
                pass
    if not opened:
        return "", ""
    bracket, start = opened[-1]
    cut = line[start:]
    for low, high in inner:
        if low >= start:
            cut = cut.replace(line[low:high], "", 1)
    return bracket, cut


@cache
def _reads(parser: str, sample: str, kind: type[Part]) -> bool:
    """Whether a dialect reads a sample as a sign of that kind."""
    return any(isinstance(part, kind) for part in dialect(parser).parse(Passage(sample)).parts)


def _signature(opens: str, between: str, names: Sequence[str], closes: str, said: str) -> Json:
    label, parameters = opens, list[Json]()
    for name in names:
        label += between if parameters else ""
        parameters.append({"label": [len(label), len(label) + len(name)]})
        label += name
    return {
        "label": label + closes,
        "documentation": {"kind": "markdown", "value": said},
        "parameters": parameters,
    }


def _help(signatures: list[Json], which: int, active: int) -> Json:
    return {"signatures": signatures, "activeSignature": which, "activeParameter": active}
