"""Our own paths: what `check`, `compile` and `render` say, over HTTP."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping

from starlette.responses import Response

from promptlang.diagnostics import Severity
from promptlang.plans.json import Json, to_data
from promptlang.tables.options.schema import option_schema
from promptlang.tables.options.table import ROWS
from promptlang_serve.answers import as_json
from promptlang_serve.drawing import drawn
from promptlang_serve.limits import Limits
from promptlang_serve.rows import Asked, Row
from promptlang_serve.schemas import NUMBER, TEXT, Schema, choice, described, listed, record, text
from promptlang_serve.statements import Compiled, compiled, drawable

_OPTIONS = record({row.name: option_schema(row) for row in ROWS if row.decides != "side"})


def _body(most: int) -> Schema:
    """A text with options that hold where it says nothing else, as a `/set` above it would say them."""
    return record(
        {
            "text": described(text(most), "Statements, or a prompt alone."),
            "options": described(_OPTIONS, "What holds where the text says nothing else."),
            "model": described(text(200), "The model of statements that call none."),
        },
        "text",
    )


FINDING = record(
    {"code": TEXT, "severity": choice(*(each.word for each in Severity)), "message": TEXT},
    *("code", "severity", "message"),
    others=True,
)
_FINDINGS = listed(FINDING, 100_000)
_PICTURE = record(
    {
        "b64": described(TEXT, "The file, in base64."),
        "format": choice("png", "jpg", "webp"),
        "seed": {"type": "integer"},
        "seconds": NUMBER,
        "parameters": described(TEXT, "What stable-diffusion-webui reads in such a file."),
    },
    *("b64", "format", "seed", "seconds", "parameters"),
)


def options(said: Mapping[str, object]) -> dict[str, str]:
    """The values of options as a statement writes them; a flag that is false is not written."""
    found: dict[str, str] = {}
    for name, value in said.items():
        if isinstance(value, bool):
            found |= {name: ""} if value else {}
        else:
            found[name] = str(value)
    return found


def rows(limits: Limits) -> tuple[Row, ...]:
    """Our paths."""
    asks = _body(limits.text)
    made = record({"plans": listed({"type": "object"}, 100_000), "diagnostics": _FINDINGS}, "plans", "diagnostics")
    drew = record({"pictures": listed(_PICTURE), "diagnostics": _FINDINGS}, "pictures", "diagnostics")
    return (
        Row(
            method="POST",
            path="/v1/check",
            about="What will surprise, as `promptlang check` says it.",
            answer=_check,
            body=asks,
            answers=record({"diagnostics": _FINDINGS}, "diagnostics"),
        ),
        Row(
            method="POST",
            path="/v1/compile",
            about="The plans, and what is found; a statement with an error has no plan.",
            answer=_compile,
            body=asks,
            answers=made,
        ),
        Row(
            method="POST",
            path="/v1/render",
            about="The pictures of all statements, in their order.",
            answer=_render,
            body=asks,
            answers=drew,
            draws=True,
        ),
    )


async def _compiled(asked: Asked) -> Compiled:
    given, model = options(asked.body.record("options")), asked.body.text("model")
    return await asyncio.to_thread(compiled, asked.body.text("text"), asked.site.project, given, model)


async def _check(asked: Asked) -> Response:
    made = await _compiled(asked)
    return as_json({"diagnostics": [*made.findings]})


async def _compile(asked: Asked) -> Response:
    made = await _compiled(asked)
    return as_json({"plans": [to_data(plan) for plan in made.plans], "diagnostics": [*made.findings]})


async def _render(asked: Asked) -> Response:
    made = await _compiled(asked)
    found = await drawn(asked, drawable(made, asked.site.project, asked.site.limits))
    pictures: list[Json] = [
        {
            "b64": b64encode(each.data).decode(),
            "format": each.plan.file_format,
            "seed": each.seed,
            "seconds": each.seconds,
            "parameters": each.parameters,
        }
        for each in found
    ]
    return as_json({"pictures": pictures, "diagnostics": [*made.findings]})
