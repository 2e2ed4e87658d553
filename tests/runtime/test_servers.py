"""`render --server`: what other programs are told and answer, good ones and bad."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promptlang.cli.arguments import UsageError
from promptlang.plans.plan import Plan
from promptlang_runtime.command.command import main
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors import on_server
from promptlang_runtime.output import metadata
from promptlang_runtime.servers import calling, comfyui
from promptlang_runtime.servers.address import address_of
from promptlang_runtime.servers.calling import Caller
from promptlang_runtime.servers.names import absent, found
from promptlang_runtime.servers.pictures import png
from promptlang_runtime.servers.server import server_at
from tests.runtime.fake_comfyui import LORA, MODEL, State, listening
from tests.runtime.fake_comfyui import comfyui as running

SET = "/set /size:64x64 /steps:2 /guidance:4\n"
KARRAS = "/render /parser:comfy /sampler:dpm2m /schedule:karras"
Run = Callable[..., int]
Comfy = tuple[str, State]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Write a prompt file, and render it in its folder with these words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(comfyui, "_FIRST", 0.01)

    def render(text: str, *words: str) -> int:
        (tmp_path / "a.prompt").write_text(text, encoding="utf-8")
        return main(["a.prompt", "--no-sheet", *words])

    return render


@pytest.fixture
def comfy(tmp_path: Path) -> Iterator[Comfy]:
    with running(tmp_path) as found:
        yield found


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("*.png"))


def apart(first: Path, second: Path) -> int:
    """How far the pixels of two pictures are apart, at most."""
    one, other = (np.asarray(Image.open(each)).astype(int) for each in (first, second))
    return int(abs(one - other).max())


def test_comfyui_draws_what_is_drawn_here(
    run: Run, comfy: Comfy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its own names of files, one graph a picture, and by no graph twice."""
    address, state = comfy
    text = f"{SET}{KARRAS} /seed:3 /images:2 /clipskip:2 a (red:1.3) circle\n/negative blue\n"
    text += f"/set <neon:0.5>\n{KARRAS} /seed:5 a star\n"
    assert run(text, "--server", address, "--out", "there") == 0
    assert run(text, "--device", "cpu", "--out", "here") == 0
    assert names(tmp_path / "there") == names(tmp_path / "here") == ["a-001.png", "a-002.png", "a-003.png"]
    for name in names(tmp_path / "here"):
        assert apart(tmp_path / "here" / name, tmp_path / "there" / name) <= 1
    told = [
        {graph.record(key).text("class_type"): graph.record(key).record("inputs") for key in graph}
        for graph in state.graphs
    ]
    assert sorted(str(each["KSampler"]["seed"]) for each in told) == ["3", "4", "5"]
    assert {each["CheckpointLoaderSimple"]["ckpt_name"] for each in told} == {MODEL}
    assert {each["LoraLoader"]["lora_name"] for each in told if "LoraLoader" in each} == {LORA}
    assert len({each["SaveImage"]["filename_prefix"] for each in told}) == 3
    assert "warning" not in capsys.readouterr().err


