"""A path of the service as a row: what is asked there, in what form, and what is answered; routes and the document of
the service are functions of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from math import isfinite
from typing import Literal, NoReturn

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from promptlang.models.evidence.records import Record
from promptlang_serve.answers import Refused
from promptlang_serve.schemas import Schema, faults, record
from promptlang_serve.site import Site

NOTHING: Schema = record({})
_LARGEST = 2**64
_SLOW = 60  # seconds that a body may take to arrive

# What is wrong with a form is told to its sender; the library logs it as well.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the site, what was sent, and the files of a form by their fields."""

    site: Site
    request: Request
    body: Record
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


Answer = Callable[[Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One path and method. `body` is the schema of what is sent, as JSON or as a form with `files`; None: nothing.

    `draws` may find the queue full, or take too long; `refusals` are statuses that other paths do not answer.
    """

    method: Literal["GET", "POST"]
    path: str
    about: str
    answer: Answer
    answers: Schema
    body: Schema | None = None
    files: tuple[str, ...] = ()
    draws: bool = False
    refusals: tuple[int, ...] = ()


async def asked(row: Row, site: Site, request: Request) -> Asked:
    """What a request asks, held to the schema of its row; raises Refused."""
    if row.body is None:
        return Asked(site, request, Record())
    try:
        async with asyncio.timeout(_SLOW):
            if row.files:
                return await _form(row, row.body, site, request)
            body = _json(await request.body(), request)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time") from None
    _hold(row.body, body)
    assert isinstance(body, Record)
    return Asked(site, request, body)


def _json(data: bytes, request: Request) -> object:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a page elsewhere on the web may send a form or a plain text without being asked
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be JSON, and be called `application/json`")
    try:
        return json.loads(data, object_pairs_hook=Record, parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None


def _number(written: str) -> int | float:
    """A number with a point: a whole one is an integer, as JSON Schema has it."""
    number = float(written)
    return int(number) if number.is_integer() and abs(number) < _LARGEST else number


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


async def _form(row: Row, schema: Schema, site: Site, request: Request) -> Asked:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be a form, `multipart/form-data`")
    most = site.limits.body * 1024**2
    files: dict[str, bytes] = {}
    fields = Record()
    try:
        async with request.form(max_files=len(row.files), max_fields=100, max_part_size=most) as form:
            for name, value in form.multi_items():
                name = name.removesuffix("[]")
                if name in fields or name in files:
                    raise Refused(HTTPStatus.BAD_REQUEST, f"`{name[:40]}` is given twice")
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                elif name in row.files:
                    raise Refused(HTTPStatus.BAD_REQUEST, f"`{name}` must be a file, found a text")
                else:
                    fields[name] = _typed(schema, name, value)
    except HTTPException as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"the form cannot be read: {error.detail}") from None
    if strange := [name for name in files if name not in row.files]:
        raise Refused(HTTPStatus.BAD_REQUEST, f"`{strange[0][:40]}` is no file of this form")
    _hold(schema, fields, files)
    return Asked(site, request, fields, files)


def _typed(schema: Schema, name: str, value: str) -> object:
    """The value of a field, which forms send as text, as a number where the schema wants one."""
    properties = schema["properties"]
    own = properties.get(name) if isinstance(properties, dict) else None
    wanted = own.get("type") if isinstance(own, dict) else None
    try:
        if wanted == "integer":
            return int(value)
        if wanted == "number" and isfinite(number := float(value)):
            return number
    except ValueError:
        pass
    return value


def _hold(schema: Schema, body: object, files: Mapping[str, bytes] | None = None) -> None:
    given = {**body, **dict.fromkeys(files, "")} if files and isinstance(body, Record) else body
    problem = next(faults(schema, given), None)
    if problem:
        raise Refused(HTTPStatus.BAD_REQUEST, problem, code="invalid_body")
