"""What is answered: JSON, and one form of refusal that clients of every kind find their words in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from promptlang.plans.json import Json
from promptlang_serve.schemas import TEXT, Schema, listed, record

LEFT = 499  # what nobody reads any more: the client has gone
_KINDS = {HTTPStatus.UNAUTHORIZED: "authentication_error", HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error"}


class Refused(Exception):
    """A request that is not followed; `code` is a word for programs, `findings` are those of the compiler."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        help: str = "",
        code: str = "",
        findings: Sequence[Json] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = f"{message}; {help}" if help else message
        self.code = code
        self.findings = findings
        self.headers = headers or {}


REFUSAL: Schema = record(
    {
        "error": record({"message": TEXT, "type": TEXT, "code": {"type": ["string", "null"]}, "param": {}}, "message"),
        "detail": TEXT,
        "diagnostics": listed({"type": "object"}),
    },
    "error",
    "detail",
)
"""The body of every refusal: `error` as OpenAI's clients read it, `detail` as those of webui do."""


def as_json(data: Json, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON, in ASCII: a text may hold half a character, which UTF-8 cannot carry."""
    return Response(json.dumps(data).encode(), status, {**(headers or {})}, "application/json")


def refusal(refused: Refused) -> Response:
    """The answer that says why a request is not followed."""
    kind = _KINDS.get(HTTPStatus(refused.status) if refused.status != LEFT else HTTPStatus.OK)
    is_ours = refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    error: dict[str, Json] = {
        "message": refused.message,
        "type": kind or ("server_error" if is_ours else "invalid_request_error"),
        "code": refused.code or None,
        "param": None,
    }
    data: dict[str, Json] = {"error": error, "detail": refused.message, "diagnostics": [*refused.findings]}
    return as_json(data, refused.status, refused.headers)