def test_a_run_elsewhere_is_noted_and_resumed(
    run: Run, comfy: Comfy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, state = comfy
    text = f"{SET}{KARRAS} /seed:3 a\n/render /parser:comfy /sampler:dpm2m /seed:4 b\n"
    assert run(text, "--server", address) == 0
    assert "a.prompt:3: ComfyUI needs a schedule, and is told `normal`" in capsys.readouterr().err
    drawn = metadata.read(tmp_path / "out" / "a-001.png")
    assert drawn.plan
    assert (drawn.plan.schedule, drawn.plan.model.name, drawn.seed) == ("karras", "demo", 3)
    with Image.open(tmp_path / "out" / "a-002.png") as picture:
        own = json.loads(picture.info["promptlang"])
    assert (own["by"], own["unsaid"]) == ("comfyui", ["ComfyUI needs a schedule, and is told `normal`"])
    (tmp_path / "out" / "a-001.png").unlink()
    assert run(text, "--server", address, "--resume") == 0
    assert len(state.graphs) == 3
    assert run(text, "--server", address, "--resume") == 0
    assert len(state.graphs) == 3
    # What ComfyUI was not told all of is not the picture that is drawn here.
    assert run(text, "--device", "cpu", "--resume") == 0
    assert len(names(tmp_path / "out")) == 3


def test_what_is_not_begun_is_taken_out_of_the_queue(comfy: Comfy, make_plan: Callable[..., Plan]) -> None:
    address, state = comfy
    state.waits = 1000
    server = server_at(address)
    executor = on_server.OnServer(server)
    plan = make_plan(schedule="karras")
    executor.submit(0, [Wanted(plan, 1)])
    while not state.looks.get("number-1"):
        time.sleep(0.01)
    executor.close()
    _, result = executor.wait(lambda pictures, done, total: None)
    assert (result.pictures, state.dropped) == ((), [{"delete": ["number-1"]}])


def test_a_dry_run_says_where_and_sends_nothing(run: Run, comfy: Comfy, capsys: pytest.CaptureFixture[str]) -> None:
    address, state = comfy
    assert run(f"{SET}{KARRAS} a\n", "--server", address, "--dry-run") == 0
    assert f"by ComfyUI 0.3.64 at `{address}`" in capsys.readouterr().out
    assert not state.graphs
    assert not state.uploads


def test_pictures_go_along(run: Run, comfy: Comfy, tmp_path: Path) -> None:
    Image.effect_noise((96, 64), 90).convert("RGB").save(tmp_path / "in.png")
    text = f"{SET}/remix /parser:comfy /image:in.png /strength:0.6 /sampler:dpm2m /schedule:karras /seed:7 a star\n"
    address, state = comfy
    assert run(text, "--server", address, "--out", "there") == 0
    assert run(text, "--device", "cpu", "--out", "here") == 0
    assert apart(tmp_path / "here" / "a-001.png", tmp_path / "there" / "a-001.png") <= 1
    assert [Image.open(BytesIO(data)).size for data in state.uploads.values()] == [(64, 64)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("<nothere>", "has no model `nothere`"),
        ("<demo> <style:0.5>", "nothing is known of <style>"),
        ("/sampler:ddpm", "has no sampler `ddpm`"),
        ("/schedule:exponential", "has no schedule `exponential`"),
        ("/size:512x512", "takes 16 to 256 as `width` of `EmptyLatentImage`, found 512"),
        ("/freeu:1,1,1.2,1.2", "has no node `FreeU`"),
        ("/image:none.png /strength:0.5", "there is no image `none.png`"),
    ],
)
def test_what_it_has_not_costs_the_statement_alone(
    run: Run, comfy: Comfy, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    """It is known before anything is sent, and the number of its picture stays free."""
    address, state = comfy
    command = "/remix" if "/image" in words else "/render"
    model = f"/set {words}\n" if words.startswith("<") else ""
    options = "" if model else words
    text = f"/set /steps:2\n{model}{command} /parser:comfy {options} /seed:1 a\n/set <demo>\n{KARRAS} /size:64x64 b\n"
    assert run(text, "--server", address) == 1
    assert says in capsys.readouterr().err
    assert len(state.graphs) == 1
    assert names(tmp_path / "out") == ["a-002.png"]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (
            State(node_errors={"7": {"class_type": "SaveImage", "errors": [{"message": "no", "details": "images"}]}}),
            "refuses the graph: `SaveImage`: no: images",
        ),
        (State(fails="out of memory"), "failed in `KSampler`: out of memory"),
    ],
)
def test_what_comfyui_complains_of(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], state: State, says: str
) -> None:
    with running(tmp_path, state) as (address, _):
        assert run(f"{SET}{KARRAS} /seed:1 a\n", "--server", address) == 1
    assert says in capsys.readouterr().err


