"""webui's paths: what its clients send is drawn in its dialect and arithmetic, or refused."""

from __future__ import annotations

import json
from base64 import b64encode

import httpx
import pytest

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
