"""The document of the service, OpenAPI 3.1: what its rows say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from promptlang.plans.json import Json
from promptlang.version import VERSION
from promptlang_serve.answers import REFUSAL
from promptlang_serve.rows import Row
from promptlang_serve.schemas import TEXT, Schema

_ALWAYS = (400, 401, 403, 413, 421, 431)
_WITH_BODY = (408, 415, 422)
_DRAWING = (429, 500, 503)
_LATER = (429, 503)


def document(rows: Iterable[Row], *, has_token: bool) -> Schema:
    """The whole document."""
    paths: dict[str, dict[str, Json]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    components: dict[str, Json] = {"schemas": {"Refusal": REFUSAL}}
    if has_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "promptlang serve", "version": VERSION},
        "paths": {path: dict[str, Json](methods) for path, methods in paths.items()},
        "components": components,
        **({"security": [{"token": []}]} if has_token else {}),
    }


def _operation(row: Row) -> Schema:
    good: dict[str, Json] = {
        "description": "What was asked for.",
        "content": {"application/json": {"schema": row.answers}},
    }
    statuses = (*_ALWAYS, *(_WITH_BODY if row.body else ()), *(_DRAWING if row.draws else ()), *row.refusals)
    refused: dict[str, Json] = {"$ref": "#/components/schemas/Refusal"}
    answers: dict[str, Json] = {"200": good}
    for status in sorted(set(statuses)):
        content: dict[str, Json] = {"application/json": {"schema": refused}}
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": content, **_headers(status)}
    found: dict[str, Json] = {"summary": row.about, "responses": answers}
    if names := [part[1:-1] for part in row.path.split("/") if part.startswith("{")]:
        found["parameters"] = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]
    if row.body is not None:
        kind = "multipart/form-data" if row.files else "application/json"
        found["requestBody"] = {"required": True, "content": {kind: {"schema": row.body}}}
    return found


def _headers(status: int) -> Mapping[str, Json]:
    if status not in _LATER:
        return {}
    return {"headers": {"Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "string"}}}}
