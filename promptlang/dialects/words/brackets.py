"""The pass between lexer and parser of the `old` and `new` dialects: delimiters without a partner become text.

After it every bracket is balanced and nesting has a limit, so the parser cannot fail and no tree is too deep to walk.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.dialects.dialect import DEEPEST
from promptlang.syntax.driving import Token
from promptlang.values import dataclass, field

CLOSERS = {"RPAR": "LPAR", "RSQB": "LSQB"}
OPENERS = frozenset(CLOSERS.values())
CALL = {"LANGLE": True, "NETWORK": False, "CONCEPT_NAME": True, "CONCEPT_WEIGHT": False, "RANGLE": True}
"""The tokens of a concept call in order, and whether each is needed; anywhere else they are text."""
NUMBERS = frozenset({"WEIGHT", "BAD_WEIGHT"})  # count only in front of a closing bracket that has a partner
_WORDS = frozenset({"TEXT", "ESCAPED"})  # the tokens of most prompts


@dataclass(frozen=True, slots=True)
class Stray:
    """Brackets in a row that are read as text: `problem` is `unclosed`, `unopened` or `too-deep`."""

    problem: str
    start: int
    end: int


@dataclass()
class Brackets:
    """Re-types delimiters; `strays` holds what the last text had, so one instance reads one text at a time."""

    strays: list[Stray] = field(default_factory=list[Stray])

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The same tokens, with unmatched delimiters turned into text."""
        tokens = list(stream)
        self.strays = _without_partner(tokens)
        return iter(tokens)


def _without_partner(tokens: list[Token]) -> list[Stray]:
    if all(token.type in _WORDS for token in tokens):
        return []
    partner, problems = _partners(tokens)
    called = _calls(tokens)
    for place, token in enumerate(tokens):
        loose = token.type in CALL and place not in called
        if place in problems or loose or (token.type in NUMBERS and place + 1 not in partner):
            tokens[place] = Token("TEXT", str(token), token.start_pos)
    return _grouped(tokens, problems)


def _calls(tokens: list[Token]) -> set[int]:
    """The places of every token that belongs to a whole `<name>`, `<kind:name>` or `<name:number>`."""
    called: set[int] = set()
    for place in (place for place, token in enumerate(tokens) if token.type == "LANGLE"):
        here = place + 1
        for kind, needed in CALL.items():
            if kind == "LANGLE":
                continue
            if here < len(tokens) and tokens[here].type == kind:
                here += 1
            elif needed:
                break
        else:
            called.update(range(place, here))
    return called


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


def _grouped(tokens: list[Token], problems: dict[int, str]) -> list[Stray]:
    """Neighbouring strays of one kind as one: one cause, one diagnostic."""
    strays: list[Stray] = []
    for place in sorted(problems):
        start, end = tokens[place].start_pos, tokens[place].end_pos
        if strays and strays[-1].end == start and strays[-1].problem == problems[place]:
            strays[-1] = Stray(problems[place], strays[-1].start, end)
        else:
            strays.append(Stray(problems[place], start, end))
    return strays
