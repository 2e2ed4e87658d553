"""The printed form of a diagnostic, character by character."""

from __future__ import annotations

from textwrap import dedent

import pytest

from promptlang.diagnostics import Diagnostic, Edit, Fix, Label, Rule, Severity, finding
from promptlang.reports.cells import cell_width, visible, wrapped
from promptlang.reports.text import coloured, concise, full, statistics
from promptlang.source import Source, Span

RULE = Rule(
    name="clipskip/fraction-ignored", severity=Severity.WARNING, summary="", why="", example="", source="the tests"
)
LONG = "/render " + "a very long prompt, " * 20 + "/clipskip:1.9 " + "and so on, " * 30 + "<lora:1> end"


def span(text: str, word: str) -> Span:
    start = text.index(word)
    return Span(start, start + len(word))


def said(text: str, at: str | Span, label: str = "", **more: object) -> Diagnostic:
    place = at if isinstance(at, Span) else span(text, at)
    return finding(RULE, "1.9 acts as 1", place, label, **more)  # pyright: ignore[reportArgumentType]


def printed(text: str, diagnostic: Diagnostic, **more: int) -> str:
    lines = full(Source(text, "cow.prompt"), diagnostic, **more).split("\n")
    assert lines[0] == "warning[clipskip/fraction-ignored]: 1.9 acts as 1"
    return "\n".join(lines[1:])


def expected(text: str) -> str:
    return dedent(text).strip("\n")


def test_the_house_style() -> None:
    text = "/render /parser:new /clipskip:1.9 a cow"
    diagnostic = finding(
        RULE,
        "clip skip counts whole layers, so 1.9 acts as 1",
        span(text, "1.9"),
        "read as 1",
        help="write `1`, or `2` if you meant to skip a layer",
    )
    assert full(Source(text, "cow.prompt"), diagnostic) == expected("""
warning[clipskip/fraction-ignored]: clip skip counts whole layers, so 1.9 acts as 1
 --> cow.prompt:1:31
  |
1 | /render /parser:new /clipskip:1.9 a cow
  |                               ^^^ read as 1
  = help: write `1`, or `2` if you meant to skip a layer
""")


def test_a_fix_is_shown_as_the_lines_it_changes() -> None:
    text = "/render a cow\n/render /clipskip:1.9 a cow"
    place = span(text, "1.9")
    fixes = (Fix("Write `1`", (Edit(place, "1"),)), Fix("Write `2`", (Edit(place, "2"),), safe=False))
    assert printed(text, said(text, "1.9", "read as 1", fixes=fixes)) == expected("""
 --> cow.prompt:2:19
  |
2 | /render /clipskip:1.9 a cow
  |                   ^^^ read as 1
  = fix: Write `1` [*]
2 - /render /clipskip:1.9 a cow
2 + /render /clipskip:1 a cow
  = fix: Write `2` (unsafe)
""")


def test_a_fix_that_removes_a_line_shows_only_what_goes() -> None:
    text = "# promptlang: ignore[a/b]\n/render a cow"
    place = Span(0, text.index("/render"))
    assert printed(text, said(text, place, fixes=(Fix("Remove the comment", (Edit(place, ""),)),))) == expected("""
 --> cow.prompt:1:1
  |
1 | # promptlang: ignore[a/b]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^
  = fix: Remove the comment [*]
1 - # promptlang: ignore[a/b]
""")


def test_a_related_place_beside_the_words_of_the_rightmost_label() -> None:
    text = "/render /clipskip:2 a cow <lora:0.7> x"
    related = (Label(span(text, "/clipskip:2"), "this skips"), Label(span(text, "cow"), "an animal"))
    assert printed(text, said(text, "<lora:0.7>", "from here on", related=related)) == expected("""
 --> cow.prompt:1:27
  |
1 | /render /clipskip:2 a cow <lora:0.7> x
  |         -----------   --- ^^^^^^^^^^ from here on
  |         |             |
  |         |             an animal
  |         this skips
""")


def test_related_places_on_other_lines_are_shown_in_order() -> None:
    text = "/set /seed:1\n\n\n/render /seed:2 a cow"
    related = (Label(span(text, "/seed:1"), "first said here"),)
    assert printed(text, said(text, "/seed:2", "again", related=related)) == expected("""
 --> cow.prompt:4:9
  |
1 | /set /seed:1
  |      ------- first said here
...
4 | /render /seed:2 a cow
  |         ^^^^^^^ again
""")


def test_a_long_line_is_cut_around_each_label() -> None:
    related = (Label(span(LONG, "<lora:1>"), "a LoRA far away"), Label(span(LONG, "/render"), "start"))
    assert printed(LONG, said(LONG, "1.9", "read as 1", related=related)) == expected("""
 --> cow.prompt:1:419
  |
1 | /render a very long prompt, a very long prompt, a very long prompt, a very …
  | ------- start
1 | …ompt, a very long prompt, /clipskip:1.9 and so on, and so on, and so on, a…
  |                                      ^^^ read as 1
1 | …o on, and so on, and so on, and so on, and so on, <lora:1> end
  |                                                    -------- a LoRA far away
""")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    label = "some words that need a good deal of room beside the mark"
    for text in (LONG, LONG.replace("a very", "牛牛牛"), LONG.replace("o", "o\u0301")):
        fixes = (Fix("Write `1`", (Edit(span(text, "1.9"), "1"),)),)
        diagnostic = said(text, "1.9", label, help=label * 2, fixes=fixes)
        lines = full(Source(text, "cow.prompt"), diagnostic, width=width).split("\n")
        assert max(cell_width(line) for line in lines[2:]) <= width
        assert any("1.9" in line for line in lines[2:4])


