"""FLUX.1 and Chroma, whose prompt T5 reads, from folders, as diffusers draws them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import save_file

from promptlang.models.folders import identify_folder
from promptlang.plans.plan import Conditioning, Model, Network
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.models.places import find_all
from tests.runtime import language
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, broken, saying
from tests.runtime.pictures import draw, low_rank, merged, opened, without_alpha

BUILDERS = {
    "flux": tiny.flux,
    "schnell": lambda: tiny.flux(is_guided=False),
    "chroma": tiny.chroma,
}
NAMES = tuple(BUILDERS)
LAYER = "transformer_blocks.0.attn.to_q"


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Models by name, each written once."""
    root = tmp_path_factory.mktemp("t5")
    for name, build in BUILDERS.items():
        build().save_pretrained(root / name)
    return root


@pytest.fixture
def plan_of(make_plan, folders):
    """A small plan for a model of what its folder says it is, with changes."""

    def make(name, *, folder=None, **changes):
        place = folder or folders / name
        found = identify_folder(place)
        plain = {
            "model": Model(name="tiny", family=found.family, path=str(place), variant=found.variant),
            "positive": saying(RED),
            "negative": saying(BAD if name == "chroma" else ""),
            "clip_skip": None,
            "sampler": "k_euler",
            "steps": 2,
            "guidance": 4.0,
            "size": (32, 16),
        }
        return make_plan(**{**plain, **changes})

    return make


def call(plan, **arguments):
    """The pictures of diffusers, which is told the number of the plan."""
    return language.call(plan, **{"guidance_scale": plan.guidance, **arguments})


def by_hand(plan, **arguments):
    return np.asarray(call(plan, **arguments)[0], dtype=np.int16)


def told(name):
    """What diffusers is told against."""
    return {"negative_prompt": BAD} if name == "chroma" else {}


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(name, plan_of):
    plan = plan_of(name)
    expected = by_hand(plan, **told(name))
    assert expected.shape == (16, 32, 3)
    assert np.array_equal(draw(plan), expected)


@pytest.mark.parametrize("name", NAMES)
def test_several_pictures_each_have_their_seed(name, plan_of):
    plan = plan_of(name, images=2)
    found = [np.asarray(each) for each in render(plan, device="cpu")]
    for ours, theirs in zip(found, call(plan, **told(name)), strict=True):
        assert np.array_equal(ours, np.asarray(theirs))
    assert not np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", NAMES)
def test_prompt_seed_steps_and_schedule_act(name, plan_of):
    plan = plan_of(name, steps=3)
    plain = draw(plan)
    for changes in ({"positive": saying(BLUE)}, {"seed": 8}, {"steps": 4}, {"schedule": "karras"}):
        assert not np.array_equal(draw(replace(plan, **changes)), plain), changes


def test_guidance_is_an_input_of_dev_and_nothing_to_schnell(plan_of):
    dev, schnell = plan_of("flux"), plan_of("schnell")
    assert np.array_equal(draw(replace(dev, guidance=9.0)), by_hand(replace(dev, guidance=9.0)))
    assert not np.array_equal(draw(replace(dev, guidance=9.0)), draw(dev))
    other = replace(schnell, guidance=9.0, negative=saying(BLUE))
    assert np.array_equal(draw(other), draw(schnell))