def test_what_it_has_lost_is_said(
    run: Run, comfy: Comfy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address, state = comfy
    state.waits, state.forgets = 1000, True
    monkeypatch.setattr(comfyui, "_LOST", 1)
    assert run(f"{SET}{KARRAS} /seed:1 a\n", "--server", address) == 1
    assert "knows nothing of the picture any more" in capsys.readouterr().err


# --- bad servers ------------------------------------------------------------------------------------------------------


class OpenAI(BaseHTTPRequestHandler):
    """A server of OpenAI's interface; `answers` are what it says to one request for a picture after the other."""

    answers: list[Answer]
    asked: list[dict[str, object]]

    def do_GET(self) -> None:
        """Its models."""
        known = b'{"object": "list", "data": [{"id": "org/Demo", "owned_by": "vllm"}]}'
        self.answer(200 if self.path == "/v1/models" else 404, {}, known if self.path == "/v1/models" else b"{}")

    def do_POST(self) -> None:
        """A picture."""
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answers = self.answers
        self.answer(*(answers.pop(0) if len(answers) > 1 else answers[0]))

    def answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
        """Send it; 0 sends nothing at all."""
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def answered(picture: bytes) -> Answer:
    return 200, {}, json.dumps({"data": [{"b64_json": b64encode(picture).decode()}]}).encode()


GREY = png(Image.new("RGB", (64, 64), "grey"))
GOOD = answered(GREY)
WORDS = "/render /seed:{} /size:64x64 /sampler:dpm2m a cow\n"


def _one(executor: on_server.OnServer) -> int:
    return 1


def server(*answers: Answer) -> type[OpenAI]:
    return type("Server", (OpenAI,), {"answers": [*answers], "asked": []})


BAD: list[tuple[Answer, str]] = [
    ((500, {}, b'{"error": {"message": "CUDA out of memory"}}'), "answers 500: CUDA out of memory"),
    ((502, {"Content-Type": "text/html"}, b"<html>Bad gateway</html>"), "answers 502: a page for a browser"),
    ((200, {}, b"<!doctype html><p>log in"), "with a page for a browser where JSON is due"),
    ((200, {}, b""), "with nothing where JSON is due"),
    ((200, {}, b"\xff\xfe"), "with 2 bytes that say nothing where JSON is due"),
    ((200, {}, b'{"data": []}'), "answers without a picture"),
    ((200, {}, b"[1]"), "with JSON of another form"),
    ((200, {}, b'{"data": [{"b64_json": "%%%"}]}'), "is no base64"),
    (answered(b"no picture"), "is no picture that can be read"),
    (answered(GREY[:-30]), "is no picture that can be read"),
    (answered(png(Image.new("RGB", (32, 64)))), "drew 32x64, and 64x64 was asked for"),
    ((200, {}, b'{"data": [{"url": "http://127.0.0.1:1/x.png"}]}'), "leaves its picture with another server"),
    ((200, {}, b'{"data": [{"url": "file:///etc/passwd"}]}'), "leaves its picture with another server"),
    ((307, {"Location": "http://127.0.0.1:1/"}, b""), "sends elsewhere: `http://127.0.0.1:1/`"),
    ((401, {}, b"{}"), "wants a token"),
    ((200, {"Content-Length": "5000"}, b"{"), "hung up in the middle"),
    ((0, {}, b""), "does not answer"),
]


@pytest.mark.parametrize(("bad", "says"), BAD)
def test_a_bad_answer_costs_its_statement_alone(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Answer, says: str
) -> None:
    with listening(server(bad, GOOD)) as address:
        assert run(WORDS.format(1) + WORDS.format(2), "--server", address) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert len(errors) == 1
    assert says in errors[0]
    assert len(names(tmp_path / "out")) == 1


def test_a_busy_server_is_asked_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = server((429, {"Retry-After": "0"}, b""), (503, {"Retry-After": "0"}, b""), (429, {}, b""), GOOD)
    monkeypatch.setattr(calling, "LONGEST_WAIT", 0.01)
    with listening(busy) as address:
        assert run(WORDS.format(1), "--server", address) == 0
    assert len(busy.asked) == 4
    assert busy.asked[0] == busy.asked[3]
    (asked, *_) = busy.asked
    assert (asked["model"], asked["seed"], asked["n"], asked["size"]) == ("org/Demo", 1, 1, "64x64")


def test_a_busy_server_is_not_asked_for_ever(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calling, "LONGEST_WAIT", 0.01)
    busy = server((429, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}, b'{"detail": "queue full"}'))
    with listening(busy) as address:
        assert run(WORDS.format(1), "--server", address) == 1
    assert "answers 429: queue full" in capsys.readouterr().err
    assert len(busy.asked) == calling.TRIES


def test_a_server_that_is_gone_is_not_asked_by_everybody(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_server.OnServer, "count", _one)
    gone = server((0, {}, b""))
    with listening(gone) as address:
        assert run("".join(WORDS.format(seed) for seed in range(6)), "--server", address) == 1
    assert len(gone.asked) == on_server.GONE
    assert "has not answered 3 times in a row" in capsys.readouterr().err


def test_a_slow_server_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(OpenAI):
        def do_GET(self) -> None:
            time.sleep(0.5)

    with listening(Slow) as address, pytest.raises(RenderError, match=r"has not answered in 0 s"):
        Caller(address_of(address)).asked("/", seconds=0.1)


def test_a_server_that_answers_drop_by_drop_is_not_waited_for_for_ever() -> None:
    class Dripping(OpenAI):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b" ")
                    time.sleep(0.05)

    with listening(Dripping) as address, pytest.raises(RenderError, match=r"has not answered in 0 s"):
        Caller(address_of(address)).asked("/", seconds=0.2)


