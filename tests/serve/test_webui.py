"""webui's paths: what its clients send is drawn in its dialect and arithmetic, or refused."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from promptlang import compile
from promptlang_runtime.executors.here import render
from promptlang_serve.webui.paths import DONE, LISTS, ROOT
from tests.serve.test_service import picture, refused

ASKS = {
    "prompt": "a [red:blue:0.5] circle /no option",
    "negative_prompt": "green",
    "sampler_name": "Euler a",
    "scheduler": "Automatic",
    "cfg_scale": 4,
    "seed": 5,
    "width": 64.0,
    "height": 64,
    "batch_size": 2,
    "override_settings": {"CLIP_stop_at_last_layers": 2, "sd_model_checkpoint": "sd/Demo.safetensors [6ce0161689]"},
    "styles": [],
    "restore_faces": False,
    "alwayson_scripts": {},
    "hr_additional_modules": [],
}


def test_txt2img_is_webuis_picture(client: httpx.Client) -> None:
    answer = client.post(f"{ROOT}txt2img", json=ASKS).json()
    info = json.loads(answer["info"])
    assert (info["all_seeds"], info["prompt"], info["clip_skip"]) == ([5, 6], ASKS["prompt"], 2)
    plan = json.loads(picture(answer["images"][0]).text["promptlang"])["plan"]
    assert (plan["arithmetic"], plan["dialect"], plan["clip_skip"]) == ("webui", "a1111", 2)
    told = client.post(f"{ROOT}png-info", json={"image": answer["images"][0]}).json()["info"]
    assert told == info["infotexts"][0]
    assert told.startswith(f"{ASKS['prompt']}\nNegative prompt: green\nSteps: 2, Sampler: Euler a")


def test_img2img_and_a_second_pass(client: httpx.Client) -> None:
    asks = {**ASKS, "batch_size": 1, "sampler_name": "Euler"}
    image = client.post(f"{ROOT}txt2img", json=asks).json()["images"][0]
    over = {**asks, "init_images": [f"data:image/png;base64,{image}"], "denoising_strength": 0.5, "width": 128}
    assert picture(client.post(f"{ROOT}img2img", json=over).json()["images"][0]).size == (128, 64)
    twice = {**asks, "enable_hr": True, "hr_scale": 2, "hr_upscaler": "Latent", "hr_second_pass_steps": 0}
    assert picture(client.post(f"{ROOT}txt2img", json=twice).json()["images"][0]).size == (128, 128)


def sent(image: Image.Image) -> str:
    """A picture in base64."""
    file = BytesIO()
    image.save(file, "PNG")
    return b64encode(file.getvalue()).decode()


SIDE = 64
LEFT = Image.new("L", (SIDE, SIDE))  # of which the left half is drawn anew
LEFT.paste(255, (0, 0, SIDE // 2, SIDE))
NOISY = Image.effect_noise((SIDE, SIDE), 90).convert("RGB")
MASKED = {
    "prompt": "a red circle",
    "sampler_name": "Euler",
    "seed": 5,
    "cfg_scale": 3,
    "width": SIDE,
    "height": SIDE,
    "init_images": [sent(NOISY)],
    "mask": sent(LEFT),
    "denoising_strength": 0.9,
}


def inpainted(client: httpx.Client, **changes: object) -> np.ndarray:
    """The levels of the picture that comes of a mask."""
    answer = client.post(f"{ROOT}img2img", json={**MASKED, **changes})
    assert answer.status_code == 200, answer.text
    return np.asarray(picture(answer.json()["images"][0]), dtype=int)


def test_a_mask_is_drawn_as_the_renderer_draws_it(client: httpx.Client, tmp_path: Path) -> None:
    """Without blur, over the image itself, all of it: what `/mask` draws."""
    NOISY.save(tmp_path / "image.png")
    LEFT.save(tmp_path / "mask.png")
    found = inpainted(client, mask_blur=0, inpainting_fill=1, inpaint_full_res=False)
    options = f"/parser:a1111 /sampler:k_euler /steps:2 /guidance:3 /seed:5 /size:{SIDE}x{SIDE} /strength:0.9"
    (plan,) = compile(f"/remix /image:image.png /mask:mask.png {options} a red circle").plans
    paths = {name: str(tmp_path / f"{name}.png") for name in ("image", "mask")}
    (expected,) = render(replace(plan, **paths), device="cpu")
    assert abs(found - np.asarray(expected, dtype=int)).max() <= 1


def test_what_a_mask_keeps_stays_to_the_pixel(client: httpx.Client) -> None:
    was = np.asarray(NOISY, dtype=int)
    for asks in ({}, {"inpaint_full_res": False}, {"mask_blur": 0, "inpaint_full_res_padding": 8}):
        apart = abs(inpainted(client, **asks) - was).max(axis=-1)
        assert apart[:, -20:].max() == 0
        assert apart[:, :20].mean() > 10
    turned = abs(inpainted(client, inpainting_mask_invert=1, mask_blur=0) - was).max(axis=-1)
    assert turned[:, :32].max() == 0
    assert turned[:, 40:].mean() > 10


def test_the_masked_area_alone_is_drawn_in_the_size_asked_for(client: httpx.Client) -> None:
    large, mask = NOISY.resize((160, 96)), Image.new("RGBA", (160, 96))
    mask.paste((0, 0, 0, 255), (100, 30, 132, 62))  # opaque, which is painted
    answer = client.post(
        f"{ROOT}img2img", json={**MASKED, "init_images": [sent(large)], "mask": sent(mask), "mask_blur_x": 1}
    ).json()
    found = picture(answer["images"][0])
    assert found.size == (160, 96)
    assert (
        "Mask blur: 1x4, Inpaint area: Only masked, Masked area padding: 0, Masked content: fill"
        in (json.loads(answer["info"])["infotexts"][0])
    )
    apart = abs(np.asarray(found, dtype=int) - np.asarray(large, dtype=int)).max(axis=-1)
    assert apart[36:56, 106:126].mean() > 10
    apart[20:72, 97:135] = 0  # three pixels of blur across, ten down
    assert apart.max() == 0


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"inpainting_fill": 2}, 422, "`inpainting_fill` 2 (latent noise) is not drawn here"),
        ({"mask": sent(Image.new("L", (64, 64)))}, 422, "nothing of the mask is white"),
        ({"mask": "no base64"}, 422, "the picture is no base64"),
        ({"mask_round": False}, 400, "`mask_round` must be `null` or `true`"),
        ({"latent_mask": "abc"}, 400, "`latent_mask`"),
    ],
)
def test_masks_that_are_not_drawn_are_refused(
    client: httpx.Client, changes: dict[str, object], status: int, says: str
) -> None:
    assert says in refused(client.post(f"{ROOT}img2img", json={**MASKED, **changes}), status)


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"restore_faces": True}, 400, "`restore_faces` must be `null` or `false`, found `true`"),
        ({"script_name": "x/y/z plot"}, 400, "`script_name`"),
        ({"hr_scal": 2}, 400, "write `hr_scale`"),
        ({"sampler_name": "nothere"}, 422, "sampler"),
        ({"override_settings": {"sd_model_checkpoint": "nothere [abc]"}}, 422, "no model called `nothere [abc]`"),
        ({"n_iter": 3}, 422, "6 pictures"),
        ({"seed": 1.5}, 400, "`seed` must be a whole number"),
        ({"height": None}, 422, "`width` stands without `height`"),
        ({"s_min_uncond": 3}, 400, "`s_min_uncond` must be `null` or `0`, found `3`"),
        ({"firstphase_width": 64}, 400, "`firstphase_width`"),
    ],
)
def test_what_webui_can_and_is_not_drawn_is_refused(
    client: httpx.Client, changes: dict[str, object], status: int, says: str
) -> None:
    assert says in refused(client.post(f"{ROOT}txt2img", json={**ASKS, **changes}), status)


def test_pictures_that_are_none(client: httpx.Client) -> None:
    for image in ("no base64", b64encode(b"no picture").decode()):
        refused(client.post(f"{ROOT}img2img", json={"prompt": "a", "init_images": [image]}), 422)
    assert client.post(f"{ROOT}png-info", json={"image": b64encode(b"no picture").decode()}).json()["info"] == ""


def test_lists_and_options(client: httpx.Client) -> None:
    for name in LISTS:
        assert client.get(f"{ROOT}{name}").status_code == 200, name
    for name in DONE:
        assert client.post(f"{ROOT}{name}").json() is None, name
    chosen = client.get(f"{ROOT}options").json()
    assert client.post(f"{ROOT}options", json=chosen).status_code == 200, "as Open WebUI sends them back"
    assert "override_settings" in refused(client.post(f"{ROOT}options", json={"CLIP_stop_at_last_layers": 2}), 422)
    assert {"Euler a", "DPM++ 2M"} <= {each["name"] for each in client.get(f"{ROOT}samplers").json()}
    assert [each["title"] for each in client.get(f"{ROOT}sd-models").json()] == [chosen["sd_model_checkpoint"]]
