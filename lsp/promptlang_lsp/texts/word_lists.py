"""Lists of words that people complete from, searched by likeness and popularity; 50,000 words take a few milliseconds.

The names stand in one text, the most popular first, so that each kind of match is a search in C that may stop early.
"""

from __future__ import annotations

import csv
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from math import log10
from pathlib import Path
from time import monotonic

from promptlang.files import read_bytes
from promptlang.wordlists import LARGEST_FILE, Row, read_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

# categories of the booru tag files; other numbers are shown without a name
CATEGORIES = {"0": "general", "1": "artist", "3": "copyright", "4": "character", "5": "meta"}

EXACT, PREFIX, WORD, INSIDE, FUZZY = 8.5, 6.0, 3.5, 1.5, 0.0  # against 0 to 7 for popularity, its decimal logarithm

NEGATIVE = "negative"  # in the list that comes along: what people want no picture to have
VERBATIM = "quality of Pony"  # the same: words that are one with their underscores

MOST_LOOKED_AT = 3000
ENOUGH = 12  # good matches that make a search by mere letters unnecessary
_SEPARATORS = re.compile(r"[,()\[\]{}<>|\r\n:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A word that fits, the name it was found by (itself or an alias), and how well."""

    word: str
    found: str
    count: int
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a list with the names it is found by as well; no count where the list has only an order."""

    category: str
    count: int
    aliases: tuple[str, ...]


class Index:
    """Names in order of popularity; `search` gives numbers of names with a score."""

    __slots__ = ("_counts", "_letters", "_starts", "_text")

    def __init__(self, names: list[str], counts: array[int], *, fuzzy: bool = True) -> None:
        self._text = "\n" + "\n".join(names) + "\n"
        self._counts = counts
        self._starts = array("I")
        at = 1
        for name in names:
            self._starts.append(at)
            at += len(name) + 1
        self._letters = _letters(names) if fuzzy else {}

    def __len__(self) -> int:
        return len(self._starts)

    def name(self, number: int) -> str:
        """The name of that number."""
        start = self._starts[number]
        return self._text[start : self._text.index("\n", start)]

    def number(self, name: str) -> int | None:
        """The number of the name that is written exactly so."""
        place = self._text.find(f"\n{name}\n") if name and "\n" not in name else -1
        return None if place < 0 else self._number(place + 1)

    def search(self, query: str, limit: int, *, fuzzy: bool) -> dict[int, float]:
        """Scores by number: at most `limit` of each kind of match, the most popular of each."""
        found: dict[int, float] = {}
        if not query or "\n" in query:
            return found
        for place in self._places(f"\n{query}", limit):
            ends = self._text[place + 1 + len(query)] == "\n"
            found.setdefault(self._number(place + 1), EXACT if ends else PREFIX)
        if len(query) > 1:
            for place in self._places(query, limit):
                begins = self._text[place - 1] in "_-("
                found.setdefault(self._number(place), WORD if begins else INSIDE)
        if fuzzy and len(query) > 1 and len(found) < ENOUGH:
            for number, gaps in self._fuzzy(query, limit):
                found.setdefault(number, FUZZY - gaps)
        return {number: score + log10(self._counts[number] + 1) for number, score in found.items()}

    def _places(self, needle: str, limit: int) -> Iterator[int]:
        at, text = -1, self._text
        while limit and (at := text.find(needle, at + 1)) >= 0:
            yield at
            limit -= 1

    def _number(self, place: int) -> int:
        return bisect_right(self._starts, place) - 1

    def _fuzzy(self, query: str, limit: int) -> Iterator[tuple[int, float]]:
        """Names that hold the letters of the query in order, from the start of a word on."""
        pattern = _subsequence(query)
        sets = [self._letters.get(letter, 0) for letter in query]
        common = sets[0]
        for each in sets[1:]:
            common &= each
        for number in islice(_members(common), MOST_LOOKED_AT):
            match = pattern.search(self.name(number))
            if match:
                yield number, 0.25 * (match.end() - match.start() - len(query))
                limit -= 1
                if not limit:
                    return


@lru_cache(maxsize=64)
def _subsequence(query: str) -> re.Pattern[str]:
    return re.compile(r"(?:(?<=[_\-(])|^)" + ".*?".join(re.escape(letter) for letter in query))


def _letters(names: list[str]) -> dict[str, int]:
    """For each letter the set of names that hold it, bit by bit."""
    sets: dict[str, bytearray] = {}
    size = len(names) // 8 + 1
    for number, name in enumerate(names):
        place, bit = number >> 3, 1 << (number & 7)
        for letter in set(name):
            if letter not in sets:
                sets[letter] = bytearray(size)
            sets[letter][place] |= bit
    return {letter: int.from_bytes(members, "little") for letter, members in sets.items()}


def _members(numbers: int) -> Iterator[int]:
    """The numbers of the bits that are set, in ascending order."""
    for place, byte in enumerate(numbers.to_bytes(numbers.bit_length() // 8 + 1, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield place * 8 + bit


class WordList:
    """Words with categories, counts and aliases."""

    def __init__(self, rows: Iterable[Row], *, counted: bool = True) -> None:
        """With `counted` false the counts are nothing but an order, and nobody is shown them."""
        self._counted = counted
        ordered = sorted(rows, key=lambda row: -row[2])
        self._categories = [row[1] for row in ordered]
        self._counts = array("I", (min(row[2], 2**32 - 1) for row in ordered))
        self._words = Index([row[0] for row in ordered], self._counts)
        self._targets = array("I")
        names: list[str] = []
        for number, row in enumerate(ordered):
            for alias in row[3]:
                names.append(alias)
                self._targets.append(number)
        counts = array("I", (self._counts[number] for number in self._targets))
        self._aliases = Index(names, counts, fuzzy=False)

    def __len__(self) -> int:
        return len(self._words)

    def search(self, query: str, limit: int, *, fuzzy: bool = True) -> list[Match]:
        """The best matches of a query in lower case with underscores."""
        scores = self._words.search(query, limit, fuzzy=fuzzy)
        found = {number: (score, "") for number, score in scores.items()}
        for number, score in self._aliases.search(query, limit // 3, fuzzy=False).items():
            target = self._targets[number]
            if score - 1 > found.get(target, (-99.0, ""))[0]:
                found[target] = score - 1, self._aliases.name(number)
        best = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [self._match(number, score, alias) for number, (score, alias) in best]

    def word(self, name: str) -> Word | None:
        """What the list says of a name, lower case with underscores."""
        number = self._words.number(name)
        if number is None:
            return None
        begin, end = bisect_left(self._targets, number), bisect_right(self._targets, number)
        aliases = tuple(self._aliases.name(each) for each in range(begin, end))
        return Word(self._categories[number], self._counts[number] * self._counted, aliases)

    def _match(self, number: int, score: float, alias: str) -> Match:
        word = self._words.name(number)
        return Match(
            word=word,
            found=alias or word,
            count=self._counts[number] * self._counted,
            category=self._categories[number],
            score=score,
        )


@cache
def _own() -> WordList:
    from importlib.resources import files

    return WordList(read_words((files("promptlang_lsp") / "words.csv").read_text("utf-8")), counted=False)


def category_name(category: str) -> str:
    """The name of a category that the list gives by its number; numbers that nobody has named are none."""
    return CATEGORIES.get(category, "" if category.isdecimal() else category)


def own_words() -> WordList:
    """The small list that comes along, for projects that name none."""
    return _own()


@cache
def _reader() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1, thread_name_prefix="words")


@dataclass(frozen=True, slots=True)
class _Reading:
    """Words of files that are read beside what else there is to do, and when that began."""

    coming: Future[WordList]
    began: float = field(default_factory=monotonic)


@lru_cache(maxsize=4)
def _reading(files: tuple[tuple[Path, int, int], ...]) -> _Reading:
    return _Reading(_reader().submit(_loaded, files))


def _loaded(files: tuple[tuple[Path, int, int], ...]) -> WordList:
    rows: dict[str, Row] = {}
    for path, _, size in files:
        if size > LARGEST_FILE:
            continue
        try:
            text = read_bytes(path, LARGEST_FILE).decode("utf-8-sig", "replace")
        except OSError:
            continue
        try:
            for row in read_words(text):
                rows.setdefault(row[0], row)
        except csv.Error:
            continue
    return WordList(rows.values())


def words(paths: tuple[Path, ...], patience: float | None = None) -> WordList:
    """The words of CSV files, read again when one changes; the own small list where there is none.

    So it is where reading takes longer than `patience` in seconds, until that is done.
    """
    files = _known(paths)
    if not files:
        return own_words()
    reading = _reading(files)
    left = None if patience is None else max(0, reading.began + patience - monotonic())
    try:
        return reading.coming.result(left)
    except TimeoutError:
        return own_words()


def are_read(paths: tuple[Path, ...], seconds: float) -> bool:
    """Whether there is nothing to wait for in `words`, or will not be in so many seconds."""
    files = _known(paths)
    if not files:
        return True
    from concurrent.futures import wait

    return bool(wait((_reading(files).coming,), seconds).done)


def _known(paths: tuple[Path, ...]) -> tuple[tuple[Path, int, int], ...]:
    """The files that there are, with what changes when they do."""
    known: list[tuple[Path, int, int]] = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        known.append((path, stat.st_mtime_ns, stat.st_size))
    return tuple(known)


def phrases(text: str) -> list[str]:
    """The words of a prompt between commas, brackets and line ends, as word lists write them."""
    return ["_".join(each.lower().split()) for each in _SEPARATORS.split(text)]


def listed(paths: tuple[Path, ...], name: str, patience: float | None = None) -> Match | None:
    """A word of the lists, or of the one that comes along, by its name in lower case with underscores."""
    for each in (words(paths, patience), own_words()):
        if (found := each.word(name)) is not None:
            score = PREFIX + log10(found.count + 1)
            return Match(word=name, found=name, count=found.count, category=found.category, score=score)
    return None


def is_listed(paths: tuple[Path, ...], name: str) -> bool:
    """Whether the lists, or the one that comes along, have a name in lower case with underscores."""
    return any(each.word(name) is not None for each in (words(paths), own_words()))