def test_an_endless_answer_is_cut_off(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calling, "LARGEST", 1000)
    with listening(server(answered(bytes(2000)))) as address:
        assert run(WORDS.format(1), "--server", address) == 1
    assert "is larger than" in capsys.readouterr().err


def test_what_an_endpoint_is_not_told_is_said_first(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "in.png")
    text = "/render /parser:new /seed:1 /size:64x64 /clipskip:2 /schedule:karras a (red:1.3) cow\n"
    text += "/remix /image:in.png /size:64x64 a cow\n"
    with listening(server(GOOD)) as address:
        assert run(text, "--server", address) == 1
    said = capsys.readouterr().err
    for each in ("is not told `/clipskip`", "weighs no words, so all of them count 1", "is not told `/schedule`"):
        assert f"a.prompt:1: an OpenAI images endpoint {each}" in said
    assert "a.prompt:2: an OpenAI images endpoint is not shown the picture of `/image`" in said


def test_a_model_of_the_server_is_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    other = server(GOOD)
    text = "/set <mine>\n" + WORDS.format(1)
    with listening(other) as address:
        assert run(text, "--server", address) == 1
        assert "has no model `mine`" in capsys.readouterr().err
        assert run(text, "--server", address, "--server-model", "Demo") == 0
    assert other.asked[0]["model"] == "org/Demo"


