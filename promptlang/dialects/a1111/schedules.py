"""Prompt editing and alternation of stable-diffusion-webui: `[from:to:when]`, `[to:when]`, `[a|b]`.

The program parses the whole prompt with an Earley grammar and takes the text unchanged where that fails. What it finds
is a balanced reading: square brackets schedule if everything inside them is in order, and are text otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from promptlang.dialects.a1111.lexemes import Lexeme, lexemes, read
from promptlang.dialects.dialect import LATEST
from promptlang.syntax.driving import Token
from promptlang.syntax.nodes import Alternation, Parts, Schedule, Text
from promptlang.values import dataclass, field

Steps = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Roles:
    """What lexemes are to schedules, by their place: `SCHEDULE_OPEN`, `ALTERNATION_OPEN`, `TO`, `OR`, `WHEN`, `END`.

    `disabled_by` are the places of the lexemes of which each makes the program give up on every schedule of the
    prompt; `found` are the roles there would be without them.
    """

    found: dict[int, str]
    disabled_by: tuple[int, ...] = ()

    @property
    def kinds(self) -> dict[int, str]:
        """The roles that count."""
        return {} if self.disabled_by else self.found


@dataclass(slots=True)
class _Open:
    """A bracket that waits for its partner, with the colons and bars directly in it."""

    place: int
    closer: str
    colons: list[int] = field(default_factory=list[int])
    bars: list[int] = field(default_factory=list[int])


_CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB"}
_WITH_COLON = frozenset({"COLON", "WEIGHT", "NO_WEIGHT", "WHEN"})


def roles(text: str, tokens: Sequence[Lexeme]) -> Roles:
    """Which brackets schedule.

    A bracket that never closes, closes across another or holds a colon too many is text, and so is every bracket
    around it: the program's grammar knows stray brackets and colons only at the outermost level. A `|` it knows only
    between square brackets that alternate, and a backslash only before a character that is no line end.
    """
    kinds: dict[int, str] = {}
    opened: list[_Open] = []
    fatal: list[int] = []  # bars that alternate nothing, backslashes that escape nothing
    for place, (kind, start, _) in enumerate(tokens):
        if kind == "TEXT":
            continue
        escaped = place > 0 and tokens[place - 1][0] == "BACKSLASH"
        if kind in _CLOSERS:
            opened.append(_Open(place, _CLOSERS[kind]))
        elif kind in ("RPAR", "RSQB"):
            if opened and opened[-1].closer == kind and (found := _roles_of(opened[-1], place, tokens)) is not None:
                kinds.update(found)
                opened.pop()
            else:
                fatal.extend(bar for each in opened for bar in each.bars)
                opened.clear()
        elif kind == "BACKSLASH":
            if text[start + 1 : start + 2] in ("", "\n"):
                fatal.append(place)
        elif escaped:
            continue
        elif not opened:
            if kind == "BAR":
                fatal.append(place)
        elif kind == "BAR":
            opened[-1].bars.append(place)
        elif kind in _WITH_COLON:
            opened[-1].colons.append(place)
    fatal.extend(bar for each in opened for bar in each.bars)
    return Roles(kinds, tuple(sorted(fatal)))


def _roles_of(bracket: _Open, closing: int, tokens: Sequence[Lexeme]) -> dict[int, str] | None:
    """The roles in a bracket that closes at `closing`: none where it is emphasis, None where it is text."""
    colons, bars = bracket.colons, bracket.bars
    if bracket.closer == "RPAR":
        return {} if len(colons) <= 1 and not bars else None
    if bars:
        opening = {bracket.place: "ALTERNATION_OPEN", closing: "END"}
        return opening | dict.fromkeys(bars, "OR") if not colons else None
    if not colons:
        return {}
    if len(colons) > 2 or colons[-1] != closing - 1 or tokens[closing - 1][0] != "WHEN":
        return None
    opening = {bracket.place: "SCHEDULE_OPEN", colons[-1]: "WHEN", closing: "END"}
    return opening if len(colons) == 1 else opening | {colons[0]: "TO"}


def schedule(text: str, steps: int, hires_steps: int | None = None, *, old_rules: bool = False) -> Steps:
    """The texts of one branch and the last step each of them is for, as the program counts steps.

    `hires_steps` asks for the second pass of a picture that has one; `old_rules` are those before version 1.6.
    """
    clock = _Clock(steps, hires_steps, old_rules)
    if "[" not in text:
        return ((clock.steps, text),)
    tokens = lexemes(text)
    kinds = roles(text, tokens).kinds
    if not kinds:
        return ((clock.steps, text),)
    parts = read(_as_written(text, tokens, kinds))
    switches = sorted(_switches(parts, clock))
    return tuple((switch, _text_at(parts, switch, clock)) for switch in switches)


def last_before(when: str, calls: int) -> int:
    """The last call before a switch, in a picture of one pass; calls count from 0."""
    return _Clock(calls, None, old_rules=False).switch(when)


def moment(when: str) -> float:
    """A number as written, as a share of all steps below 1, a count of steps, or never."""
    if "." in when:
        return max(float(when), 0.0) if float(when) < 1 else inf
    return float(int(max(min(float(when), LATEST), 0.0)))


def when(moment: float) -> str:
    """How a moment is written."""
    if 0 < moment < 1:
        return f"{moment:.6f}".rstrip("0")
    return "1.0" if moment > LATEST else str(int(moment))


def never_reached(when: str) -> bool:
    """Whether a number is the end of the picture or later, however many steps it has; the hires pass apart."""
    return moment(when) == inf


def always_past(when: str) -> bool:
    """Whether a number lies before the first step, however many steps there are."""
    return moment(when) == 0


def _as_written(text: str, tokens: Sequence[Lexeme], kinds: dict[int, str]) -> list[Token]:
    """The lexemes with a role, and everything between them as one text with its backslashes."""
    result: list[Token] = []
    done = 0
    for place in sorted(kinds):
        _, start, end = tokens[place]
        if start > done:
            result.append(Token("TEXT", text[done:start], done, start))
        result.append(Token(kinds[place], text[start:end], start, end))
        done = end
    if done < len(text):
        result.append(Token("TEXT", text[done:], done, len(text)))
    return result


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a written number becomes a step."""

    base_steps: int
    hires_steps: int | None
    old_rules: bool

    @property
    def is_second_pass(self) -> bool:
        """Whether steps are those of the second pass; the old rules do not tell the passes apart."""
        return self.hires_steps is not None and not self.old_rules

    @property
    def steps(self) -> int:
        """How many steps the pass has."""
        return self.hires_steps if self.hires_steps is not None and not self.old_rules else self.base_steps

    def switch(self, when: str) -> int:
        """The last step before a switch; below 1 the switch is in the past."""
        number = float(when)
        if self.old_rules:
            number = number * self.steps if number < 1 else number
        elif "." in when:
            # A fraction goes on counting in the second pass: 1.5 is the middle of it.
            number = (number - self.is_second_pass) * self.steps
        elif self.is_second_pass:
            number -= self.base_steps
        return self.steps if number > self.steps else int(max(number, -1.0))


def _switches(parts: Parts, clock: _Clock) -> set[int]:
    switches = {clock.steps}
    waiting = [*parts]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Schedule):
            switch = clock.switch(part.when)
            if switch >= 1:
                switches.add(switch)
            waiting += (*part.before, *part.after)
        elif isinstance(part, Alternation):
            switches.update(range(1, clock.steps + 1))
            waiting += (inner for choice in part.choices for inner in choice)
    return switches


def _text_at(parts: Parts, step: int, clock: _Clock) -> str:
    texts: list[str] = []
    waiting = [*reversed(parts)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Text):
            texts.append(part.text)
        elif isinstance(part, Schedule):
            waiting += reversed(part.before if step <= clock.switch(part.when) else part.after)
        elif isinstance(part, Alternation):
            waiting += reversed(part.choices[(step - 1) % len(part.choices)])
    return "".join(texts)
