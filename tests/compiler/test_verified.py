"""The compiler never emits a plan that `verify` rejects, whatever the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from promptlang.checks.rules import RULES
from promptlang.lowering.lower import compile
from promptlang.plans.json import from_json, to_json, verify
from promptlang.plans.plan import Plan
from tests.compiler.odd import files
from tests.golden.cases import FOLDER, MARK, blocks

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "real_prompts.txt"
EVERY = 100  # prompts between two that are tried
DIALECTS = ("", "/parser:new ", "/parser:a1111 ", "/parser:comfy ", "/parser:compel ")


def rejected(text: str) -> list[tuple[str, ...]]:
    """What `verify` says of the plans of a text; they are read back from their JSON."""
    plans: tuple[Plan, ...] = compile(text).plans
    return [problems for plan in plans if (problems := verify(from_json(to_json(plan))))]


@given(some.one_of(files))
def test_odd_statements(text: str) -> None:
    """Numbers too large, empty parts, brackets of every kind, options with other options' values."""
    assert rejected(text) == []


@pytest.mark.parametrize("text", [rule.example for rule in RULES.values()], ids=list(RULES))
def test_examples_of_rules(text: str) -> None:
    """What is wrong enough to have no plan is an error, everything else has a good one."""
    assert rejected(text) == []


def test_golden_cases() -> None:
    """Every prompt that a case shows."""
    shown = {block.prompt for path in FOLDER.rglob("*.md") for block in blocks(path)}
    assert len(shown) > 100
    assert [text for text in shown if rejected(text.replace(MARK, ""))] == []


@pytest.mark.parametrize("parser", DIALECTS, ids=lambda parser: parser.strip() or "old")
def test_real_prompts(parser: str) -> None:
    """As prompt and as negative prompt, in every dialect."""
    if not CORPUS.exists():
        pytest.skip(f"there is no corpus at {CORPUS}")
    for line in CORPUS.read_text(encoding="utf-8").splitlines()[::EVERY]:
        prompt = line.replace("\\n", "\n")
        for text in (f"/render {parser}{prompt}", f"/render {parser}a cow /negative {prompt}"):
            assert rejected(text) == [], text