def test_dynamo_reads_what_stands_apart(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside its record it takes the same names, and looks at none of them."""

    class Dynamo(OpenAI):
        answers, asked = [GOOD], []

        def do_GET(self) -> None:
            known = b'{"object": "list", "data": [{"id": "demo", "object": "object", "owned_by": "nvidia"}]}'
            self.answer(200 if self.path == "/v1/models" else 404, {}, known)

    with listening(Dynamo) as address:
        assert run("/render /seed:9 /size:64x64 /steps:7 /guidance:3 a cow\n/negative blue\n", "--server", address) == 0
    (asked,) = Dynamo.asked
    assert asked["nvext"] == {"negative_prompt": "blue", "num_inference_steps": 7, "guidance_scale": 3, "seed": 9}
    assert not {"seed", "num_inference_steps", "guidance_scale", "negative_prompt"} & asked.keys()
    assert "NVIDIA Dynamo is not told `/sampler`" in capsys.readouterr().err


def test_a_token_goes_along(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    class Guarded(OpenAI):
        answers, asked = [GOOD], []

        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            super().do_GET()

    with listening(Guarded) as address:
        for token in ("secret", "me:secret"):
            monkeypatch.setenv(calling.TOKEN, token)
            assert run(WORDS.format(1), "--server", address) == 0
    assert set(seen) == {"Bearer secret", f"Basic {b64encode(b'me:secret').decode()}"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--ray", "local"], "`--server` and `--ray` exclude each other"),
        (["--jobs", "2"], "`--server` and `--jobs` exclude each other"),
        (["--device", "cuda"], "`--server` and `--device` exclude each other"),
        (["--memory", "low"], "`--server` and `--memory` exclude each other"),
        (["--server-kind", "promptlang", "--server-model", "x"], "name their models"),
    ],
)
def test_what_a_server_decides_itself(run: Run, words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        run(WORDS.format(1), "--server", "http://127.0.0.1:1", *words)


def test_a_kind_without_a_server(run: Run) -> None:
    with pytest.raises(UsageError, match="none is named"):
        run(WORDS.format(1), "--server-kind", "webui")


def test_a_server_that_is_not_there_or_not_known(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(WORDS.format(1), "--server", "http://127.0.0.1:1") == 2
    assert "`http://127.0.0.1:1` does not answer: connection refused" in capsys.readouterr().err

    class Shop(OpenAI):
        def do_GET(self) -> None:
            self.answer(200, {"Content-Type": "text/html"}, b"<html>Welcome")

    with listening(Shop) as address:
        assert run(WORDS.format(1), "--server", address) == 2
        assert "is no server that is known here" in capsys.readouterr().err
        assert run(WORDS.format(1), "--server", address.replace("http:", "https:")) == 2
    assert "no TLS is spoken with it, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8188/", "http://127.0.0.1:8188"),
        ("https://a.org/sd/v1/", "https://a.org/sd"),
        (" http://[::1]:1 ", "http://[::1]:1"),
    ],
)
def test_addresses(text: str, url: str) -> None:
    assert address_of(text).url == url


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1:8188", "ftp://a.org", "file:///etc", "http://", "http://a:b@c.org", "http://a.org:x", "http://a.org?b",
     "http://a.org/\n", "http://a b", "http://ä.org"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    if text.strip() != text:
        assert address_of(text)
        return
    with pytest.raises(RenderError):
        address_of(text)


def test_addresses_of_one_server() -> None:
    here = address_of("http://a.org/sd", "word")
    assert here.holds("http://a.org:80/x.png")
    assert not any(map(here.holds, ("https://a.org/x", "http://b.org/x", "http://a.org:8/x", "http://a.org:x/")))
    assert here.is_in_clear
    assert "word" not in repr(here)
    assert not address_of("http://localhost:1", "word").is_in_clear


@pytest.mark.parametrize(
    ("wanted", "known", "name"),
    [
        (["demo"], ["demo", "Demo"], "demo"),
        (["DEMO"], ["demo", "Demo"], ""),
        (["demo.safetensors"], ["sd/Demo.safetensors", "demo.ckpt"], "demo.ckpt"),
        (["models/demo.safetensors"], ["sd\\demo.safetensors"], "sd\\demo.safetensors"),
        (["", "flux"], ["black-forest-labs/FLUX"], "black-forest-labs/FLUX"),
        (["other"], ["demo"], ""),
    ],
)
def test_names_of_the_same_model(wanted: list[str], known: list[str], name: str) -> None:
    assert found(wanted, known) == name


class Webui(BaseHTTPRequestHandler):
    """A stable-diffusion-webui from before there were schedules: what it is asked for is noted."""

    asked: list[dict[str, object]]

    def do_GET(self) -> None:
        """Its lists."""
        model = {
            "title": "sd/demo.safetensors [0123456789]",
            "model_name": "sd_demo",
            "filename": "/m/sd/demo.safetensors",
        }
        lists: dict[str, object] = {
            "sd-models": [model],
            "samplers": [{"name": "DPM++ 2M", "aliases": ["k_dpmpp_2m"]}, {"name": "DPM++ 2M Karras"}],
            "loras": [{"name": "neon_v2", "alias": "neon", "path": "/m/neon_v2.safetensors"}],
        }
        self.answer(lists.get(self.path.rpartition("/")[2]))

    def do_POST(self) -> None:
        """A picture, from the seed before the one that is asked for where that is 9."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(asked)
        seed = asked["seed"] - (asked["seed"] == 9)
        self.answer({"images": [b64encode(GREY).decode()], "info": json.dumps({"seed": seed})})

    def answer(self, data: object) -> None:
        """Send JSON; none is a path that there is not."""
        content = json.dumps(data).encode()
        self.send_response(200 if data else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_webui_is_asked_by_its_own_names(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (80, 64)).save(tmp_path / "in.png")
    Image.new("L", (80, 64), 255).save(tmp_path / "mask.png")
    options = "/parser:a1111 /arithmetic:webui /size:64x64 /sampler:dpm2m"
    text = f"/render {options} /schedule:karras /seed:1 a <lora:neon:0.5>\n"
    text += f"/remix {options} /image:in.png /mask:mask.png /seed:2 a\n"
    text += f"/render {options} /schedule:exponential /seed:3 a\n/render {options} /seed:9 a\n"
    program = type("Program", (Webui,), {"asked": []})
    with listening(program) as address:
        assert run(text, "--server", address) == 1
    first, second, _ = program.asked
    assert (first["prompt"], first["sampler_name"]) == ("a <lora:neon_v2:0.5>", "DPM++ 2M Karras")
    settings = {"sd_model_checkpoint": "sd/demo.safetensors [0123456789]", "samples_format": "png"}
    assert first["override_settings"] == settings
    assert (second["sampler_name"], second["denoising_strength"], second["mask_blur"]) == ("DPM++ 2M", 0.75, 0)
    assert len(str(second["init_images"])) > 100
    said = capsys.readouterr().err
    assert "a.prompt:4: " in said
    assert "has no sampler `DPM++ 2M Exponential`" in said
    assert "drew from the seed 8, and 9 was asked for" in said


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("pix.safetensors", "it has `sd/Demo.safetensors` and `other.safetensors`"),
        ("demos.safetensors", "write `sd/Demo.safetensors`"),
    ],
)
def test_what_is_there_instead(name: str, help: str) -> None:
    """An ending that all files have makes no two names alike."""
    message = f"has no model `{name.partition('.')[0]}`"
    assert absent("model", name, [MODEL, "other.safetensors"]) == (message, help)
