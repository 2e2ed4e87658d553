"""The lines of a post, as blocks of prompts are read from them: labels without their asterisks, and lines that lost
their ends parted again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from promptlang.importers.typed import by_hand
from promptlang.importers.typed.entries import NEGATIVE_LABEL, POSITIVE_LABEL, said_on
from promptlang.importers.typed.labels import narrow

_BOLD = re.compile(r"(?<![ \t])[ \t]*+\*\*([\w ]++)(?::\*\*|\*\*[ \t]*:)")  # a label as forums show it
_NEXT_BOLD = re.compile(r"[ \t]\*\*[\w ]++(?::\*\*|\*\*[ \t]*:)")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_SIDE = "Negative prompt:"
_STEPS = re.compile(r"(?<![\w-])Steps: \d+, (?:Sampler|Schedule type|CFG scale|Seed|Size|Model|Version)\b[\w ]*: ")
_BAR = re.compile(r"[ \t]\|[ \t]+")
_ONLY_LABEL = re.compile(r"[ \t]*+\w[\w ]*+:[ \t`*]*+")
_ESCAPED_END = re.compile(r"\\n(?:Negative prompt|Steps):")  # as a line ends in JSON


def lines_of(text: str) -> list[tuple[int, str]]:
    """Each line without its end and with plain blanks, and where it starts."""
    text = text.replace("\u00a0", " ")
    lines = [(found.start(), found[1]) for found in _LINE.finditer(text)]
    if text.lstrip().startswith(">") and all(line.lstrip()[:1] in ("", ">") for _, line in lines):
        lines = [(start, line.replace(">", " ", 1)) for start, line in lines]  # quoted, in Markdown
    return [piece for start, line in lines for piece in _parted(start, _unbold(line))]


def _parted(start: int, line: str) -> Iterator[tuple[int, str]]:
    """A line that has lost its line ends, as they are after some ways of copying, or one as Civitai writes it where the
    negative prompt is empty: parted again before the negative prompt and before the settings.
    """
    if "|" in line and POSITIVE_LABEL.match(line.lstrip()):
        yield from _at_bars(start, line)
        return
    if (label := line.find(_SIDE)) < 0 and "Steps: " not in line:
        yield start, line
        return
    if _ESCAPED_END.search(line):
        ends = [(0, 0), *(each.span() for each in re.finditer(r"\\n", line)), (len(line), len(line))]
        yield from ((start + begin, line[begin:end]) for (_, begin), (end, _) in pairwise(ends))
        return
    steps = _STEPS.search(line, label + len(_SIDE) if label >= 0 else 0)
    if steps is None or (label < 0 and _ONLY_LABEL.fullmatch(line, 0, steps.start())):
        yield start, line
        return
    for begin, end in pairwise((0, max(label, 0), steps.start(), len(line))):
        if begin < end:
            yield start + begin, line[begin:end].rstrip(" ,")


def _at_bars(start: int, line: str) -> Iterator[tuple[int, str]]:
    """`Prompt: a cow | Negative: mud | Steps: 20 | Seed: 7` in parts; one without a label goes with that before it."""
    begin, end, are_settings = 0, 0, False
    for bar in (*_BAR.finditer(line), None):
        piece = line[end : bar.start() if bar else len(line)]
        says = bool(said_on(piece))
        if end and (says > are_settings or NEGATIVE_LABEL.match(piece)):
            yield start + begin, line[begin:end].rstrip(" \t|")
            begin = end
        are_settings, end = says, bar.end() if bar else len(line)
    yield start + begin, line[begin:]


def without_titles(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines without those that only say that settings come."""
    written = [each for each in lines if each[1].strip()]
    titles = {
        line
        for line, below in pairwise(written)
        if by_hand.is_title(line[1]) and (said_on(narrow(below[1])) or by_hand.is_label(below[1]))
    }
    return [each for each in lines if each not in titles] if titles else lines


def _unbold(line: str) -> str:
    """A line without the asterisks of labels in bold letters, of the same length; those behind the first are settings,
    which a comma parts.
    """
    if "**" not in line:
        return line
    line, count = _BOLD.subn(_unmarked, line, count=1)
    return _NEXT_BOLD.sub(lambda label: f",{_unmarked(label)[1:]}", line) if count else line


def _unmarked(label: re.Match[str]) -> str:
    return label[0].replace("*", " ")
