"""`/hires` beside both passes called by hand, on the demo model and on tiny models of the other families."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionXLImg2ImgPipeline,
)
from PIL import Image
from torch.nn.functional import interpolate

from promptlang.plans.enlarging import drawn_size, spaced_steps
from promptlang.plans.plan import Model
from promptlang.plans.remixing import calls_of
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.families import family
from promptlang.tables.upscalers import ROWS
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import pictures, render
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import tiny
from tests.runtime.pictures import draw, embeddings, opened, saying

RED = "a red circle on a white background"
BUILDERS = {"sd2": tiny.tiny_sd2, "sdxl": tiny.tiny_sdxl}
OVER = {"sdxl": StableDiffusionXLImg2ImgPipeline}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Tiny models by family, written."""
    root = tmp_path_factory.mktemp("hires")
    for name, build in BUILDERS.items():
        build().save_pretrained(root / name)
    return root


@pytest.fixture
def plan_of(make_plan, folders):
    """A plan of a family that is drawn twice."""

    def make(name, **changes):
        model = Model(name="demo", family="sd1")
        if name != "sd1":
            model = Model(name="tiny", family=name, path=str(folders / name))
        layer = {"sd1": 1, "sd2": None, "sdxl": 2}[name]
        plain = {"model": model, "clip_skip": layer, "positive": saying((RED,)), "steps": 4, "sampler": "ddim"}
        return make_plan(**{**plain, "hires": 1.5, "hires_steps": 3, "hires_strength": 0.6, **changes})

    return make


def by_hand(plan):
    """Text to latents, latents or pictures enlarged, and a picture to a picture."""
    model = opened(plan)
    pipe = model.pipeline
    pipe.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    told = {**embeddings(plan), "guidance_scale": plan.guidance}
    noise = torch.Generator("cpu").manual_seed(plan.seed)
    width, height = plan.size
    latents = pipe(
        **told, width=width, height=height, num_inference_steps=plan.steps, generator=[noise], output_type="latent"
    ).images
    row = next(each for each in ROWS if each.name == (plan.hires_upscaler or "latent"))
    width, height = (int(side * plan.hires) // 8 * 8 for side in plan.size)
    if row.of == "latents":
        scale = plan.size[0] // latents.shape[-1]
        larger = interpolate(latents, (height // scale, width // scale), mode=row.method, antialias=row.antialiased)
    else:
        with torch.no_grad():
            pixels = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
        (picture,) = pipe.image_processor.postprocess(pixels, output_type="pil")
        larger = [picture.resize((width, height), Image.Resampling[row.method.upper()])]
    kind = OVER.get(plan.model.family, StableDiffusionImg2ImgPipeline)
    parts = {name: part for name, part in pipe.components.items() if name != "image_encoder" or kind in OVER.values()}
    extra = {} if kind in OVER.values() else {"requires_safety_checker": False}
    over = kind(**parts, **extra)
    over.set_progress_bar_config(disable=True)
    total = int(plan.hires_steps / plan.hires_strength)
    (picture,) = over(
        **told,
        image=larger,
        strength=(plan.hires_steps + 0.5) / total,
        num_inference_steps=total,
        generator=[torch.Generator("cpu").manual_seed(plan.seed)],
    ).images
    return np.asarray(picture, dtype=np.int16)


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl"])
@pytest.mark.parametrize("upscaler", [None, "latent-nearest", "lanczos"])
def test_both_passes_are_those_of_diffusers_bit_for_bit(plan_of, name, upscaler):
    plan = plan_of(name, hires_upscaler=upscaler)
    found = draw(plan)
    assert found.shape == (96, 96, 3)
    assert np.array_equal(found, by_hand(plan))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_upscaler_draws_a_picture_of_its_own(plan_of, row):
    plain, usual = plan_of("sd1"), ROWS[0]
    apart = np.abs(draw(replace(plain, hires_upscaler=row.name)) - draw(plain)).max()
    # Between two latents linearly, there is nothing to antialias where none is left out: only rounding differs.
    assert bool(apart <= 2) is ((row.of, row.method) == (usual.of, usual.method))


@pytest.mark.parametrize(("sampler", "calls"), [("ddim", 7), ("heun", 12), ("dpm2m", 7)])
def test_calls_are_told_as_they_will_be(plan_of, sampler, calls):
    plan, counted = plan_of("sd1", sampler=sampler), []
    list(pictures(plan, device="cpu", on_step=lambda start, done, total: counted.append((done, total))))
    assert counted == [(call, calls) for call in range(1, calls + 1)]
    assert calls_of(plan) == calls


def test_steps_are_those_of_webui(plan_of):
    """`sd_samplers_common.setup_img2img_steps`: `int(requested_steps / min(strength, 0.999))` are spaced."""
    plan = plan_of("sd1", hires_steps=None, steps=20)
    assert [spaced_steps(replace(plan, hires_strength=each)) for each in (None, 0.5, 1.0)] == [28, 40, 20]


def test_a_size_is_cut_to_whole_latents(plan_of):
    plan = plan_of("sd1", hires=1.3, size=(64, 72))
    assert drawn_size(plan) == (80, 88)
    (picture,) = render(plan, device="cpu")
    assert picture.size == (80, 88)


def test_pictures_of_a_batch_each_have_their_seed(plan_of):
    two = [np.asarray(each, dtype=np.int16) for each in render(plan_of("sd1", images=2), device="cpu")]
    alone = draw(plan_of("sd1", seed=8))
    assert np.abs(two[1] - alone).max() <= 1


def test_a_remix_is_drawn_twice_as_well(plan_of, tmp_path):
    Image.new("RGB", (64, 64), "#2040d0").save(tmp_path / "start.png")
    plan = plan_of("sd1", command="remix", image=str(tmp_path / "start.png"), strength=0.5)
    assert draw(plan).shape == (96, 96, 3)
    assert calls_of(plan) == 2 + 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"guidance": 0.5}, "`/hires` cannot pull in several directions yet, nor by a guidance below 1"),
        ({"hires_strength": 0.0}, "hires strength 0 draws nothing"),
        ({"rescale": 0.5}, "`/hires` of Stable Diffusion 1.x does not rescale guidance"),
        ({"hires": 5.0}, "not a valid plan: hires: must be 1 to 4, found 5.0"),
        ({"hires_upscaler": "esrgan"}, "must be a name of the upscaler table"),
    ],
)
def test_what_is_not_drawn_twice_is_said(plan_of, changes, message):
    with pytest.raises(RenderError) as caught:
        draw(plan_of("sd1", **changes))
    assert message in caught.value.message


def test_families_without_a_unet_are_refused_by_the_table():
    acting = {name for name in FAMILIES if not ability("hires", family(name)).limit}
    assert acting == {"sd1", "sd2", "sdxl"}
