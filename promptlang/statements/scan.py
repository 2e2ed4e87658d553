"""A statement's pieces: what is an option, a recipe name, a comment or text, before any of it means something."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from promptlang.source import Passage, Span, line_end
from promptlang.statements.cutting import BLANKS
from promptlang.syntax.driving import Loop, Token
from promptlang.syntax.grammar import load
from promptlang.syntax.nodes import Command, Comment, OptionUse, RecipeUse
from promptlang.tables.commands import COMMANDS
from promptlang.tables.dialects import DialectRow
from promptlang.tables.options.table import DECIDING
from promptlang.values import dataclass

_PLAIN = re.compile(r"((?:/[A-Za-z]+(?: /[A-Za-z]+:[\w.]+)*(?=[ \t]))?)([^\\/#\r\n]+)(\n?)")
"""A command and options of the simplest kind, then words without any sign, and the line end."""
_LISTED = re.compile(r'["“„″]([^"“”″]*)["“”″]|[^|"“„″]+')
_OPENING = re.compile(r"[\s\ufeff]*")  # a byte order mark that nothing but blanks stand before is no word


@dataclass(frozen=True, slots=True)
class Scan:
    """The pieces of one statement; the two passages are the text before and after `/negative`."""

    command: Command | None
    label: RecipeUse | None
    options: tuple[OptionUse, ...]
    recipes: tuple[RecipeUse, ...]
    comments: tuple[Comment, ...]
    positive: Passage
    negative: Passage


@dataclass(frozen=True, slots=True)
class _Words:
    start: int
    text: str
    is_escaped: bool = False  # whether a backslash before it makes it text


_Piece = _Words | OptionUse | RecipeUse | Comment


class _Pieces:
    """Turns each rule of the grammar into a piece while the parser runs."""

    def start(self, pieces: list[_Piece]) -> tuple[_Piece, ...]:
        return tuple(pieces)

    def text(self, tokens: list[Token]) -> _Words:
        return _Words(tokens[0].start_pos, str(tokens[0]))

    newline = text

    def escaped(self, tokens: list[Token]) -> _Words:
        return _Words(tokens[0].start_pos + 1, str(tokens[0])[1:], is_escaped=True)

    def comment(self, tokens: list[Token]) -> Comment:
        return Comment(tokens[0].span, str(tokens[0]))

    def recipe(self, tokens: list[Token]) -> RecipeUse:
        return RecipeUse(tokens[0].span, str(tokens[0])[1:])

    def word(self, tokens: list[Token]) -> tuple[str, Span]:
        return str(tokens[0]), tokens[0].span

    def quoted(self, tokens: list[Token]) -> tuple[str, Span]:
        return str(tokens[0])[1:-1], tokens[0].span

    def listed(self, tokens: list[Token]) -> tuple[str, Span]:
        """Several values, in quotes or not, as one that is written without: no value holds the sign between them."""
        pieces = _LISTED.finditer(str(tokens[0]))
        return "|".join(each[1] or each[0] for each in pieces), tokens[0].span

    def option(self, parts: list[Token | tuple[str, Span] | None]) -> OptionUse:
        name, colon, value = parts if len(parts) == 3 else (*parts, None)
        assert isinstance(name, Token)
        name_span = name.span
        written = str(name)[1:].lower()
        if not isinstance(colon, Token):
            end = Span(name_span.end, name_span.end)
            return OptionUse(name_span, written, name_span, None, end)
        after = colon.start_pos + 1
        text, span = value if isinstance(value, tuple) else ("", Span(after, after))
        return OptionUse(Span(name_span.start, span.end), written, name_span, text, span)


@cache
def _grammar() -> Loop[tuple[_Piece, ...]]:
    return load("document", _Pieces())


@lru_cache(maxsize=1024)
def scan(text: str, *, keeps_signs: bool = False) -> Scan:
    """The pieces of one statement's text; `keeps_signs` leaves the backslash before a `#` that is text."""
    pieces = _pieces(text)
    if keeps_signs:
        pieces = tuple(map(_with_backslash, pieces))
    command, rest = _command(pieces)
    label, rest = _label(command, rest)
    options = tuple([piece for piece in rest if isinstance(piece, OptionUse)])
    mark = len(rest)
    if any(map(is_section_mark, options)):
        mark = next(place for place, piece in enumerate(rest) if is_section_mark(piece))
    recipes = tuple([piece for piece in rest if isinstance(piece, RecipeUse)])
    comments = tuple([piece for piece in pieces if isinstance(piece, Comment)])
    end = len(text)
    return Scan(command, label, options, recipes, comments, _passage(rest[:mark], end), _passage(rest[mark + 1 :], end))


def _pieces(text: str) -> tuple[_Piece, ...]:
    """The pieces of a text in their order; where nothing stands among the words, only what is before them is parsed."""
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return _grammar().parse(text)
    words = _Words(plain.start(2), plain[2])
    ending = (_Words(plain.start(3), plain[3]),) if plain[3] else ()
    return (*_head(plain[1]), words, *ending)


