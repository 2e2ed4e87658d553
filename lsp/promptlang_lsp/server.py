"""The start of the language server: `promptlang lsp` and `promptlang-lsp`, over a pipe, a port or a WebSocket."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from promptlang_lsp.lifecycle import Session
from promptlang_lsp.protocol import Endpoint
from promptlang_lsp.routes import notifications, requests
from promptlang_lsp.transport import Channel

USAGE = """usage: promptlang lsp [--stdio | --tcp | --ws] [--host HOST] [--port PORT]

Serve one editor over standard input and output (the default), a TCP port or a WebSocket.
"""


def serve(channel: Channel) -> int:
    """Serve one client until it says `exit` or is gone; returns the exit code."""
    endpoint = Endpoint(channel)
    session = Session(endpoint)
    endpoint.requests.update(requests(session))
    endpoint.notifications.update(notifications(session))
    endpoint.idle = session.idle
    endpoint.arrived = session.arrived
    try:
        return endpoint.run()
    finally:
        session.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    settings = {"--host": "127.0.0.1", "--port": "8888"}
    transport = "--stdio"
    while words:
        word = words.pop(0)
        if word in ("--stdio", "--tcp", "--ws"):
            transport = word
        elif word in settings and words:
            settings[word] = words.pop(0)
        elif word in ("-h", "--help"):
            print(USAGE, end="")
            return 0
        else:
            print(f"error: unknown argument `{word}`\n\n{USAGE}", end="", file=sys.stderr)
            return 2
    if not settings["--port"].isdecimal() or int(settings["--port"]) > 65535:
        print(f"error: the port must be 0 to 65535, found `{settings['--port']}`", file=sys.stderr)
        return 2
    return _started(transport, settings["--host"], int(settings["--port"]))


def _started(transport: str, host: str, port: int) -> int:
    try:
        if transport == "--tcp":
            from promptlang_lsp.transport import tcp_channel

            return serve(tcp_channel(host, port))
        if transport == "--ws":
            from promptlang_lsp.websocket import serve_websockets

            return serve_websockets(host, port, serve)
    except OSError as error:
        print(f"error: cannot listen on {host}:{port}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    from promptlang_lsp.transport import standard_streams

    return serve(standard_streams())
