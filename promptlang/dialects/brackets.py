"""The pass between lexer and parser of the `old` and `new` dialects: delimiters without a partner become text.

After it every bracket is balanced and nesting has a limit, so the parser cannot fail and no tree is too deep to walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lark import Token
from lark.lark import PostLex

CLOSERS = {"RPAR": "LPAR", "RSQB": "LSQB"}
OPENERS = frozenset(CLOSERS.values())
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Stray:
    """Brackets in a row that are read as text: `problem` is `unclosed`, `unopened` or `too-deep`."""

    problem: str
    start: int
    end: int


@dataclass
class Brackets(PostLex):
    """Re-types delimiters; `strays` holds what the last text had, so one instance reads one text at a time."""

    always_accept = ()
    strays: list[Stray] = field(default_factory=list[Stray])

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The same tokens, with unmatched delimiters turned into text."""
        tokens = list(stream)
        self.strays = _without_partner(tokens)
        return iter(tokens)


def _without_partner(tokens: list[Token]) -> list[Stray]:
    partner, problems = _partners(tokens)
    for place, token in enumerate(tokens):
        kind = token.type
        if place in problems or _is_loose(tokens, place, kind, partner):
            tokens[place] = Token.new_borrow_pos("TEXT", str(token), token)
    return _grouped(tokens, problems)


def _partners(tokens: list[Token]) -> tuple[dict[int, int], dict[int, str]]:
    """Closer to opener for every pair, and the problem of each bracket that has none."""
    partner: dict[int, int] = {}
    problems: dict[int, str] = {}
    opened: list[int] = []
    waiting = dict.fromkeys(OPENERS, 0)
    deep: list[tuple[int, str]] = []  # openers beyond the limit, skipped together with their closers
    for place, token in enumerate(tokens):
        kind = token.type
        if kind in OPENERS:
            if len(opened) >= DEEPEST:
                deep.append((place, kind))
            else:
                opened.append(place)
                waiting[kind] += 1
        elif wanted := CLOSERS.get(kind):
            if deep and deep[-1][1] == wanted:
                problems[deep.pop()[0]] = problems[place] = "too-deep"
            elif not waiting[wanted]:
                problems[place] = "unopened"
            else:
                problems.update((at, "unclosed") for at, _ in deep)
                deep.clear()
                while tokens[opened[-1]].type != wanted:
                    waiting[tokens[opened[-1]].type] -= 1
                    problems[opened.pop()] = "unclosed"
                waiting[wanted] -= 1
                partner[place] = opened.pop()
    problems.update((at, "unclosed") for at in (*opened, *(at for at, _ in deep)))
    return partner, problems


def _is_loose(tokens: list[Token], place: int, kind: str, partner: dict[int, int]) -> bool:
    """Whether a number or an angle bracket has lost what it belonged to."""
    before = tokens[place - 1].type if place else ""
    after = place + 1
    match kind:
        case "WEIGHT":
            return after not in partner
        case "BAD_WEIGHT":
            return after not in partner
        case "CONCEPT_NAME":
            return before not in ("LANGLE", "NETWORK")
        case "CONCEPT_WEIGHT":
            return before != "CONCEPT_NAME"
        case "RANGLE":
            return before not in ("CONCEPT_NAME", "CONCEPT_WEIGHT")
        case _:
            return False


def _grouped(tokens: list[Token], problems: dict[int, str]) -> list[Stray]:
    """Neighbouring strays of one kind as one: one cause, one diagnostic."""
    strays: list[Stray] = []
    for place in sorted(problems):
        start = tokens[place].start_pos or 0
        end = start + len(tokens[place])
        if strays and strays[-1].end == start and strays[-1].problem == problems[place]:
            strays[-1] = Stray(problems[place], strays[-1].start, end)
        else:
            strays.append(Stray(problems[place], start, end))
    return strays
