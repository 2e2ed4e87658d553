"""The distance between two words against the table it is an abbreviation of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from promptlang.suggest import distance, nearest

WORDS = some.text("abcü", max_size=14)


def by_table(left: str, right: str) -> int:
    """The distance cell by cell, as textbooks have it."""
    table = [[max(i, j) if not i or not j else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(WORDS, WORDS)
def test_the_distance_is_that_of_the_table(left: str, right: str) -> None:
    assert distance(left, right) == by_table(left, right)


def test_the_nearest_name_is_found_whatever_its_case() -> None:
    assert nearest("realistc-vision", ["demo", "Realistic-Vision", "real"]) == "Realistic-Vision"
    assert nearest("realistc-vision", ["demo", "landscape"]) is None


@given(some.text("ab!ü", min_size=1, max_size=14), some.lists(some.text("ab!ü", max_size=14), max_size=4))
def test_no_near_name_is_passed_over(word: str, known: list[str]) -> None:
    limit = max(1, (len(word) + 1) // 3)
    near = [name for name in known if by_table(word, name) <= min(limit, max(len(name), 2) - 1)]
    assert nearest(word, known) is not None or not near


def test_a_long_name_is_known_by_its_letters() -> None:
    assert nearest("a" * 40, ["a" * 53]) == "a" * 53
    assert nearest("ba" * 20, ["ab" * 26]) == "ab" * 26
    assert nearest("b" * 40, ["a" * 53, "b" * 80]) == "b" * 80