def test_a_negative_prompt_of_dev_counts_with_true_cfg_alone(plan_of):
    plan = plan_of("flux", negative=saying(BAD))
    assert np.array_equal(draw(plan), by_hand(plan))
    guided = replace(plan, true_cfg=2.0)
    assert np.array_equal(draw(guided), by_hand(plan, true_cfg_scale=2.0, negative_prompt=BAD))
    assert not np.array_equal(draw(replace(guided, negative=saying(BLUE))), draw(guided))
    empty = replace(guided, negative=saying(""))
    assert np.array_equal(draw(empty), by_hand(plan, true_cfg_scale=2.0, negative_prompt=""))
    pair = replace(guided, images=2)
    expected = call(pair, true_cfg_scale=2.0, negative_prompt=BAD)
    for ours, theirs in zip(render(pair, device="cpu"), expected, strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize("name", ["schnell", "chroma"])
def test_true_cfg_elsewhere_is_refused(name, plan_of):
    plan = plan_of(name, true_cfg=2.0)
    for look in (draw, find_all):
        with pytest.raises(RenderError, match="`/true-cfg` cannot be rendered with models of"):
            look(plan)
    draw(replace(plan, true_cfg=1.0))


def test_guidance_of_chroma_is_cfg(plan_of):
    plan = plan_of("chroma")
    assert np.array_equal(draw(replace(plan, negative=saying(""))), by_hand(plan))
    off = replace(plan, guidance=1.0)
    assert np.array_equal(draw(off), by_hand(off))
    assert np.array_equal(draw(replace(off, negative=saying(BLUE))), draw(off))
    assert not np.array_equal(draw(replace(plan, negative=saying(BLUE))), draw(plan))
    assert not np.array_equal(draw(replace(plan, guidance=0.0)), draw(off))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler": "dpm2m"}, "the sampler `dpm2m` cannot draw with a flow-matching model"),
        ({"schedule": "normal"}, "the schedule `normal` cannot be drawn with a flow-matching model"),
        ({"size": (40, 16)}, "40x16 is no size of"),
        ({"rescale": 0.5}, "`/rescale` cannot be rendered with models of"),
        ({"freeu": (0.9, 0.2, 1.1, 1.2)}, "`/freeu` cannot be rendered with models of"),
        ({"positive": saying(RED, BLUE)}, "the prompt of a model of .* cannot change between steps"),
        ({"positive": saying(RED, weight=1.2)}, "the weight 1.2 cannot be drawn with models of"),
        ({"negative": saying(RED, weight=0.5)}, "the weight 0.5 cannot be drawn with models of"),
        ({"positive": Conditioning(branches=(*saying(RED).branches, *saying(BLUE).branches))}, "several prompts"),
    ],
)
def test_what_these_families_cannot_do_is_said(name, plan_of, changes, message):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(name, **changes))


@pytest.mark.parametrize("name", NAMES)
def test_a_lora_is_the_merged_model(name, plan_of, tmp_path):
    plan = plan_of(name)
    layers = {f"transformer.{LAYER}": opened(plan).pipeline.transformer.get_submodule(LAYER)}
    pairs = low_rank(layers)
    save_file(without_alpha(pairs, strength=1), tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="lora", weight=0.5, path=str(tmp_path / "ink.safetensors"))
    before, found = draw(plan), draw(replace(plan, networks=(ink,)))
    assert np.array_equal(draw(plan), before)
    with merged(layers, {name: 0.5 * up @ down for name, (down, up) in pairs.items()}):
        expected = draw(plan)
    assert not np.array_equal(found, before)
    assert np.abs(found - expected).max() <= 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vae": [None, None]}, "has no vae"),
        ({"tokenizer": [None, None]}, "has no tokenizer"),
        ({"text_encoder": ["transformers", "GPT2Model"]}, "names `transformers.GPT2Model` as its text encoder"),
    ],
)
def test_a_folder_that_is_not_whole_says_what_is_wrong(name, change, message, plan_of, folders, tmp_path):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(name, folder=broken(folders / name, tmp_path, change)))


@pytest.mark.parametrize("name", NAMES)
def test_a_part_without_weights_is_one_sentence(name, plan_of, folders, tmp_path):
    shutil.copytree(folders / name, tmp_path / "broken")
    for weights in (tmp_path / "broken" / "transformer").glob("*.safetensors"):
        weights.unlink()
    with pytest.raises(RenderError, match="cannot open the model at") as caught:
        draw(plan_of(name, folder=tmp_path / "broken"))
    assert "\n" not in caught.value.message
