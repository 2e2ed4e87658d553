"""What `promptlang serve` answers, over a real socket."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

import promptlang_runtime
from promptlang.checks.review import review
from promptlang.cli.arguments import UsageError
from promptlang.config.chain import load
from promptlang.plans.json import from_data
from promptlang.plans.plan import Plan
from promptlang_runtime import render
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.models.places import find_all
from promptlang_runtime.output.metadata import read
from promptlang_serve.command import main
from promptlang_serve.drawer import Drawer
from promptlang_serve.limits import Limits
from promptlang_serve.site import Site
from promptlang_serve.statements import compiled, drawable
from tests.serve.conftest import served

STATEMENT = "/render /parser:new /seed:7 a (red:1.2) circle on a white background [blue]"
GENERATE, RENDER = "/v1/images/generations", "/v1/render"


def picture(data: str) -> Image.Image:
    return Image.open(BytesIO(b64decode(data)))


def refused(answer: httpx.Response, status: int) -> str:
    """The message of a refusal, which has one form everywhere."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error"]["message"] == body["detail"]
    return str(body["detail"])


def test_check_and_compile_say_what_the_command_line_says(client: httpx.Client) -> None:
    text = "/render /parser:new /clipskip:1.9 a cow"
    found = client.post("/v1/check", json={"text": text}).json()["diagnostics"]
    assert [(each["code"], each["message"]) for each in found] == [
        (each.rule.name, each.message) for each in review(text)
    ]
    made = client.post("/v1/compile", json={"text": "a cow", "options": {"steps": 9, "size": "128x64"}}).json()
    (plan,) = (from_data(each) for each in made["plans"])
    assert (plan.steps, plan.size, plan.source) == (9, (128, 64), "/render a cow")


def test_a_picture_is_that_of_render_and_says_how_it_was_made(client: httpx.Client, tmp_path: Path) -> None:
    answer = client.post(RENDER, json={"text": STATEMENT}).json()
    (drawn,) = answer["pictures"]
    (plan,) = (from_data(each) for each in client.post("/v1/compile", json={"text": STATEMENT}).json()["plans"])
    assert picture(drawn["b64"]).tobytes() == render(plan, device="cpu")[0].tobytes()
    file = tmp_path / "picture.png"
    file.write_bytes(b64decode(drawn["b64"]))
    making = read(file)
    assert (making.plan, making.seed, making.parameters) == (plan, 7, drawn["parameters"])


def test_openai_images(client: httpx.Client) -> None:
    asks = {"prompt": "a red circle", "n": 2, "size": "64x96", "seed": 3, "model": "demo", "response_format": "url"}
    data = client.post(GENERATE, json=asks).json()["data"]
    assert [each["seed"] for each in data] == [3, 4]
    pictures = [Image.open(BytesIO(client.get(each["url"]).content)) for each in data]
    assert [each.size for each in pictures] == [(64, 96)] * 2
    stronger = client.post(GENERATE, json={**asks, "prompt": "/size:64x64 /images:1 /seed:5 a red circle"}).json()
    assert [each["seed"] for each in stronger["data"]] == [5], "what the prompt says holds against the body"
    assert "nothere" in refused(client.post(GENERATE, json={**asks, "model": "nothere"}), 404)
    assert client.get("/v1/models/Demo").json() == client.get("/v1/models").json()["data"][0]


def test_a_negative_prompt_is_what_stands_behind_negative(client: httpx.Client) -> None:
    def drawn(prompt: str, **said: str) -> Plan:
        asks = {"prompt": f"/seed:5 {prompt}", "size": "64x64", **said}
        data = client.post(GENERATE, json=asks).json()["data"]
        return from_data(json.loads(picture(data[0]["b64_json"]).text["promptlang"])["plan"] | {"source": ""})

    behind = drawn("a red circle /negative blue, mud")
    assert drawn("a red circle", negative_prompt=" blue,\nmud ") == behind
    assert drawn("a red circle /negative blue", negative_prompt="mud") == behind
    assert drawn("a red circle", negative_prompt=" ") == drawn("a red circle")
    for prompt, negative in (("a", "mud /steps:3"), ("/render a\n/render b", "mud")):
        answer = client.post(GENERATE, json={"prompt": prompt, "negative_prompt": negative})
        assert "`negative_prompt`" in refused(answer, 422)


