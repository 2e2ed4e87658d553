"""Single files and parts of the families whose denoiser is a transformer draw as their folders do, offline."""

from __future__ import annotations

import shutil
import socket
from functools import partial

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from promptlang.tables.models.families import family
from promptlang_runtime.errors import RenderError
from tests.runtime import tiny_files, tiny_read_files
from tests.runtime.language import BAD, call, small
from tests.runtime.pictures import draw, opened

KINDS = {
    "flux dev": tiny_files.flux,
    "flux schnell": lambda: tiny_files.flux(is_guided=False),
    "chroma": tiny_files.chroma,
    "sd3": tiny_files.sd3,
    "z-image turbo": tiny_read_files.z_image,
    "z-image base": lambda: tiny_read_files.z_image(is_turbo=False),
    "qwen-image": tiny_read_files.qwen_image,
    "flux2 klein": tiny_read_files.klein,
    "lumina2": tiny_read_files.lumina2,
    "krea2 raw": tiny_read_files.krea2,
    "krea2 turbo": lambda: tiny_read_files.krea2(is_distilled=True),
    "sana": tiny_read_files.sana,
    "sana 1.5": lambda: tiny_read_files.sana(is_evened=True),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something wanted the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module", params=KINDS)
def written(request, tmp_path_factory):
    return KINDS[request.param]().written(tmp_path_factory.mktemp("model"))


@pytest.fixture
def plan_of(make_plan):
    def make(model, **changes):
        side = family(model.family).multiple
        return small(make_plan, model, **{"size": (2 * side, side), **changes})

    return make


def test_a_single_file_draws_as_its_folder(written, plan_of):
    assert np.array_equal(draw(plan_of(written.whole)), draw(plan_of(written.folder)))


def test_parts_draw_as_the_folder(written, plan_of):
    assert np.array_equal(draw(plan_of(written.parts)), draw(plan_of(written.folder)))


def test_noise_is_spaced_as_published(written, plan_of):
    found, expected = (opened(plan_of(each)).scheduler_config for each in (written.whole, written.folder))
    assert {name: found[name] for name in expected if not name.startswith("_")} == {
        name: each for name, each in expected.items() if not name.startswith("_")
    }


def test_one_step_is_drawn_or_said_to_be_too_few(written, plan_of):
    """Where steps are stretched to a last level, diffusers divides 0 by 0 for a single one."""
    for model in (written.whole, written.folder):
        plan = plan_of(model, steps=1)
        if opened(plan).scheduler_config.get("shift_terminal"):
            with pytest.raises(RenderError, match="one step cannot be drawn with this model"):
                draw(plan)
        else:
            assert draw(plan).ndim == 3


def test_without_t5_its_states_are_nothing(tmp_path, plan_of):
    written = tiny_files.sd3(has_t5=False).written(tmp_path)
    plan = plan_of(written.whole)
    found, by_hand = draw(plan), opened(plan).pipeline
    by_hand.tokenizer, by_hand.tokenizer_2 = written.tiny.pipeline.tokenizer, written.tiny.pipeline.tokenizer_2
    flow = partial(tiny_files.flow, shift=3.0)
    (expected,) = call(plan, scheduler=flow, guidance_scale=plan.guidance, negative_prompt=BAD)
    assert np.array_equal(found, np.asarray(expected, dtype=np.int16))
    assert np.array_equal(draw(plan_of(written.parts)), found)


def test_parts_in_the_layout_of_diffusers_are_read_as_well(tmp_path, plan_of):
    written = tiny_read_files.z_image().written(tmp_path)
    model = written.model(
        "folder/transformer/diffusion_pytorch_model.safetensors",
        text_encoders=(str(tmp_path / "qwen3_4b.safetensors"),),
        vae=str(tmp_path / "folder" / "vae" / "diffusion_pytorch_model.safetensors"),
    )
    assert np.array_equal(draw(plan_of(model)), draw(plan_of(written.folder)))


INPUT_NORM = "text_encoders.qwen3_4b.transformer.model.layers.1.input_layernorm"
BROKEN = {
    "no vae": (lambda written, root: without(written, root, "vae."), "the checkpoint has no VAE"),
    "no reader": (lambda written, root: without(written, root, "text_encoders."), "the checkpoint has no text encoder"),
    "wide": (
        lambda written, root: widened(written, root),
        "its denoiser does not fit|its denoiser has shapes that go into no such model",
    ),
    "torn": (lambda written, root: torn(written, root), "is not a safetensors file that can be read|cannot be read"),
    "lacking": (
        lambda written, root: without(written, root, "model.diffusion_model.layers.1.attention.out"),
        "does not fit|lacks",
    ),
    "lacking what a block begins with": (
        lambda written, root: without(written, root, "model.diffusion_model.layers.1.attention.qkv"),
        "does not fit|lacks",
    ),
    "lacking what a layer of the reader begins with": (
        lambda written, root: without(written, root, INPUT_NORM),
        "its text encoder lacks",
    ),
    "no tokenizer": (
        lambda written, root: told(written, root, ""),
        r"no `tokenizer\.json` lies beside `bad\.safetensors`",
    ),
    "another tokenizer": (
        lambda written, root: told(written, root, '{"added_tokens": [], "model": {"vocab": {"</s>": 1}}}'),
        "is not the tokenizer of Qwen3 4B",
    ),
    "a broken tokenizer": (lambda written, root: told(written, root, '"<|endoftext|>" "<|im_end|>"'), "cannot be read"),
}


@pytest.fixture(scope="module")
def z_image(tmp_path_factory):
    return tiny_read_files.z_image().written(tmp_path_factory.mktemp("model"))


def changed(written, root, tensors):
    tiny_files.save(tensors, root / "bad.safetensors")
    shutil.copy(written.root / "whole.tokenizer.json", root / "bad.tokenizer.json")
    return written.model(root / "bad.safetensors")


def without(written, root, prefix):
    whole = load_file(written.root / "whole.safetensors")
    return changed(written, root, {name: each for name, each in whole.items() if not name.startswith(prefix)})


def widened(written, root):
    whole = load_file(written.root / "whole.safetensors")
    return changed(written, root, {**whole, "model.diffusion_model.t_embedder.mlp.0.weight": torch.zeros(7, 5)})


def torn(written, root):
    model = changed(written, root, load_file(written.root / "whole.safetensors"))
    path = root / "bad.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    return model


def told(written, root, tokenizer):
    model = changed(written, root, load_file(written.root / "whole.safetensors"))
    beside = root / "bad.tokenizer.json"
    beside.unlink()
    if tokenizer:
        beside.write_text(tokenizer)
    return model


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_with_a_file_is_one_sentence_that_names_it(z_image, plan_of, tmp_path, case):
    spoil, message = BROKEN[case]
    with pytest.raises(RenderError, match=message) as caught:
        draw(plan_of(spoil(z_image, tmp_path)))
    assert "\n" not in caught.value.message
    assert "bad." in caught.value.message
    assert caught.value.help


def one(weight):
    return weight.abs().max().float() / 448


def by_row(weight):
    return weight.abs().amax(dim=1, keepdim=True).float() / 448


REMARKS = {
    "plain": None,
    "scaled": (one, ".scale_weight", {"scaled_fp8": torch.zeros(2).to(torch.float8_e4m3fn)}, ".scale_input"),
    "by comfy": (one, ".weight_scale", {}, ".comfy_quant"),
    "by row": (by_row, ".weight_scale", {}, ".input_scale"),
}


def in_eight_bits(tensors, remarks):
    """The tensors with their matrices in eight bits, and the numbers that these stand for."""
    small, meant = dict(remarks[2] if remarks else {}), dict(tensors)
    for name, each in tensors.items():
        if each.dim() != 2 or not name.endswith(".weight"):
            small[name] = each
            continue
        layer, scale = name.removesuffix(".weight"), torch.tensor(1.0)
        if remarks:
            scale = remarks[0](each)
            small |= {layer + remarks[1]: scale, layer + remarks[3]: torch.ones(1)}
        small[name] = (each / scale).to(torch.float8_e4m3fn)
        meant[name] = small[name].float() * scale
    return small, meant


@pytest.mark.parametrize("way", REMARKS)
def test_numbers_of_eight_bits_are_those_they_stand_for(z_image, plan_of, tmp_path, way):
    small, meant = in_eight_bits(load_file(z_image.root / "whole.safetensors"), REMARKS[way])
    for name, tensors in (("small", small), ("meant", meant)):
        tiny_files.save(tensors, tmp_path / f"{name}.safetensors")
        shutil.copy(z_image.root / "whole.tokenizer.json", tmp_path / f"{name}.tokenizer.json")
    found, expected = (draw(plan_of(z_image.model(tmp_path / f"{name}.safetensors"))) for name in ("small", "meant"))
    assert np.array_equal(found, expected)
