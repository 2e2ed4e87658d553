"""Families whose prompt a language model reads, from folders, as diffusers draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from promptlang.plans.plan import Conditioned, Conditioning, Model, Network, Run, Segment
from promptlang.tables.models.families import family
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, broken, call, saying
from tests.runtime.pictures import draw, low_rank, merged, opened, without_alpha

GUIDANCE = 4.0
SCHEDULERS = {"k_euler": tiny.flow, "dpm2m": tiny.solver}


def from_zero(pipeline, number: float, negative: str) -> Mapping[str, object]:
    """CFG as diffusers counts it from 0 on."""
    return {"guidance_scale": number - 1, "negative_prompt": negative}


def true_cfg(pipeline, number: float, negative: str) -> Mapping[str, object]:
    """CFG by the name that diffusers keeps for it where another guidance is known."""
    return {"true_cfg_scale": number, "negative_prompt": negative or " "}


def encoded_before(pipeline, number: float, negative: str) -> Mapping[str, object]:
    """CFG where the pipeline takes no negative text, but states of one."""
    with torch.no_grad():
        return {"guidance_scale": number, "negative_prompt_embeds": pipeline.encode_prompt(negative)[0]}


def plainly(pipeline, number: float, negative: str) -> Mapping[str, object]:
    return {"guidance_scale": number, "negative_prompt": negative}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A family: its tiny model, a layer for LoRAs, and what a call by hand is told beside the common things."""

    name: str
    build: Callable[[], object]
    layer: str
    guided: Callable[[object, float, str], Mapping[str, object]]
    unguided: Mapping[str, object]
    distilled: str = ""
    variant: str = ""
    changes: tuple[str, ...] = ("positive",)
    sampler: str = "k_euler"
    channels: int = 3
    reader: str = "tokenizer"


