"""Words written so that they are read as those words and as nothing else, wherever a statement is to hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from promptlang.dialects.dialect import dialect
from promptlang.plans.plan import Run
from promptlang.source import Passage
from promptlang.statements.scan import scan_for
from promptlang.syntax.weighing import sides
from promptlang.tables.dialects import DialectRow, dialect_row

Opener = Literal["", "(", "["]
"""The innermost bracket that is open where words are written."""

_CALM = re.compile(r"[a-z0-9]+(?:[ '\-][a-z0-9]+)*(?: \([a-z0-9]+(?:[ '\-][a-z0-9]+)*\))?", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")  # blanks around it are a matter of the owner, who may put some
_SIGN = re.compile(r"(?<![^\s\ufeff])(?:[/#](?=[A-Za-z])|#(?=[ \t\r\n]|\Z))|\\(?=/)")
_VARIES = re.compile(r"[{}|#$]|__|::|//|/\*|%\{")  # to `/variants`, which knows no escapes
_STEPS = 20


@lru_cache(maxsize=20_000)
def worded(text: str, parser: str, *, inside: Opener = "", glued: bool = False, variants: bool = False) -> str | None:
    """How a statement in the dialect `parser` says a text as plain words; None where it cannot.

    `inside` is the bracket that stands open there, `glued` whether a character stands directly before, and `variants`
    whether `/variants` is on. What has no chance to be a sign is not read back, which is most of all words.
    """
    if variants and _VARIES.search(text):
        return None
    row = dialect_row(parser)
    spellings = dict.fromkeys(dialect(row.name).plain(text))
    if _CALM.fullmatch(text) and text not in row.keywords:
        return next(iter(spellings))
    for spelling in spellings:
        written = as_text(spelling, glued=glued)
        if _stays(spelling, written, row, glued=glued) and _is_said(text, spelling, row, inside):
            return written
    return None


def as_text(words: str, *, glued: bool = False) -> str:
    """What a dialect is to read, so that nothing in it is an option, a recipe or a comment of the file."""
    return _SIGN.sub(r"\\\g<0>", f"x{words}")[1:] if glued else _SIGN.sub(r"\\\g<0>", words)


def _stays(words: str, written: str, row: DialectRow, *, glued: bool) -> bool:
    """Whether a file gives the words to its dialect, at the start of a line and behind others."""
    if glued:
        return scan_for(f"/render a{written}", row).positive.text == f"a{words}"
    return all(
        scan_for(f"/render{before}{written} b", row).positive.text == f"{said}{words} b"
        for before, said in (("\n", ""), (" a ", "a "))
    )


def _is_said(text: str, spelling: str, row: DialectRow, inside: Opener) -> bool:
    """Whether the dialect reads the spelling as the text, alone and among others, all with the same weight."""
    for before, after, meant in _places(row, inside):
        runs = _runs(f"{before}{spelling}{after}", row.name)
        said = "".join(run.text for run in runs).strip()
        if text not in said or _COMMA.sub(",", said) != _COMMA.sub(",", meant.replace("{}", text)):
            return False
        if len({run.weight for run in runs}) != 1 or (not inside and runs[0].weight != 1.0):
            return False
    return True


def _places(row: DialectRow, inside: Opener) -> Iterator[tuple[str, str, str]]:
    """What may stand before and behind words where such a bracket is open, and what it says with them."""
    if inside == "[" and (row.negatives or row.steps):
        yield "[a, ", "]", "a, {}"
    elif inside:
        opening, _, closing = row.group.partition("{words}")
        yield f"{opening.format(weight='1.2')}a, ", closing.format(weight="1.2"), "a, {}"
        if opening == "(" and row.numbers:
            yield "(a, ", ")", "a, {}"
    else:
        yield "", "", "{}"
        yield "a, ", ", b", "a, {}, b"
        yield "a ", " b", "a {} b"
    if row.steps and not inside:
        yield "[a:a:0.5], ", ", b", "a, {}, b"


def _runs(prompt: str, parser: str) -> tuple[Run, ...]:
    """The weighted words of a prompt, as its plan has them; none where it says more than words."""
    owner, passage = dialect(parser), Passage(prompt)
    if owner.condition:
        branches = owner.condition(passage, _STEPS).branches
        runs = branches[0].segments[0].runs if len(branches) == 1 else ()
        return () if any(run.ends_chunk for run in runs) else runs
    read = sides(owner.parse(passage).parts)
    return () if read.concepts or (read.positive and read.negative) else read.positive or read.negative
