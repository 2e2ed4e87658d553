"""LoRAs as trainers write them, for every family that is drawn: as diffusers' own loader applies them, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import promptlang
from promptlang.meaning.project import Project
from promptlang.plans.plan import Model, Network
from promptlang.tables.models.families import family
from promptlang.tables.models.known import KnownConcept
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from tests.runtime import tiny
from tests.runtime import tiny_language as language
from tests.runtime.pictures import draw, opened, saying

STRENGTH = 0.7
RANK, ALPHA = 4, 3.0


def pair(reads, writes):
    """Two random matrices, down and up."""
    return torch.randn(RANK, reads), torch.randn(writes, RANK)


def kohya(layers, alpha=ALPHA):
    """Names with underscores, and an alpha."""
    found = {}
    for name, shape in layers.items():
        down, up = pair(*shape)
        found |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        found |= {} if alpha is None else {f"{name}.alpha": torch.tensor(alpha)}
    return found


def dotted(layers, down=".lora_A.weight", up=".lora_B.weight"):
    """Names with dots, as peft, diffusers and XLabs end them."""
    found = {}
    for name, shape in layers.items():
        found[f"{name}{down}"], found[f"{name}{up}"] = pair(*shape)
    return found


def xlabs(layers):
    return dotted(layers, ".down.weight", ".up.weight")


UNET_LAYER = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CLIP_LAYER = "encoder.layers.3.self_attn.out_proj"  # by which the loader knows whose names they are


def unet_layouts(wide, encoders):
    """Those of the Stable Diffusions; `encoders` are kohya's and diffusers' names of text encoders and their width."""
    flat, flat_clip = UNET_LAYER.replace(".", "_"), CLIP_LAYER.replace(".", "_")
    written = {f"lora_unet_{flat}": wide}
    named = {f"unet.{UNET_LAYER}": wide}
    for begin, part, width in encoders:
        written[f"{begin}_text_model_{flat_clip}"] = (width, width)
        named[f"{part}.text_model.{CLIP_LAYER}"] = (width, width)
    return {
        "kohya": lambda: kohya(written),
        "kohya, no alpha": lambda: kohya(written, None),
        "diffusers": lambda: dotted(named),
    }


BLOCK = "transformer_blocks.0.attn.to_q"
BFL = {
    "lora_unet_double_blocks_0_img_attn_qkv": (32, 96),
    "lora_unet_double_blocks_0_txt_mlp_0": (32, 128),
    "lora_unet_single_blocks_0_linear2": (160, 32),
}
CLIP = {"lora_te1_text_model_encoder_layers_0_self_attn_out_proj": (16, 16)}
XLABS = {
    "double_blocks.0.processor.qkv_lora1": (32, 96),
    "double_blocks.0.processor.proj_lora2": (32, 32),
    "single_blocks.0.processor.qkv_lora": (32, 96),
}

LAYOUTS = {
    "sd1": (tiny.tiny_pipeline, unet_layouts((32, 64), [("lora_te", "text_encoder", 32)])),
    "sd2": (tiny.tiny_sd2, unet_layouts((32, 64), [("lora_te", "text_encoder", 32)])),
    "sdxl": (
        tiny.tiny_sdxl,
        unet_layouts((96, 64), [("lora_te1", "text_encoder", 32), ("lora_te2", "text_encoder_2", 64)]),
    ),
    "flux": (
        language.flux,
        {
            "kohya": lambda: kohya(BFL | CLIP),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)}),
            "XLabs": lambda: xlabs(XLABS),
        },
    ),
    "chroma": (
        language.chroma,
        {
            "kohya": lambda: kohya(BFL),
            "XLabs": lambda: xlabs(XLABS),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)}),
        },
    ),
    "z-image": (
        language.z_image,
        {
            "kohya": lambda: kohya({"lora_unet_layers_0_attention_to_q": (32, 32)}),
            "peft": lambda: dotted({"diffusion_model.layers.0.attention.to_q": (32, 32)}),
            "diffusers": lambda: dotted({"transformer.layers.0.attention.to_q": (32, 32)}),
        },
    ),
    "qwen-image": (
        language.qwen_image,
        {
            "kohya": lambda: kohya({"lora_unet_transformer_blocks_0_attn_to_q": (48, 48)}),
            "peft": lambda: dotted({f"diffusion_model.{BLOCK}": (48, 48)}),
            "default": lambda: dotted({BLOCK: (48, 48)}, ".lora_A.default.weight", ".lora_B.default.weight"),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (48, 48)}),
        },
    ),
    "qwen-image-2.1": (
        language.qwen_image_21,
        {
            "peft": lambda: dotted({f"diffusion_model.{BLOCK}": (32, 32)}),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)}),
        },
    ),
    "flux2": (
        language.klein,
        {
            "kohya": lambda: kohya({"lora_unet_double_blocks_0_img_attn_qkv": (32, 96)}),
            "peft": lambda: dotted({"base_model.model.double_blocks.0.img_attn.qkv": (32, 96)}),
            "original": lambda: dotted({"diffusion_model.double_blocks.0.img_attn.qkv": (32, 96)}),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)}),
        },
    ),
    "sd3": (language.sd3, {"diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)})}),
    "sana": (language.sana, {"diffusers": lambda: dotted({"transformer.transformer_blocks.0.attn1.to_q": (8, 8)})}),
    "lumina2": (language.lumina2, {"diffusers": lambda: dotted({"transformer.layers.0.attn.to_q": (8, 8)})}),
    "krea2": (
        language.krea2,
        {
            "original": lambda: dotted({"diffusion_model.blocks.0.attn.wq": (32, 32)}),
            "peft": lambda: dotted({"base_model.model.blocks.0.attn.wq": (32, 32)}),
            "diffusers": lambda: dotted({f"transformer.{BLOCK}": (32, 32)}),
        },
    ),
}
VARIANTS = {"flux": "dev", "flux2": "klein 4B"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder of a family's tiny model, written when it is first asked for."""
    root = tmp_path_factory.mktemp("layouts")

    def written(name):
        if not (root / name).exists():
            LAYOUTS[name][0]().save_pretrained(root / name)
        return root / name

    return written


