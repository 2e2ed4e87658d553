"""How many terminal cells a text takes, and how characters are shown that a terminal would swallow or obey."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from promptlang.values import dataclass

TAB = "    "
_ENDS = {"\n": r"\n", "\r": r"\r"}  # signs for control characters are empty boxes in many fonts
JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
# Characters that change how their neighbours are drawn, or that take no place and hide what the text says.
DECEPTIVE = frozenset(
    map(chr, (0x061C, 0x200B, 0x2060, 0xFEFF, *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)))
)


@dataclass(frozen=True, slots=True)
class Cells:
    """A line as shown: what stands for each code point, and the cell where it begins (one column more: the end)."""

    pieces: Sequence[str]
    columns: Sequence[int]

    @property
    def width(self) -> int:
        """Cells of the whole line."""
        return self.columns[-1]


def cells(line: str) -> Cells:
    """Lay out one line of text."""
    if line.isascii() and line.isprintable():
        return Cells(line, range(len(line) + 1))
    pieces: list[str] = []
    columns = [0]
    before = ""
    column = 0
    for at, letter in enumerate(line):
        if " " <= letter <= "~" and before != JOINER:
            piece, width = letter, 1
        else:
            piece, width = _shown(letter, before, line[at + 1 : at + 2])
        pieces.append(piece)
        columns.append(column := column + width)
        before = letter
    return Cells(pieces, columns)


def visible(text: str) -> str:
    """The text with control and deceptive characters spelled out; line breaks too."""
    return text if text.isascii() and text.isprintable() else "".join(cells(text).pieces)


def cell_width(text: str) -> int:
    """How many cells the visible form of a text takes."""
    return cells(text).width


def wrapped(text: str, width: int, measure: Callable[[str], int] = cell_width) -> list[str]:
    """The text in lines of at most `width` cells, broken at blanks where there are any; never empty."""
    lines = [""]
    room = width
    for word in text.split(" "):
        taken = measure(word)
        if lines[-1] and taken + 1 > room:
            lines.append(word)
            room = width - taken
        else:
            room -= taken + 1 if lines[-1] else taken
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def _shown(letter: str, before: str, after: str) -> tuple[str, int]:
    """What stands for a character and how many cells that takes, given its neighbours."""
    from unicodedata import category, combining, east_asian_width  # only text beyond ASCII needs it

    if letter == "\t":
        return TAB, len(TAB)
    if ending := _ENDS.get(letter):
        return ending, len(ending)
    kind = category(letter)
    if letter in DECEPTIVE or kind in {"Cc", "Cs"}:
        piece = f"<U+{ord(letter):04X}>"
        return piece, len(piece)
    if before == JOINER or "\U0001f3fb" <= letter <= "\U0001f3ff" or "\u1160" <= letter <= "\u11ff":
        return letter, 0  # drawn onto the character before
    if combining(letter) or kind in {"Mn", "Me", "Cf"}:
        return letter, 0
    wide = east_asian_width(letter) in {"W", "F"} or after == EMOJI_STYLE
    return letter, 2 if wide else 1
