"""`/control` beside the ControlNet pipelines of diffusers: tiny nets from folders and files, and what does not fit."""

from __future__ import annotations

from dataclasses import replace

import diffusers
import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, FluxControlNetModel
from PIL import Image, ImageDraw
from safetensors.torch import load_file, save_file

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import pictures, render
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.output.edges import canny
from tests.runtime import tiny, tiny_language
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw, embeddings, opened

BUILDERS = {"sd1": tiny.tiny_pipeline, "sdxl": tiny.tiny_sdxl, "flux": tiny_language.flux}
NAMES = tuple(BUILDERS)
PIPELINES = {
    "sd1": ("StableDiffusionControlNetPipeline", "StableDiffusionControlNetImg2ImgPipeline"),
    "sdxl": ("StableDiffusionXLControlNetPipeline", "StableDiffusionXLControlNetImg2ImgPipeline"),
    "flux": ("FluxControlNetPipeline", ""),
}


def net_for(name, pipeline):
    """A ControlNet of random weights, also in the layers that are zero when training begins."""
    torch.manual_seed(3)
    if name == "flux":
        config = pipeline.transformer.config
        heads = {"attention_head_dim": config.attention_head_dim, "num_attention_heads": config.num_attention_heads}
        net = FluxControlNetModel.from_transformer(
            pipeline.transformer, num_layers=1, num_single_layers=1, load_weights_from_transformer=False, **heads
        )
    else:
        net = ControlNetModel.from_unet(pipeline.unet, conditioning_embedding_out_channels=(4, 8, 12, 16))
    for weight in net.parameters():
        weight.data += 0.05 * torch.randn_like(weight)
    return net.eval()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models and ControlNets by family in folders, each net as a single file too, and a picture of lines."""
    root, pipelines = tmp_path_factory.mktemp("controls"), {}
    for name, build in BUILDERS.items():
        pipelines[name] = build()
        pipelines[name].save_pretrained(root / name)
        net_for(name, pipelines[name]).save_pretrained(root / f"{name}-net")
        whole = load_file(root / f"{name}-net" / "diffusion_pytorch_model.safetensors")
        save_file(whole, root / f"{name}-net.safetensors")
    image = Image.new("RGB", (96, 64), "white")
    ImageDraw.Draw(image).ellipse((20, 8, 76, 56), outline="black", fill="#e04020", width=3)
    image.save(root / "lines.png")
    return root, pipelines


@pytest.fixture
def plan_of(make_plan, made):
    """A plan of a family held by its net."""

    def make(name, **changes):
        root, _ = made
        plain = {
            "model": Model(name="tiny", family=name, path=str(root / name), variant="dev" if name == "flux" else ""),
            "positive": saying(RED),
            "negative": saying("" if name == "flux" else BAD),
            "clip_skip": {"sd1": 1, "sdxl": 2, "flux": None}[name],
            "sampler": "k_euler" if name == "flux" else "ddim",
            "steps": 4,
            "size": (32, 32) if name == "flux" else (64, 64),
            "control": "map",
            "control_net": str(root / f"{name}-net"),
            "control_image": str(root / "lines.png"),
        }
        return make_plan(**{**plain, **changes})

    return make


def by_hand(made, plan, name, *, image=None, **holding):
    """What the ControlNet pipeline of diffusers gives."""
    root, pipelines = made
    kind = PIPELINES[name][0 if image is None else 1]
    net = (FluxControlNetModel if name == "flux" else ControlNetModel).from_pretrained(root / f"{name}-net")
    if name == "flux":
        parts, told, given = {**pipelines[name].components, "scheduler": tiny_language.flow()}, {"prompt": RED}, {}
    else:
        model = opened(plan)
        told, config = embeddings(plan), model.scheduler_config
        parts = {**model.pipeline.components, "scheduler": scheduler_of(plan.sampler, schedule=None, config=config)}
        given = {"requires_safety_checker": False} if name == "sd1" else {"add_watermarker": False}
    whole = getattr(diffusers, kind)(**parts, **given, controlnet=net)
    whole.set_progress_bar_config(disable=True)
    with Image.open(plan.control_image) as lines:
        side, high = plan.size
        control = lines.convert("RGB").resize((side, high), Image.Resampling.LANCZOS, box=(16, 0, 80, 64))
    if plan.control == "canny":
        control = canny(control)
    start = {} if image is None else {"image": image, "strength": plan.strength}
    start |= {"image": control} if name != "flux" and image is None else {"control_image": control}
    (found,) = whole(
        **told,
        **start,
        **{"controlnet_conditioning_scale": 1.0, **holding},
        guidance_scale=plan.guidance,
        width=side,
        height=high,
        num_inference_steps=plan.steps,
        generator=[torch.Generator("cpu").manual_seed(plan.seed)],
    ).images
    return np.asarray(found, dtype=np.int16)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["map", "canny"])
def test_a_map_holds_the_picture_as_in_diffusers_bit_for_bit(made, plan_of, name, how):
    plan = plan_of(name, control=how)
    found = draw(plan)
    assert np.array_equal(found, by_hand(made, plan, name))
    assert not np.array_equal(found, draw(replace(plan, control=None)))


@pytest.mark.parametrize("name", NAMES)
def test_strength_start_and_end_are_those_of_diffusers(made, plan_of, name):
    plan = plan_of(name, control_strength=0.5, control_start=0.25, control_end=0.75)
    holding = {"controlnet_conditioning_scale": 0.5, "control_guidance_start": 0.25, "control_guidance_end": 0.75}
    off = 1 if name == "flux" else 0  # of 255: folders are read where they lie, which is another last bit
    assert np.abs(draw(plan) - by_hand(made, plan, name, **holding)).max() <= off
    free = draw(replace(plan, control=None, control_net=None, control_image=None))
    if name != "flux":  # whose map takes noise as well, before the picture does
        assert np.array_equal(draw(replace(plan, control_strength=0.0)), free)


@pytest.mark.parametrize("name", ["sd1", "sdxl"])
def test_a_picture_is_drawn_over_while_it_is_held(made, plan_of, name, tmp_path):
    start = Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB")
    start.save(tmp_path / "start.png")
    plan = plan_of(name, command="remix", image=str(tmp_path / "start.png"), strength=0.5)
    assert np.array_equal(draw(plan), by_hand(made, plan, name, image=start))


@pytest.mark.parametrize("name", NAMES)
def test_a_single_file_is_the_net_of_its_folder(made, plan_of, name):
    plan = plan_of(name)
    single = replace(plan, control_net=str(made[0] / f"{name}-net.safetensors"))
    assert np.abs(draw(single) - draw(plan)).max() <= 1  # folders are read where they lie, which is another last bit


@pytest.mark.parametrize("name", NAMES)
def test_pictures_of_a_batch_each_have_their_seed(plan_of, name):
    two = [np.asarray(each, dtype=np.int16) for each in render(plan_of(name, images=2), device="cpu")]
    assert np.abs(two[1] - draw(plan_of(name, seed=8))).max() <= 2


def test_calls_are_told_as_they_will_be(plan_of):
    counted = []
    list(pictures(plan_of("sd1"), device="cpu", on_step=lambda start, done, total: counted.append((done, total))))
    assert counted == [(call, 4) for call in range(1, 5)]


def test_a_net_of_another_family_is_one_sentence(made, plan_of, tmp_path):
    root, _ = made
    for net in ("sdxl-net", "sdxl-net.safetensors", "flux-net", "flux-net.safetensors"):
        with pytest.raises(RenderError, match=r"is no ControlNet for this model|reads text of width"):
            draw(plan_of("sd1", control_net=str(root / net)))
    with pytest.raises(RenderError, match="is no ControlNet for this model"):
        draw(plan_of("flux", control_net=str(root / "sd1-net.safetensors")))
    (tmp_path / "words.safetensors").write_bytes(b"a cow")
    with pytest.raises(RenderError, match=r"words\.safetensors"):
        draw(plan_of("sd1", control_net=str(tmp_path / "words.safetensors")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"control_start": 0.5, "control_end": 0.5}, "control that starts at 0.5 and ends at 0.5 holds no step"),
        ({"hires": 1.5}, "`/control` cannot be drawn together with `/hires` yet"),
        ({"rescale": 0.5}, "`/control` cannot be drawn together with `/rescale` yet"),
        ({"guidance": 0.5}, "`/control` cannot pull in several directions yet"),
        ({"control_net": None}, "control: must have a control_net and a control_image"),
        ({"control": "depth"}, "control: must be map or canny, found depth"),
        ({"control_image": "/nowhere.png"}, "there is no control image `/nowhere.png`"),
        ({"control_image": __file__}, "is not an image that can be read"),
    ],
)
def test_what_is_not_held_is_said(plan_of, changes, message):
    with pytest.raises(RenderError) as caught:
        draw(plan_of("sd1", **changes))
    assert message in caught.value.message


def test_edges_are_thin_closed_and_where_the_picture_changes():
    picture = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(picture).rectangle((16, 16, 47, 47), fill="black")
    edges = np.asarray(canny(picture).convert("L")) > 0
    assert 100 < edges.sum() < 180  # a line of one pixel around 32 by 32
    assert not edges[:14].any()
    assert not edges[20:44, 20:44].any()
    assert not np.asarray(canny(Image.new("RGB", (32, 32), "#808080"))).any()


def test_weak_edges_count_where_they_go_on_from_strong_ones():
    numbers = np.full((40, 40), 100, dtype=np.uint8)
    numbers[:, 20:] = 140  # a slope of 160, between the thresholds
    assert not np.asarray(canny(Image.fromarray(numbers))).any()
    numbers[:5, 20:] = 255
    assert (np.asarray(canny(Image.fromarray(numbers)).convert("L"))[10:] > 0).any()
