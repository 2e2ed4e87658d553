"""Options taken out of a text: the prompt stays the same to the letter, and no empty line is left behind."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from promptlang.fixes import applied
from promptlang.statements.parsing import parse
from promptlang.statements.removal import removal
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import OptionUse

PIECES = some.tuples(
    some.sampled_from((" ", "\n", "  ", "\n  ", "\n\n", " \n", "\t")),
    some.sampled_from(("a cow", "x", "/steps:20", "/karras", "/negative", "/steps:30", "\n# note\nin rain")),
)


def without(text: str, *numbers: int) -> str:
    """The text without some of its steps; all of them where no number is given."""
    uses = _steps(text)
    taken = [uses[number] for number in numbers] if numbers else uses
    return applied(text, removal("Remove them", text, *(use.span for use in taken)).edits)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("/render a cow\n/steps:20\nin rain", "/render a cow\nin rain"),
        ("/render a cow\n    /steps:20 /steps:30\nin rain", "/render a cow\nin rain"),
        ("/render a cow\r\n/steps:20\r\nin rain", "/render a cow\r\nin rain"),
        ("/render /karras\n/steps:20\na cow", "/render /karras\na cow"),
        ("/render /karras\r\n  /steps:20\r\na cow", "/render /karras\r\na cow"),
        ("/render a cow\n/steps:20\n", "/render a cow\n"),
        ("/render a cow\n/steps:20", "/render a cow\n"),
        ("/render a cow\n/steps:20\r\nin rain\r\n", "/render a cow\nin rain\r\n"),
        ("/render a cow\r/steps:20\nin rain", "/render a cow\rin rain"),
        ("/render a cow /steps:20 in rain", "/render a cow in rain"),
        ("/render a cow /steps:20", "/render a cow"),
    ],
)
def test_what_is_left(text: str, after: str) -> None:
    assert without(text) == after


def test_one_of_several_leaves_the_others() -> None:
    assert without("/render a cow\n/steps:20\n/steps:30\nin rain", 0) == "/render a cow\n/steps:30\nin rain"


def test_line_ends_on_both_sides_of_an_option_are_not_read_as_one() -> None:
    assert scan("/render a cow\r/steps:20\nin rain").positive.text == "a cow\rin rain"


@given(some.lists(PIECES, max_size=8), some.data())
def test_the_prompt_stays_the_same(pieces: list[tuple[str, str]], data: some.DataObject) -> None:
    ends = some.sampled_from(("\n", "\r\n", "\r"))
    text = re.sub("\n", lambda _: data.draw(ends), "/render" + "".join(map("".join, pieces)))
    number = data.draw(some.integers(0, len(_steps(text))))
    left = scan(without(text, *range(number)) if number else text)
    assert (left.positive.text, left.negative.text) == (scan(text).positive.text, scan(text).negative.text)
    assert len(left.options) == len(scan(text).options) - number


def test_blank_lines_beside_an_option_belong_to_it() -> None:
    """Options and all blanks around them are one blank or line end of the prompt, and words keep their places."""
    text = "/render a cow \n\n  /steps:20 /karras \n\n  in rain"
    (statement,) = parse(text).statements
    passage = statement.positive
    assert passage.text == "a cow\nin rain"
    for word in ("cow", "rain"):
        span = passage.span(passage.text.index(word), passage.text.index(word) + len(word))
        assert text[span.start : span.end] == word


@pytest.mark.parametrize(
    ("text", "is_safe"),
    [
        ("--- /steps:20", False),
        ("\ufeff---\t/steps:20\r\na cow", False),
        ("--- /steps:20 a cow", True),
        ("\n--- /steps:20", True),
    ],
)
def test_a_line_of_dashes_is_not_left_alone_where_a_file_begins(text: str, *, is_safe: bool) -> None:
    """There it would make the file another program's."""
    assert removal("Remove it", text, *(use.span for use in _steps(text))).safe is is_safe


def _steps(text: str) -> tuple[OptionUse, ...]:
    return tuple(use for use in scan(text).options if use.name == "steps")
