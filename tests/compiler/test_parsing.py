"""Parsing is total: any string gives a document, spans nest, and nothing is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from promptlang.checks.checking import check
from promptlang.lowering.lower import compile
from promptlang.source import Span
from promptlang.statements.parsing import parse
from promptlang.syntax.nodes import Branch, Document, Part, Parts, inner, walk
from tests.thorough import many

WORDS = r"""
/render /set /compare #a /parser:new /parser:a1111 /parser:comfy /parser:compel /clipskip:2 /steps:1..4 /negative /seed:
/x /variants:all ( ) [ ] < > :1.2 : | \ \( <a:0.5> <lora:x:1> lora: \< a:1> cow {a|b} __a__ ++ " .and( ×
： 🐄 , AND BREAK $prompt
"""
BLANKS = (" ", "\n", "\r\n", "\r", "# note", "\t", "\0", "\ufeff", "e\u0301", "\u2028", "/recipe #a")
PIECES = st.sampled_from((*WORDS.split(), *BLANKS))
TEXTS = st.one_of(
    st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=25).map(" ".join)
)


def leaves(document: Document) -> str:
    """The text of the pieces between node edges, in order: what the nodes of the tree cover, and what lies between."""
    pieces: list[str] = []
    for start, statement in document.placed():
        spans = [use.span for use in (*statement.options, *statement.recipes, *statement.comments)]
        if statement.command:
            spans.append(statement.command.span)
        edges = sorted({0, len(statement.text), *(edge for span in spans for edge in (span.start, span.end))})
        assert edges[0] == 0
        assert edges[-1] == len(statement.text)
        pieces += (statement.text[left:right] for left, right in pairwise(edges))
        assert document.text[start : start + len(statement.text)] == statement.text
    return "".join(pieces)


def assert_nested(parts: Parts, outer: Span) -> None:
    """Every node lies inside the one above it, and neighbours do not overlap."""
    waiting: list[tuple[tuple[Part | Branch, ...], Span]] = [(parts, outer)]
    while waiting:
        nodes, around = waiting.pop()
        end = around.start
        for node in nodes:
            assert around.contains(node.span)
            assert node.span.start >= end
            end = node.span.end
            waiting.append((inner(node), node.span))


@settings(max_examples=many(300), suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example("/render /parser:new " + "(" * 300 + "a" + ")" * 300)
@example("<lora:\n>")
@example(r"/render /parser:new \<lora:x:1> <<lora:y> lora:z> :0.5> <(a:1)>")
@example("/render a\n/compare /clipskip:1|1.5|2 <x:1> [[b]]")
@example("/render /parser:a1111 AND")
@example("/render /parser:a1111 BREAK<0:0> 0")
@example("/render /parser:a1111 a <l:x> BREAK <l:y> BRE<l:z>AK b")
@example("/render /parser:a1111 [a <l:x> BREAK <l:y>:BRE<l:z>AK<l:v>:0.5] b")
def test_any_text_parses(text: str) -> None:
    """A document, whose statements are the text, with spans inside and nested; checking and compiling never raise."""
    document = parse(text)
    if document.statements:
        assert leaves(document) == text
    for statement in document.statements:
        whole = Span(0, len(statement.text))
        for prompt in (statement.prompt, statement.negative_prompt):
            if prompt is not None:
                assert whole.contains(prompt.span)
                assert_nested(prompt.parts, prompt.span)
    for diagnostic in check(text):
        places = (diagnostic.label, *diagnostic.related)
        assert all(0 <= place.span.start <= place.span.end <= len(text) for place in places)
        edits = [edit for fix in diagnostic.fixes for edit in fix.edits]
        assert all(0 <= edit.span.start <= edit.span.end <= len(text) for edit in edits)
        assert "\n" not in diagnostic.message
    assert compile(text).plans == compile(text).plans


@pytest.mark.parametrize(
    "text",
    [
        "/render /parser:new " + "(" * 50_000,
        "/render /parser:new " + ")" * 50_000,
        "/render /parser:new " + "(" * 25_000 + "a" + ")" * 25_000,
        "/render /parser:new " + "[" * 25_000 + "a)" * 25_000,
        "/render /parser:new " + "<" * 50_000,
        "/render /parser:new " + "(a:" * 25_000,
        "/render " + "\0" * 50_000,
        "/render " + "/steps:20 " * 10_000,
        "/render\n" * 5_000,
        "#x " * 25_000,
        "[" * 50_000,
        "a [b:" * 15_000,
        "BREAK " * 10_000,
        "{" * 50_000,
        "/render /parser:novelai " + "0123456789" * 5_000,
        "/render /parser:swarm " + "([" * 10_000 + "a" + "])" * 10_000,
        "/render /parser:new <a" + " " * 50_000 + "b>",
        "/render /steps:" + "1" * 50_000,
        "/render /steps:" + "1" * 50_000 + "..x",
    ],
    ids=[
        "open",
        "close",
        "deep",
        "crossed",
        "angles",
        "colons",
        "nul",
        "options",
        "statements",
        "recipes",
        "squares",
        "schedules",
        "breaks",
        "braces",
        "digits",
        "pairs",
        "blanks in a name",
        "digits of a value",
        "digits of a range",
    ],
)
def test_no_length_or_depth_is_a_danger(text: str) -> None:
    """Deep and long texts give diagnostics, never a RecursionError."""
    for statement in parse(text).statements:
        assert sum(1 for _ in walk(statement.prompt.parts)) >= 0
    assert len(check(text)) <= len(text)


def test_a_long_line_parses() -> None:
    """Ten million characters are one line of text."""
    text = "/render " + "a red cow, " * 900_000
    (statement,) = parse(text).statements
    assert len(statement.positive.text) > 9_000_000


def test_spans_of_a_gathered_prompt_point_at_the_source() -> None:
    """A prompt that options interrupt still points at its own words."""
    text = "/render /parser:new a (cow:1.2) /steps:20 in a (field)\n/seed:1 now"
    (statement,) = parse(text).statements
    weights = [node.span for node in walk(statement.prompt.parts) if type(node).__name__ == "Weight"]
    assert [text[span.start : span.end] for span in weights] == ["(cow:1.2)", "(field)"]


def test_tags_that_draw_lots_inside_one_another_are_read_as_deep_as_others() -> None:
    """However many stand in one another; what lies deeper is words."""
    text = "<random:(a|" * 250 + "b" + ")>" * 250
    (statement,) = parse(f"/render /parser:swarm {text}").statements
    assert "swarm/draws-lots" in {each.rule.name for each in statement.prompt.diagnostics}
