"""The words of the protocol that features share with the server: plain JSON, work in steps, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602
NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
CONTENT_MODIFIED = -32801

Json = object  # what `json` reads: None, bool, int, float, str, list or dict of these
Params = Mapping[str, Json]
Work = Generator[None, None, Json]
Handler = Callable[[Params], Json | Work]
Reply = Callable[[Json], None]


class RequestError(Exception):
    """Answers a request with an error of the protocol."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
