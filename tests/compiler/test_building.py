"""A statement made of its parts is the one that somebody would have written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import promptlang
from promptlang.lowering.building import Strength
from promptlang.plans.json import content_hash
from promptlang.tables.dialects import DIALECTS
from tests.thorough import many

WRITTEN: dict[str, dict[str, Any]] = {
    "/clipskip:2 /steps:30": {"clipskip": 2, "steps": 30},
    "/steps:10|20 /guidance:4|7.5": {"steps": [10, 20], "guidance": [4, 7.5]},
    "/size:512x768 /freeu:0.9,0.2,1.1,1.2": {"size": (512, 768), "freeu": (0.9, 0.2, 1.1, 1.2)},
    "/portrait /karras": {"portrait": True, "karras": True, "seed": None, "wide": False},
    '/sampler:"Euler a" /true-cfg:2 /rescale:0.123456789': {
        "sampler": "Euler a",
        "true_cfg": 2,
        "rescale": 0.123456789,
    },
}


@pytest.mark.parametrize("written", WRITTEN)
def test_options_are_those_of_the_language(written: str) -> None:
    built = promptlang.build("a (cow:1.2)", "ugly", parser="new", **WRITTEN[written])
    plans = promptlang.compile(f"/render /parser:new {written} a (cow:1.2)\n/negative ugly").plans
    assert plans
    assert [content_hash(each) for each in built.plans] == [content_hash(each) for each in plans]
    assert built.plans == promptlang.compile(built.text).plans


@pytest.mark.parametrize(
    ("parser", "loras", "text"),
    [
        ("a1111", {"ink": 0.5}, "/render /parser:a1111\na cow <lora:ink:0.5>"),
        ("new", {"ink": 0.5}, "/render /parser:new\na cow <ink:0.5>"),
        ("comfy", {"ink": 0.5}, "/set <ink:0.5>\n/render /parser:comfy\na cow"),
        ("a1111", {"ink": (0.5, 1)}, "/render /parser:a1111\na cow <lora:ink:1:0.5>"),
        ("swarm", {"ink": (0.5, 1)}, "/render /parser:swarm\na cow <lora:ink:0.5:1>"),
        (
            "compel",
            {"ink": (0.5, 1)},
            "/render /parser:compel\n# not read here: ink on the text encoder: 1\na cow withLora(ink, 0.5)",
        ),
    ],
)
def test_networks_are_called_as_the_dialect_calls_them(parser: str, loras: dict[str, Strength], text: str) -> None:
    assert promptlang.build("a cow", parser=parser, loras=loras).text == text


def test_what_cannot_be_is_said() -> None:
    built = promptlang.build("a cow", parser="new", steps=0, sampler="nothing")
    assert built.plans == ()
    assert {each.rule.name for each in built.diagnostics} >= {"steps/out-of-range", "sampler/unknown-value"}
    for wrong in ("stepz", "negative_prompt", "parser_", "scheduler_"):
        with pytest.raises(TypeError, match="build"):
            promptlang.build("a cow", **{wrong: 4})  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="write `true_cfg`"):
        promptlang.build("a cow", true_cgf=2)
    with pytest.raises(ValueError, match="no dialect is called `newer`"):
        promptlang.build("a cow", parser="newer")


@settings(max_examples=many(30), deadline=None)
@given(
    words=st.lists(
        st.sampled_from(
            ("a cow", "/steps:3", "either/or", "#tag", "# x", "(b:1.2)", "\n", "/negative", "<x>", "http://y")
        ),
        min_size=1,
        max_size=5,
    ),
    parser=st.sampled_from(sorted(name for name, row in DIALECTS.items() if row.is_written)),
)
def test_words_stay_words(words: list[str], parser: str) -> None:
    """No word becomes an option, a recipe, a comment or another side; a dialect without a spelling for it says so."""
    prompt = " ".join(words).strip()
    try:
        built = promptlang.build(prompt, "ugly", parser=parser, steps=7)
    except ValueError:
        return
    (statement,) = promptlang.parse(built.text).statements
    assert (statement.positive.text.strip(), statement.negative.text.strip()) == (prompt, "ugly")
    assert [each.name for each in statement.options] == ["parser", "steps", "negative"][parser == "old" :]
    assert not statement.recipes
    assert not statement.comments
