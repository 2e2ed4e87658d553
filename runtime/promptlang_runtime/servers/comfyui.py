"""A running ComfyUI: our graph over its HTTP interface, one graph a picture, for its noise is that of a whole batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock
from urllib.parse import quote, urlencode
from uuid import uuid4

from PIL import Image

from promptlang.importers.json_text import shortened
from promptlang.models.evidence.records import Record, is_list, printable
from promptlang.plans.enlarging import drawn_size
from promptlang.plans.plan import Plan
from promptlang.values import replace
from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.images import control_map, mask_image, start_image
from promptlang_runtime.servers.calling import DRAWING, Caller
from promptlang_runtime.servers.nodes import Nodes
from promptlang_runtime.servers.pictures import decoded, png
from promptlang_runtime.servers.telling import Told, told

TARGET = "comfyui"
FOLDER = "promptlang"  # for what we send, and for its own copies of what it draws
STATS = "/system_stats"
_FIRST, _LONGEST = 0.1, 1.0  # seconds between two looks
_LOST = 3  # looks that find a picture nowhere
_ANY = "surrogatepass"  # what it says in half letters is said back


class ComfyUI:
    """A program that is told by graphs; what it has is asked of it, so that names are its own."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._nodes = Nodes(caller)
        self._sent: set[str] = set()
        self._waiting: set[str] = set()
        self._lock = Lock()
        self._client = uuid4().hex

    @property
    def title(self) -> str:
        """What draws."""
        version = self._caller.record(STATS).record("system").text("comfyui_version")
        return f"ComfyUI {printable(version)[:20]}".strip()

    def remarks(self, plan: Plan) -> tuple[str, ...]:
        """What it is not told; raises RenderError where it cannot draw the plan."""
        names = {"image": "image.png", "mask": "mask.png", "control_image": "map.png"}
        return self._told(plan, {name: file for name, file in names.items() if getattr(plan, name)}).remarks

    def draw(self, plan: Plan) -> Image.Image:
        """The one picture of a plan; raises RenderError."""
        graph = self._told(plan, dict(self._uploaded(plan))).body
        saved = next(each for each in graph.values() if isinstance(each, Record) and each["class_type"] == "SaveImage")
        # The same graph twice is answered without a picture: nothing of it is new.
        saved.record("inputs")["filename_prefix"] = f"{FOLDER}/{uuid4().hex[:12]}"
        number = self._begun(graph)
        with self._lock:
            self._waiting.add(number)
        try:
            file = self._finished(number)
        finally:
            with self._lock:
                self._waiting.discard(number)
        keys = ("filename", "subfolder", "type")
        answer = self._caller.answered(f"/view?{urlencode({key: file.text(key) for key in keys}, errors=_ANY)}")
        self._caller.check(answer)
        return decoded(answer.data, drawn_size(plan), self._caller.address.url)

    def stop(self) -> None:
        """Take what it has not begun out of its queue."""
        with self._lock:
            waiting = list(self._waiting)
        if waiting:
            self._caller.asked("/queue", {"delete": waiting})

    def _told(self, plan: Plan, files: Mapping[str, str]) -> Told:
        """The graph with the names of ComfyUI's own files."""
        model = plan.model
        if model.path and Path(model.path).is_dir():  # it is called by its name there
            model = replace(model, path=None)
        changes = {**files, "control": "map"} if plan.control_image else files
        made = told(replace(plan, model=model, **changes), TARGET)
        called = [(model.path, model.name), *((each.path, each.name) for each in plan.networks)]
        names = {Path(path).name: name for path, name in called if path}
        self._nodes.fit(made.body, names)
        return made

    def _uploaded(self, plan: Plan) -> Iterator[tuple[str, str]]:
        """The pictures of a plan, sent, as the graph is to name them."""
        if plan.image:
            yield "image", self._upload(start_image(plan.image, plan.size))
            if plan.mask:
                yield "mask", self._upload(mask_image(plan.mask, plan.image, plan.size))
        if plan.control_image:
            yield "control_image", self._upload(control_map(plan))

    def _upload(self, picture: Image.Image) -> str:
        data = png(picture.convert("RGB"))
        name = f"{sha256(data).hexdigest()[:24]}.png"
        if name not in self._sent:
            fields = {"type": "input", "subfolder": FOLDER, "overwrite": "true"}
            answer = self._caller.sent("/upload/image", fields, {"image": (name, data)})
            if answer.text("name") != name:
                raise RenderError(f"`{self._caller.address.url}` did not take the picture it was sent")
            self._sent.add(name)
        return f"{FOLDER}/{name}"

    def _begun(self, graph: Record) -> str:
        """The number of a graph in the queue; raises RenderError where any of it is refused."""
        url = self._caller.address.url
        answer = self._caller.asked("/prompt", {"prompt": graph, "client_id": self._client})
        found = answer.json
        if not isinstance(found, Record):
            self._caller.check(answer)
            raise RenderError(f"`{url}` answers `/prompt` with no JSON")
        if errors := found.record("node_errors"):  # also beside a graph of which another part is drawn
            raise RenderError(f"`{url}` refuses the graph: {_first(errors)}")
        self._caller.check(answer)
        if not (number := found.text("prompt_id")):
            raise RenderError(f"`{url}` answers `/prompt` without a number")
        return number

    def _finished(self, number: str) -> Record:
        """The file of a picture when it is drawn; raises RenderError where it is not."""
        url, pause, lost = self._caller.address.url, _FIRST, 0
        deadline = time.monotonic() + DRAWING
        while time.monotonic() < deadline:
            entry = self._caller.record(f"/history/{quote(number, errors=_ANY)}").record(number)
            if entry:
                return _file(entry, url)
            lost = 0 if self._is_queued(number) else lost + 1
            if lost >= _LOST:
                raise RenderError(f"`{url}` knows nothing of the picture any more", "add `--resume` to draw it again")
            if self._caller.stopped.wait(pause):
                raise RenderError("stopped")
            pause = min(pause * 1.5, _LONGEST)
        raise RenderError(f"`{url}` has not drawn the picture in {DRAWING} s", "look at what it does there")

    def _is_queued(self, number: str) -> bool:
        queue = self._caller.record("/queue")
        items = [*queue.items_of("queue_running"), *queue.items_of("queue_pending")]
        return any(is_list(each) and number in each for each in items)


def _file(entry: Record, url: str) -> Record:
    status = entry.record("status")
    for each in entry.record("outputs").values():
        if isinstance(each, Record) and (images := each.records_of("images")):
            return images[0]
    for message in reversed(status.items_of("messages")):
        if is_list(message) and len(message) == 2 and isinstance(said := message[1], Record):
            if why := said.text("exception_message"):
                node = printable(said.text("node_type"))[:60]
                raise RenderError(f"`{url}` failed in `{node}`: {shortened(printable(why))}")
            if message[0] == "execution_interrupted":
                raise RenderError(f"somebody interrupted the picture at `{url}`", "add `--resume` to draw it again")
    raise RenderError(f"`{url}` ended without a picture")


def _first(errors: Record) -> str:
    """The first complaint about a node, in its words."""
    for node in errors.values():
        if isinstance(node, Record):
            for each in node.records_of("errors"):
                kind = printable(node.text("class_type"))[:60]
                return f"`{kind}`: " + shortened(printable(f"{each.text('message')}: {each.text('details')}"))
    return "it does not say why"
