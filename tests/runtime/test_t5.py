"""FLUX.1, Chroma and Stable Diffusion 3, whose prompt T5 reads, from folders, as diffusers draws them."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace

import diffusers
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from promptlang.models.folders import identify_folder
from promptlang.plans.plan import Conditioning, Model, Network, Run
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.families.language import chroma, flux, sd3
from promptlang_runtime.models import libraries
from promptlang_runtime.models.places import find_all
from tests.runtime import language
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, broken, saying
from tests.runtime.pictures import draw, low_rank, merged, opened, without_alpha

BUILDERS = {
    "flux": tiny.flux,
    "schnell": lambda: tiny.flux(is_guided=False),
    "chroma": tiny.chroma,
    "sd3": tiny.sd3,
}
NAMES = tuple(BUILDERS)
READS = {"flux": flux.reads, "chroma": chroma.reads, "sd3": sd3.reads}
CFG = ("chroma", "sd3")
LAYER = "transformer_blocks.0.attn.to_q"


@pytest.fixture(scope="session")
def pipelines():
    """Models by name, each made once."""
    return {name: build() for name, build in BUILDERS.items()}


@pytest.fixture(scope="session")
def folders(pipelines, tmp_path_factory):
    """The models by name, written."""
    root = tmp_path_factory.mktemp("t5")
    for name, pipeline in pipelines.items():
        pipeline.save_pretrained(root / name)
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
            "negative": saying(BAD if name in CFG else ""),
            "clip_skip": None,
            "sampler": "k_euler",
            "steps": 2,
            "guidance": 4.0,
            "size": (32, 16),
        }
        return make_plan(**{**plain, **changes})

    return make


@pytest.fixture
def call(pipelines):
    """The pictures of diffusers, which reads texts itself and is told the number of the plan."""

    def pictures(name, plan, **arguments):
        against = {"negative_prompt": BAD} if name in CFG else {}
        settings = {"guidance_scale": plan.guidance, **against, **arguments}
        found = language.call(plan, pipeline=pipelines[name], **settings)
        return [np.asarray(each, dtype=np.int16) for each in found]

    return pictures


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(name, plan_of, call):
    plan = plan_of(name)
    (expected,) = call(name, plan)
    assert expected.shape == (16, 32, 3)
    assert np.array_equal(draw(plan), expected)


def test_sd3_says_how_large_a_picture_it_has_places_for(plan_of):
    assert draw(plan_of("sd3", size=(64, 64), steps=1)).shape == (64, 64, 3)
    with pytest.raises(
        RenderError, match="32x80 is larger than <tiny> draws, whose pictures have at most 64 pix"
    ) as said:
        draw(plan_of("sd3", size=(32, 80)))
    assert said.value.help == "write `/size:32x64`"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("size", "words", "number"), [((16, 48), "a red cow " * 9, 7.0), ((48, 32), "", 1.0)])
def test_a_plain_plan_of_any_size_length_and_guidance_is_too(name, size, words, number, plan_of, folders, call):
    plan = plan_of(name, size=size, positive=saying(words), guidance=number, steps=1, seed=2**31)
    pipeline = opened(plan).family.folder.pipeline
    theirs = getattr(diffusers, pipeline).from_pretrained(folders / name)  # its tensors lie as ours do
    against = {"negative_prompt": BAD} if name in CFG else {}
    (expected,) = language.call(plan, pipeline=theirs, prompt=words, guidance_scale=number, **against)
    assert np.array_equal(draw(plan), np.asarray(expected, dtype=np.int16))


def test_a_model_is_opened_without_a_word_about_the_code_of_diffusers(folders):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        libraries.pipeline_from("ChromaPipeline", str(folders / "chroma"), given={}, dtype=torch.float32)


@pytest.mark.parametrize("name", NAMES)
def test_several_pictures_each_have_their_seed(name, plan_of, call):
    plan = plan_of(name, images=2)
    found = [np.asarray(each) for each in render(plan, device="cpu")]
    for ours, theirs in zip(found, call(name, plan), strict=True):
        assert np.array_equal(ours, theirs)
    assert not np.array_equal(found[0], found[1])


@pytest.mark.parametrize("name", NAMES)
def test_a_solver_draws_sd3_as_diffusers_does(name, plan_of, call):
    plan = plan_of(name, sampler="dpm2m", steps=3)
    if name == "sd3":
        assert np.array_equal(draw(plan), *call(name, plan, scheduler=tiny.solver))
        return
    with pytest.raises(RenderError, match="the sampler `dpm2m` cannot draw with a flow-matching model"):
        draw(plan)


@pytest.mark.parametrize("name", NAMES)
def test_prompt_seed_steps_and_schedule_act(name, plan_of):
    plan = plan_of(name, steps=3)
    plain = draw(plan)
    for changes in ({"positive": saying(BLUE)}, {"seed": 8}, {"steps": 4}, {"schedule": "karras"}):
        assert not np.array_equal(draw(replace(plan, **changes)), plain), changes


def test_guidance_is_an_input_of_dev_and_nothing_to_schnell(plan_of, call):
    dev, schnell = replace(plan_of("flux"), guidance=9.0), plan_of("schnell")
    assert np.array_equal(draw(dev), *call("flux", dev))
    assert not np.array_equal(draw(dev), draw(plan_of("flux")))
    other = replace(schnell, guidance=9.0, negative=saying(BLUE))
    assert np.array_equal(draw(other), draw(schnell))


def test_a_negative_prompt_of_dev_counts_with_true_cfg_alone(plan_of, call):
    plan = plan_of("flux", negative=saying(BAD))
    assert np.array_equal(draw(plan), *call("flux", plan))
    guided = replace(plan, true_cfg=2.0)
    assert np.array_equal(draw(guided), *call("flux", plan, true_cfg_scale=2.0, negative_prompt=BAD))
    assert not np.array_equal(draw(replace(guided, negative=saying(BLUE))), draw(guided))
    empty = replace(guided, negative=saying(""))
    assert np.array_equal(draw(empty), *call("flux", plan, true_cfg_scale=2.0, negative_prompt=""))
    pair = replace(guided, images=2)
    expected = call("flux", pair, true_cfg_scale=2.0, negative_prompt=BAD)
    for ours, theirs in zip(render(pair, device="cpu"), expected, strict=True):
        assert np.array_equal(np.asarray(ours), theirs)


@pytest.mark.parametrize("name", ["schnell", *CFG])
def test_true_cfg_elsewhere_is_refused(name, plan_of):
    plan = plan_of(name, true_cfg=2.0)
    for look in (draw, find_all):
        with pytest.raises(RenderError, match="`/true-cfg` cannot be rendered with models of"):
            look(plan)
    draw(replace(plan, true_cfg=1.0))


@pytest.mark.parametrize("name", CFG)
def test_guidance_is_cfg(name, plan_of, call):
    plan = plan_of(name)
    assert np.array_equal(draw(replace(plan, negative=saying(""))), *call(name, plan, negative_prompt=""))
    off = replace(plan, guidance=1.0)
    assert np.array_equal(draw(off), *call(name, off))
    assert np.array_equal(draw(replace(off, negative=saying(BLUE))), draw(off))
    assert not np.array_equal(draw(replace(plan, negative=saying(BLUE))), draw(plan))
    assert not np.array_equal(draw(replace(plan, guidance=0.0)), draw(off))


def read(plan, *runs):
    """What the denoiser is told of weighted text."""
    model = opened(plan)
    return READS[plan.model.family](model, plan, [runs])("", runs)


def encoded(pipeline, part, ids):
    """The states of T5, which attends to all of them."""
    with torch.no_grad():
        return getattr(pipeline, part)(torch.tensor([ids])).last_hidden_state


@pytest.mark.parametrize(("name", "part"), [("flux", "text_encoder_2"), ("sd3", "text_encoder_3")])
@pytest.mark.parametrize("weighting", ["a1111", "a1111-no-norm", "comfy"])
def test_weights_act_on_t5_as_their_owners_formula_says(name, part, weighting, plan_of, pipelines):
    plan, pipeline = plan_of(name, weighting=weighting), pipelines[name]
    words, length = [("a ", 1.0), ("red", 1.5), (" cow", 0.25)], {"flux": 512, "sd3": 256}[name]
    tokenizer = pipeline.tokenizer_2 if name == "flux" else pipeline.tokenizer_3
    pieces = [(id, weight) for text, weight in words for id in tokenizer(text, add_special_tokens=False).input_ids]
    ids = [*(id for id, _ in pieces), 1]
    weights = torch.ones(1, length, 1)
    weights[0, : len(pieces), 0] = torch.tensor([weight for _, weight in pieces])
    states = encoded(pipeline, part, [*ids, *(0,) * (length - len(ids))])
    expected = {
        "a1111": states * weights * (states.mean() / (states * weights).mean()),
        "a1111-no-norm": states * weights,
        "comfy": (empty := encoded(pipeline, part, [1, *(0,) * (length - 1)])) + weights * (states - empty),
    }[weighting]
    found = read(plan, *(Run(text, weight) for text, weight in words))
    assert (found.states[:, -length:] - expected).abs().max() < 1e-5
    plain = read(plan, *(Run(text) for text, _ in words))
    assert torch.equal(found.pooled, plain.pooled)
    assert not torch.allclose(found.states, plain.states)


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_drawn(name, plan_of):
    plan = plan_of(name)
    plain = draw(plan)
    assert not np.array_equal(draw(replace(plan, positive=saying(RED, weight=1.5))), plain)
    assert not np.array_equal(draw(replace(plan, positive=saying(RED, weight=0.5), weighting="compel")), plain)
    if name in CFG:
        assert not np.array_equal(draw(replace(plan, negative=saying(BAD, weight=0.5))), plain)


def test_what_fills_a_text_up_is_not_attended_to_by_the_t5_of_chroma(plan_of, pipelines):
    with torch.no_grad():
        states, _, mask, *_ = pipelines["chroma"].encode_prompt(RED, do_classifier_free_guidance=False)
    found = read(plan_of("chroma"), Run(RED))
    assert torch.equal(found.states, states)
    assert torch.equal(found.mask, mask)


@pytest.mark.parametrize("name", NAMES)
def test_a_long_text_is_read_to_its_end_on_both_sides_alike(name, plan_of):
    long = "cow " * 600
    plan = plan_of(name, positive=saying(f"{long} red"))
    tokens = read(plan, Run(f"{long} red")).states.shape[1]
    assert tokens > 600
    assert not np.array_equal(draw(plan), draw(replace(plan, positive=saying(f"{long} blue"))))


@pytest.mark.parametrize(("written", "skipped"), [(None, 0), (1, 0), (2, 0), (3, 1), (13, 11)])
def test_clip_skip_moves_both_clips_of_sd3_and_not_t5(written, skipped, plan_of, call):
    plan = plan_of("sd3", clip_skip=written, guidance=1.0)
    (theirs,) = call("sd3", plan, clip_skip=skipped)
    assert np.abs(draw(plan) - theirs).max() <= (skipped > 0)  # a state that nothing follows is rounded otherwise
    plain = read(replace(plan, clip_skip=None), Run(RED))
    found = read(plan, Run(RED))
    assert torch.equal(found.states[:, 77:], plain.states[:, 77:])
    assert torch.equal(found.pooled, plain.pooled)
    assert torch.equal(found.states[:, :77], plain.states[:, :77]) is (skipped == 0)


def test_clip_skip_beyond_the_layers_is_said(plan_of):
    with pytest.raises(RenderError, match="clip skip must be 1 to 13 for a text encoder of 12 layers, found 14"):
        draw(plan_of("sd3", clip_skip=14))


def test_a_break_parts_the_chunks_of_clip_and_is_a_blank_to_t5(plan_of):
    plan = plan_of("sd3")
    both = read(plan, Run("a cow", ends_chunk=True), Run(" a field"))
    cow, field = read(plan, Run("a cow")), read(plan, Run(" a field"))
    assert torch.equal(both.states[:, :154], torch.cat([cow.states[:, :77], field.states[:, :77]], dim=1))
    assert torch.equal(both.states[:, 154:], read(plan, Run("a cow"), Run(" a field")).states[:, 77:])
    assert torch.equal(both.pooled, cow.pooled)
    assert draw(replace(plan, positive=saying("cow " * 100))).shape == (16, 32, 3)


@pytest.mark.parametrize("side", ["positive", "negative"])
def test_a_prompt_of_sd3_changes_between_two_steps(side, plan_of):
    plan = plan_of("sd3", steps=3)
    first = getattr(plan, side).branches[0].segments[0].runs[0].text
    found = draw(replace(plan, **{side: saying(first, BLUE)}))
    assert not np.array_equal(found, draw(plan))
    assert not np.array_equal(found, draw(replace(plan, **{side: saying(BLUE)})))
    assert np.array_equal(draw(replace(plan, **{side: saying(first, first, first, BLUE)})), draw(plan))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler": "heun"}, "the sampler `heun` cannot draw with a flow-matching model"),
        ({"schedule": "normal"}, "the schedule `normal` cannot be drawn with a flow-matching model"),
        ({"size": (40, 16)}, "40x16 is no size of"),
        ({"rescale": 0.5}, "`/rescale` cannot be rendered with models of"),
        ({"freeu": (0.9, 0.2, 1.1, 1.2)}, "`/freeu` cannot be rendered with models of"),
        (
            {"positive": Conditioning(branches=(*saying(RED).branches, *saying(BLUE).branches), combine="blend")},
            "several prompts",
        ),
    ],
)
def test_what_these_families_cannot_do_is_said(name, plan_of, changes, message):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(name, **changes))


@pytest.mark.parametrize("name", ["flux", "schnell", "chroma"])
def test_a_prompt_that_changes_between_steps_is_refused(name, plan_of):
    with pytest.raises(RenderError, match="a prompt that changes between steps cannot be drawn with models of"):
        draw(plan_of(name, positive=saying(RED, BLUE)))


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
        ({"vae": [None, None]}, "names no vae"),
        ({"transformer": [None, None]}, "names no transformer"),
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
    with pytest.raises(RenderError, match="its `transformer` has no weights") as caught:
        draw(plan_of(name, folder=tmp_path / "broken"))
    assert "\n" not in caught.value.message
