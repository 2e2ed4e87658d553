"""What holds for the answers of servers that draw, whatever they say: there is a picture, or one clause why there is
none.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event
from zlib import crc32

from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans.json import to_json
from promptlang.plans.plan import Plan
from promptlang.tables.models.known import KnownConcept
from promptlang_runtime.errors import RenderError
from promptlang_runtime.servers.address import Address
from promptlang_runtime.servers.calling import Answer, Caller
from promptlang_runtime.servers.kinds import KINDS, kind_of, program_of
from tests.fuzz.broken import hold, hold_lines
from tests.fuzz.files import as_bytes
from tests.fuzz.grammar import ODD_IN_JSON, Grammar

SIDE = 8
_LOOKS = 6  # at a queue, until whoever waits is stopped
_NETWORK = KnownConcept(
    name="hat", kind="lora", family="sd1", evidence="its metadata", path=Path("loras/hat.safetensors")
)
_TEXTS = (
    f"/render /parser:comfy /seed:1 /size:{SIDE}x{SIDE} <demo> a (cow:1.2)",
    f"/render /parser:a1111 /seed:1 /size:{SIDE}x{SIDE} <lora:hat:0.5> a cow",
    f"/render /seed:1 /size:{SIDE}x{SIDE} /sampler:dpm2m /schedule:karras a cow /negative mud",
)
_TYPICAL = {
    "/system_stats": '{"system": {"comfyui_version": "0.3.64"}, "devices": []}',
    "/object_info/": '{"KIND": {"input": {"required": {}}}}',
    "/prompt": '{"prompt_id": "n", "node_errors": {}}',
    "/history/": '{"n": {"outputs": {"9": {"images": [{"filename": "a.png", "type": "output"}]}}, "status": {}}}',
    "/queue": '{"queue_running": [[0, "n"]], "queue_pending": []}',
    "/view": "PICTURE",
    "/sdapi/v1/txt2img": '{"images": ["BASE64"], "info": "{}"}',
    "/sdapi/v1/": "[]",
    "/v1/models": '{"data": []}',
    "/v1/images/": '{"data": [{"b64_json": "BASE64"}]}',
    "/v1/compile": '{"plans": [{PLAN}], "diagnostics": []}',
    "/": "<html>no such page</html>",
}
"""What is answered where an input says nothing else, by the beginning of the path."""

_INPUTS = ("ckpt_name", "lora_name", "sampler_name", "scheduler", "steps", "cfg", "width", "seed", "strength_model")
_FIELDS = """
    system data devices owned_by id url b64_json images info seed model_name name title alias aliases filename label
    path prompt_id node_errors error detail message errors details class_type outputs status messages
    exception_message node_type queue_running subfolder type plans diagnostics severity input required
