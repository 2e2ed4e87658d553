"""Options that were written with other signs: `/seed=1`, `/seed= 1`, `//seed:1`, `\\seed:1` and `／seed:1`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.meaning.settings import read_points
from promptlang.source import Passage, Span
from promptlang.statements.look_alikes import plain_value
from promptlang.tables.commands import COMMANDS
from promptlang.tables.options.kinds import FilePath, Name, Words, quoted
from promptlang.tables.options.table import ELSEWHERE, OPTIONS
from promptlang.values import dataclass

# Few prompts have the signs that `misspelled` looks for first, so only those compile what follows.
_EQUALS = r"(?<!\S)(?P<slash>[/／])(?P<name>[A-Za-z][\w-]*)=(?P<value>[^\s=]+)(?!\S)"
_PARTED = r"(?<!\S)[/／](?P<name>[A-Za-z][\w-]*)=(?:[ \t]+(?P<value>\"[^\"\r\n]{1,200}\"|[^\s\"#/<=]+)(?!\S)|(?!\S))"
_WIDE = r"(?<!\S)／(?P<name>[A-Za-z][\w-]*)(?=[:：\s]|\Z)"
_FOREIGN = r"(?<!\S)[/／](?P<name>[^\W\d_][^\W_]*+)[:：](?P<value>[^\s#]+)"  # whose name other alphabets spell
_LED = r"(?<!\S)(?P<sign>//+|/[ \t]+|[\\!@])(?P<name>[A-Za-z][\w-]*):(?P<value>\"[^\"\r\n]{1,200}\"|[^\s\"]+)(?!\S)"


@dataclass(frozen=True, slots=True)
class Misspelled:
    """What stands at `span`, and the option that was meant; one without a value waits for it."""

    span: Span
    found: str
    written: str
    is_whole: bool = True


def misspelled(passage: Passage) -> Iterator[Misspelled]:
    """The options of a text that are surely meant and are words to every dialect."""
    text = passage.text
    if "／" in text or "=" in text:
        yield from _with_other_signs(passage)
    if not text.isascii() and ("/" in text or "／" in text):
        yield from _of_other_languages(passage)
    if ":" in text and any(map(text.__contains__, ("//", "/ ", "/\t", "\\", "!", "@"))):
        yield from _led(passage)


def _with_other_signs(passage: Passage) -> Iterator[Misspelled]:
    for found in re.finditer(_EQUALS, passage.text):
        if found["name"].lower() in OPTIONS:
            written = f"/{found['name']}:{found['value']}"
            yield Misspelled(passage.span(*found.span()), found[0], written)
    for found in re.finditer(_PARTED, passage.text) if "=" in passage.text else ():
        if row := OPTIONS.get(found["name"].lower()):
            yield _parted(passage, found, row.name, takes_value=not row.is_flag and row.decides != "side")
    for found in re.finditer(_WIDE, passage.text):
        if found["name"].lower() in OPTIONS or found["name"].lower() in COMMANDS:
            yield Misspelled(passage.span(*found.span()), found[0], f"/{found['name']}")


def _parted(passage: Passage, found: re.Match[str], name: str, *, takes_value: bool) -> Misspelled:
    """An equals sign with a blank behind it; the word behind that is the value only where the option takes it."""
    value = (found["value"] or "").strip('"')
    if takes_value and value and read_points(name, value).values is not None:
        return Misspelled(passage.span(*found.span()), found[0], f"/{name}:{quoted(value)}")
    sign = passage.text.index("=", found.start()) + 1
    span, shown = passage.span(found.start(), sign), passage.text[found.start() : sign]
    return Misspelled(span, shown, f"/{name}:" if takes_value else f"/{name}", is_whole=not takes_value)


def _of_other_languages(passage: Passage) -> Iterator[Misspelled]:
    """Options by the names that other languages have for them, in letters that no option is written with."""
    for found in re.finditer(_FOREIGN, passage.text):
        row, value = ELSEWHERE.get(found["name"].lower()), plain_value(found["value"])
        if row is None or found["name"].isascii() or read_points(row.name, value).values is None:
            continue
        yield Misspelled(passage.span(*found.span()), found[0], f"/{row.name}:{value}")


def _led(passage: Passage) -> Iterator[Misspelled]:
    """Options with another sign before their name, where their value tells them from words."""
    for found in re.finditer(_LED, passage.text):
        row, value = OPTIONS.get(found["name"].lower()), found["value"].strip('"')
        if row is None or isinstance(row.kind, FilePath | Name | Words):
            continue
        if read_points(row.name, value).values is not None:
            yield Misspelled(passage.span(*found.span()), found[0], f"/{row.name}:{quoted(value)}")