def test_a_broken_form_is_said_to_its_sender_alone(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    form = {"content-type": "multipart/form-data; boundary=part"}
    answer = client.post("/v1/images/edits", content=b"--other\r\n", headers=form)
    assert "the form cannot be read" in refused(answer, 400)
    assert [each.name for each in caplog.records if each.name.startswith("python_multipart")] == []


def test_openai_edits_draw_anew_where_the_mask_is_clear(client: httpx.Client) -> None:
    def data(image: Image.Image) -> bytes:
        image.save(file := BytesIO(), "PNG")
        return file.getvalue()

    image, mask = Image.new("RGB", (64, 64), "red"), Image.new("RGBA", (64, 64), "black")
    mask.paste((0, 0, 0, 0), (32, 0, 64, 64))
    fields = {"prompt": "a blue square", "size": "64x64", "strength": "1", "seed": "1"}
    files = {"image": data(image), "mask": data(mask)}
    answer = client.post("/v1/images/edits", data=fields, files=files)
    drawn = picture(answer.json()["data"][0]["b64_json"]).convert("RGB")
    plain = client.post("/v1/images/edits", data=fields, files={"image": files["image"]}).json()["data"][0]["b64_json"]
    assert drawn.crop((0, 0, 28, 64)).tobytes() != picture(plain).crop((0, 0, 28, 64)).tobytes()
    assert json.loads(picture(plain).text["promptlang"])["plan"]["image"] == "image.png"
    assert "no PNG" in refused(client.post("/v1/images/edits", data=fields, files={"image": b"no"}), 422)
    Image.new("CMYK", (64, 64)).save(printed := BytesIO(), "JPEG")
    assert client.post("/v1/images/edits", data=fields, files={"image": printed.getvalue()}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "files", "status", "says"),
    [
        ({"image": "a.png"}, {"mask": b""}, 400, "`image` must be a file, found a text"),
        ({"mask": "a.png"}, {"image": b""}, 400, "`mask` must be a file, found a text"),
        ({"strength": "nan"}, {"image": b""}, 400, "`strength` must be a number"),
        ({"guidance_scale": "1e999"}, {"image": b""}, 400, "`guidance_scale` must be a number"),
        ({"seed": "9" * 400}, {"image": b""}, 400, "`seed` must be"),
        ({"n": "1.5"}, {"image": b""}, 400, "`n` must be a whole number"),
    ],
)
def test_fields_of_a_form_that_are_none(
    client: httpx.Client, fields: dict[str, str], files: dict[str, bytes], status: int, says: str
) -> None:
    assert says in refused(client.post("/v1/images/edits", data={"prompt": "a", **fields}, files=files), status)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"text": "/unknown:3 a"}, 422, "no option is called `/unknown`"),
        ({"text": "# nothing"}, 422, "asks for no picture"),
        ({"text": "a <nothere>"}, 422, "no model called `nothere`"),
        ({"text": "a", "options": {"images": 5}}, 422, "5 pictures are asked for, and 4"),
        ({"text": "a /size:4096x64"}, 422, "4096 pixels a side"),
        ({"text": "a /steps:99 /hires:2 /hires-steps:99"}, 422, "198 steps"),
        ({"text": "a /vae:/etc/passwd"}, 422, "inside the project"),
        ({"text": "/recipe #x /vae:../secret.safetensors\n/render a #x"}, 422, "inside the project"),
        ({"text": "a", "options": {"vae": "../secret.safetensors"}}, 422, "inside the project"),
        ({"text": "a", "model": "demo> /vae:../secret.safetensors <demo"}, 422, "inside the project"),
        ({"text": "/remix /image:out.safetensors a"}, 422, "leads out of the project by a link"),
        ({"text": "a", "options": {"sampler": "nothere"}}, 422, "sampler"),
        ({"text": "a", "options": {"steps": True}}, 400, "`steps` must be"),
        ({"text": "a", "option": {}}, 400, "write `options`"),
        ({"text": 3}, 400, "`text` must be a text, found `3`"),
        ({"text": "x" * 20_001}, 400, "at most 20,000 characters"),
        ([], 400, "must be an object"),
    ],
)
def test_bad_input_is_an_answer(client: httpx.Client, body: object, status: int, says: str) -> None:
    assert says in refused(client.post(RENDER, json=body), status)