"""
ANSWERS = Grammar(
    {
        "file": (
            *("comfyui\n‹comfyui›", "comfyui\n‹comfyui›\n‹comfyui›", "webui\n‹webui›", "webui\n‹webui›\n‹webui›"),
            *("openai\n‹openai›", "dynamo\n‹openai›", "promptlang\n‹ours›", "\n‹any›", "\n‹comfyui›\n‹any›"),
        ),
        "any": (
            "‹comfyui›",
            "‹webui›",
            "‹openai›",
            "‹ours›",
            "/‹odd› ‹json›",
            "/ ‹status› ‹json›",
            "/v1 ‹status› ‹json›",
        ),
        "comfyui": (
            *("/system_stats ‹json›", '/system_stats {"system": {"comfyui_version": ‹value›}, "devices": []}'),
            *('/object_info/ {"KIND": {"input": {"required": {‹inputs›}}}}', '/object_info/ {"KIND": ‹value›}'),
            *("/prompt ‹json›", '/prompt {"prompt_id": ‹value›, "node_errors": {"1": ‹value›}}'),
            '/prompt {"node_errors": {"1": {"class_type": ‹value›, "errors": [{‹entries›}]}}}',
            *("/history/ ‹json›", '/history/ {"n": {‹entries›}}', '/history/ {"n": {"outputs": {"9": ‹value›}}}'),
            '/history/ {"n": {"outputs": {"9": {"images": [{"filename": ‹value›, "subfolder": ‹value›}]}}}}',
            '/history/ {"n": {"status": {"messages": [[‹value›, {‹said›}]]}}}',
            *(
                "/queue ‹json›",
                '/queue {"queue_running": ‹value›}\n/history/ {}',
                "/view ‹odd›",
                "/prompt ‹status› ‹json›",
            ),
        ),
        "said": ('"exception_message": ‹value›, "node_type": ‹value›', '"exception_message": ‹value›', "‹entries›"),
        "webui": (
            *('/sdapi/v1/txt2img {"images": [‹value›], "info": ‹value›}', "/sdapi/v1/txt2img ‹json›"),
            '/sdapi/v1/txt2img {"images": ["BASE64"], "info": "{\\"seed\\": ‹number›}"}',
            *("/sdapi/v1/‹list› [‹record›]", "/sdapi/v1/‹list› [‹record›, ‹record›]", "/sdapi/v1/‹list› ‹json›"),
            *("/sdapi/v1/‹list› [{‹named›}]", "/sdapi/v1/‹list› [{‹named›}, {‹named›}]", "/sdapi ‹status› ‹json›"),
        ),
        "named": (
            '"model_name": ‹value›, "title": ‹value›',
            '"name": ‹value›, ‹entries›',
            '"title": ‹value›, ‹entries›',
        ),
        "openai": (
            *('/v1/models {"data": [‹record›]}', "/v1/models ‹json›", '/v1/models {"data": [{"id": ‹value›}]}'),
            *('/v1/images/ {"data": [‹record›]}', "/v1/images/ ‹json›", "/v1/images/ ‹status› ‹json›"),
            '/v1/images/ {"data": [{"b64_json": ‹value›}]}',
            '/v1/images/ {"data": [{"url": "‹place›"}]}\n/pictures ‹odd›',
        ),
        "ours": (
            *('/v1/compile {"plans": [{PLAN, ‹field›}]}', '/v1/compile {"plans": [‹value›]}', "/v1/compile ‹json›"),
            '/v1/compile {"plans": [], "diagnostics": [{"severity": "error", "message": ‹value›, ‹entries›}]}',
            *('/v1/images/ {"data": [‹record›]}', "/v1/compile ‹status› ‹json›"),
        ),
        "list": ("sd-models", "samplers", "schedulers", "loras", "latent-upscale-modes", "sd-vae"),
        "status": ("200", "204", "400", "401", "404", "422", "500", "503", "299"),
        "json": ("{‹entries›}", "‹value›", "‹record›", "{‹entries›}‹odd›"),
        "record": ("{‹entries›}", "{‹entries›}", "‹value›"),
        "entries": ("‹entry›", "‹entry›, ‹entry›", "‹entry›, ‹entry›, ‹entry›", ""),
        "entry": ('"‹name›": ‹value›', '"‹name›": ‹value›', '"‹odd›": ‹value›'),
        "name": tuple(_FIELDS.split()),
        "inputs": ('"‹input›": ‹takes›', '"‹input›": ‹takes›, ‹inputs›', '"‹odd›": ‹value›'),
        "input": _INPUTS,
        "takes": (
            *('[["demo.safetensors", ‹value›]]', '["COMBO", {"options": ‹value›}]', '["INT", {"min": ‹value›}]'),
            *('["FLOAT", {"min": 0, "max": ‹value›}]', "‹value›", '["STRING", {}]', '[["a/Demo.ckpt", "demo"]]'),
        ),
        "field": ('"‹fact›": ‹value›', '"‹fact›": ‹value›, ‹field›'),
        "number": ("1", "2", "-1", "‹value›"),
        "fact": ("steps", "guidance", "size", "positive", "model", "networks", "seed", "version", "sampler"),
        "place": (
            "/pictures/a.png",
            "a.png",
            "data:image/png;base64,BASE64",
            "//x/a",
            "http://x/",
            "http://[",
            "‹odd›",
        ),
        "value": (
            *("1", "0", "-1", "1.5", "1e400", "NaN", "null", "true", '"demo"', '"hat"', '"n"', '"error"', '"‹odd›"'),
            *("[]", "{}", "[‹value›]", "[‹value›, ‹value›]", "{‹entry›}", "9" * 30, '"BASE64"', '"promptlang"'),
            *('"nvidia"', '"demo.safetensors"', '"execution_interrupted"', '"<html>"', '"data:,x"'),
        ),
        "odd": ODD_IN_JSON,
    }
)


class _Patience(Event):
    """Waits for nothing, and is at its end after some looks."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _LOOKS

    def wait(self, timeout: float | None = None) -> bool:
        """Whether whoever waits is stopped."""
        self._left -= 1
        return self._left < 0


