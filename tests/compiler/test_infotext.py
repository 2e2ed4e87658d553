"""What stable-diffusion-webui reads back from a picture is the whole prompt."""

from __future__ import annotations

from dataclasses import replace

import pytest

import promptlang
from promptlang.exporters.infotext import infotext
from promptlang.plans.plan import Network


def webui_reads(text: str) -> tuple[str, str]:
    """Prompt and negative prompt as `parse_generation_parameters` of webui tells them apart."""
    *lines, _ = text.strip().split("\n")
    sides: tuple[list[str], list[str]] = ([], [])
    side = 0
    for line in map(str.strip, lines):
        if line.startswith("Negative prompt:"):
            side, line = 1, line.removeprefix("Negative prompt:").strip()
        sides[side].append(line)
    return "\n".join(sides[0]), "\n".join(sides[1])


@pytest.mark.parametrize("dialect", ["a1111", "new", "comfy"])
@pytest.mark.parametrize("words", ["a cow\nNegative prompt: a hill", "Negative prompt: a cow", "a\n  Steps: 3"])
def test_a_line_that_names_the_next_part_is_read_as_prompt(dialect: str, words: str) -> None:
    (plan,) = promptlang.compile(f"/render /parser:{dialect} {words} /negative blue\nNegative prompt: red").plans
    positive, negative = webui_reads(infotext(plan, 1))
    assert positive.split() == words.replace("Negative", "negative").replace("Steps", "steps").split()
    assert negative.split() == ["blue", "negative", "prompt:", "red"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/recipe #x red\n/render /parser:a1111 a #x [cow:hen:0.5]", "a red [cow:hen:0.5]"),
        ("/recipe #x red\n/render /parser:a1111 /variants:all a #x {cow}", "a red cow"),
        ("/render /parser:swarm a <fromto[0.5]:cow,hen>", "a [cow:hen:0.5]"),
        ("/render /parser:swarm <alternate:cow,hen> here", "[cow|hen] here"),
        ("/render /parser:comfy a (red:1.2) cow", "a (red:1.2) cow"),
    ],
)
def test_what_is_drawn_is_said(text: str, expected: str) -> None:
    """Recipes are written out, and words that change do so in webui's way."""
    assert infotext(promptlang.compile(text).plans[0], 1).splitlines()[0] == expected


def test_a_negative_prompt_with_a_recipe_is_written_out() -> None:
    (plan,) = promptlang.compile("/recipe #x ugly\n/render /parser:a1111 a cow /negative bad #x").plans
    assert infotext(plan, 1).splitlines()[:2] == ["a cow", "Negative prompt: bad ugly"]


def test_networks_of_other_statements_are_called() -> None:
    """What `/set` adds stands in no prompt."""
    (plan,) = promptlang.compile("/render /parser:a1111 a cow <lora:ink:0.5>").plans
    plan = replace(plan, networks=tuple(Network(name=name, kind="lora", weight=0.5) for name in ("ink", "oak")))
    assert infotext(plan, 1).splitlines()[0] == "a cow <lora:ink:0.5> <lora:oak:0.5>"
