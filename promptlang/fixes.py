"""Fixes applied to a text: which of them together, how often, and what changed."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Generator, Iterable, Sequence

from promptlang.diagnostics import Diagnostic, Edit, Fix, Severity
from promptlang.source import Span, line_end
from promptlang.values import dataclass

ROUNDS = 20  # a fix may uncover the next finding; a rule set that needs more rounds than this does not settle


_BARE_LINE_END = re.compile(r"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after its fixes: `count` were applied, `settled` is false where fixes kept calling for each other."""

    text: str
    count: int
    settled: bool = True


def applicable(diagnostic: Diagnostic, *, unsafe: bool = False) -> Fix | None:
    """The fix that `--fix` would apply: the first safe one, else with `unsafe` the first."""
    safe = next((fix for fix in diagnostic.fixes if fix.safe), None)
    return safe or (diagnostic.fixes[0] if unsafe and diagnostic.fixes else None)


def chosen(diagnostics: Iterable[Diagnostic], *, unsafe: bool = False) -> tuple[Fix, ...]:
    """Fixes that can be applied together, in order of place; of two that overlap the earlier wins."""
    fixes = [fix for diagnostic in diagnostics if (fix := applicable(diagnostic, unsafe=unsafe)) and fix.edits]
    fixes.sort(key=lambda fix: min(edit.span for edit in fix.edits))
    taken: list[Edit] = []  # in order of place, none overlapping
    together: list[Fix] = []
    for fix in fixes:
        if all(_is_free(edit, taken) for edit in fix.edits):
            for edit in fix.edits:
                insort(taken, edit, key=_place)
            together.append(fix)
    return tuple(together)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; equal edits count once, and inserted line ends are those of the text."""
    parts: list[str] = []
    at = 0
    otherwise = line_end(text) or "\n"
    for edit in sorted(set(edits), key=lambda edit: edit.span):
        inserted = with_line_ends(edit.text, text[edit.span.start : edit.span.end], otherwise)
        parts += (text[at : edit.span.start], inserted)
        at = edit.span.end
    return "".join((*parts, text[at:]))


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits with those that begin at one place made one, in the order given: clients disagree about such edits."""
    places: dict[int, Edit] = {}
    for edit in edits:
        before = places.get(edit.span.start)
        end = max(edit.span.end, before.span.end) if before else edit.span.end
        places[edit.span.start] = Edit(Span(edit.span.start, end), f"{before.text if before else ''}{edit.text}")
    return tuple(places[start] for start in sorted(places))


def with_line_ends(inserted: str, replaced: str, otherwise: str) -> str:
    """What an edit writes, with the line end of what it replaces, by which words beside an option are joined."""
    return _BARE_LINE_END.sub(line_end(replaced) or otherwise, inserted) if "\n" in inserted else inserted


def fixed(text: str, check: Callable[[str], Iterable[Diagnostic]], *, unsafe: bool = False) -> Fixed:
    """Apply fixes and check again until nothing is left to apply.

    Where all together bring in an error, as one makes a statement of what another writes as words, those before the one
    that does are applied, or the first alone.
    """
    steps = fixing(text, unsafe=unsafe)
    wanted = next(steps)
    while True:
        try:
            wanted = steps.send(tuple(check(wanted)))
        except StopIteration as stop:
            return stop.value


def fixing(text: str, *, unsafe: bool = False) -> Generator[str, tuple[Diagnostic, ...], Fixed]:
    """The same for who checks in a way of its own: yields each text to be checked, and is sent what was found in it."""
    count = 0
    seen = {text}
    found = yield text
    for _ in range(ROUNDS):
        fixes = chosen(found, unsafe=unsafe)
        after = _with(text, fixes)
        if after == text:
            return Fixed(text, count)
        now = yield after
        if len(fixes) > 1 and _errors(now) - _errors(found):
            fixes, after, now = yield from _together(text, fixes, _errors(found))
        if after in seen:
            return Fixed(text, count, settled=False)
        seen.add(after)
        text, found = after, now
        count += len(fixes)
    return Fixed(text, count, settled=False)


def _together(
    text: str, fixes: Sequence[Fix], known: frozenset[str]
) -> Generator[str, tuple[Diagnostic, ...], tuple[Sequence[Fix], str, tuple[Diagnostic, ...]]]:
    """As many of the first fixes as bring in no error, with the text and what is found in it.

    How many is found by halving: of thousands one must not cost a look at all for each of them.
    """
    least, most, best = 1, len(fixes) - 1, None
    while least < most:
        middle = (least + most + 1) // 2
        after = _with(text, fixes[:middle])
        now = yield after
        if _errors(now) - known:
            most = middle - 1
        else:
            least, best = middle, (after, now)
    if best is None:
        after = _with(text, fixes[:1])
        best = after, (yield after)
    return fixes[:least], *best


def _with(text: str, fixes: Iterable[Fix]) -> str:
    return applied(text, (edit for fix in fixes for edit in fix.edits))


def _errors(found: Iterable[Diagnostic]) -> frozenset[str]:
    return frozenset(each.rule.name for each in found if each.severity is Severity.ERROR)


def unified_diff(before: str, after: str, name: str) -> str:
    """What changed, as `diff -u` prints it; empty where nothing did."""
    from difflib import unified_diff as compare

    path = name.lstrip("/")
    lines: list[str] = []
    for line in compare(_lines(before), _lines(after), f"a/{path}", f"b/{path}", lineterm="\n"):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _place(edit: Edit) -> Span:
    return edit.span


def _is_free(edit: Edit, taken: Sequence[Edit]) -> bool:
    """Whether an edit shares no text and no place with others, or is one of them."""
    at = bisect_left(taken, edit.span, key=_place)
    near = taken[max(0, at - 1) : at + 2]
    return edit in near or not any(edit.span.start == other.span.start or edit.span.meets(other.span) for other in near)


def _lines(text: str) -> Sequence[str]:
    """Lines with their ends; only a line feed ends a line here, as in `diff`."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
