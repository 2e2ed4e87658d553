"""What holds for every request to `promptlang serve`, which is asked without a socket and paints instead of drawing."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from PIL import Image

from promptlang.config.chain import load
from promptlang.files import TextFile
from promptlang.models.evidence.records import Record
from promptlang.plans.plan import Plan
from promptlang.source import Source
from promptlang.tables.options.schema import Schema
from promptlang.tables.options.table import ROWS as OPTIONS
from promptlang_runtime.executors.seeds import seeded, seeds_of
from promptlang_runtime.servers.pictures import png
from promptlang_serve.answers import REFUSAL
from promptlang_serve.app import application, rows
from promptlang_serve.limits import Limits
from promptlang_serve.orders import Drawn, Order, Progress
from promptlang_serve.rows import Row
from promptlang_serve.schemas import faults
from promptlang_serve.site import Site
from tests.fuzz.broken import hold
from tests.fuzz.files import NOWHERE, as_bytes
from tests.fuzz.grammar import ODD_IN_JSON, Grammar, Rules

LIMITS = Limits(body=1, text=80, side=64, steps=12, images=2, queue=2)
_MARK = "mark"
_HOST = [(b"host", b"127.0.0.1")]
_ROWS = rows(LIMITS)


class Painter:
    """Takes orders as a `Drawer` does, and finishes each at once."""

    def put(self, plans: Sequence[Plan], *, stoppable: bool = False) -> Order:
        """The pictures of the plans, black."""
        order = Order(plans, stoppable)
        wanted = [(plan, seed) for each in plans for plan in (seeded(each),) for seed in seeds_of(plan)]
        for place, (plan, seed) in enumerate(wanted):
            picture = Image.new("RGB", plan.size)
            picture.info.update(seed=seed, seconds=0.0)
            order.drawn[place] = Drawn(picture, plan, seed)
        order.finish()
        return order

    def cancel(self, order: Order) -> None:
        """It is finished."""

    def stop(self, *, only_batch: bool) -> None:
        """Nothing is being drawn."""

    def progress(self) -> Progress:
        """Nothing waits."""
        return Progress()

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request's method and path, the row that answers it, if any, and what was answered."""

    asked: str
    row: Row | None
    status: int
    kind: str
    data: bytes


def exchange(text: str) -> Exchange:
    """A line `POST /path`, then the body: JSON, or for a form a line for each field: `name=value`, `file@bytes`.

    `BASE64` is a picture in it, `PICTURE` its bytes.
    """
    head, _, body = text.partition("\n")
    method, _, path = head.partition(" ")
    row = next((each for each in _ROWS if (each.method, each.path) == (method, path)), None)
    if row and row.files:
        kind, data = f"multipart/form-data; boundary={_MARK}", b"".join(_form(body.split("\n")))
    else:
        kind, data = "application/json", as_bytes(body.replace("BASE64", _in_base64()))
    status, kind, answer = _loop().run_until_complete(_asked(method, path or "/", kind, data))
    return Exchange(head, row, status, kind, answer)


def _form(lines: Sequence[str]) -> Iterator[bytes]:
    for line in lines:
        name, sign, value = _parted(line)
        file = '; filename="a.png"' if sign == "@" else ""
        data = _picture() if value == "PICTURE" else as_bytes(value)
        yield f'--{_MARK}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode("utf-8", "replace")
        yield data + b"\r\n"
    yield f"--{_MARK}--\r\n".encode()


def _parted(line: str) -> tuple[str, str, str]:
    at = min((place for sign in "=@" if (place := line.find(sign)) >= 0), default=len(line))
    return line[:at], line[at : at + 1], line[at + 1 :]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _application() -> Any:
    small = TextFile(Source('[options]\nsize = "16x16"\nsteps = 2\n'))
    site = Site(project=load(NOWHERE, small).project, limits=LIMITS, drawer=Painter())  # type: ignore[arg-type]
    return application(site, host="127.0.0.1")


