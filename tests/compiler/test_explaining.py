"""Explanations of statements tell what is drawn, not the template it comes from."""

from __future__ import annotations

import pytest

from promptlang import compile, explain, explain_file
from promptlang.lowering.explaining import explain_drawn


def test_variants_are_listed_and_the_first_is_explained() -> None:
    told = explain("/render /parser:new /variants:all a {red|(blue:1.2)} cow")
    assert told.variants == ("a red cow", "a (blue:1.2) cow")
    assert told.weights == [("a red cow", 1.0)]
    assert told.token_count == 3
    assert (told.text, told.images) == ("a {red|(blue:1.2)} cow", 2)


def test_a_random_variant_is_the_one_that_the_plan_draws() -> None:
    told = explain("/render /variants:random /seed:3 a {red|blue|green} cow")
    (plan,) = told.plans
    assert told.variants == ("".join(run.text for run in plan.positive.branches[0].segments[0].runs),)


def test_variants_that_are_off_are_text() -> None:
    told = explain("/render a {red|blue} cow")
    assert (told.variants, told.weights) == ((), [("a {red|blue} cow", 1.0)])


@pytest.mark.parametrize(("call", "combine"), [("blend", "blend"), ("and", "concatenate")])
def test_prompts_that_compel_joins_are_laid_out_one_by_one(call: str, combine: str) -> None:
    text = f'("a cow", "a (dog)1.3").{call}(0.7, 0.3)'
    for told in (explain(f"/render /parser:compel {text}"), explain_drawn(text, "compel")):
        assert told.weights == [("a cow", 1.0), ("a", 1.0), (" dog", 1.3)]
        assert told.conjunction == [("a cow", 0.7), ("a dog", 0.3)]
        assert (told.combine, len(told.chunks), told.token_count) == (combine, 2, 4)


def test_a_recipe_is_filled_in_before_schedules_are_laid_out() -> None:
    text = "/recipe #c /parser:a1111 [cow:horse:0.5] $prompt\n/render #c in rain"
    assert explain(text).schedule == [(10, "cow in rain"), (20, "horse in rain")]


def test_a_bare_prompt_is_drawn_without_its_network_tags() -> None:
    text = "a (cow) <lora:x:0.5> [b:c:0.5]"
    told = explain_drawn(text, "a1111")
    assert [(part.strip(), weight) for part, weight in told.weights] == [("a", 1.0), ("cow", 1.1), ("b", 1.0)]
    assert (told.text, told.token_count) == (text, 3)
    assert [(call.name, call.weight) for call in told.networks] == [("x", 0.5)]
    assert explain(text, parser="a1111").token_count > 3, "the owner's answer to the text as it stands"


@pytest.mark.parametrize("text", ["/landscape", "/steps:30\n/render a cow"])
def test_options_alone_are_the_statement_that_they_draw(text: str) -> None:
    assert explain_file(text)[0].plans == compile(text).plans[:1]
