"""Clients that nobody here wrote, where they are installed: `pip install --group clients`."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from promptlang_serve.limits import Limits
from promptlang_serve.site import Site
from tests.serve.conftest import served
from tests.thorough import is_thorough

MISSING = "{} is not installed: `pip install --group clients`"
SETTINGS = """
[checks]
# 422 says what the compiler finds in a text: no schema can say which texts are statements.
positive_data_acceptance.expected-statuses = ["2xx", "404", "422", "429"]
"""


@pytest.mark.slow
def test_openai(address: str) -> None:
    openai = pytest.importorskip("openai", reason=MISSING.format("openai"))
    client = openai.OpenAI(base_url=f"{address}/v1", api_key="unused")
    assert [each.id for each in client.models.list()] == ["demo"]
    asks = {"prompt": "a red circle", "model": "demo", "size": "64x64"}
    drawn = client.images.generate(**asks, n=2, response_format="url", extra_body={"seed": 3})
    assert len({httpx.get(each.url).content for each in drawn.data}) == 2
    image = b64decode(client.images.generate(**asks).data[0].b64_json)
    assert client.images.edit(**asks, image=("image.png", image)).size == "64x64"
    with pytest.raises(openai.UnprocessableEntityError, match="no option is called"):
        client.images.generate(prompt="/unknown:3 a")
    with pytest.raises(openai.NotFoundError, match="there is `demo`"):
        client.images.generate(prompt="a", model="dall-e-3")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_webuiapi(address: str) -> None:
    webuiapi = pytest.importorskip("webuiapi", reason=MISSING.format("webuiapi"))
    api = webuiapi.WebUIApi(host="127.0.0.1", port=int(address.rpartition(":")[2]), sampler="Euler a", steps=2)
    api.util_set_model("demo")
    api.util_wait_for_ready(0.1)
    drawn = api.txt2img(prompt="a (red:1.2) circle", width=64, height=64, seed=5, batch_size=2)
    assert (len(drawn.images), drawn.info["all_seeds"]) == (2, [5, 6])
    assert api.png_info(drawn.image).info == drawn.info["infotexts"][0]
    over = api.img2img(images=[drawn.image], prompt="a cow", width=64, height=64, denoising_strength=0.5)
    masked = {"images": [drawn.image], "mask_image": drawn.image.convert("L").point(lambda grey: 255 * (grey > 9))}
    assert api.img2img(**masked, prompt="a cow", width=64, height=64).image.size == (64, 64)
    with pytest.raises(RuntimeError, match="latent noise"):
        api.img2img(**masked, prompt="a cow", width=64, height=64, inpainting_fill=2)
    twice = api.txt2img(prompt="a cow", width=64, height=64, enable_hr=True, hr_upscaler=webuiapi.HiResUpscaler.Latent)
    assert (over.image.size, twice.image.size) == ((64, 64), (128, 128))
    assert all(callable(getattr(api, name)) and getattr(api, name)() is not ... for name in LISTED)
    with pytest.raises(RuntimeError, match="restore_faces"):
        api.txt2img(prompt="a", restore_faces=True)


LISTED = (
    *("get_options", "get_cmd_flags", "get_progress", "get_samplers", "get_schedulers", "get_sd_vae", "get_upscalers"),
    *("get_latent_upscale_modes", "get_loras", "get_sd_models", "get_hypernetworks", "get_face_restorers"),
    *("get_realesrgan_models", "get_prompt_styles", "get_artist_categories", "get_artists", "refresh_checkpoints"),
    *("get_scripts", "get_embeddings", "get_memory", "interrupt", "skip"),
)


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="thousands of requests: `make test-slow`")
def test_schemathesis_finds_nothing(make_site: Callable[..., Site], tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason=MISSING.format("schemathesis"))
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    command = [str(Path(sys.executable).with_name("st")), "run", "--checks", "all", "--max-examples", "20"]
    command += ["--max-response-time", "60"]  # the first picture opens the model
    with served(make_site(limits=Limits(side=64, steps=2, images=2))) as address:
        asked = [*command, f"{address}/openapi.json"]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout
