"""`/blend` beside `load_ip_adapter` of diffusers: tiny adapters of each kind for tiny models, and what does not fit."""

from __future__ import annotations

from dataclasses import replace

import diffusers
import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from promptlang.plans.blending import BESIDE
from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import tiny
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw, embeddings, opened

BUILDERS = {"sd1": tiny.tiny_pipeline, "sdxl": tiny.tiny_sdxl}
NAMES = tuple(BUILDERS)
HEADS = {"sd1": "StableDiffusion", "sdxl": "StableDiffusionXL"}
WIDTH, PROJECTED = 32, 24


def eyes(width=WIDTH, projected=PROJECTED):
    """An image encoder of random weights."""
    torch.manual_seed(5)
    config = CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=width * 2,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
        projection_dim=projected,
    )
    return CLIPVisionModelWithProjection(config).eval()


def adapter_for(pipeline, *, full=False, faces=False):
    """The tensors of an adapter, as they are published."""
    torch.manual_seed(6)
    width = pipeline.unet.config.cross_attention_dim
    if faces:
        rows = {
            "proj.0.weight": (64, 512),
            "proj.0.bias": (64,),
            "proj.2.weight": (4 * width, 64),
            "norm.weight": (width,),
        }
    elif full:
        rows = {"proj.0.weight": (WIDTH, WIDTH), "proj.0.bias": (WIDTH,), "proj.2.weight": (width, WIDTH)}
        rows |= {"proj.2.bias": (width,), "proj.3.weight": (width,), "proj.3.bias": (width,)}
    else:
        rows = {
            "proj.weight": (4 * width, PROJECTED),
            "proj.bias": (4 * width,),
            "norm.weight": (width,),
            "norm.bias": (width,),
        }
    found = {f"image_proj.{name}": 0.3 * torch.randn(shape) for name, shape in rows.items()}
    for place, name in enumerate(pipeline.unet.attn_processors):
        if "attn2" in name:
            attention = pipeline.unet.get_submodule(name.removesuffix(".processor"))
            for part in ("to_k_ip", "to_v_ip"):
                weight = 0.3 * torch.randn(attention.to_k.weight.shape[0], width)
                found[f"ip_adapter.{place}.{part}.weight"] = weight
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models, adapters and the encoder beside them, and a picture to take into the prompt."""
    root, pipelines = tmp_path_factory.mktemp("blends"), {}
    eyes().save_pretrained(root / BESIDE)
    for name, build in BUILDERS.items():
        pipelines[name] = build()
        pipelines[name].save_pretrained(root / name)
        save_file(adapter_for(pipelines[name]), root / f"{name}.safetensors")
        save_file(adapter_for(pipelines[name], full=True), root / f"{name}-full.safetensors")
    Image.effect_mandelbrot((96, 64), (-2, -1, 1, 1), 40).convert("RGB").save(root / "look.png")
    return root, pipelines


@pytest.fixture
def plan_of(make_plan, made):
    """A plan of a family with a picture in its prompt."""

    def make(name, **changes):
        root, _ = made
        plain = {
            "model": Model(name="tiny", family=name, path=str(root / name)),
            "positive": saying(RED),
            "negative": saying(BAD),
            "clip_skip": {"sd1": 1, "sdxl": 2}[name],
            "sampler": "ddim",
            "steps": 2,
            "size": (64, 64),
            "blend": str(root / "look.png"),
            "blend_adapter": str(root / f"{name}.safetensors"),
        }
        return make_plan(**{**plain, **changes})

    return make


def by_hand(made, plan, name, *, kind="Pipeline", adapter="", strength=0.5, copies=1, start=None):
    """What the pipeline of diffusers gives that has loaded the adapter itself."""
    root, _ = made
    model = opened(plan)
    parts = {**model.pipeline.components, "unet": UNet2DConditionModel.from_pretrained(root / name / "unet")}
    parts["scheduler"] = scheduler_of(plan.sampler, schedule=None, config=model.scheduler_config)
    given = {"requires_safety_checker": False} if name == "sd1" else {"add_watermarker": False}
    whole = getattr(diffusers, HEADS[name] + kind)(**parts, **given)
    whole.set_progress_bar_config(disable=True)
    whole.load_ip_adapter(
        str(root), subfolder="", weight_name=f"{name}{adapter}.safetensors", image_encoder_folder=BESIDE
    )
    whole.set_ip_adapter_scale(strength)
    with Image.open(plan.blend) as look:
        found = whole(
            **embeddings(plan),
            **(start or {"width": 64, "height": 64}),
            ip_adapter_image=look.convert("RGB"),
            num_images_per_prompt=copies,
            guidance_scale=plan.guidance,
            num_inference_steps=plan.steps,
            generator=[torch.Generator("cpu").manual_seed(plan.seed + each) for each in range(copies)],
        ).images
    return np.asarray(found[-1], dtype=np.int16)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("adapter", ["", "-full"])
def test_a_picture_is_taken_into_the_prompt_as_in_diffusers_bit_for_bit(made, plan_of, name, adapter):
    plan = plan_of(name, blend_adapter=str(made[0] / f"{name}{adapter}.safetensors"))
    found = draw(plan)
    assert np.array_equal(found, by_hand(made, plan, name, adapter=adapter))
    assert not np.array_equal(found, draw(replace(plan, blend=None)))


@pytest.mark.parametrize("name", NAMES)
def test_the_strength_is_that_of_diffusers_and_none_is_no_picture(made, plan_of, name):
    plan = plan_of(name, blend_strength=0.9)
    assert np.array_equal(draw(plan), by_hand(made, plan, name, strength=0.9))
    free = draw(replace(plan, blend=None, blend_adapter=None, blend_strength=None))
    assert np.array_equal(draw(replace(plan, blend_strength=0.0)), free)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_drawn_over_with_another_in_the_prompt(made, plan_of, name, tmp_path):
    start = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    start.save(tmp_path / "start.png")
    plan = plan_of(name, command="remix", image=str(tmp_path / "start.png"), strength=0.5)
    assert np.array_equal(
        draw(plan), by_hand(made, plan, name, kind="Img2ImgPipeline", start={"image": start, "strength": 0.5})
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_and_a_second_pass_see_it_too(made, plan_of, name):
    two = [np.asarray(each, dtype=np.int16) for each in render(plan_of(name, images=2), device="cpu")]
    assert np.array_equal(two[1], by_hand(made, plan_of(name), name, copies=2))
    large = plan_of(name, hires=1.5, hires_steps=2)
    assert not np.array_equal(draw(large), draw(replace(large, blend_strength=0.0)))


def test_the_model_is_as_it_was_afterwards(made, plan_of):
    plan = plan_of("sd1")
    free = replace(plan, blend=None, blend_adapter=None)
    before, first = draw(free), draw(plan)
    assert np.array_equal(draw(free), before)
    assert np.array_equal(draw(plan), first)
    unet = opened(plan).pipeline.unet
    assert unet.encoder_hid_proj is None
    assert not any("IPAdapter" in type(each).__name__ for each in unet.attn_processors.values())


def test_what_does_not_fit_is_one_sentence(made, plan_of, tmp_path):
    root, pipelines = made
    eyes(width=16, projected=12).save_pretrained(tmp_path / "narrow")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}")
    (tmp_path / "weightless").mkdir()
    (tmp_path / "weightless" / "config.json").write_text('{"model_type": "clip_vision_model"}')
    save_file({"image_proj.proj.weight": torch.zeros(4, 4)}, tmp_path / "half.safetensors")
    save_file(adapter_for(pipelines["sd1"], faces=True), tmp_path / "faces.safetensors")
    few = {key: each for key, each in adapter_for(pipelines["sd1"]).items() if ".1." in key or "image_proj" in key}
    save_file(few, tmp_path / "few.safetensors")
    wide = {
        key: torch.zeros(each.shape[0], 77) if "_ip" in key else each
        for key, each in adapter_for(pipelines["sd1"]).items()
    }
    save_file(wide, tmp_path / "wide.safetensors")
    said = {
        "is no IP-Adapter: it lacks": {"blend_adapter": str(tmp_path / "half.safetensors")},
        "reads faces that another program has to find": {"blend_adapter": str(tmp_path / "faces.safetensors")},
        "is no IP-Adapter for this model": {"blend_adapter": str(tmp_path / "few.safetensors")},
        "writes for text of width 77": {"blend_adapter": str(tmp_path / "wide.safetensors")},
        "reads pictures of width 24, and the image encoder": {"blend_encoder": str(tmp_path / "narrow")},
        "there is no adapter at": {"blend_adapter": "/nowhere.safetensors"},
        "there is no folder of an image encoder at": {"blend_encoder": "/nowhere"},
        "is no image encoder: its `config.json` names none": {"blend_encoder": str(tmp_path / "empty")},
        "cannot be drawn with: it has no weights": {"blend_encoder": str(tmp_path / "weightless")},
        "there is no picture to blend `/nowhere.png`": {"blend": "/nowhere.png"},
        "is not an image that can be read": {"blend": __file__},
        "must have a blend_adapter": {"blend_adapter": None},
        "`/blend` cannot pull in several directions yet": {"guidance": 0.5},
        "`/blend` is not drawn as ComfyUI draws it yet": {"arithmetic": "comfy"},
    }
    for words, changes in said.items():
        with pytest.raises(RenderError) as caught:
            draw(plan_of("sd1", **{"blend_encoder": str(root / BESIDE), **changes}))
        assert words in caught.value.message, caught.value.message
        assert "\n" not in caught.value.message
    free = plan_of("sd1", blend=None, blend_adapter=None)
    assert np.array_equal(draw(free), draw(free))
