"""Real prompts through the hosted service's two dialects and ComfyUI's: none is lost on the way to a tree and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.dialects.dialect import dialect
from promptlang.source import Passage
from promptlang.syntax.weighing import sides
from tests.thorough import sampled

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "real_prompts.txt"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["old", "new", "comfy"])
def test_real_prompts_are_written_back(name: str) -> None:
    """Reading what was printed gives the same weighted words and the same concepts, and prints the same again."""
    if not CORPUS.exists():
        pytest.skip(f"there is no corpus at {CORPUS}")
    owner = dialect(name)
    for line in sampled(CORPUS.read_text(encoding="utf-8").splitlines()):
        parts = owner.parse(Passage(line)).parts
        again = owner.parse(Passage(owner.write(parts))).parts
        before, after = sides(parts), sides(again)
        assert (before.positive, before.negative) == (after.positive, after.negative), line
        assert [(each.node.name, each.weight) for each in before.concepts] == [
            (each.node.name, each.weight) for each in after.concepts
        ], line
        assert owner.write(again) == owner.write(parts), line
