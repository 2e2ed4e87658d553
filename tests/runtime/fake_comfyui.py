"""A ComfyUI in miniature, by its published interface: it holds graphs to its nodes, and draws what we read in them."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

from promptlang import compile
from promptlang.importers.json_text import parsed
from promptlang.importers.reading import of_text
from promptlang.importers.retold import told
from promptlang.models.evidence.records import Record, is_list
from promptlang_runtime.executors.here import render

MODEL, LORA = "sd/Demo.safetensors", "styles/neon.safetensors"
DRAWING = Lock()
_LATENT, _SIDE = ["LATENT"], ["CONDITIONING"]
_NUMBER, _WHOLE = "FLOAT", "INT"

NODES: Mapping[str, Mapping[str, Sequence[object]]] = {
    "CheckpointLoaderSimple": {"ckpt_name": [[MODEL, "other.safetensors"]]},
    "LoraLoader": {
        "model": ["MODEL"],
        "clip": ["CLIP"],
        "lora_name": ["COMBO", {"options": [LORA]}],
        "strength_model": [_NUMBER, {"min": -100.0, "max": 100.0}],
        "strength_clip": [_NUMBER, {"min": -100.0, "max": 100.0}],
    },
    "CLIPSetLastLayer": {"clip": ["CLIP"], "stop_at_clip_layer": [_WHOLE, {"min": -24, "max": -1}]},
    "ModelSamplingDiscrete": {"model": ["MODEL"], "sampling": [["eps", "v_prediction"]], "zsnr": ["BOOLEAN", {}]},
    "CLIPTextEncode": {"text": ["STRING", {"multiline": True}], "clip": ["CLIP"]},
    "EmptyLatentImage": {
        "width": [_WHOLE, {"min": 16, "max": 256}],
        "height": [_WHOLE, {"min": 16, "max": 256}],
        "batch_size": [_WHOLE, {"min": 1, "max": 4096}],
    },
    "LoadImage": {"image": [["example.png"], {"image_upload": True}]},
    "ImageScale": {"image": ["IMAGE"], "upscale_method": [["lanczos"]], "crop": [["disabled", "center"]]},
    "VAEEncode": {"pixels": ["IMAGE"], "vae": ["VAE"]},
    "KSampler": {
        "model": ["MODEL"],
        "seed": [_WHOLE, {"min": 0, "max": 2**64 - 1}],
        "steps": [_WHOLE, {"min": 1, "max": 10000}],
        "cfg": [_NUMBER, {"min": 0.0, "max": 100.0}],
        "sampler_name": [["euler", "dpmpp_2m"]],
        "scheduler": [["normal", "karras"]],
        "positive": _SIDE,
        "negative": _SIDE,
        "latent_image": _LATENT,
        "denoise": [_NUMBER, {"min": 0.0, "max": 1.0}],
    },
    "VAEDecode": {"samples": _LATENT, "vae": ["VAE"]},
    "SaveImage": {"images": ["IMAGE"], "filename_prefix": ["STRING", {}]},
}


@dataclass(slots=True)
class State:
    """What it was sent; a picture is there after `waits` looks at the history, or `fails`, in the words of a node."""

    uploads: dict[str, bytes] = field(default_factory=dict[str, bytes])
    graphs: list[Record] = field(default_factory=list[Record])
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])
    looks: dict[str, int] = field(default_factory=dict[str, int])
    waits: int = 1
    fails: str = ""
    forgets: bool = False
    dropped: list[object] = field(default_factory=list[object])
    node_errors: dict[str, object] = field(default_factory=dict[str, object])


class Handler(BaseHTTPRequestHandler):
    """Its paths."""

    state: State

    def do_GET(self) -> None:
        """What is asked."""
        parts = urlsplit(self.path)
        match parts.path.split("/")[1:]:
            case ["system_stats"]:
                self.answer({"system": {"comfyui_version": "0.3.64"}, "devices": []})
            case ["object_info", kind]:
                found = NODES.get(unquote(kind))
                self.answer({kind: {"input": {"required": found}}} if found else {})
            case ["history", number]:
                self.answer(self.history(number))
            case ["queue"]:
                running = [] if self.state.forgets else [[0, number] for number in self.state.looks]
                self.answer({"queue_running": running, "queue_pending": []})
            case ["view"]:
                self.answer(self.state.pictures[parse_qs(parts.query)["filename"][0]])
            case _:
                self.answer(b"<html>no such page</html>", 404)

    def do_POST(self) -> None:
        """What is sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/upload/image":
            name = body.partition(b'filename="')[2].partition(b'"')[0].decode()
            self.state.uploads[f"promptlang/{name}"] = body[body.index(b"\x89PNG") :].rpartition(b"\r\n--")[0]
            self.answer({"name": name, "subfolder": "promptlang", "type": "input"})
        elif self.path == "/prompt":
            sent = parsed(body.decode())
            assert isinstance(sent, Record)
            self.begin(sent.record("prompt"))
        else:
            self.state.dropped.append(parsed(body.decode()))
            self.answer({})

    def begin(self, graph: Record) -> None:
        """Take a graph into the queue, if it fits the nodes."""
        errors = {**self.state.node_errors, **{key: error for key in graph if (error := _error(graph.record(key)))}}
        if errors and not self.state.node_errors:
            self.answer({"error": {"message": "Prompt outputs failed validation"}, "node_errors": errors}, 400)
            return
        self.state.graphs.append(graph)
        number = f"number-{len(self.state.graphs)}"
        self.state.looks[number] = 0
        self.answer({"prompt_id": number, "number": len(self.state.graphs), "node_errors": errors})

    def history(self, number: str) -> dict[str, object]:
        """The picture of a graph, when it is due."""
        self.state.looks[number] += 1
        if self.state.looks[number] <= self.state.waits:
            return {}
        if self.state.fails:
            said = {"node_type": "KSampler", "exception_message": self.state.fails}
            status: dict[str, object] = {"status_str": "error", "messages": [["execution_error", said]]}
            return {number: {"outputs": {}, "status": status}}
        graph = self.state.graphs[int(number.rpartition("-")[2]) - 1]
        name = f"{number}.png"
        self.state.pictures[name] = self.drawn(graph)
        image = {"filename": name, "subfolder": "promptlang", "type": "output"}
        return {number: {"outputs": {"9": {"images": [image]}}, "status": {"status_str": "success", "messages": []}}}

    def drawn(self, graph: Record) -> bytes:
        """The picture of a graph, as our importer reads it."""
        names = {"demo": "demo", "neon": "neon"}
        (text,) = told(of_text(json.dumps(graph)), named=lambda name: names.get(name.lower())).statements
        (plan,) = compile(text).plans
        if plan.image:
            plan = replace(plan, image=str(self.stored(plan.image)))
        with DRAWING:  # it draws one graph after the other
            (picture,) = render(plan, device="cpu")
        data = BytesIO()
        picture.save(data, "PNG")
        return data.getvalue()

    def stored(self, name: str) -> Path:
        """A picture that was sent, as a file."""
        path = self.folder / Path(name).name
        Image.open(BytesIO(self.state.uploads[name])).save(path)
        return path

    folder: Path

    def answer(self, data: object, status: int = 200) -> None:
        """Send JSON, or bytes as they are."""
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if content.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def _error(node: Record) -> dict[str, object] | None:
    """What is wrong with a node, as ComfyUI says it."""
    kind, inputs = node.text("class_type"), node.record("inputs")
    for name, (what, *limits) in NODES[kind].items():
        value = inputs.get(name)
        options = what if is_list(what) else Record(*limits).items_of("options")
        if value is None or (options and not is_list(value) and value not in options and kind != "LoadImage"):
            complaint = {"message": "Value not in list", "details": f"{name}: '{value}' not in list"}
            return {"class_type": kind, "errors": [complaint]}
    return None


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Generator[str]:
    """The address of a server that runs meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def comfyui(folder: Path, state: State | None = None) -> Generator[tuple[str, State]]:
    """A ComfyUI that runs meanwhile, with a folder for pictures that are sent: its address, and what it was sent."""
    state = state or State()
    with listening(type("Comfy", (Handler,), {"state": state, "folder": folder})) as address:
        yield address, state