class Told(Caller):
    """Calls a server that answers what an input says."""

    def __init__(self, answers: dict[str, tuple[int, str]], plan: Plan) -> None:
        super().__init__(Address("http://127.0.0.1:1"))
        self.stopped = _Patience()
        self._plan = plan
        self._answers = answers

    def _once(
        self, path: str, body: bytes | None, kind: str, seconds: float, number: int
    ) -> tuple[Answer, float | None]:
        del body, kind, seconds, number
        beginning = max((each for each in self._answers if path.startswith(each)), key=len)
        status, text = self._answers[beginning]
        if text == "PICTURE":
            return Answer(status=status, kind="image/png", data=_picture()), None
        filled = text.replace("KIND", path.rpartition("/")[2]).replace("BASE64", b64encode(_picture()).decode())
        filled = filled.replace("PLAN", to_json(self._plan, indent=None)[1:-1])
        return Answer(status=status, kind="application/json", data=as_bytes(filled)), None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A server of a kind, or of any where none is named, and what it is to draw."""

    caller: Told
    kind: str
    plan: Plan


def drawing(text: str) -> Drawing:
    """The name of a kind, and lines `/path answer` or `/path status answer` for what is not answered as usual."""
    kind, *lines = text.split("\n")
    answers = {path: (200, answer) for path, answer in _TYPICAL.items()}
    for line in lines:
        path, _, answer = line.partition(" ")
        status, _, rest = answer.partition(" ")
        is_status = len(status) == 3 and status.isascii() and status.isdigit() and status[0] in "2345"
        if path.startswith("/"):
            answers[path] = (int(status), rest) if is_status else (200, answer)
    plan = _plans()[crc32(as_bytes(text)) % len(_TEXTS)]
    return Drawing(Told(answers, plan), kind if kind in KINDS else "", plan)


@cache
def _plans() -> tuple[Plan, ...]:
    project = Project(concepts=(_NETWORK,))
    return tuple(compile(text, project=project).plans[0] for text in _TEXTS)


@cache
def _picture() -> bytes:
    from PIL import Image

    from promptlang_runtime.servers.pictures import png

    return png(Image.new("RGB", (SIDE, SIDE)))


def is_drawn(read: Drawing) -> None:
    """A picture of the size that was asked for; where there is none, a line that can be printed says why."""
    try:
        program = program_of(KINDS[read.kind] if read.kind else kind_of(read.caller), read.caller)
        said = (program.title, *program.remarks(read.plan))
        picture = program.draw(read.plan)
    except RenderError as error:
        said = (error.message, error.help)
    else:
        hold("a picture has its size", seen=picture.size, is_true=picture.size == (SIDE, SIDE))
    hold_lines("what is said of a server is a line", *said)
