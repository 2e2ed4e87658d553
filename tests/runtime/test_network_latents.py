"""Networks beside a merge by hand: what both draw before it is decoded, which no picture rounds."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from promptlang.tables.models.families import family
from tests.runtime.pictures import latents, merged, opened
from tests.runtime.test_network_layouts import (
    BLOCK,
    CLIP_LAYER,
    LAYOUTS,
    RANK,
    STRENGTH,
    UNET_LAYER,
    folder,
    ink,
    plan_of,
)
from tests.thorough import is_thorough

__all__ = ["folder", "plan_of"]  # fixtures

FURTHEST, SEEN = {True: 1e-8, False: 2e-5}, 1e-2
"""How far the latents may be apart: of UNets in double precision, of transformers in single."""
QKV = tuple(f"transformer.transformer_blocks.0.attn.to_{each}" for each in "qkv")
SINGLE_QKV = tuple(f"transformer.single_transformer_blocks.0.attn.to_{each}" for each in "qkv")
FLAT, FLAT_CLIP = UNET_LAYER.replace(".", "_"), CLIP_LAYER.replace(".", "_")
LAYERS = {
    f"lora_unet_{FLAT}": (f"unet.{UNET_LAYER}",),
    f"lora_te_text_model_{FLAT_CLIP}": (f"text_encoder.{CLIP_LAYER}",),
    f"lora_te1_text_model_{FLAT_CLIP}": (f"text_encoder.{CLIP_LAYER}",),
    f"lora_te2_text_model_{FLAT_CLIP}": (f"text_encoder_2.{CLIP_LAYER}",),
    "lora_te1_text_model_encoder_layers_0_self_attn_out_proj": ("text_encoder.encoder.layers.0.self_attn.out_proj",),
    "lora_unet_double_blocks_0_img_attn_qkv": QKV,
    "lora_unet_double_blocks_0_txt_mlp_0": ("transformer.transformer_blocks.0.ff_context.net.0.proj",),
    "lora_unet_single_blocks_0_linear2": ("transformer.single_transformer_blocks.0.proj_out",),
    "double_blocks.0.processor.qkv_lora1": QKV,
    "double_blocks.0.processor.proj_lora2": ("transformer.transformer_blocks.0.attn.to_add_out",),
    "single_blocks.0.processor.qkv_lora": SINGLE_QKV,
    "lora_unet_layers_0_attention_to_q": ("transformer.layers.0.attention.to_q",),
    "diffusion_model.layers.0.attention.to_q": ("transformer.layers.0.attention.to_q",),
    "lora_unet_transformer_blocks_0_attn_to_q": (f"transformer.{BLOCK}",),
    f"diffusion_model.{BLOCK}": (f"transformer.{BLOCK}",),
    BLOCK: (f"transformer.{BLOCK}",),
    "base_model.model.double_blocks.0.img_attn.qkv": QKV,
    "diffusion_model.double_blocks.0.img_attn.qkv": QKV,
    "diffusion_model.blocks.0.attn.wq": (f"transformer.{BLOCK}",),
    "base_model.model.blocks.0.attn.wq": (f"transformer.{BLOCK}",),
}
"""Where the layers lie that files name otherwise than the model does; the rows of one go to several, in their order."""
ENDS = (
    (".lora_down.weight", ".lora_up.weight"),
    (".down.weight", ".up.weight"),
    (".lora_A.weight", ".lora_B.weight"),
    (".lora_A.default.weight", ".lora_B.default.weight"),
)
CASES = [(name, layout) for name, (_, layouts) in LAYOUTS.items() for layout in layouts]


def added(tensors):
    """What is added to each layer, by the name that the file has for it, worked out in double precision."""
    for down, up in ENDS:
        for key in (key for key in tensors if key.endswith(down)):
            name = key.removesuffix(down)
            share = float(tensors.get(f"{name}.alpha", torch.tensor(RANK))) / RANK
            yield name, share * tensors[name + up].double() @ tensors[key].double()


def merged_with(pipeline, tensors, strength):
    """The pipeline whose weights are those with the network, for the time of a block."""
    layers, more = {}, {}
    for name, matrix in added(tensors):
        places = LAYERS.get(name, (name.replace(".text_model.", "."),))
        for place, rows in zip(places, matrix.chunk(len(places)), strict=True):
            part, _, path = place.partition(".")
            module = pipeline.components[part]
            module = getattr(module, "text_model", module) if part.startswith("text_encoder") else module
            layers[place], more[place] = module.get_submodule(path), strength * rows
    assert layers
    return merged(layers, more)


@contextmanager
def in_double_precision(pipeline):
    """A UNet of random weights makes a rounding in one call a difference of whole numbers in the next."""
    pipeline.to(torch.float64)
    try:
        yield
    finally:
        pipeline.to(torch.float32)


@pytest.mark.parametrize(("name", "layout"), CASES if is_thorough() else CASES[::11])
def test_the_latents_are_those_of_the_merged_model(plan_of, tmp_path, name, layout):
    torch.manual_seed(3)
    plan, tensors = plan_of(name), LAYOUTS[name][1][layout]()
    with_network = replace(plan, networks=(ink(tmp_path / "ink.safetensors", tensors),))
    pipeline = opened(plan).pipeline
    with in_double_precision(pipeline) if family(name).is_unet else nullcontext():
        before, found = latents(plan), latents(with_network)
        with merged_with(pipeline, tensors, STRENGTH):
            expected = latents(plan)
    assert np.abs(expected - found).max() < FURTHEST[family(name).is_unet]
    assert np.abs(before - found).max() > SEEN
