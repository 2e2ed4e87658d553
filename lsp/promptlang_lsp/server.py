"""The start of the language server: `promptlang lsp` and `promptlang-lsp`, over a pipe, a port or a WebSocket."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from promptlang_lsp.protocol.endpoint import Endpoint
from promptlang_lsp.protocol.streams import Streams, exchange, standard_streams, tcp_streams
from promptlang_lsp.protocol.trust import PARENT, Trust
from promptlang_lsp.session.routes import notifications, requests
from promptlang_lsp.session.session import Session

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

USAGE = """usage: promptlang lsp [--stdio | --tcp | --ws] [--host HOST] [--port PORT]

Serve one editor over standard input and output (the default), a TCP port or a
WebSocket. A client that comes in by a port has to know the token that is
printed: in the address of the WebSocket, or as `initializationOptions.token`.
"""


@contextmanager
def session(trust: Trust = PARENT) -> Generator[Endpoint]:
    """A server for one client, with everything that it holds let go of at the end."""
    endpoint = Endpoint()
    session = Session(endpoint, trust)
    endpoint.serve(requests(session), notifications(session))
    endpoint.idle = session.idle
    try:
        yield endpoint
    finally:
        session.close()


def serve(streams: Streams, trust: Trust = PARENT) -> NoReturn:
    """Serve one client until it says `exit` or is gone; the process ends with the exit code of the protocol.

    An interpreter that is taken down waits for threads whose client is gone, and takes every statement apart.
    """
    with session(trust) as endpoint:
        exchange(streams, endpoint)
    sys.stderr.flush()
    os._exit(1 if endpoint.is_left else endpoint.exit_code)


def serve_page(connection: ServerConnection) -> None:
    """Serve one page on a WebSocket until it says `exit` or is gone; whoever listens has asked it for the token."""
    from promptlang_lsp.protocol.websocket import Socket

    with session(Trust(names_programs=False)) as endpoint:
        Socket(connection).run(endpoint)


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
        elif word in ("-V", "--version"):
            from promptlang.version import VERSION

            print(f"promptlang {VERSION}")
            return 0
        else:
            print(f"error: unknown argument `{word}`\n\n{USAGE}", end="", file=sys.stderr)
            return 2
    if not settings["--port"].isdecimal() or int(settings["--port"]) > 65535:
        print(f"error: the port must be 0 to 65535, found `{settings['--port']}`", file=sys.stderr)
        return 2
    return _started(transport, settings["--host"], int(settings["--port"]))


def _started(transport: str, host: str, port: int) -> int:
    from secrets import token_urlsafe

    token = token_urlsafe(16)
    try:
        if transport == "--tcp":
            serve(tcp_streams(host, port, token), Trust(names_programs=False, token=token))
        if transport == "--ws":
            from promptlang_lsp.protocol.websocket import serve_websockets

            return serve_websockets(serve_page, host, port, token)
    except OSError as error:
        print(f"error: cannot listen on {host}:{port}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    serve(standard_streams())
