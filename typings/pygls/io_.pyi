"""pygls names the WebSockets of one library where it only receives, sends and closes."""

from collections.abc import Awaitable, Callable
from threading import Event
from typing import Protocol

from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCProtocol

class AsyncWriter(Protocol):
    def close(self) -> Awaitable[None]: ...
    def write(self, data: bytes) -> Awaitable[None]: ...

class Writer(Protocol):
    def close(self) -> None: ...
    def write(self, data: bytes) -> None: ...

class WebSocket(Protocol):
    def recv(self, decode: bool | None = None) -> Awaitable[str | bytes]: ...
    def send(self, data: bytes, /) -> Awaitable[None]: ...
    def close(self) -> Awaitable[None]: ...

async def run_websocket(
    websocket: WebSocket,
    stop_event: Event,
    protocol: JsonRPCProtocol,
    *,
    error_handler: Callable[[Exception, type[JsonRpcException]], None],
) -> None: ...
