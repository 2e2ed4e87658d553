"""Byte streams that pygls reads and writes: standard input and output, and a TCP connection."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import deque
from concurrent.futures import Executor
from select import select
from threading import Event
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from promptlang_lsp.protocol.endpoint import Endpoint

_HEADER = b"content-"  # how the first line of a client begins, and no request of the web
LARGEST = 1 << 30  # a message above one GiB is a broken header, not a prompt
Streams = tuple[BinaryIO, BinaryIO]


class Headed:
    """A stream of messages as pygls awaits it; names of headers may come in any case.

    A thread waits for each message as a whole. Header and body one by one, as pygls has it, go through the loop three
    times as often, each time behind two slices of whatever is being worked on.
    """

    def __init__(self, source: BinaryIO, threads: Executor) -> None:
        self._source = source
        self._threads = threads
        self._read: deque[bytes] = deque()

    async def readline(self) -> bytes:
        """The next line of a header; an empty one is the end."""
        if not self._read:
            self._read += await asyncio.get_running_loop().run_in_executor(self._threads, self._message)
        return self._read.popleft()

    async def readexactly(self, n: int) -> bytes:
        """The body."""
        return self._read.popleft()

    def _message(self) -> tuple[bytes, ...]:
        """The next message: its length, an empty line and its body; one empty line where no more can come."""
        length = 0
        while line := self._source.readline(LARGEST):
            if length and not line.strip():
                return b"Content-Length: %d\r\n" % length, b"\r\n", self._source.read(length)
            length = length or _length(line)
        return (b"",)


def _length(line: bytes) -> int:
    """The length of the body that a line of a header gives; 0 where it gives none that can be."""
    name, _, value = line.partition(b":")
    length = value.strip()
    is_usable = name.strip().lower() == b"content-length" and length.isdigit() and len(length) < 12
    return int(length) if is_usable and int(length) <= LARGEST else 0


def exchange(streams: Streams, endpoint: Endpoint) -> None:
    """Serve the client at the other end until it says `exit` or is gone."""
    from pygls.io_ import StdoutWriter, run_async

    source, target = streams
    endpoint.protocol.set_writer(StdoutWriter(target))
    reader = Headed(source, endpoint.thread_pool)
    try:
        asyncio.run(run_async(Event(), reader, endpoint.protocol, error_handler=endpoint.report_server_error))
    except (BrokenPipeError, KeyboardInterrupt, SystemExit):
        pass  # how pygls ends a session
    finally:
        endpoint.shutdown()


def standard_streams() -> Streams:
    """Standard input and output; what is printed by mistake goes to standard error from here on."""
    target = sys.stdout.buffer
    sys.stdout = sys.stderr
    return sys.stdin.buffer, target


def tcp_streams(host: str, port: int, token: str) -> Streams:
    """Wait for one client; port (0: any free one) and token are announced on standard error."""
    with socket.create_server((host, port)) as listener:
        said = f"listening on {host}:{listener.getsockname()[1]} for clients with the token {token}"
        print(said, file=sys.stderr, flush=True)
        client = _first_client(listener)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client.makefile("rb"), client.makefile("wb")


def _first_client(listener: socket.socket) -> socket.socket:
    """The first connection that begins as a client does; others may not take its place.

    A page of the web can try every port: what it sends is not read as messages, and does not end the server.
    """
    waiting: list[socket.socket] = []
    try:
        while True:
            ready, _, _ = select((listener, *waiting), (), ())
            for each in ready:
                if each is listener:
                    waiting.append(listener.accept()[0])
                    continue
                waiting.remove(each)
                if _is_client(each):
                    return each
                each.close()
    finally:
        for each in waiting:
            each.close()


def _is_client(connection: socket.socket) -> bool:
    """Whether what a connection has sent, which stays to be read, is the beginning of a header."""
    try:
        sent = connection.recv(len(_HEADER), socket.MSG_PEEK)
    except OSError:  # gone
        return False
    return bool(sent) and _HEADER.startswith(sent.lower())
