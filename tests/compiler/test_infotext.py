"""What stable-diffusion-webui reads back from a picture is the whole prompt."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.exporters.infotext import infotext


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