async def _asked(method: str, path: str, kind: str, body: bytes) -> tuple[int, str, bytes]:
    """The status, the kind and the body of an answer, by the interface that servers have to applications."""
    sent: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return given.pop() if given else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [*_HOST, (b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": as_bytes(path),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await _application()(scope, receive, send)
    begin, *rest = sent
    kind = dict(begin["headers"]).get(b"content-type", b"").decode()
    return begin["status"], kind, b"".join(each["body"] for each in rest)


@cache
def _picture() -> bytes:
    picture = Image.new("RGBA", (8, 8))
    picture.paste((255, 0, 0, 255), (0, 0, 4, 8))
    return png(picture)


@cache
def _in_base64() -> str:
    return b64encode(_picture()).decode()


def is_answered(read: Exchange) -> None:
    """In the form that the service publishes: what a row answers, or a refusal that is no mistake of ours."""
    if read.status == HTTPStatus.TEMPORARY_REDIRECT:
        return  # to the same path without the slash at its end
    hold("an answer is JSON", seen=read.kind, is_true=read.kind == "application/json")
    data = json.loads(read.data, object_pairs_hook=Record)
    hold(
        "a request is no mistake of ours",
        seen=(read.status, data),
        is_true=read.status < HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    is_refused = read.status != HTTPStatus.OK
    if read.row or is_refused:
        schema = REFUSAL if is_refused or read.row is None else read.row.answers
        wrong = next(faults(schema, data), "")
        hold("an answer is of the form that is published", seen=(read.asked, read.status, wrong), is_true=not wrong)
    if is_refused:
        said = str(data["detail"])
        hold("a refusal is a line", seen=said, is_true=len(said.splitlines()) == 1)


# --- the language -----------------------------------------------------------------------------------------------------


def _values(schema: Schema) -> Iterator[str]:
    """Values that a schema takes, or nearly."""
    for each in schema.get("anyOf", [schema]):  # type: ignore[union-attr]
        assert isinstance(each, dict)
        yield from (json.dumps(value) for value in each.get("enum", []))  # type: ignore[union-attr]
        for bound in (each.get("minimum"), each.get("maximum")):
            if isinstance(bound, int):
                yield from (str(bound), str(bound - 1), str(bound + 1))
        if each.get("type") == "string":
            yield from ('"‹words›"', '"‹odd›"')
        if each.get("type") == "object":
            yield '{"‹option›": ‹value›}'


def _fields(row: Row, name: str) -> Rules:
    """The fields of a body, and how it is written; what it needs is there nearly always."""
    assert row.body is not None
    known, needed = row.body["properties"], row.body.get("required", [])
    assert isinstance(known, dict)
    written = "{}={}" if row.files else '"{}": {}'
    between = "\n" if row.files else ", "
    needs = [written.format(each, "‹words›" if row.files else '"‹words›"') for each in needed if each not in row.files]
    needs += [f"{each}@PICTURE" for each in row.files if each in needed]
    if "init_images" in needed:
        needs = ['"init_images": ["BASE64"]']
    whole = f"{between.join(needs or [f'‹field-{name}›'])}‹more-{name}›"
    entries = tuple(
        written.format(field, value.strip('"') if row.files else value)
        for field, schema in known.items()
        for value in (*_values(schema), "‹value›")
    )
    head = f"POST {row.path}\n"
    return {
        f"ask-{name}": (head + (whole if row.files else f"{{{whole}}}"), head + (whole if row.files else "‹value›")),
        f"more-{name}": ("", f"{between}‹field-{name}›", f"{between}‹field-{name}›‹more-{name}›"),
        f"field-{name}": (*entries, *(f"{each}@‹odd›" for each in row.files)),
    }


_ROWS_OF = {chr(ord("a") + number): row for number, row in enumerate(row for row in _ROWS if row.body)}
REQUESTS = Grammar(
    {
        "file": (*(f"‹ask-{name}›" for name in _ROWS_OF for _ in range(4)), "‹other›"),
        "other": (
            *(f"{row.method} {row.path}" for row in _ROWS if not row.body),
            *(
                "GET /v1/models/‹words›",
                "GET /pictures/‹odd›",
                "GET /‹odd›",
                "‹odd› /v1/check",
                "POST /v1/check\n‹value›",
            ),
            *("GET /openapi.json", "HEAD /v1/models", "POST /v1/images/edits\n‹odd›", "DELETE /v1/check", "GET ‹odd›"),
        ),
        **{name: texts for letter, row in _ROWS_OF.items() for name, texts in _fields(row, letter).items()},
        "words": (
            *("a cow", "/render a cow /images:2", "(a:1.2) <demo>", "", "/set /size:8x8", "a\\n/render /steps:2 b"),
            *("/remix /image:../x.png a", "<lora:x:1>", "/render /parser:a1111 [a|b]", "‹words› ‹words›", "‹odd›"),
            *(
                "/render /‹option›:2 a",
                "demo",
                "b64_json",
                "url",
                "auto",
                "64x64",
                "Euler a",
                "Karras",
                "BASE64",
            ),
        ),
        "option": tuple(row.name for row in OPTIONS),
        "value": (
            *(
                "1",
                "0",
                "-1",
                "0.5",
                "1e400",
                "2",
                "64",
                "8",
                "null",
                "true",
                "false",
                '"‹words›"',
                '"‹odd›"',
                "[]",
                "{}",
            ),
            *('["BASE64"]', '"BASE64"', "9" * 30, "[‹value›]", '{"‹option›": ‹value›}', '["‹odd›"]', "NaN", '"demo"'),
            '{"sd_model_checkpoint": ‹value›}',
        ),
        "odd": ODD_IN_JSON,
    }
)
