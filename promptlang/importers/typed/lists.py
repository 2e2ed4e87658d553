"""Prompts by the list: webui's `styles.csv`, whose rows become recipes, and one prompt a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from promptlang.importers.imported import LIST, Entry, Imported, Reading
from promptlang.importers.programs.flags import of_script
from promptlang.statements.recipes import PLACE

COLUMNS = ("name", "prompt", "negative_prompt")
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_MARK = r"(?:([0-9]{1,3})[.)]|[-*\u2022])[ \t]+(?=\S)"  # in front of each line of a list; few texts have lines
_FEWEST_BULLETS = 3
_LONGEST_CELL = 16 * 1024**2


def styles(text: str) -> Reading | None:
    """The rows of `styles.csv` as recipes; None where its heading is another one."""
    heading, _, _ = text.lstrip("\ufeff").partition("\n")
    cells = [cell.strip().strip('"').lower() for cell in heading.split(",")]
    if "name" not in cells or "prompt" not in cells:
        return None
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = list(csv.DictReader(StringIO(text.lstrip("\ufeff"))))
    except csv.Error as error:
        return Reading(program="styles.csv", remarks=(f"the table cannot be read: {error}",))
    finally:
        csv.field_size_limit(before)
    found: list[Imported] = []
    remarks: list[str] = []
    for row in rows:
        named = {str(key).strip().lower(): value for key, value in row.items() if isinstance(value, str)}
        name = named.get("name", "").strip()
        recipe = _NAME.sub("-", name).strip("-").lower()
        if not recipe or not (named.get("prompt") or named.get("negative_prompt")):
            remarks += [f"the style `{name}` has no words and is left out"] if name else []
            continue
        if recipe != name.lower():
            remarks.append(f"the style `{name}` is called `#{recipe}`")
        found.append(_recipe(recipe, named))
    return Reading(program="styles.csv", found=tuple(found), remarks=tuple(remarks))


def _recipe(name: str, row: dict[str, str]) -> Imported:
    """webui puts a style without a place for the prompt behind it."""
    positive, negative = row.get("prompt", ""), row.get("negative_prompt") or ""
    if PLACE not in positive:
        positive = ", ".join(filter(None, (PLACE, positive)))
    rest = tuple(Entry(key, value) for key, value in row.items() if key not in COLUMNS and value)
    return Imported(positive=positive, negative=negative.replace(PLACE, "").strip(" ,"), recipe=name, rest=rest)


def marks(lines: Sequence[str]) -> list[int]:
    """How wide the numbers or bullets are of a list in which every line has one; none where it is no list."""
    found = [mark for line in lines if (mark := re.match(_MARK, line))]
    numbers = [int(mark[1]) for mark in found if mark[1]]
    is_counted = numbers == [*range(1, len(lines) + 1)]
    is_list = len(found) == len(lines) >= 2 and (is_counted or (not numbers and len(lines) >= _FEWEST_BULLETS))
    return [mark.end() for mark in found] if is_list else []


def lines(text: str) -> Reading:
    """A prompt a line; `--prompt "a cow" --steps 20` says more of it."""
    found = tuple(_line(line) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    remarks = _comments(text)
    return Reading(program=LIST, found=found, remarks=tuple(remarks))


def _line(line: str) -> Imported:
    return (of_script(line) if line.lstrip().startswith("--") else None) or Imported(positive=line.strip())


def _comments(text: str) -> Iterator[str]:
    count = sum(line.lstrip().startswith("#") for line in text.splitlines())
    if count == 1:
        yield "the line that begins with `#` is a comment and is left out"
    elif count:
        yield f"{count:,} lines that begin with `#` are comments and are left out"