def test_words_without_room_beside_their_mark_go_below() -> None:
    text = "x" * 60 + " /clipskip:1.9"
    assert printed(text, said(text, "1.9", "a label that has no room")) == expected(f"""
 --> cow.prompt:1:72
  |
1 | {text}
  |                                                                        ^^^
  |                                                     a label that has no room
""")


def test_marks_stand_under_wide_and_combining_characters() -> None:
    text = "/render 牛牛 e\u0301 👨\u200d👩\u200d👧 ❤\ufe0f /steps:3"
    assert printed(text, said(text, "/steps:3", "here")) == expected(f"""
 --> cow.prompt:1:24
  |
1 | {text}
  |                      ^^^^^^^^ here
""")


def test_a_mark_under_wide_characters_is_as_wide() -> None:
    text = "/render 牛牛牛 x"
    assert "        ^^^^ two" in printed(text, said(text, "牛牛", "two"))


def test_control_and_deceptive_characters_are_spelled_out() -> None:
    text = "a\tb\x00c\x1b[31m \u202e\u200b\x85 z"
    assert printed(text, said(text, "z")) == expected("""
 --> cow.prompt:1:16
  |
1 | a    b<U+0000>c<U+001B>[31m <U+202E><U+200B><U+0085> z
  |                                                      ^
""")


def test_messages_cannot_smuggle_control_characters() -> None:
    diagnostic = finding(RULE, "unknown `\x1b[2J`", Span(0, 1), "\x07", help="write\x00this")
    for text in (full(Source("x", "a\x1bb"), diagnostic), concise(Source("x", "a\x1bb"), diagnostic)):
        assert text.replace("\n", "").isprintable()


def test_a_span_over_lines_marks_its_first_and_last() -> None:
    text = "/render one\r\n  two\r\n\r\n  three four"
    assert printed(text, said(text, Span(8, text.index(" four")), "not closed")) == expected("""
 --> cow.prompt:1:9
  |
1 | /render one
  |         ^^^
...
4 |   three four
  |   ^^^^^ not closed
""")


@pytest.mark.parametrize(("text", "line"), [("", 1), ("a\n", 2), ("a\r\n", 2), ("a", 1)])
def test_an_empty_span_at_the_end_has_a_mark(text: str, line: int) -> None:
    lines = printed(text, said(text, Span(len(text), len(text)), "missing")).split("\n")
    assert lines[2].startswith(f"{line} |")
    assert lines[3].endswith("^ missing")


def test_line_numbers_share_a_gutter() -> None:
    text = "\n" * 8 + "a\nb"
    related = (Label(Span(8, 9), "first"),)
    assert printed(text, said(text, "b", "last", related=related)) == expected("""
  --> cow.prompt:10:1
   |
 9 | a
   | - first
10 | b
   | ^ last
""")


def test_a_huge_line_is_cut_without_being_read_whole() -> None:
    text = "(" * 3_000_000
    source = Source(text, "cow.prompt")
    for start in range(0, 3_000_000, 10_000):
        assert len(full(source, said(text, Span(start, start + 1), "opened"))) < 400


def test_concise_is_one_line_with_a_mark_for_safe_fixes() -> None:
    text = "/render /clipskip:1.9"
    source = Source(text, "cow.prompt")
    assert concise(source, said(text, "1.9")) == "cow.prompt:1:19: warning[clipskip/fraction-ignored]: 1.9 acts as 1"
    fix = Fix("Write `1`", (Edit(span(text, "1.9"), "1"),))
    assert concise(source, said(text, "1.9", fixes=(fix,))).endswith("acts as 1 [*]")


def test_colours_add_nothing_but_escapes() -> None:
    import re

    text = "/render /clipskip:1.9 a cow"
    fixes = (Fix("Write `1`", (Edit(span(text, "1.9"), "1"),)),)
    diagnostic = said(text, "1.9", "read as 1", help="write `1`", fixes=fixes)
    painted = full(Source(text, "cow.prompt"), diagnostic, paint=coloured)
    assert "\x1b[1;33m^^^\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == full(Source(text, "cow.prompt"), diagnostic)


def test_statistics_count_by_rule() -> None:
    assert statistics([said("x", "x")] * 12) == "12  clipskip/fraction-ignored"
    assert statistics([]) == ""


def test_wrapping_keeps_every_word() -> None:
    text = "write `1`, or `2` if you meant to skip a layer"
    assert wrapped(text, 20) == ["write `1`, or `2` if", "you meant to skip a", "layer"]
    assert wrapped("", 20) == [""]
    assert visible("a\r\nb") == "a\\r\\nb"
