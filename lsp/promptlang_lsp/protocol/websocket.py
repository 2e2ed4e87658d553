"""The server on a WebSocket, one session for each page, for pages in a browser of this computer.

pygls' own listener takes any page of the web that tries, and one session in all; its loop for one connection is used.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hmac import compare_digest
from threading import Event
from typing import TYPE_CHECKING

from promptlang_lsp.protocol.streams import LARGEST

if TYPE_CHECKING:
    from websockets.http11 import Request, Response
    from websockets.sync.server import ServerConnection

    from promptlang_lsp.protocol.endpoint import Endpoint

LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Socket:
    """A WebSocket of a thread as pygls awaits it; one text frame is one message."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._reader = ThreadPoolExecutor(1)

    async def recv(self, decode: bool | None = None) -> str | bytes:
        """The next message; raises ConnectionClosed when the page is gone."""
        receive = partial(self._connection.recv, decode=decode)
        return await asyncio.get_running_loop().run_in_executor(self._reader, receive)

    async def send(self, data: bytes) -> None:
        """Send one message; a page that is gone is noticed by `recv`."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(data, text=True)
        except ConnectionClosed:
            return

    async def close(self) -> None:
        """End the connection."""
        await asyncio.get_running_loop().run_in_executor(None, self._connection.close)

    def run(self, endpoint: Endpoint) -> None:
        """Serve the page until it says `exit` or is gone."""
        from pygls.io_ import run_websocket

        loop = run_websocket(self, Event(), endpoint.protocol, error_handler=endpoint.report_server_error)
        try:
            asyncio.run(loop)
        except SystemExit:
            pass  # how pygls ends a session
        finally:
            endpoint.shutdown()
            self._connection.close()
            self._reader.shutdown()


def serve_websockets(serve_page: Callable[[ServerConnection], None], host: str, port: int, token: str) -> int:
    """Serve pages until interrupted: those of this computer that know the word in the address, since any can try."""
    from http import HTTPStatus

    from websockets.sync.server import serve as listening

    if host not in LOOPBACK:
        print(f"error: WebSockets are for this computer only, found `--host {host}`", file=sys.stderr)
        return 2

    def admitted(connection: ServerConnection, request: Request) -> Response | None:
        said = request.path.removeprefix("/").partition("?")[0]
        known = compare_digest(said.encode(), token.encode())
        return None if known else connection.respond(HTTPStatus.NOT_FOUND, "not found\n")

    with listening(
        serve_page, host, port, origins=(None, LOCAL), process_request=admitted, max_size=LARGEST, compression=None
    ) as server:
        address = f"ws://{host}:{server.socket.getsockname()[1]}/{token}"
        print(f"listening on {address}", file=sys.stderr, flush=True)
        server.serve_forever()
    return 0
