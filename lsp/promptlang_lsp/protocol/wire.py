"""Parameters of the client as the server reads them; what does not fit is refused, with the place that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang_lsp.protocol.boundary import Position
from promptlang_lsp.protocol.words import INVALID_PARAMS, Json, Params, RequestError


def part(params: Json, *path: str) -> Json:
    """The value under nested names, None where there is none."""
    value = params
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text(params: Json, *path: str) -> str:
    """A text that must be there."""
    value = part(params, *path)
    if not isinstance(value, str):
        raise _wrong(path, "a text")
    return value


def uri(params: Params) -> str:
    """The document that a request is about."""
    return text(params, "textDocument", "uri")


def whole(params: Json, *path: str) -> int:
    """A whole number that must be there."""
    value = part(params, *path)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(path, "a whole number")
    return value


def version(params: Json, *path: str) -> int:
    """The version of a document; 0 where the client keeps none."""
    value = part(params, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def array(params: Json, *path: str) -> list[Json]:
    """A list that must be there."""
    value = part(params, *path)
    if not isinstance(value, list):
        raise _wrong(path, "a list")
    return value


def position(params: Json, *path: str) -> Position:
    """A position; columns and lines outside the text are the snapshot's business."""
    return whole(params, *path, "line"), whole(params, *path, "character")


def range_(params: Json, *path: str) -> tuple[Position, Position]:
    """A range."""
    return position(params, *path, "start"), position(params, *path, "end")


def _wrong(path: tuple[str, ...], wanted: str) -> RequestError:
    return RequestError(INVALID_PARAMS, f"`{'.'.join(path)}` must be {wanted}")
