"""Fixes: which are applied together, what the text is afterwards, and what the diff shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.fixes import applicable, applied, chosen, fixed, unified_diff
from promptlang.source import Span

RULE = Rule(name="a/b", severity=Severity.WARNING, summary="", why="", example="", source="the tests")


def mending(*edits: tuple[int, int, str], safe: bool = True) -> Diagnostic:
    fix = Fix("Write it", tuple(Edit(Span(start, end), text) for start, end, text in edits), safe)
    return finding(RULE, "wrong", Span(edits[0][0], edits[0][1]), fixes=(fix,))


def replacing(word: str, by: str, *, safe: bool = True) -> Callable[[str], list[Diagnostic]]:
    def check(text: str) -> list[Diagnostic]:
        return [mending((match.start(), match.end(), by), safe=safe) for match in re.finditer(word, text)]

    return check


def test_a_safe_fix_is_preferred_and_an_unsafe_one_needs_asking() -> None:
    unsafe, safe = Fix("b", (Edit(Span(0, 1), "b"),), safe=False), Fix("c", (Edit(Span(0, 1), "c"),))
    diagnostic = finding(RULE, "wrong", Span(0, 1), fixes=(unsafe, safe))
    assert applicable(diagnostic) is safe
    assert applicable(diagnostic, unsafe=True) is safe
    only = finding(RULE, "wrong", Span(0, 1), fixes=(unsafe,))
    assert applicable(only) is None
    assert applicable(only, unsafe=True) is unsafe


def test_of_overlapping_fixes_the_earlier_wins() -> None:
    first, second, third = mending((0, 3, "x")), mending((2, 5, "y")), mending((5, 6, "z"))
    assert chosen([third, second, first]) == (first.fixes[0], third.fixes[0])


def test_two_different_insertions_at_one_place_wait_for_each_other() -> None:
    assert len(chosen([mending((4, 4, "a")), mending((4, 4, "b"))])) == 1


def test_the_same_edit_asked_for_twice_is_made_once() -> None:
    fixes = chosen([mending((4, 4, "new ")), mending((4, 4, "new "))])
    assert len(fixes) == 2
    assert applied("the cow", (edit for fix in fixes for edit in fix.edits)) == "the new cow"


def test_all_edits_of_a_fix_are_made_or_none() -> None:
    both = mending((0, 1, "A"), (8, 9, "B"))
    assert chosen([mending((0, 1, "X")), both]) == (mending((0, 1, "X")).fixes[0],)


def test_inserted_lines_end_as_the_others_do() -> None:
    assert applied("a\r\nb", (Edit(Span(3, 3), "x\n"),)) == "a\r\nx\r\nb"
    assert applied("a\rb", (Edit(Span(2, 2), "x\n"),)) == "a\rx\rb"
    assert applied("ab", (Edit(Span(1, 1), "\n"),)) == "a\nb"


def test_fixes_repeat_until_nothing_is_left() -> None:
    result = fixed("aaa", lambda text: [*replacing("^a", "b")(text), *replacing("^b(?=a)", "")(text)])
    assert (result.text, result.count, result.settled) == ("b", 5, True)


def test_fixes_that_call_for_each_other_stop() -> None:
    result = fixed("a", lambda text: [*replacing("a", "b")(text), *replacing("b", "a")(text)])
    assert not result.settled
    grows = fixed("a", replacing("a$", "aa"))
    assert not grows.settled
    assert len(grows.text) < 100


def test_unsafe_fixes_are_left_alone() -> None:
    assert fixed("a", replacing("a", "b", safe=False)).text == "a"
    assert fixed("a", replacing("a", "b", safe=False), unsafe=True).text == "b"


@given(
    some.text(max_size=60), some.lists(some.tuples(some.integers(0, 60), some.integers(0, 9), some.text(max_size=5)))
)
def test_what_is_chosen_never_overlaps(text: str, edits: list[tuple[int, int, str]]) -> None:
    inside = [(min(at, len(text)), min(at + size, len(text)), new) for at, size, new in edits]
    together = sorted({edit.span for fix in chosen(map(mending, inside)) for edit in fix.edits})
    assert all(left.end <= right.start and left != right for left, right in pairwise(together))


def test_a_diff_as_patch_reads_it() -> None:
    before, after = "one\ntwo\nthree", "one\n2\nthree"
    assert unified_diff(before, after, "cow.prompt").splitlines() == [
        "--- a/cow.prompt",
        "+++ b/cow.prompt",
        "@@ -1,3 +1,3 @@",
        " one",
        "-two",
        "+2",
        " three",
        "\\ No newline at end of file",
    ]
    assert unified_diff(before, before, "cow.prompt") == ""


@pytest.mark.parametrize("text", ["a\x0bb\u2028c\nd\n", "a\r\nb\r\n", "a\rb\rc"])
def test_only_a_line_feed_ends_a_line_of_a_diff(text: str) -> None:
    diff = unified_diff(text, text.replace("a", "A"), "x")
    assert diff.count("\n-") == 1
    assert [line[1:] for line in diff.split("\n") if line.startswith("-a")] == [text.split("\n")[0]]
