"""Prompts with what stands under them, cut out of a text; several may follow each other.

It is read as webui reads it, with liberties: the settings may stand on several lines, and be two where both are well
known, a value may be JSON, as Civitai leaves it without quotes, and people write `Negative:` and `**Prompt:**` where
they post what they drew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from promptlang.importers.imported import Entry
from promptlang.importers.typed import by_hand
from promptlang.importers.typed.entries import (
    BESIDE,
    FEWEST,
    NEGATIVE_LABEL,
    POSITIVE_LABEL,
    entries_of,
    said_on,
    settings_by_line,
)
from promptlang.importers.typed.labels import narrow
from promptlang.importers.typed.lines import lines_of, without_titles
from promptlang.importers.typed.lists import marks
from promptlang.source import Span
from promptlang.tables.dialects import NOVELAI
from promptlang.values import dataclass, replace

_HEADING = re.compile(r"(?:[\w ]*\W)?prompts?\b[\w ]*:", re.IGNORECASE)  # of a list
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\w*[ \t]*")  # around a block of code in Markdown
_RULER = re.compile(r"[-–—=_*~]+")  # between the parts of a post
_QUOTES = frozenset({'""', "“”", "``"})  # around the whole of a side
_QUOTE = re.compile(r'\\.|(")')
_BELOW = re.compile(
    r"[ \t]*(Template|Negative Template|Used embeddings|Time taken|Postprocess [\w ]+)[ \t]*:[ \t]*(.*)"
)
_CHARACTER = re.compile(r"(?i)(?<![ \t])[ \t]*Character(?:[ \t]+prompt)?[ \t]*\d+(?:[ \t]+prompt)?[ \t]*:")
"""The label of NovelAI; a run of blanks before one is looked through once, and not from each of them."""
_NOTHING = frozenset({"none", "n/a", "null"})  # for a side without words
_SETTINGS = re.compile(r"[ \t]*(Settings|Params|Parameters)[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)
_LABEL = re.compile(r"parameters[ \t]*:?", re.IGNORECASE)  # what webui's tab “PNG Info” prints above
_FIRST = "Steps: "  # with which webui begins its line
_NEGATIVE = re.compile(r"^[ \t]*Negative prompt:", re.MULTILINE)
_OWN_VERSION = ", Version: promptlang "  # with which this program ends its line
_OWN_SETTINGS = re.compile(rf"^{_FIRST}\d[^\n]*{_OWN_VERSION}[^\n]*", re.MULTILINE)
_OTHERS = re.compile(rf"^(?:{_FIRST}|[ \t]*(?:`{{3}}|~{{3}}|>)|parameters[ \t]*:?[ \t]*$)", re.MULTILINE)
_HEADINGS = frozenset({"postprocessing", "extras"})  # and between
_RESOURCES = frozenset({"resources used", "resources"})  # above the names of what Civitai's page lists
_BARE_LABEL = re.compile(r"[ \t]*(?:positive[ _]?)?prompt[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One prompt with what stands under it; `sign` is the first place that gives it away, None where nothing does.

    `dialect` is that of the program whose labels these are, empty where several have them.
    """

    positive: str
    negative: str
    settings: tuple[Entry, ...]
    sign: Span | None
    dialect: str = ""


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in order; the last one may be a prompt that nothing stands under."""
    if _OWN_VERSION in text and (own := _of_own(text)):
        return own
    found: list[Block] = []
    reader = _Reader()
    lines, labelled = by_hand.with_values(without_titles(lines_of(text)))
    fences = frozenset(number for number, (_, line) in enumerate(lines) if _FENCE.fullmatch(line))
    is_outside = bool(fences)
    for number, entries in settings_by_line(lines, labelled):
        start, line = lines[number]
        if number in fences:
            is_outside = not is_outside
            continue
        if is_outside and not entries and _is_remark(line):
            reader.remarks.append(Entry("", line.strip()))
            continue
        if entries:
            reader.take_settings(start, line, entries)
            continue
        if reader.settings and (below := reader.below(line)):
            reader.settings += below
            continue
        if reader.sign and (label := _SETTINGS.fullmatch(line)):
            reader.settings.append(Entry(label[1].strip(), label[2].strip()))
            continue
        if reader.settings and (small := line.strip(" \t:").lower()) and small in BESIDE | _HEADINGS:
            continue  # a label without a value
        if reader.lists_resources(line):
            continue
        if reader.is_whole and line.strip() and not reader.takes_negative(line):
            found.append(reader.block())
            reader = _Reader()
        reader.take_words(start, line)
    last = reader.block()
    return tuple(each for block in (*found, last) if block.positive or block.sign for each in _items(block))


def written(text: str) -> Block | None:
    """The block of a text that a program wrote as webui does, read as webui reads it: the settings are the last line
    alone, and what is above is words, whatever they look like. None where it ends otherwise.
    """
    above, _, last = text.rstrip().rpartition("\n")
    settings = said_on(narrow(last)) if last.startswith(_FIRST) else ()
    if len(settings) < FEWEST:
        return None
    positive, negative = above, ""
    if label := _NEGATIVE.search(above):
        positive, negative = above[: label.start()], above[label.end() :]
    begin = len(above) + 1 if above else 0
    return Block(
        positive=positive.strip(),
        negative=negative.strip(),
        settings=settings,
        sign=Span(begin, begin + len(_FIRST)),
    )


def _of_own(text: str) -> tuple[Block, ...]:
    """The blocks of a text that this program wrote, where a label or a setting in the words above does not count: those
    that do have large letters. Nothing where others wrote parts of it.
    """
    plain = text.replace("\r\n", " \n").replace("\r", "\n")
    found: list[Block] = []
    start = 0
    for line in _OWN_SETTINGS.finditer(plain):
        words = plain[start : line.start()]
        block = written(plain[start : line.end()])
        labels = [*_NEGATIVE.finditer(words)]
        if block is None or len(labels) > 1 or _OTHERS.search(words):
            return ()
        begin = start + (labels[0].start() if labels else len(words))
        end = begin + len((labels[0][0] if labels else line[0].partition(",")[0]).rstrip())
        positive, negative = map(_on_one_line, (block.positive, block.negative))
        found.append(replace(block, positive=positive, negative=negative, sign=Span(begin, end)))
        start = line.end()
    rest = blocks(text[start:]) if found else ()
    return (*found, *(replace(each, sign=each.sign and each.sign.moved(start)) for each in rest))


def _on_one_line(side: str) -> str:
    """The words with what reads like a label or settings behind the line above, where it is neither."""
    first, *lines = side.split("\n")
    parts = [first.rstrip()]
    for line in lines:
        is_label = NEGATIVE_LABEL.match(line) or said_on(narrow(line))
        parts += (" " if is_label else "\n", line.strip())
    return "".join(parts)


def _items(block: Block) -> tuple[Block, ...]:
    """A block for each prompt of a list with what stands under all of them."""
    lines = [line for line in block.positive.split("\n") if line.strip()] if block.sign else []
    if lines and _HEADING.fullmatch(lines[0]):
        del lines[0]
    widths = marks(lines)
    if not widths:
        return (block,)
    return tuple(replace(block, positive=line[width:]) for line, width in zip(lines, widths, strict=True))


class _Reader:
    """The block that is being read."""

    def __init__(self) -> None:
        self.positive: list[str] = []
        self.negative: list[str] = []
        self.settings: list[Entry] = []
        self.remarks: list[Entry] = []  # what people write around a prompt in a code block
        self.sign: Span | None = None
        self.dialect = ""
        self.is_negative = False
        self.is_whole = False  # whether settings stand under words
        self.is_list = False  # whether what comes is what Civitai's page lists below settings
        self.is_open = False  # whether a quoted value goes on in the next line, as some extensions leave it

    def take_words(self, start: int, line: str) -> None:
        """A line of one side; the mark turns the side."""
        if found := NEGATIVE_LABEL.match(line):
            self.is_negative = True
            self.sign = self.sign or Span(start + found.start(1), start + found.end(1))
            self.dialect = NOVELAI.name if found["undesired"] or found["short"] else self.dialect
            line = line[found.end() :]
        elif self.sign and (named := _CHARACTER.match(line)):
            self.is_negative = False
            line = line[named.end() :]
        if not self.is_negative and not self.positive and (not line.strip() or _LABEL.fullmatch(line.strip())):
            return
        (self.negative if self.is_negative else self.positive).append(line.strip(" \t"))

    def takes_negative(self, line: str) -> bool:
        """Whether a line is the negative prompt that has not come yet, which some write below settings."""
        return not self.is_negative and bool(self.positive) and NEGATIVE_LABEL.match(line) is not None

    def take_settings(self, start: int, line: str, entries: Sequence[Entry]) -> None:
        """A line of settings."""
        begin = len(line) - len(line.lstrip(" \t,"))
        first, _, _ = narrow(line)[begin:].partition(",")
        self.sign = self.sign or Span(start + begin, start + begin + len(first.rstrip()))
        self.settings += entries
        self.is_whole = self.is_negative or bool(self.positive)
        self.is_open = sum(map(bool, _QUOTE.findall(line))) % 2 == 1

    def lists_resources(self, line: str) -> bool:
        """Whether a line below settings is one of those that name what was used; it is kept as a remark."""
        is_label = POSITIVE_LABEL.match(line) or NEGATIVE_LABEL.match(line) or _BARE_LABEL.fullmatch(line)
        self.is_list = bool(self.settings) and not is_label and (self.is_list or _is_list(line))
        self.remarks += [Entry("", line.strip())] if self.is_list and line.strip() and not _is_list(line) else []
        return self.is_list

    def below(self, line: str) -> tuple[Entry, ...]:
        """What a line says that stands under settings and goes on with them; nothing where it does not."""
        if found := _BELOW.fullmatch(line):
            return (Entry(found[1], found[2]),)
        if self.is_open and line.strip():
            self.is_open = sum(map(bool, _QUOTE.findall(line))) % 2 == 0
            return (Entry("", line.strip(" \t,")),)
        return entries_of(line) if line.lstrip(" \t").startswith(",") else ()

    def _labelled(self, words: Sequence[str]) -> Sequence[str]:
        """The words from their label on; above it stand settings, or what people and pages say of the prompt."""
        labels = (at for at, line in enumerate(words) if POSITIVE_LABEL.match(line) or _BARE_LABEL.fullmatch(line))
        label = next(labels, None)
        if label is None:
            return words
        above = [line for line in words[:label] if line.strip()]
        said = [said_on(narrow(line)) for line in above]
        if all(said):
            self.settings[:0] = [each for entries in said for each in entries]
        else:
            self.remarks += [Entry("", line.strip()) for line in above if not _is_list(line)]
        return words[label + 1 if _BARE_LABEL.fullmatch(words[label]) else label :]

    def block(self) -> Block:
        """What was read."""
        named = self.dialect == NOVELAI.name
        words = [_CHARACTER.sub("", line).strip() for line in self.positive] if named else self.positive
        words = _without_rulers(self._labelled(words)) if self.sign else words
        positive, negative = ("\n".join(side).strip() for side in (words, _without_rulers(self.negative)))
        if self.sign and (label := POSITIVE_LABEL.match(positive)):
            positive = _unquoted(positive[label.end() :].lstrip())
        negative = "" if negative.lower() in _NOTHING else _unquoted(negative)
        settings = (*self.settings, *self.remarks)
        return Block(positive=positive, negative=negative, settings=settings, sign=self.sign, dialect=self.dialect)


def _without_rulers(side: Sequence[str]) -> Sequence[str]:
    """The lines of a side without those that part a post, unless there is nothing else."""
    kept = [line for line in side if not _RULER.fullmatch(line)]
    return kept if any(kept) else side


def _is_list(line: str) -> bool:
    return line.strip(" \t:").lower() in _RESOURCES


def _unquoted(side: str) -> str:
    """What stands behind a label without quotes around the whole of it, as chatbots answer."""
    inside = side[1:-1]
    return inside if side[:1] + side[-1:] in _QUOTES and not {*side[:1], *side[-1:]} & {*inside} else side


def _is_remark(line: str) -> bool:
    """Whether a line outside of the code blocks around it says anything, and is no label."""
    is_label = NEGATIVE_LABEL.match(line) or POSITIVE_LABEL.fullmatch(line.strip()) or _SETTINGS.fullmatch(line)
    return bool(line.strip()) and not is_label
