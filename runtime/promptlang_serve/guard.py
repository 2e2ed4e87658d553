"""Who may ask: a page elsewhere on the web can reach this computer too, and whoever reaches its port from outside."""

from __future__ import annotations

import ipaddress
from base64 import b64decode
from binascii import Error
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from secrets import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from promptlang_serve.answers import Refused, refusal

OPEN = "/pictures/"
"""Below it nothing is asked for but a name that nobody guesses, as clients fetch an address they were given."""


def is_loopback(host: str) -> bool:
    """Whether a host is this computer and is reached from nowhere else."""
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests through to `app`: with the `token`, if there is one, from this computer by its own names where it
    is served to nobody else, from pages of the `origins` that were allowed, and of at most `body` bytes.
    """

    app: ASGIApp
    _: KW_ONLY
    host: str
    token: str | None
    origins: tuple[str, ...]
    body: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            self._look(headers, scope["path"])
            await self.app(scope, self._counted(receive, headers), send)
        except Refused as refused:
            await refusal(refused)(scope, receive, send)

    def _look(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "")
        if is_loopback(self.host) and not is_loopback(_name(host)):
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this service answers to the names of this computer alone")
        origin = headers.get("origin")
        if origin and origin not in self.origins and origin.partition("://")[2] != host:
            message = "pages of other sites may not ask"
            raise Refused(HTTPStatus.FORBIDDEN, message, help="`--cors` allows them")
        if self.token and not path.startswith(OPEN) and not _is_said(self.token, headers.get("authorization", "")):
            named = {"WWW-Authenticate": "Bearer"}
            raise Refused(HTTPStatus.UNAUTHORIZED, "the token is missing or another one", headers=named)

    def _counted(self, receive: Receive, headers: Headers) -> Receive:
        """The body as it arrives, as far as it may; raises Refused behind that."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self.body:
            raise self._too_large()
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.body:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Refused:
        return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {self.body // 1024**2} MiB")


def _name(host: str) -> str:
    """A host without its port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _is_said(token: str, authorization: str) -> bool:
    """Whether the token is given: as itself, or as the password of those that can send nothing else."""
    scheme, _, said = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            said = b64decode(said.strip(), validate=True).decode().partition(":")[2]
        except (Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return compare_digest(said.strip().encode(), token.encode())
