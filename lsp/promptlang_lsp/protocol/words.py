"""The words of the protocol that features share with the server: plain JSON, work in steps, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TypeAlias, TypeVar

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602
NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
CONTENT_MODIFIED = -32801
REQUEST_CANCELLED = -32800

# What `json` reads and writes.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Params: TypeAlias = "Mapping[str, Json]"
Result = TypeVar("Result")
Steps: TypeAlias = Generator[None, None, Result]  # work that pauses now and then
Work: TypeAlias = "Steps[Json]"
Handler: TypeAlias = "Callable[[Params], Json | Work]"
Reply: TypeAlias = "Callable[[Json], None]"


def finished(steps: Steps[Result]) -> Result:
    """What work in steps comes to, done at once."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


class RequestError(Exception):
    """Answers a request with an error of the protocol."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
