"""What a TOML text asks of its reader, looked at before it is read.

`tomllib` takes time with the square of the parts of a dotted key, and Python makes no text of a number of thousands of
digits.
"""

from __future__ import annotations

import re
from functools import cache

from promptlang.config.rules import BAD_TOML
from promptlang.diagnostics import Diagnostic, finding
from promptlang.source import Span

MOST_PARTS = 20  # of a key; none here has more than five
LONGEST_WORD = 1_000  # characters of a number or a name without quotes


@cache
def _lexemes() -> re.Pattern[str]:
    """Comments, texts, and keys; most project files are so small that nobody looks."""
    word = r"[A-Za-z0-9_\-]"
    part = rf"""(?:"(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\Z)|'[^'\n]*+(?:'|(?=\n)|\Z)|{word}++)"""
    dotted = rf"(?:[ \t]*+\.[ \t]*+{part})"
    return re.compile(
        rf"""
          \#[^\n]*+
        | \"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)
        | '''.*?(?:'''|\Z)
        | (?P<word>{word}{{{LONGEST_WORD + 1},}}+)
        | (?P<key>{part}{dotted}{{{MOST_PARTS},}}+)
        | {part}{dotted}*+
        """,
        re.DOTALL | re.VERBOSE,
    )


def beyond(text: str) -> Diagnostic | None:
    """The first key or number of a text that nobody would write, and nobody reads."""
    if len(text) <= LONGEST_WORD and text.count(".") < MOST_PARTS:
        return None
    for found in _lexemes().finditer(text):
        match found.lastgroup:
            case "key":
                return _finding(f"a key has more than {MOST_PARTS} parts", found, "write at most five")
            case "word":
                what = f"a name or a number is longer than {LONGEST_WORD:,} characters"
                return _finding(what, found, "write a shorter one")
            case _:
                continue
    return None


def _finding(message: str, found: re.Match[str], help: str) -> Diagnostic:
    return finding(BAD_TOML, message, Span(found.start(), found.end()), help=help)