KINDS = (
    Kind(
        name="z-image",
        build=tiny.z_image,
        layer="layers.0.attention.to_q",
        guided=from_zero,
        unguided={"guidance_scale": 0.0},
        distilled="turbo",
        changes=("positive", "negative"),
    ),
    Kind(
        name="qwen-image",
        build=tiny.qwen_image,
        layer="transformer_blocks.0.attn.to_q",
        guided=true_cfg,
        unguided={},
    ),
    Kind(
        name="qwen-image-2.1",
        build=tiny.qwen_image_21,
        layer="transformer_blocks.0.attn.to_q",
        guided=true_cfg,
        unguided={},
        changes=(),
        channels=4,
        reader="processor",
    ),
    Kind(
        name="flux2",
        build=tiny.klein,
        layer="transformer_blocks.0.attn.to_q",
        guided=encoded_before,
        unguided={"guidance_scale": 1.0},
        variant="klein 4B",
        distilled="klein 4B, distilled",
    ),
    Kind(
        name="lumina2",
        build=tiny.lumina2,
        layer="layers.0.attn.to_q",
        guided=plainly,
        unguided={"guidance_scale": 1.0},
        changes=(),
    ),
    Kind(
        name="krea2",
        build=tiny.krea2,
        layer="transformer_blocks.0.attn.to_q",
        guided=from_zero,
        unguided={"guidance_scale": 0.0},
        distilled="turbo",
        changes=(),
    ),
    Kind(
        name="sana",
        build=tiny.sana,
        layer="transformer_blocks.0.attn1.to_q",
        guided=plainly,
        unguided={"guidance_scale": 1.0},
        changes=(),
        sampler="dpm2m",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A family and the folder of its tiny model."""

    kind: Kind
    folder: Path


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Models by the name of the family, each written when it is first asked for."""
    root, written = tmp_path_factory.mktemp("language"), {}

    def folder(kind):
        if kind.name not in written:
            written[kind.name] = root / kind.name
            kind.build().save_pretrained(written[kind.name])
        return Place(kind=kind, folder=written[kind.name])

    return folder


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def place(request, folders):
    return folders(request.param)


@pytest.fixture
def plan_of(make_plan):
    """A small plan for a place, with changes."""

    def make(place, *, variant=None, **changes):
        side = family(place.kind.name).multiple
        plain = {
            "model": Model(
                name="tiny", family=place.kind.name, path=str(place.folder), variant=variant or place.kind.variant
            ),
            "positive": saying(RED),
            "negative": saying(BAD),
            "clip_skip": None,
            "sampler": place.kind.sampler,
            "steps": 2,
            "guidance": GUIDANCE,
            "size": (2 * side, side),
        }
        return make_plan(**{**plain, **changes})

    return make


def guided(plan, place, negative=BAD):
    """What a call by hand is told of guidance."""
    return place.kind.guided(opened(plan).pipeline, GUIDANCE, negative)


def called(plan, **arguments):
    """The pictures of diffusers, whose pipeline of Sana would choose another size."""
    size = {"use_resolution_binning": False} if plan.model.family == "sana" else {}
    return call(plan, scheduler=SCHEDULERS[plan.sampler], **{**size, **arguments})


def by_hand(plan, **arguments):
    return np.asarray(called(plan, **arguments)[0], dtype=np.int16)


def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(place, plan_of):
    plan = plan_of(place)
    expected = by_hand(plan, **guided(plan, place))
    assert expected.shape == (*reversed(plan.size), place.kind.channels)
    assert np.array_equal(draw(plan), expected)


@pytest.mark.parametrize(("wide", "words", "negative"), [(False, "a red cow " * 9, ""), (True, "", "bad " * 20)])
def test_a_plain_plan_of_any_size_and_length_is_too(place, plan_of, wide, words, negative):
    side = family(place.kind.name).multiple
    size = (3 * side, 2 * side) if wide else (side, 3 * side)
    plan = plan_of(place, size=size, positive=saying(words), negative=saying(negative), steps=1, seed=2**31)
    assert np.array_equal(draw(plan), by_hand(plan, prompt=words, **guided(plan, place, negative)))


def test_guidance_1_is_off(place, plan_of):
    plan = plan_of(place, guidance=1.0)
    assert np.array_equal(draw(plan), by_hand(plan, **place.kind.unguided))
    assert np.array_equal(draw(replace(plan, negative=saying(BLUE))), draw(plan))


def test_guidance_0_draws_the_negative_prompt(place, plan_of):
    assert not np.array_equal(draw(plan_of(place, guidance=0.0)), draw(plan_of(place, guidance=1.0)))
    plan = plan_of(place, guidance=0.5)
    with pytest.raises(RenderError, match=r"guidance 0\.5 is below 1"):
        draw(plan)


def test_prompt_negative_guidance_seed_steps_and_schedule_act(place, plan_of):
    plan = plan_of(place, steps=3, sampler="k_euler")  # with two, every schedule is its two ends
    plain = draw(plan)
    for changes in (
        {"positive": saying(BLUE)},
        {"negative": saying(BLUE)},
        {"guidance": 7.0},
        {"seed": 8},
        {"steps": 4},
        {"schedule": "karras"},
    ):
        assert not np.array_equal(draw(replace(plan, **changes)), plain), changes
    assert np.array_equal(draw(replace(plan, schedule="simple")), plain)


def test_an_empty_negative_prompt_keeps_guidance_on(place, plan_of):
    plan = plan_of(place, negative=saying(""))
    assert np.array_equal(draw(plan), by_hand(plan, **guided(plan, place, "")))
    assert not np.array_equal(draw(plan), draw(replace(plan, guidance=1.0)))


def test_several_pictures_each_have_their_seed(place, plan_of):
    plan = plan_of(place, images=2)
    found = [np.asarray(each, dtype=np.int16) for each in render(plan, device="cpu")]
    expected = called(plan, **guided(plan, place))
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours, np.asarray(theirs, dtype=np.int16))
    alone = [np.asarray(each, dtype=np.int16) for each in render(plan, device="cpu", exact=True)]
    assert np.array_equal(alone[1], draw(replace(plan, images=1, seed=plan.seed + 1)))


def test_a_distilled_variant_reads_neither_guidance_nor_negative_prompt(place, plan_of):
    if not place.kind.distilled:
        pytest.skip("no variant of this family is distilled")
    plain = plan_of(place, variant=place.kind.distilled, guidance=1.0)
    assert np.array_equal(draw(plain), by_hand(plain, **place.kind.unguided))
    assert np.array_equal(draw(replace(plain, guidance=9.0, negative=saying(BLUE))), draw(plain))


def test_weights_change_nothing(place, plan_of):
    plan = plan_of(place)
    runs = (Run("a "), Run("red", 1.5), Run(" cow"))
    weighted = Conditioning(branches=(Conditioned((Segment(99, runs),)),))
    assert np.array_equal(draw(replace(plan, positive=weighted)), draw(plan))


@pytest.mark.parametrize("side", ["positive", "negative"])
def test_a_prompt_changes_between_two_steps_or_is_refused(place, plan_of, side):
    first = getattr(plan_of(place), side).branches[0].segments[0].runs[0].text
    plan = plan_of(place, steps=3, **{side: saying(first, BLUE)})
    if side not in place.kind.changes:
        which = "negative prompt" if side == "negative" else "prompt"
        with pytest.raises(RenderError, match=f"a {which} that changes between steps cannot be drawn with models of"):
            draw(plan)
        return
    found, kept = draw(plan), draw(replace(plan, **{side: saying(first)}))
    assert not np.array_equal(found, kept)
    assert not np.array_equal(found, draw(replace(plan, **{side: saying(BLUE)})))
    assert np.array_equal(draw(replace(plan, **{side: saying(first, first, first, BLUE)})), kept)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler": "heun"}, "the sampler `heun` cannot draw with a flow-matching model"),
        ({"schedule": "normal"}, "the schedule `normal` cannot be drawn with a flow-matching model"),
        ({"size": (104, 64)}, "104x64 is no size of"),
        ({"rescale": 0.5}, "`/rescale` cannot be rendered with models of"),
        (
            {"positive": Conditioning(branches=(*saying(RED).branches, *saying(BLUE).branches), combine="blend")},
            "several prompts",
        ),
    ],
)
def test_what_these_families_cannot_do_is_said(place, plan_of, changes, message):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(place, **changes))


