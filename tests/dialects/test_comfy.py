"""ComfyUI's dialect: weights that replace, brackets that fall back to text, text that survives printing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptlang import explain
from promptlang.dialects.comfy.dialect import parse, weights, write
from promptlang.source import Passage
from promptlang.syntax.nodes import Concept, Weight
from tests.dialects.properties import assert_spans_nest, said, uncovered

TEXTS = st.lists(st.sampled_from(["(", ")", ":", "1.2", "a", " b", "\\", "\\(", "embedding:x", "[", "é", "\n"])).map(
    "".join
)


def answer(text: str) -> list[tuple[str, float]]:
    return list(weights(parse(Passage(text))))


def rules(text: str) -> list[str]:
    return [found.rule.name for found in parse(Passage(text)).diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a (red) hat", [("a ", 1.0), ("red", 1.1), (" hat", 1.0)]),
        ("(a (red:1.5):1.2)", [("a ", 1.2), ("red", 1.5)]),
        ("((a)(b):1.5)", [("a", 1.5 * 1.1), ("b", 1.5 * 1.1)]),
        ("(a:1e1)", [("a", 10.0)]),
        ("(a: 1_0 )", [("a", 10.0)]),
        ("(:1.2)", [(":1.2", 1.1)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("a) (b) c", [("a) (b) c", 1.0)]),
        ("(a (b)", [("a ", 1.1), ("(b", 1.1)]),
        ("(a (b) c", [("(a (b) c", 1.0)]),
        ("\\(a\\) \\\\(b)", [("(a) \\(b)", 1.0)]),
        ("()", []),
    ],
)
def test_weights(text: str, expected: list[tuple[str, float]]) -> None:
    """Each text reads as ComfyUI reads it."""
    assert answer(text) == expected


def test_an_embedding_is_a_concept() -> None:
    """A name behind `embedding:` is called, without its comma."""
    (_, concept, _) = parse(Passage("by embedding:style-x, red")).parts
    assert isinstance(concept, Concept)
    assert (concept.name, concept.kind) == ("style-x", "embedding")
    assert answer("by embedding:style-x, red") == [("by embedding:style-x, red", 1.0)]


def test_a_number_is_marked_absolute() -> None:
    """The number replaces the weights around it."""
    (outer,) = parse(Passage("(a (b:1.5):1.2)")).parts
    assert isinstance(outer, Weight)
    assert outer.absolute


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("(a (b:1.5):1.2)", "comfy/weight-replaces-outer"),
        ("a) (b:1.2)", "comfy/stray-close"),
        ("(a, b", "comfy/unclosed"),
        ("a BREAK b", "comfy/plain-words"),
        ("[a:b:0.5]", "comfy/plain-words"),
    ],
)
def test_rules(text: str, rule: str) -> None:
    """Each surprise has its warning."""
    assert rules(text) == [rule]


@pytest.mark.parametrize("text", ["((a:1.5))"[1:-1], "((a) b)", "a \\) b", "a break b", "[a]"])
def test_near_misses_are_silent(text: str) -> None:
    """What ComfyUI does as expected needs no words."""
    assert rules(text) == []


@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    """Spans nest, every character lies in a node, and the printed text weighs the same."""
    prompt = parse(Passage(text))
    assert_spans_nest(prompt, len(text))
    assert uncovered(prompt, text) == ""
    assert _joined(answer(write(prompt.parts))) == _joined(weights(prompt))


@pytest.mark.parametrize(
    "text",
    [
        "embedding:\\)\\,(",
        "embedding:\\,(< b",
        "embedding:::(embedding:embedding:b",
        "embedding:a(embedding:embedding:(",
    ],
)
def test_calls_that_stand_at_each_other_are_printed(text: str) -> None:
    """A name ends where it ended, and words that begin like a call are none."""
    prompt = parse(Passage(text))
    back = parse(Passage(write(prompt.parts)))
    assert said(back) == said(prompt)


def _joined(pieces: object) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    for text, weight in pieces:  # type: ignore[attr-defined]
        if result and result[-1][1] == repr(weight):
            result[-1] = (result[-1][0] + text, repr(weight))
        elif text:
            result.append((text, repr(weight)))
    return result


@pytest.mark.parametrize("text", ["(" * 100_000, "(" * 100_000 + "a" + ")" * 100_000, ")(" * 50_000, "(a:1.1" * 20_000])
def test_deep_brackets(text: str) -> None:
    """A hundred thousand brackets are read and printed without recursion."""
    prompt = parse(Passage(text))
    assert len(weights(prompt)) == 1
    assert write(prompt.parts)


def test_explain_lays_tokens_out_as_comfy_does() -> None:
    """The chunks of an explanation are the owner's, holes and all, and holes are not counted."""
    first, second = (told := explain(f"{'cat ' * 72}(a red dog in rain:1.5)", parser="comfy")).chunks
    assert first.ids[72:] == (2368, *(49407,) * 4)
    assert second.multipliers[:7] == (1.0, *(1.5,) * 5, 1.0)
    assert told.token_count == 77
