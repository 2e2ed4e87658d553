"""What holds for every message to the language server, which runs here in the same process."""

from __future__ import annotations

import asyncio
import json
from atexit import register
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

from pygls.exceptions import JsonRpcException

from promptlang_lsp.protocol.endpoint import Endpoint
from promptlang_lsp.protocol.trust import Trust
from promptlang_lsp.session.renders import Renders
from promptlang_lsp.session.routes import notifications, requests
from promptlang_lsp.session.session import Session
from tests.fuzz.broken import hold

TEXT = "/recipe #r red\n/render /parser:new #r a (cow:1.2) /clipskip:1.9 <demo>\n"
URI = "file:///none/a.prompt"
_DOCUMENT = {"uri": URI, "languageId": "promptlang", "version": 1, "text": TEXT}
OPEN = json.dumps({"method": "textDocument/didOpen", "params": {"textDocument": _DOCUMENT}})
CLOSE = json.dumps({"method": "textDocument/didClose", "params": {"textDocument": {"uri": URI}}})
TURNS = 500  # of the loop, after which an answer that has not come is missing


class Wire:
    """What the server writes."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        """Take one message."""
        self.messages.append(json.loads(data))

    def close(self) -> None:
        """Nothing is held."""

    def answers(self) -> list[str | int]:
        """The ids of the requests that are answered."""
        return [message["id"] for message in self.messages if "method" not in message and message["id"] is not None]


class Strict(Endpoint):
    """A server whose mistakes are kept, not logged."""

    def __init__(self) -> None:
        super().__init__()
        self.mistakes: list[Exception] = []
        self.wire = Wire()

    def crashed(self, error: Exception, method: str) -> None:
        """Keep it for whoever looks."""
        self.mistakes.append(error)

    def log(self, message: str) -> None:
        """Nobody reads along."""

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """As for any client, less what is printed."""
        if isinstance(error, ValueError | RecursionError):
            super().report_server_error(error, source)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked, what was answered, and what the server got wrong."""

    asked: tuple[str | int, ...]
    answered: tuple[str | int, ...]
    mistakes: tuple[Exception, ...]


def conversation(text: str) -> Conversation:
    """Each line as the body of a message, in a session that has a text open."""
    return _loop().run_until_complete(_held(text.split("\n")))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _server() -> Strict:
    """A server that has been greeted; one for many conversations, as long as none ends it."""
    endpoint = Strict()
    session = Session(endpoint, Trust(names_programs=False))
    endpoint.serve(requests(session), notifications(session))
    endpoint.idle = session.idle
    endpoint.messages.set_writer(endpoint.wire, include_headers=False)
    register(session.close)
    for message in (
        {"id": "start", "method": "initialize", "params": {"capabilities": {}}},
        {"method": "initialized", "params": {}},
    ):
        endpoint.messages.handle_message({"jsonrpc": "2.0", **message})
    return endpoint


async def _held(lines: list[str]) -> Conversation:
    endpoint = _server()
    endpoint.wire.messages.clear()
    endpoint.mistakes.clear()
    asked: list[str | int] = []
    with patch.object(Renders, "start", lambda *_: True):
        for number, line in enumerate((OPEN, *lines, CLOSE)):
            asked += _fed(endpoint, line)
            if number <= len(lines):
                await _answered(endpoint.wire, asked)
    if not endpoint.messages.is_running or endpoint.messages.has_ended:
        endpoint.shutdown()
        _server.cache_clear()
    return Conversation(tuple(asked), tuple(endpoint.wire.answers()), tuple(endpoint.mistakes))


async def _answered(wire: Wire, asked: list[str | int]) -> None:
    for _ in range(TURNS):
        if Counter(asked) <= Counter(wire.answers()):
            return
        await asyncio.sleep(0)


def _fed(endpoint: Strict, line: str) -> Iterator[str | int]:
    """Give the server one body, as pygls does; the ids that are to be answered."""
    try:
        message = json.loads(line.encode("utf-8", "surrogatepass"))
        if isinstance(message, dict):
            message["jsonrpc"] = "2.0"  # an input need not spend letters on it
        endpoint.messages.handle_message(message)
    except SystemExit:
        return  # how pygls ends a session
    except Exception as error:
        endpoint.report_server_error(error, JsonRpcException)
        return
    match message:
        case {"id": bool()}:
            return
        case {"id": str() | int(), "result": _} | {"id": str() | int(), "error": _} if not _asks(message):
            return
        case {"id": str() | int() as number}:
            yield number
        case {"id": float() as number} if number.is_integer():
            yield int(number)
        case _:
            return


def _asks(message: dict[str, object]) -> bool:
    return isinstance(message.get("method"), str)


def is_answered(read: Conversation) -> None:
    """Every request has one answer, and nothing in the server breaks."""
    for error in read.mistakes:
        raise error
    missing = Counter(read.asked) - Counter(read.answered)
    hold("a request is answered", seen=missing, is_true=not missing)
    more = Counter(read.answered) - Counter(read.asked)
    hold("a request is answered once", seen=more, is_true=not more)