@lru_cache(maxsize=256)
def _head(text: str) -> tuple[_Piece, ...]:
    """The pieces before the words, with which many statements of a file begin alike."""
    return _grammar().parse(text)


def scan_for(text: str, row: DialectRow) -> Scan:
    """The pieces as a dialect reads them; one with comments of its own has to know which `#` begins none."""
    return scan(text, keeps_signs=True) if row.comments and r"\#" in text else scan(text)


def _with_backslash(piece: _Piece) -> _Piece:
    if isinstance(piece, _Words) and piece.is_escaped and piece.text == "#":
        return _Words(piece.start - 1, r"\#")
    return piece


_SECTION = DECIDING["side"].name


def is_section_mark(piece: object) -> bool:
    """Whether the negative side of a statement begins behind a piece: the option that says so, without a value."""
    return isinstance(piece, OptionUse) and piece.name == _SECTION and not piece.value


def _command(pieces: tuple[_Piece, ...]) -> tuple[Command | None, tuple[_Piece, ...]]:
    for place, piece in enumerate(pieces):
        if isinstance(piece, OptionUse) and piece.value is None and piece.name in COMMANDS:
            return Command(piece.span, piece.name), pieces[place + 1 :]
        if not isinstance(piece, Comment) and not (isinstance(piece, _Words) and not piece.text.strip(BLANKS)):
            break
    return None, pieces


def _label(command: Command | None, pieces: tuple[_Piece, ...]) -> tuple[RecipeUse | None, tuple[_Piece, ...]]:
    """The `#name` after `/recipe`, which names instead of calling."""
    if command is None or command.name != "recipe":
        return None, pieces
    for place, piece in enumerate(pieces):
        if isinstance(piece, RecipeUse):
            return piece, (*pieces[:place], *pieces[place + 1 :])
        if isinstance(piece, _Words) and piece.text.strip():
            break
    return None, pieces


def _passage(pieces: tuple[_Piece, ...], end: int) -> Passage:
    """The text of pieces, with each option or comment and the blanks around it as one blank, or the line end there."""
    if not pieces:  # as behind most prompts, which have no `/negative`
        return Passage("", (0,), (end,))
    texts: list[str] = []
    marks: list[tuple[int, int]] = []
    length, gap, last = 0, "", end
    for piece in pieces:
        if isinstance(piece, _Words):
            start, words = piece.start, piece.text
        elif isinstance(piece, RecipeUse):
            start, words = piece.span.start, f"#{piece.name}"
        else:  # an option or a comment, which is cut out
            gap = gap or " "
            continue
        if gap:
            body = words.lstrip()
            if not body:  # the gap goes on
                texts.append(words)
                length += len(words)
                continue
            start += len(words) - len(body)
            blanks = _without_end(texts)
            length -= sum(map(len, blanks))
            while marks and marks[-1][0] >= length:
                marks.pop()
            if length:
                joint = _line_end((*blanks, words[: len(words) - len(body)])) or " "
                marks.append((length, start - len(joint)))
                texts.append(joint)
                length += len(joint)
            words, gap = body, ""
        if not marks or marks[-1][1] + length - marks[-1][0] != start:
            marks.append((length, start))
        texts.append(words)
        length += len(words)
        last = start + len(words)
    return _trimmed("".join(texts), marks, last)


def _line_end(blanks: tuple[str, ...]) -> str:
    """The first line end of blanks around what is cut out, each for itself: `\\r` and `\\n` of two are no `\\r\\n`."""
    return next((found for each in blanks if (found := line_end(each))), "")


def _without_end(texts: list[str]) -> tuple[str, ...]:
    """Take the blanks at the end of joined texts away and return them, those of each text for itself."""
    blanks: list[str] = []
    while texts:
        last = texts.pop()
        kept = last.rstrip()
        blanks.append(last[len(kept) :])
        if kept:
            texts.append(kept)
            break
    return tuple(reversed(blanks))


def _trimmed(text: str, marks: list[tuple[int, int]], last: int) -> Passage:
    """The passage without blanks at its two ends, and without a byte order mark before it."""
    opening = _OPENING.match(text)
    cut = opening.end() if opening else 0
    body = text[cut:].rstrip()
    if not body:
        return Passage("", (0,), (last,))
    if len(marks) == 1:
        return Passage(body, (0,), (marks[0][1] + cut,))
    kept = [(at - cut, origin) for at, origin in marks if at <= cut + len(body)]
    first = max((place for place, (at, _) in enumerate(kept) if at <= 0), default=0)
    kept = kept[first:]
    at, origin = kept[0]
    kept[0] = (0, origin - at)
    return Passage(body, tuple(at for at, _ in kept), tuple(origin for _, origin in kept))
