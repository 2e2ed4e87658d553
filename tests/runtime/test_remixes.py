"""`/remix` of the families whose pipeline starts from a picture, beside that pipeline called by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from promptlang.plans.plan import Model
from promptlang.plans.remixing import steps_of
from promptlang.tables.models.families import FAMILIES
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import pictures
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, saying
from tests.runtime.pictures import draw

SIZE = (32, 16)
OFF = {"sd3": 1}  # of 255: diffusers pads the texts that its summaries are made of, which is another last bit


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A family, its tiny model, the pipeline of diffusers, and what that is told of guidance 4."""

    name: str
    build: object
    pipeline: str
    guided: dict[str, object]


KINDS = (
    Kind(name="flux", build=tiny.flux, pipeline="FluxImg2ImgPipeline", guided={"guidance_scale": 4.0}),
    Kind(
        name="chroma",
        build=tiny.chroma,
        pipeline="ChromaImg2ImgPipeline",
        guided={"guidance_scale": 4.0, "negative_prompt": BAD},
    ),
    Kind(
        name="sd3",
        build=tiny.sd3,
        pipeline="StableDiffusion3Img2ImgPipeline",
        guided={"guidance_scale": 4.0, "negative_prompt": BAD},
    ),
    Kind(
        name="z-image",
        build=tiny.z_image,
        pipeline="ZImageImg2ImgPipeline",
        guided={"guidance_scale": 3.0, "negative_prompt": BAD},
    ),
    Kind(
        name="qwen-image",
        build=tiny.qwen_image,
        pipeline="QwenImageImg2ImgPipeline",
        guided={"true_cfg_scale": 4.0, "negative_prompt": BAD},
    ),
)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A picture of another shape than those that are drawn."""
    path = tmp_path_factory.mktemp("pictures") / "start.png"
    Image.effect_mandelbrot((90, 40), (-2, -1, 1, 1), 40).convert("RGB").save(path)
    return path


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def made(request, tmp_path_factory):
    """A family with its pipeline and the folder that it lies in."""
    pipeline, folder = request.param.build(), tmp_path_factory.mktemp("remixes") / request.param.name
    pipeline.save_pretrained(folder)
    return request.param, pipeline, folder


@pytest.fixture
def plan(make_plan, made, picture):
    """A plan that draws over the picture."""
    kind, _, folder = made
    return make_plan(
        command="remix",
        model=Model(name="tiny", family=kind.name, path=str(folder), variant="dev" if kind.name == "flux" else ""),
        positive=saying(RED),
        negative=saying("" if kind.name == "flux" else BAD),
        clip_skip=None,
        sampler="k_euler",
        steps=5,
        guidance=4.0,
        size=SIZE,
        image=str(picture),
        strength=0.5,
    )


def by_hand(made, plan, strength):
    """What the pipeline that starts from a picture gives for it, cut to the shape of the plan."""
    kind, pipeline, _ = made
    pipeline.scheduler = tiny.flow()
    whole = getattr(diffusers, kind.pipeline)(**pipeline.components)
    whole.set_progress_bar_config(disable=True)
    with Image.open(plan.image) as image:
        start = image.resize(SIZE, Image.Resampling.LANCZOS, box=(5, 0, 85, 40))
    found = whole(
        prompt=RED,
        image=[start] * plan.images,
        strength=strength,
        num_inference_steps=plan.steps,
        num_images_per_prompt=plan.images,
        width=plan.size[0],
        height=plan.size[1],
        generator=[torch.Generator("cpu").manual_seed(plan.seed + place) for place in range(plan.images)],
        **kind.guided,
    ).images
    return [np.asarray(each, dtype=np.int16) for each in found]


@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_a_remix_is_the_picture_of_diffusers_bit_for_bit(made, plan, strength):
    changed = replace(plan, strength=strength)
    (expected,) = by_hand(made, changed, strength)
    assert np.abs(draw(changed) - expected).max() <= OFF.get(made[0].name, 0)


def test_several_pictures_each_have_their_seed(made, plan):
    two = replace(plan, images=2)
    found = [np.asarray(each, dtype=np.int16) for each in pictures(two, device="cpu")]
    for ours, theirs in zip(found, by_hand(made, two, 0.5), strict=True):
        assert np.abs(ours - theirs).max() <= OFF.get(made[0].name, 0)


def test_the_calls_are_told_as_they_will_be(plan):
    counted = []
    list(pictures(plan, device="cpu", on_step=lambda start, done, total: counted.append((done, total))))
    left = steps_of(plan)
    assert left == 3
    assert counted == [(call, left) for call in range(1, left + 1)]


def test_a_step_more_is_drawn_as_webui_does(plan):
    counted = []
    as_webui = replace(plan, dialect="a1111", strength=0.3)
    list(pictures(as_webui, device="cpu", on_step=lambda start, done, total: counted.append(total)))
    assert counted == [2, 2]


def test_what_these_pipelines_do_not_know_is_said(plan):
    with pytest.raises(RenderError, match="strength 0 leaves none of 5 steps"):
        draw(replace(plan, strength=0.0))
    if plan.model.family == "sd3":
        with pytest.raises(RenderError, match="does not draw with the sampler `dpm2m`"):
            draw(replace(plan, sampler="dpm2m"))
        with pytest.raises(RenderError, match="draws no prompt that changes between steps"):
            draw(replace(plan, positive=saying(RED, BLUE)))


def test_a_prompt_changes_where_the_pipeline_lets_it(plan):
    if plan.model.family not in ("z-image", "qwen-image"):
        pytest.skip("refused, which is tested where it is")
    changed = draw(replace(plan, positive=saying(RED, BLUE)))
    assert not np.array_equal(changed, draw(plan))
    assert not np.array_equal(changed, draw(replace(plan, positive=saying(BLUE))))


def test_each_family_with_such_a_pipeline_is_here():
    assert {row.name for row in FAMILIES if row.remixing is not None} == {kind.name for kind in KINDS}
