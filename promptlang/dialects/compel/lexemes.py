"""Which characters Compel reads as syntax: it tries one reading after another and falls back to plain words.

The owner is a backtracking parser: a group that never closes costs it exponential time, for each `(` is tried in
every reading. Here a failed reading is remembered by the offset of its `(`, so the whole costs linear time.
"""

from __future__ import annotations

import re
from functools import cache

from promptlang.syntax.driving import Loop
from promptlang.syntax.nodes import Parts
from promptlang.values import dataclass, field

SPACES = " \t\r\n"
PLAIN = frozenset({"FREE", "WORD", "DOT", "COMMA_TEXT", "SWAP_WORD"})


# Words that can neither begin nor carry a structure, as long as the text has no calls.
_BLANK = r"[ \t\n\r\x0b\x0c]"
_PLAIN_WORD = r'[^ \t\n\r\x0b\x0c("+\-]++(?=[ \t\n\r\x0b\x0c]|\Z)'
_PLAIN_RUN = re.compile(f"({_PLAIN_WORD}(?:{_BLANK}++{_PLAIN_WORD})*+)")


@dataclass(slots=True)
class Piece:
    """A lexeme: its kind, its text as the owner sees it, and where it stands in the passage."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Frame:
    """A `(` that waits for its `)`; `swap` is the index of the `.swap` lexeme before it, -1 for a plain group."""

    start: int
    swap: int = -1


@dataclass(frozen=True, slots=True)
class Lexemes:
    """The grammar's terminals, compiled."""

    word: re.Pattern[str]
    free: re.Pattern[str]
    free_start: re.Pattern[str]  # its first letter: a structure may end long before the blanks behind it
    string: re.Pattern[str]
    space: re.Pattern[str]
    raised: re.Pattern[str]
    number: re.Pattern[str]
    lora: re.Pattern[str]
    attend: re.Pattern[str]
    swap: re.Pattern[str]
    settings: re.Pattern[str]
    joined: re.Pattern[str]


@cache
def lexemes(source: Loop[Parts]) -> Lexemes:
    """The terminals of the Compel grammar."""
    text = source.terminals
    return Lexemes(
        word=re.compile(text["WORD"]),
        free=re.compile(text["FREE"]),
        free_start=re.compile(text["FREE"].removesuffix("+")),
        string=re.compile(text["STRING"]),
        space=re.compile(text["SPACE"] + "|"),
        raised=re.compile(text["RAISED"]),
        number=re.compile(text["RAISED"] + "|" + text["NUMBER"]),
        lora=re.compile(text["LORA"]),
        attend=re.compile(text["ATTEND"]),
        swap=re.compile(text["SWAP"]),
        settings=re.compile(text["SETTINGS"]),
        joined=re.compile(text["JOINED"]),
    )