@pytest.fixture
def plan_of(make_plan, folder):
    """A small plan for a family."""

    def make(name):
        side = 4 * family(name).multiple
        return make_plan(
            model=Model(name="tiny", family=name, path=str(folder(name)), variant=VARIANTS.get(name, "")),
            positive=saying(("a red cow", 1.0)),
            clip_skip=None,
            sampler="dpm2m" if name == "sana" else "k_euler",
            steps=2,
            size=(side, side) if family(name).is_unet else (32, 32),
        )

    return make


def with_loader(plan, tensors, path):
    """The picture with the file given to diffusers' own loader."""
    pipeline, model = opened(plan).pipeline, opened(plan)
    pipeline.load_lora_weights(dict(tensors), adapter_name="ink")
    pipeline.set_adapters(["ink"], [STRENGTH])
    model.encoded.clear()
    try:
        return draw(plan)
    finally:
        pipeline.unload_lora_weights()
        model.encoded.clear()


def ink(path, tensors, weight=STRENGTH, **settings):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return Network(name="ink", kind="lora", weight=weight, path=str(path), **settings)


@pytest.mark.parametrize(
    ("name", "layout"), [(name, layout) for name, (_, layouts) in LAYOUTS.items() for layout in layouts]
)
def test_a_lora_is_what_diffusers_makes_of_it(plan_of, tmp_path, name, layout):
    torch.manual_seed(3)
    plan, tensors = plan_of(name), LAYOUTS[name][1][layout]()
    before = draw(plan)
    found = draw(replace(plan, networks=(ink(tmp_path / "ink.safetensors", tensors),)))
    assert not np.array_equal(found, before)
    assert np.array_equal(draw(plan), before)
    assert np.array_equal(found, with_loader(plan, tensors, tmp_path))


STRENGTHS = (
    ("<ink:1@0,0.25@3>", (1.0, 0.75, 0.5, 0.25, 0.25)),
    ("<ink:1@0,0.5@1,0@2>", (1.0, 0.5, 0.0, 0.0, 0.0)),
)
"""A call of a LoRA in a statement of four steps, and its strength at each of them; after the last one is none left."""


@pytest.mark.parametrize(("name", "number"), [("sd1", 0), ("sdxl", 1), ("z-image", 0), ("flux", 1)])
def test_a_strength_changes_between_steps(plan_of, tmp_path, name, number):
    """As somebody does it who sets diffusers' adapters after every step."""
    torch.manual_seed(3)
    (layout, *_) = LAYOUTS[name][1].values()
    plan, tensors = replace(plan_of(name), steps=4, images=2), layout()
    known = Project(root=tmp_path, concepts=(KnownConcept(name="ink", kind="lora", family="sd1", evidence="told"),))
    call, by_hand = STRENGTHS[number]
    words = f"/render /parser:new /sampler:k_euler /steps:4 a red cow {call}"
    ((said,),) = (each.networks for each in promptlang.compile(words, project=known).plans)
    network = ink(tmp_path / "ink.safetensors", tensors, 1.0, strengths=said.strengths, text_weight=0.5)
    found = [np.asarray(each) for each in render(replace(plan, networks=(network,)), device="cpu", exact=True)]
    model, pipeline = opened(plan), opened(plan).pipeline
    text = dict.fromkeys(model.family.folder.text_encoders, 0.5)

    def at(step):
        pipeline.set_adapters(["ink"], [{model.family.folder.denoiser: by_hand[step], **text}])

    pipeline.load_lora_weights(dict(tensors), adapter_name="ink")
    model.encoded.clear()
    try:
        expected = []
        for seed in (plan.seed, plan.seed + 1):
            at(0)
            one = replace(plan, seed=seed, images=1)
            expected += render(one, device="cpu", on_step=lambda before, done, calls: at(done))
    finally:
        pipeline.unload_lora_weights()
        model.encoded.clear()
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours, np.asarray(theirs))
    constant = replace(plan, networks=(replace(network, strengths=()),), images=1)
    assert not np.array_equal(found[0], np.asarray(render(constant, device="cpu")[0]))


@pytest.mark.parametrize("name", [*LAYOUTS])
def test_a_layer_that_the_model_has_not_is_refused(plan_of, tmp_path, name):
    torch.manual_seed(3)
    (layout, *_) = LAYOUTS[name][1].values()
    foreign = {key.replace("0", "77"): tensor for key, tensor in layout().items() if "te" not in key[:8]}
    with pytest.raises(RenderError, match="the LoRA <ink> does not fit"):
        draw(replace(plan_of(name), networks=(ink(tmp_path / "ink.safetensors", {**layout(), **foreign}),)))
