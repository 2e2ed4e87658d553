"""The chunks that `explain` shows are the ids that the text encoder is given: every dialect, thousands of prompts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from promptlang.lowering.explaining import explain_file
from promptlang.meaning.project import Project
from promptlang.tables.dialects import DEFAULT, DIALECTS
from promptlang_runtime.conditioning.encode import PromptEncoder
from promptlang_runtime.executors.networks import applied
from tests.thorough import many

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "real_prompts.txt"
EVERY = 40  # prompts between two of the corpus that are tried

WORDS = (
    *("cow", "red barn", "sun", "flower", "a photo of", "8k", "masterpiece", "it's", ":(", "!!", "... ", "-", "_x_"),
    *("日本の城", "a\u200bcow", "naïve", "e\u0301t\u00e9", "Σίσυφος", "ＡＢ", "\u00a0", "🎨", "\ufffd", "<b>", "C++"),
)
JOINTS = (" ", ", ", "", ". ", "; ", "\n", " " * 3)
GROUPS = {
    "old": ("({})", "[{}]", "(({}))", "<zorb>", "<wide:0.5>"),
    "new": ("({})", "({}:1.3)", "({}:1)", "[{}]", "({}:0.4)", "<zorb>", "<Ink:0.7>", "<wide>", "<none>"),
    "a1111": (
        "({})",
        "({}:1.0)",
        "[{}]",
        "{} BREAK ",
        "[{}:cat:0.5]",
        "[{}|dog]",
        "{} AND ",
        "<lora:x:1>",
        "BREAK " * 2,
    ),
    "comfy": (
        *("({})", "({}:1.0)", "({}:0.3)", "(({}))", "({}", "{})", " embedding:zorb", " embedding: wide,"),
        *("(embedding:ink:1.2)", " embedding:Zorb", " embedding:none "),
    ),
    "compel": (
        "({})+",
        "({})0.6",
        "({})0",
        "{}--",
        "({}).swap(dog)",
        '("{}", "dog").blend(0.3, 0.7)',
        '("{}", "a").and()',
    ),
    "novelai": ("{{{}}}", "{{{{{}}}}}", "[{}]", "1.5::{}::", "0.4::{} ::", "-1::{}::", "{{{}", "{}]"),
    "swarm": (
        *("({})", "({}:1.3)", "<break>", "<alternate:{}, dog>", "<fromto[0.5]:{}, cat>", "<repeat[2]:{} >"),
        *("<lora:x>", "<embed:zorb>", "<setvar[n]:{}> <var:n>"),
    ),
}


class Spy(nn.Module):
    """A text encoder that says nothing and remembers what it was given without a mask, each chunk once."""

    def __init__(self) -> None:
        super().__init__()
        self.final_layer_norm = nn.LayerNorm(1)
        self.given: list[tuple[int, ...]] = []

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None) -> SimpleNamespace:
        if attention_mask is None:
            self.given.append(tuple(input_ids[0].tolist()))
        return SimpleNamespace(last_hidden_state=torch.zeros(1, 77, 1))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, vectors in (("zorb", 2), ("wide", 9), ("ink", 1)):
        save_file({"emb_params": torch.zeros(vectors, 64)}, folder / f"{name}.safetensors")
    return Project(folders=(folder,))


def random_text(random: Random, parser: str) -> str:
    """Words with groups of the dialect between them, one in four long enough for several chunks."""
    pieces: list[str] = []
    for _ in range(random.randint(1, 8)):
        several = random.choice((1, 1, 2, 3, 7, 8, 20, 75)) if random.random() < 0.5 else 1
        words = random.choice(JOINTS).join(random.choice(WORDS) for _ in range(several))
        group = random.choice(GROUPS[parser]) if random.random() < 0.5 else "{}"
        pieces.append(group.format(words))
    return random.choice(JOINTS[:3]).join(pieces)


def statement(parser: str, text: str, below: str) -> str:
    return f"/render {'' if parser == DEFAULT else f'/parser:{parser} '}{text} /negative {below}"


def assert_encoded(model, text: str, project: Project) -> int:
    """Both sides of every explained statement; how many chunks were compared."""
    compared = 0
    for told in explain_file(text, project=project):
        if not told.plans:
            continue
        plan = told.plans[0]
        inversions = tuple(each for each in plan.networks if each.kind == "inversion" and each.path)
        with applied(model, replace(plan, networks=inversions)) as ready:
            words = ready.inversions.ids
        for side, chunks in ((plan.positive, told.chunks), (plan.negative, told.negative_chunks)):
            spy = Spy()
            encoder = PromptEncoder(view=spy, weighting=plan.weighting, words=words, encoded={})
            for branch in side.branches:
                encoder.embed(branch.segments[0].runs)
            (empty,) = encoder.layout.chunks((), words).chunks  # weights are measured from it
            shown = dict.fromkeys(chunk.ids for chunk in chunks)
            assert [ids for ids in spy.given if ids != empty.ids] == [ids for ids in shown if ids != empty.ids], text
            assert empty.ids in spy.given or empty.ids not in shown, text
            compared += len(chunks)
    return compared


@pytest.mark.parametrize("parser", DIALECTS)
def test_random_prompts(demo, project, parser):
    random, prompts, compared = Random(f"{parser} laid out"), many(600), 0
    for _ in range(prompts):
        text = statement(parser, random_text(random, parser), random_text(random, parser))
        compared += assert_encoded(demo, text, project)
    assert compared > 2 * prompts, "most prompts have a plan, and many are long"


@pytest.mark.parametrize("parser", DIALECTS)
def test_real_prompts(demo, parser):
    if not CORPUS.exists():
        pytest.skip(f"there is no corpus at {CORPUS}")
    lines = CORPUS.read_text(encoding="utf-8").splitlines()[::EVERY]
    text = "\n".join(statement(parser, line, line[:40]) for line in lines)
    assert assert_encoded(demo, text, Project()) > len(lines)