@dataclass(slots=True)
class Reading:
    """One pass over a text; `pieces` grows from left to right."""

    text: str
    lexemes: Lexemes
    pieces: list[Piece] = field(default_factory=list[Piece])
    failed: set[int] = field(default_factory=set[int])  # offsets of `(` that no reading closes
    no_swap: set[int] = field(default_factory=set[int])  # offsets of `(` behind `.swap` that hold no replacement

    # --- the whole text ---------------------------------------------------------------------------------------------

    def read(self) -> list[Piece]:
        """The lexemes of a whole prompt."""
        at = self._joined_list()
        if at is None:
            self._prompt(0)
        elif is_blend(self.pieces[-1].text):
            self._prompt(at)
        elif rest := self.text[at:].rstrip():
            self._add("DROPPED", at, at + len(rest))
        return self.pieces

    def _joined_list(self) -> int | None:
        """Where `(…).and(…)` or `(…).blend(…)` at the start ends; only LoRAs may stand before a blend."""
        at = self._skipped(0)
        loras = False
        while match := self.lexemes.lora.match(self.text, at):
            loras = True
            self._add("LORA", *match.span())
            at = self._skipped(match.end())
        if self.text.startswith("(", at):
            self._add("LIST", at, at + 1)
            end = self._elements(at + 1)
            if end is not None and (is_blend(self.pieces[-1].text) or not loras):
                return end
        self.pieces.clear()
        return None

    def _elements(self, at: int) -> int | None:
        while True:
            at = self._skipped(at)
            end = self._element(at)
            if end is None:
                return None
            at = self._skipped(end)
            if match := self.lexemes.joined.match(self.text, at):
                self._add("JOINED", *match.span())
                return match.end()
            if not self.text.startswith(",", at):
                return None
            self._add("COMMA", at, at + 1)
            at += 1

    def _element(self, at: int) -> int | None:
        if self.text.startswith("(", at):
            return self._group(at)
        if self.text.startswith('"', at):
            return self._quoted(at) or self._quoted(at, as_prompt=True)
        if match := self.lexemes.word.match(self.text, at):
            self._add("WORD", *match.span())
            return match.end()
        return None

    def _prompt(self, at: int) -> None:
        """Words and structures to the end of the text: whatever begins no structure is a plain word up to a space."""
        text, free = self.text, self.lexemes.free
        has_calls = ".swap" in text or ".attend" in text or "Lora" in text
        while start := self.lexemes.free_start.search(text, at):
            at = start.start()
            if not has_calls and (run := _PLAIN_RUN.match(text, at)):
                self.pieces.append(Piece("FREE", " ".join(free.findall(run[0])), at, run.end(1)))
                at = run.end()
                continue
            mark = len(self.pieces)
            done = self._structure(at)
            if done is None:
                del self.pieces[mark:]
                match = free.match(text, at)
                done = match.end() if match else at + 1
                self.pieces.append(Piece("FREE", text[at:done], at, done))
            at = done

    def _structure(self, at: int) -> int | None:
        """Where the structure that starts here ends, None where there is none."""
        first = self.text[at]
        if first == "(":
            end = self._group(at)
        elif first == '"':
            end = self._quoted(at)
        elif match := self.lexemes.lora.match(self.text, at):
            self._add("LORA", *match.span())
            return match.end()
        elif match := self.lexemes.word.match(self.text, at):
            self._add("WORD", *match.span())
            end = match.end()
        else:
            return None
        if end is None:
            return None
        return self._suffixed(end, is_word=first not in '("')

    def _suffixed(self, at: int, *, is_word: bool) -> int | None:
        """A target at the top level with what follows it; a word without a suffix is no structure."""
        mark = len(self.pieces)
        frames: list[Frame] = []
        end = self._suffix(at, frames, is_word=is_word)
        if frames:
            closed = self._run(end, frames)
            if closed is not None:
                return closed
            del self.pieces[mark:]
            return None if is_word else at
        return None if is_word and end == at else end

    # --- inside parentheses and quotes --------------------------------------------------------------------------------

    def _group(self, at: int) -> int | None:
        if at in self.failed:
            return None
        self._add("OPEN", at, at + 1)
        return self._run(at + 1, [Frame(at)])

    def _run(self, at: int, frames: list[Frame]) -> int | None:
        """Read until the frames are closed; None, and remember it, where they cannot be."""
        text = self.text
        while True:
            at = self._skipped(at)
            letter = text[at : at + 1]
            frame = frames[-1]
            step: int | None
            if letter == ")":
                frames.pop()
                self._add("CLOSE", at, at + 1)
                at += 1
                if not frames:
                    return at
                step = at if frame.swap >= 0 else self._suffix(at, frames, is_word=False)
            elif letter in {",", "."}:
                closing = self.lexemes.settings.match(text, at) if frame.swap >= 0 and letter == "," else None
                if closing:
                    frames.pop()
                    self._add("SETTINGS", *closing.span())
                    if not frames:
                        return closing.end()
                    step = closing.end()
                elif not self._demoted(frame, is_outermost=len(frames) == 1):
                    return None
                else:
                    self._add("COMMA_TEXT" if letter == "," else "DOT", at, at + 1)
                    step = at + 1
            elif letter == "(":
                step = at + 1 if at not in self.failed else None
                frames.append(Frame(at))
                self._add("OPEN", at, at + 1)
            else:
                step = self._item(at, frames)
            if step is None:
                self.failed.update(frame.start for frame in frames)
                return None
            at = step

    def _demoted(self, frame: Frame, *, is_outermost: bool) -> bool:
        """Read `.swap(` as plain words after all, for a comma or full stop cannot be swapped in."""
        if frame.swap < 0:
            return True
        self.no_swap.add(frame.start)
        if is_outermost:
            return False
        self.pieces[frame.swap].kind = "SWAP_WORD"
        if self.pieces[frame.swap - 1].kind == "HEAD":
            self.pieces[frame.swap - 1].kind = "WORD"
        frame.swap = -1
        return True

    def _item(self, at: int, frames: list[Frame]) -> int | None:
        """One word, string or LoRA inside parentheses."""
        if match := self.lexemes.lora.match(self.text, at):
            self._add("LORA", *match.span())
            return match.end()
        if self.text.startswith('"', at):
            end = self._quoted(at)
            return None if end is None else self._suffix(end, frames, is_word=False)
        if match := self.lexemes.word.match(self.text, at):
            self._add("WORD", *match.span())
            return self._suffix(match.end(), frames, is_word=True)
        return None

    def _suffix(self, at: int, frames: list[Frame], *, is_word: bool) -> int:
        """`+`, a number, `.attend(…)` or the start of `.swap(` behind a target."""
        text = self.text
        if match := self.lexemes.attend.match(text, at):
            kind = "ATTEND"
        elif match := self.lexemes.swap.match(text, at):
            if match.end() in self.no_swap or match.end() in self.failed:
                return at
            kind = "SWAP"
        elif match := (self.lexemes.raised if is_word else self.lexemes.number).match(text, at):
            kind = "RAISED" if match[0][0] in "+-" else "NUMBER"
        else:
            return at
        if is_word:
            self.pieces[-1].kind = "HEAD"
        self._add(kind, *match.span())
        if kind == "SWAP":
            frames.append(Frame(match.end(), len(self.pieces) - 1))
            self._add("OPEN", match.end(), match.end() + 1)
            return match.end() + 1
        return match.end()

    # --- quoted strings -----------------------------------------------------------------------------------------------

    def _quoted(self, at: int, *, as_prompt: bool = False) -> int | None:
        """A string whose content is read by itself; the content holds no bare quote, so this goes one level deep."""
        match = self.lexemes.string.match(self.text, at)
        if not match:
            return None
        content, origins = unquoted(match[0][1:-1])
        inner = Reading(content, self.lexemes)
        if not content.strip():
            inner.pieces.append(Piece("FREE", "", 0, len(content)))
        elif as_prompt:
            inner._prompt(0)
        elif not inner._is_fragment():
            return None
        self._add("QUOTE", at, at + 1)
        for piece in inner.pieces:
            piece.start, piece.end = at + 1 + _origin(origins, piece.start), at + 1 + _origin(origins, piece.end)
            self.pieces.append(piece)
        self._add("UNQUOTE", match.end() - 1, match.end())
        return match.end()

    def _is_fragment(self) -> bool:
        """Read the whole text as the inside of a group, as if a `)` stood behind it."""
        length = len(self.text)
        self.text += "\n)"  # the line end keeps a backslash at the end from escaping the `)`
        end = self._run(0, [Frame(-1)])
        if end == length + 2:
            self.pieces.pop()
            return True
        return False

    # --- small things -------------------------------------------------------------------------------------------------

    def _skipped(self, at: int) -> int:
        match = self.lexemes.space.match(self.text, at)
        return match.end() if match else at

    def _add(self, kind: str, start: int, end: int) -> None:
        self.pieces.append(Piece(kind, self.text[start:end], start, end))


