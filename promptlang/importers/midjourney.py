"""A line for Midjourney: `/imagine prompt: a cow --ar 16:9 --no people`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.importers.imported import Entry, Imported
from promptlang.tables.dialects import DEFAULT

COMMAND = "imagine"
_OPENING = re.compile(rf"[ \t\ufeff]*/{COMMAND}(?:[ \t]+prompt[ \t]*:|[ \t]+prompt\b|(?=\s|\Z))[ \t]*", re.IGNORECASE)
_FLAG = re.compile(r"(?<!\S)(?:--|—)([a-z]+)(?=\s|\Z)")
FLAGS = frozenset(
    {
        *("ar", "aspect", "chaos", "c", "cref", "cw", "draft", "exp", "fast", "iw", "niji", "no", "oref", "ow", "p"),
        *("profile", "q", "quality", "r", "raw", "relax", "repeat", "s", "seed", "sref", "stop", "style", "stylize"),
        *("sv", "sw", "tile", "turbo", "v", "version", "video", "w", "weird"),
    }
)
"""Those that Midjourney has had, by which a line is known that lacks its command."""
_OPTIONS = {"seed": "seed"}  # an aspect ratio is no size, and stylize and quality are Midjourney's own


def prompts(text: str) -> tuple[str, ...]:
    """Each prompt of a text: one begins with the command, or below flags, which are the end of the one before."""
    found: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if not found or _OPENING.match(line) or _FLAG.search(found[-1]):
            found.append(line)
        else:
            found[-1] += f"\n{line}"
    return tuple(found)


def has_flags(text: str) -> bool:
    """Whether words without the command have flags behind them, all of them Midjourney's."""
    flags = _FLAG.findall(text)
    return bool(flags) and not text.startswith("--") and FLAGS.issuperset(flags)


def imported(text: str) -> Imported:
    """What the command and what follows it says; its flags stand behind the words."""
    opening = _OPENING.match(text)
    words = text[opening.end() if opening else 0 :]
    first = _FLAG.search(words)
    flags = tuple(_flags(words[first.start() :])) if first else ()
    negative = ", ".join(each.value for each in flags if each.name == "--no")
    options = {each.name.removeprefix("--"): each for each in flags}
    return Imported(
        positive=words[: first.start()].strip() if first else words.strip(),
        negative=negative,
        dialect=DEFAULT,
        options=tuple((_OPTIONS[name], each) for name, each in options.items() if name in _OPTIONS),
        rest=tuple(each for each in flags if each.name.removeprefix("--") not in ("no", *_OPTIONS)),
    )


def _flags(text: str) -> Iterator[Entry]:
    """Each flag with all that stands before the next one."""
    found = list(_FLAG.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    for each, end in zip(found, ends, strict=True):
        yield Entry(f"--{each[1]}", " ".join(text[each.end() : end].split()))
