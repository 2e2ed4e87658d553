"""`/mask` beside the inpainting pipelines of diffusers, with models made for it and with others, and odd pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import pictures, render
from promptlang_runtime.models.schedulers import scheduler_of
from promptlang_runtime.output.images import check_pictures
from tests.runtime import tiny, tiny_language
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw, embeddings, opened

OFF = {"sd3": 1}  # of 255, as in the tests of `/remix`


def shown_what_is_kept(pipeline):
    """The pipeline with a denoiser that takes nine channels, as models made for inpainting have them."""
    torch.manual_seed(6)
    first = pipeline.unet.conv_in
    pipeline.unet.conv_in = torch.nn.Conv2d(9, first.out_channels, first.kernel_size, padding=first.padding)
    pipeline.unet.register_to_config(in_channels=9)
    return pipeline


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A model, its family and variant, the pipeline that inpaints, and what that is told of guidance 4."""

    name: str
    family: str
    build: object
    pipeline: str
    given: dict[str, object]
    variant: str = ""


UNETS = tuple(
    Kind(
        name=f"{name}{' inpaint' if is_made else ''}",
        family=name,
        build=(lambda build=build: shown_what_is_kept(build())) if is_made else build,
        pipeline=pipeline,
        given=given,
        variant="inpaint" if is_made else "",
    )
    for name, build, pipeline, given in (
        ("sd1", tiny.tiny_pipeline, "StableDiffusionInpaintPipeline", {"requires_safety_checker": False}),
        ("sd2", tiny.tiny_sd2, "StableDiffusionInpaintPipeline", {"requires_safety_checker": False}),
        ("sdxl", tiny.tiny_sdxl, "StableDiffusionXLInpaintPipeline", {"add_watermarker": False}),
    )
    for is_made in (False, True)
)
FLOWS = (
    Kind(
        name="flux",
        family="flux",
        build=tiny_language.flux,
        pipeline="FluxInpaintPipeline",
        given={"guidance_scale": 4.0},
        variant="dev",
    ),
    Kind(
        name="sd3",
        family="sd3",
        build=tiny_language.sd3,
        pipeline="StableDiffusion3InpaintPipeline",
        given={"guidance_scale": 4.0, "negative_prompt": BAD},
    ),
    Kind(
        name="z-image",
        family="z-image",
        build=tiny_language.z_image,
        pipeline="ZImageInpaintPipeline",
        given={"guidance_scale": 3.0, "negative_prompt": BAD},
    ),
    Kind(
        name="qwen-image",
        family="qwen-image",
        build=tiny_language.qwen_image,
        pipeline="QwenImageInpaintPipeline",
        given={"true_cfg_scale": 4.0, "negative_prompt": BAD},
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A picture, and a mask of its right half in another size."""
    root = tmp_path_factory.mktemp("masks")
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(root / "start.png")
    mask = Image.new("L", (32, 32))
    ImageDraw.Draw(mask).rectangle((16, 0, 31, 31), fill="white")
    mask.save(root / "mask.png")
    return root


@pytest.fixture(scope="module", params=(*UNETS, *FLOWS), ids=lambda kind: kind.name)
def made(request, folder):
    """A model with its folder."""
    place = folder / request.param.name.replace(" ", "-")
    pipeline = request.param.build()
    pipeline.save_pretrained(place)
    return request.param, pipeline, place


@pytest.fixture
def plan(make_plan, made, folder):
    """A plan that draws the right half of the picture anew."""
    kind, _, place = made
    return make_plan(
        command="remix",
        model=Model(name="tiny", family=kind.family, path=str(place), variant=kind.variant),
        positive=saying(RED),
        negative=saying("" if kind.family == "flux" else BAD),
        clip_skip={"sd1": 1, "sdxl": 2}.get(kind.family),
        sampler="ddim" if kind in UNETS else "k_euler",
        steps=4,
        size=(64, 64) if kind in UNETS else (32, 32),
        image=str(folder / "start.png"),
        mask=str(folder / "mask.png"),
        strength=0.75,
    )


def by_hand(made, plan):
    """What the inpainting pipeline of diffusers gives."""
    kind, pipeline, _ = made
    told = dict(kind.given)
    if kind in UNETS:
        model = opened(plan)
        told = {**embeddings(plan), "guidance_scale": plan.guidance}
        parts, given = model.pipeline.components, kind.given
        parts["scheduler"] = scheduler_of(plan.sampler, schedule=None, config=model.scheduler_config)
    else:
        parts, given = {**pipeline.components, "scheduler": tiny_language.flow()}, {}
        told["prompt"] = RED
    whole = getattr(diffusers, kind.pipeline)(**parts, **given)
    whole.set_progress_bar_config(disable=True)
    with Image.open(plan.image) as image, Image.open(plan.mask) as mask:
        pair = image.resize(plan.size, Image.Resampling.LANCZOS), mask.resize(plan.size, Image.Resampling.LANCZOS)
    (found,) = whole(
        **told,
        image=pair[0],
        mask_image=pair[1],
        strength=plan.strength,
        width=plan.size[0],
        height=plan.size[1],
        num_inference_steps=plan.steps,
        generator=[torch.Generator("cpu").manual_seed(plan.seed)],
    ).images
    return np.asarray(found, dtype=np.int16)


@pytest.mark.parametrize("strength", [0.75, 1.0])
def test_a_mask_is_the_picture_of_diffusers_bit_for_bit(made, plan, strength):
    changed = replace(plan, strength=strength)
    found = draw(changed)
    assert np.abs(found - by_hand(made, changed)).max() <= OFF.get(made[0].name, 0)
    assert not np.array_equal(found, draw(replace(changed, seed=8)))


def test_pictures_of_a_batch_each_have_their_seed(plan):
    two = [np.asarray(each, dtype=np.int16) for each in render(replace(plan, images=2), device="cpu")]
    for place, each in enumerate(two):
        assert np.abs(each - draw(replace(plan, seed=plan.seed + place))).max() <= 2


def test_calls_are_told_as_they_will_be(plan):
    counted = []
    list(pictures(plan, device="cpu", on_step=lambda start, done, total: counted.append((done, total))))
    assert counted == [(call, 3) for call in range(1, 4)]


@pytest.fixture
def remix(make_plan, folder):
    """A plan of the demo model with its picture and mask."""
    paths = {"image": str(folder / "start.png"), "mask": str(folder / "mask.png")}
    return make_plan(command="remix", strength=0.75, sampler="ddim", steps=4, **paths)


def test_what_is_black_is_kept_and_what_is_white_is_drawn(remix):
    kept = draw(replace(remix, steps=20, strength=1.0))
    with Image.open(remix.image) as image:
        start = np.asarray(image, dtype=np.int16)
    near, far = (np.abs(kept - start)[:, part].mean() for part in (slice(0, 24), slice(40, 64)))
    assert near < far / 2


def test_a_model_made_for_inpainting_draws_nothing_without_a_mask(make_plan, folder, tmp_path):
    shown_what_is_kept(tiny.tiny_pipeline()).save_pretrained(tmp_path / "model")
    for variant in ("inpaint", ""):
        model = Model(name="ink", family="sd1", path=str(tmp_path / "model"), variant=variant)
        for changes in ({}, {"image": str(folder / "start.png"), "strength": 0.5}):
            with pytest.raises(RenderError, match="is made for inpainting: it draws with a mask alone"):
                draw(make_plan(model=model, steps=2, **changes))


def test_what_a_mask_keeps_is_not_drawn_over(remix):
    with pytest.raises(RenderError, match="what `/mask` keeps would be drawn over by the hires pass"):
        draw(replace(remix, hires=1.5))


def saved(path, image, **settings):
    image.save(path, **settings)
    return str(path)


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("black.png", lambda: Image.new("L", (64, 64)), "nothing of the mask `.*black.png` is white"),
        ("clear.png", lambda: Image.new("RGBA", (64, 64), (255, 255, 255, 0)), "nothing of the mask .* is white"),
        ("wide.png", lambda: Image.new("L", (64, 32), 255), "is 64x32, which is another shape than 64x64 of the image"),
    ],
)
def test_a_mask_that_masks_nothing_is_one_sentence(remix, tmp_path, name, make, message):
    path = saved(tmp_path / name, make())
    with pytest.raises(RenderError, match=message):
        draw(replace(remix, mask=path))


@pytest.mark.parametrize("option", ["image", "mask"])
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.png", b"", "is not an image that can be read: it is of no known format"),
        ("text.png", b"a cow", "is not an image that can be read: it is of no known format"),
        ("cut.png", None, "is not an image that can be read"),
        ("huge.png", 13_500, "has more than 100,000,000 pixels"),
        ("large.png", 11_000, "has more than 100,000,000 pixels"),
    ],
)
def test_a_picture_that_is_none_is_one_sentence(remix, tmp_path, option, name, data, message):
    path = tmp_path / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        side = data or 64
        Image.new("1", (side, side), 1).save(path)
        path.write_bytes(path.read_bytes()[: None if data else -30])
    with pytest.raises(RenderError, match=message):
        draw(replace(remix, **{option: str(path)}))
    if data is not None:
        with pytest.raises(RenderError, match=message):
            check_pictures(replace(remix, **{option: str(path)}))


def test_neither_a_folder_nor_a_pipe_holds_it_up(remix, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path, tmp_path / "pipe.png", tmp_path / "nothing.png"):
        with pytest.raises(RenderError, match=r"is not an image that can be read|there is no mask"):
            draw(replace(remix, mask=str(path)))


def test_sixteen_bits_cmyk_palettes_and_turned_pictures_are_read_as_they_look(remix, tmp_path):
    grey = Image.linear_gradient("L").resize((64, 64))
    plain = draw(replace(remix, mask=None, image=saved(tmp_path / "grey.png", grey)))
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    turned = grey.rotate(90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter to the right, to be seen upright
    written = {
        "deep.png": saved(tmp_path / "deep.png", deep),
        "cmyk.tif": saved(tmp_path / "cmyk.tif", grey.convert("CMYK")),
        "palette.png": saved(tmp_path / "palette.png", grey.convert("P")),
        "turned.png": saved(tmp_path / "turned.png", turned, exif=exif),
    }
    for name, path in written.items():
        assert np.abs(draw(replace(remix, mask=None, image=path)) - plain).max() <= 1, name


def test_a_picture_of_fractions_is_refused(remix, tmp_path):
    path = saved(tmp_path / "fractions.tif", Image.new("F", (8, 8), 0.5))
    with pytest.raises(RenderError, match="holds fractions and no colours"):
        draw(replace(remix, image=path, mask=None))