def is_blend(joined: str) -> bool:
    """Whether `).blend(…)` is what joins a list."""
    return joined[1:].lstrip(SPACES).startswith(".blend")


def _origin(origins: list[int] | None, at: int) -> int:
    return at if origins is None else origins[at]


# pyparsing's reading of backslashes in a string: white space by letter, and numbers in forms that its own pattern cuts
# short (`\\[0-7]3`, `\\x.2`, `\\u.4`).
_WHITE = {"\\t": "\t", "\\n": "\n", "\\f": "\f", "\\r": "\r"}
_ESCAPE = re.compile(r"(\\[tnfr])|(\\[0-7]3|\\0|\\x[0-9a-fA-F]2|\\u[0-9a-fA-F]4)|(.)", re.DOTALL)


def unquoted(content: str) -> tuple[str, list[int] | None]:
    """The content of a string as the owner reads it again, and for each of its characters where it came from.

    A quote inside stays escaped, for the reading of the content knows no quotes.
    """
    if "\\" not in content:
        return content, None
    letters: list[str] = []
    origins: list[int] = []
    for match in _ESCAPE.finditer(content):
        white, numeric, other = match.groups()
        letter = _WHITE[white] if white else _numbered(numeric[1:]) if numeric else other
        letters.append(letter)
        origins.extend([match.start()] * len(letter))
    text = "".join(letters)
    if '"' in text:
        text, origins = _with_quotes_escaped(text, origins)
    origins.append(len(content))
    return text, origins


def _numbered(digits: str) -> str:
    """The character of a numeric escape; two octal digits only lose their backslash."""
    if digits == "0":
        return "\0"
    return chr(int(digits[1:], 16)) if digits[0] in "xu" else digits


def _with_quotes_escaped(text: str, origins: list[int]) -> tuple[str, list[int]]:
    """`\\"` becomes `"` and every `"` becomes `\\"`: what was escaped stays so, what was made by an escape joins in."""
    letters: list[str] = []
    places: list[int] = []
    for match in re.finditer(r'\\?"|[^"]', text, re.DOTALL):
        letter = '\\"' if match[0].endswith('"') else match[0]
        letters.append(letter)
        places.extend([origins[match.start()]] * len(letter))
    return "".join(letters), places