def test_a_solver_draws_where_the_pipeline_leaves_it_the_spacing_of_steps(folders, plan_of):
    for kind in KINDS:
        plan = plan_of(folders(kind), sampler="dpm2m", steps=3)
        if kind.name != "sana":
            with pytest.raises(RenderError, match="the sampler `dpm2m` cannot draw with a flow-matching model"):
                draw(plan)
            continue
        assert not np.array_equal(draw(plan), draw(replace(plan, sampler="k_euler")))
        assert np.array_equal(draw(replace(plan, schedule="simple")), draw(plan))
        with pytest.raises(RenderError, match=r"the schedule `karras` cannot be drawn with a .* model and `dpm2m`"):
            draw(replace(plan, schedule="karras"))


def test_an_inversion_is_refused(place, plan_of, tmp_path):
    save_file({"emb_params": torch.zeros(2, 32)}, tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="inversion", weight=1.0, path=str(tmp_path / "ink.safetensors"))
    with pytest.raises(RenderError, match="the textual inversion <ink> cannot be rendered with models of"):
        draw(plan_of(place, networks=(ink,)))


def test_a_lora_is_the_merged_model(place, plan_of, tmp_path):
    plan = plan_of(place)
    layers = {f"transformer.{place.kind.layer}": opened(plan).pipeline.transformer.get_submodule(place.kind.layer)}
    pairs = low_rank(layers)
    save_file(without_alpha(pairs, strength=1), tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="lora", weight=0.5, path=str(tmp_path / "ink.safetensors"))
    before, found = draw(plan), draw(replace(plan, networks=(ink,)))
    assert np.array_equal(draw(replace(plan, networks=(replace(ink, weight=0.0),))), before)
    assert np.array_equal(draw(plan), before)
    with merged(layers, {name: 0.5 * up @ down for name, (down, up) in pairs.items()}):
        expected = draw(plan)
    assert not np.array_equal(found, before)
    assert np.abs(found - expected).max() <= 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vae": [None, None]}, "names no vae"),
        ({"text_encoder": ["transformers", "CLIPTextModel"]}, "names `transformers.CLIPTextModel` as its text encoder"),
    ],
)
def test_a_folder_that_is_not_whole_says_what_is_wrong(place, plan_of, tmp_path, change, message):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(replace(place, folder=broken(place.folder, tmp_path, change))))


def test_a_folder_without_what_divides_texts_says_so(place, plan_of, tmp_path):
    folder = broken(place.folder, tmp_path, {place.kind.reader: [None, None]})
    with pytest.raises(RenderError, match=f"names no {place.kind.reader}"):
        draw(plan_of(replace(place, folder=folder)))


def test_a_part_without_weights_is_one_sentence(place, plan_of, tmp_path):
    other = replace(place, folder=broken(place.folder, tmp_path, {}))
    for weights in (other.folder / "transformer").glob("*.safetensors"):
        weights.unlink()
    with pytest.raises(RenderError, match="its `transformer` has no weights") as caught:
        draw(plan_of(other))
    assert "\n" not in caught.value.message


def test_numbers_that_are_none_are_said(place, plan_of):
    plan = plan_of(place)
    weight = opened(plan).pipeline.transformer.get_submodule(place.kind.layer).weight
    kept = weight.detach().clone()
    with torch.no_grad():
        weight.fill_(float("nan"))
        try:
            with pytest.raises(RenderError, match="not a number"):
                draw(plan)
        finally:
            weight.copy_(kept)