def test_files_of_the_project_are_found_wherever_the_service_was_started(tmp_path: Path) -> None:
    (tmp_path / "promptlang.toml").write_text('[options]\nsize = "64x64"\n')
    Image.new("RGB", (64, 64)).save(tmp_path / "in.png")
    project = load(tmp_path / "promptlang.toml").project
    (plan,) = drawable(compiled("/remix /image:in.png a cow", project), project, Limits())
    assert plan.image == str(tmp_path / "in.png")
    find_all(plan)


def test_bodies_that_are_none(client: httpx.Client) -> None:
    named = {"Content-Type": "application/json"}
    assert "not JSON" in refused(client.post(RENDER, content=b'{"text": NaN}', headers=named), 400)
    assert "not JSON" in refused(client.post(RENDER, content=b"[" * 100_000, headers=named), 400)
    refused(client.post(RENDER, content=b'{"text": "a"}', headers={"Content-Type": "text/plain"}), 415)
    refused(client.post(RENDER, content=b"x" * (33 * 1024**2), headers=named), 413)
    half = rb'{"text": "/seed:1 a \ud800 \u0000 cow"}'
    assert [client.post(path, content=half, headers=named).status_code for path in ("/v1/check", RENDER)] == [200, 200]
    refused(client.get(RENDER), 405)
    refused(client.get("/nothere"), 404)


def test_who_may_ask(client: httpx.Client, make_site: Callable[..., Site]) -> None:
    refused(client.get("/v1/models", headers={"Host": "evil.example"}), 421)
    refused(client.get("/v1/models", headers={"Origin": "http://evil.example"}), 403)
    token = "a token of this test".replace(" ", "-")
    shared = served(make_site(), host="0.0.0.0", token=token, origins=("http://good.example",))
    with shared as address, httpx.Client(base_url=address) as outside:
        refused(outside.get("/v1/models"), 401)
        assert outside.get("/v1/models", auth=("anyone", token)).status_code == 200
        page = {"Authorization": f"Bearer {token}", "Origin": "http://good.example"}
        answer = outside.get("/v1/models", headers=page)
        assert answer.headers["Access-Control-Allow-Origin"] == "http://good.example"


def test_the_document_names_every_option(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    body = paths[RENDER]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"clipskip", "sampler", "hires"} <= body["properties"]["options"]["properties"].keys()
    assert body["properties"]["text"]["maxLength"] == Limits().text


def test_what_is_answered_of_a_picture_is_what_its_file_says_and_it_is_seen_before(tmp_path: Path) -> None:
    """The hashes of its networks as well."""
    neon = Path(promptlang_runtime.__file__).parent / "demo" / "concepts" / "neon.safetensors"
    shutil.copy(neon, tmp_path / "glow.safetensors")
    project = tmp_path / "promptlang.toml"
    project.write_text('[concepts.glow]\npath = "glow.safetensors"\n')
    site = Site(project=load(project).project, limits=Limits(), drawer=Drawer(Settings(device="cpu"), 4))
    words = {"steps": 30, "width": 64, "height": 64, "seed": 7, "prompt": "a star <lora:glow:0.5>"}
    seen: set[tuple[int, int]] = set()
    with served(site) as address, ThreadPoolExecutor(1) as pool, httpx.Client(base_url=address, timeout=60) as asking:
        coming = pool.submit(asking.post, "/sdapi/v1/txt2img", json=words)
        while not coming.done():
            if so_far := asking.get("/sdapi/v1/progress").json()["current_image"]:
                seen.add(picture(so_far).size)
        answer = coming.result().json()
        assert asking.get("/sdapi/v1/progress").json()["current_image"] is None
    assert seen == {(8, 8)}
    file = tmp_path / "star.png"
    file.write_bytes(b64decode(answer["images"][0]))
    (said,) = json.loads(answer["info"])["infotexts"]
    assert said == read(file).parameters
    assert "Lora hashes" in said


def test_a_device_that_is_not_there_is_said_at_the_start() -> None:
    """Not at the first picture."""
    with pytest.raises(UsageError, match="there is no device `nowhere` here"):
        main(["--device", "nowhere", "--port", "0"])
