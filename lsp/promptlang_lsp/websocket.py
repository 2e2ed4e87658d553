"""The server on a WebSocket, one session for each client, for pages in a browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from promptlang_lsp.transport import LARGEST, Channel

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


class Socket:
    """A WebSocket as a channel: one text frame is one message."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def receive(self) -> bytes | None:
        """The next message; None when the page is gone."""
        from websockets.exceptions import ConnectionClosed

        try:
            return self._connection.recv(decode=False)
        except ConnectionClosed:
            return None

    def send(self, body: bytes) -> None:
        """Send one message; a page that is gone is noticed by `receive`."""
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):
            self._connection.send(body, text=True)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def serve_websockets(host: str, port: int, serve: Callable[[Channel], int]) -> int:
    """Serve pages until interrupted; only pages of this computer may connect, since any web page can try."""
    try:
        from websockets.sync.server import serve as listening
    except ImportError:
        print("error: WebSockets need the extra `lsp`: pip install 'promptlang-diffusion[lsp]'", file=sys.stderr)
        return 2

    def session(connection: ServerConnection) -> None:
        serve(Socket(connection))

    with listening(session, host, port, origins=(None, LOCAL), max_size=LARGEST, compression=None) as server:
        print(f"listening on ws://{host}:{server.socket.getsockname()[1]}", file=sys.stderr, flush=True)
        server.serve_forever()
    return 0
