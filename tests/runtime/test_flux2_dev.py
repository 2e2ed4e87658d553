"""FLUX.2 dev, whose processor sees pictures besides, and the stand-in that reads texts alone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.processors import text_processor
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, call, saying
from tests.runtime.pictures import draw

TALK = [
    [
        {"role": "system", "content": [{"type": "text", "text": "Draw."}]},
        {"role": "user", "content": [{"type": "text", "text": RED}]},
    ]
]
PADDED = {"padding": "max_length", "truncation": True, "max_length": 40, "return_tensors": "pt"}


@pytest.fixture(scope="module")
def whole():
    """The pipeline with the processor of transformers."""
    return tiny.flux2_dev()


@pytest.fixture(scope="module")
def folder(whole, tmp_path_factory):
    root = tmp_path_factory.mktemp("dev") / "flux2"
    whole.save_pretrained(root)
    return root


@pytest.fixture
def plan_of(folder, make_plan):
    """A small plan, with changes."""

    def make(**changes):
        model = Model(name="tiny", family="flux2", path=str(folder), variant="dev")
        plain = {"clip_skip": None, "sampler": "k_euler", "steps": 2, "guidance": 4.0, "size": (32, 16)}
        return make_plan(**{"model": model, "positive": saying(RED), "negative": saying(BAD), **plain, **changes})

    return make


@pytest.mark.parametrize(
    ("guidance", "words", "changes"),
    [
        (4.0, RED, {}),
        (0.0, RED, {}),
        (7.0, RED, {}),
        (7.0, "a red cow " * 9, {"size": (16, 48), "steps": 1, "seed": 2**31}),
        (1.0, "", {"size": (48, 32), "steps": 1}),
    ],
)
def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(whole, plan_of, guidance, words, changes):
    plan = plan_of(guidance=guidance, positive=saying(words), **changes)
    (expected,) = call(plan, pipeline=whole, prompt=words, guidance_scale=guidance)
    assert np.array_equal(draw(plan), np.asarray(expected, dtype=np.int16))


def test_guidance_is_an_input_and_no_negative_prompt_is_read(plan_of):
    plan = plan_of()
    assert not np.array_equal(draw(plan), draw(replace(plan, guidance=1.5)))
    assert np.array_equal(draw(plan), draw(replace(plan, negative=saying(BLUE))))
    with pytest.raises(
        RenderError, match=r"`/true-cfg` cannot be rendered with models of FLUX\.2: the model draws in one pass"
    ):
        draw(replace(plan, true_cfg=2.0))


def test_the_prompt_changes_between_two_steps(plan_of):
    plan = plan_of(steps=3)
    changed = draw(replace(plan, positive=saying(RED, BLUE)))
    assert not np.array_equal(changed, draw(plan))
    assert not np.array_equal(changed, draw(replace(plan, positive=saying(BLUE))))
    assert np.array_equal(draw(replace(plan, positive=saying(RED, RED, RED, BLUE))), draw(plan))


def test_a_pipeline_of_another_variant_is_named(plan_of, tmp_path):
    tiny.klein().save_pretrained(tmp_path / "klein")
    model = Model(name="tiny", family="flux2", path=str(tmp_path / "klein"), variant="dev")
    with pytest.raises(RenderError, match=r"names `transformers\.Qwen3ForCausalLM` as its text encoder"):
        draw(plan_of(model=model))


def test_a_version_of_diffusers_without_the_pipeline_is_said():
    with pytest.raises(RenderError, match=r"diffusers \d\S+ has no `Flux9Pipeline`") as caught:
        libraries.pipeline("Flux9Pipeline")
    assert caught.value.help == "run `pip install -U diffusers`"


def test_texts_and_talks_are_divided_as_by_the_processor_of_transformers(whole, folder):
    ours, theirs = text_processor(str(folder / "tokenizer")), whole.tokenizer
    settings = {"tokenize": True, "return_dict": True, **PADDED}
    found, expected = (each.apply_chat_template(TALK, **settings) for each in (ours, theirs))
    for name in ("input_ids", "attention_mask"):
        assert torch.equal(found[name], expected[name])
    assert int(found["input_ids"][0, 0]) == 1  # one beginning, which the template writes
    short, long = RED, f"{RED} and {BLUE}"
    divided = {"text": [short, long], "padding": True, "padding_side": "left", "return_tensors": "pt"}
    assert torch.equal(ours(**divided)["input_ids"], theirs(**divided)["input_ids"])
    single = ours.apply_chat_template(TALK[0], tokenize=True, return_dict=False)
    assert single == ours.apply_chat_template(TALK, tokenize=True, return_dict=False)


def test_a_template_of_its_own_file_is_read(tmp_path):
    tokenizer = tiny.bytes_tokenizer(tiny.MISTRAL_MARKS)
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "chat_template.json").write_text(json.dumps({"chat_template": tiny.MISTRAL_TALK}))
    assert text_processor(str(tmp_path)).tokenizer.chat_template == tiny.MISTRAL_TALK
