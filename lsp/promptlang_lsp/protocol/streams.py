"""Byte streams that pygls reads and writes: standard input and output, and a TCP connection."""

from __future__ import annotations

import re
import socket
import sys
from typing import BinaryIO

_HTTP = re.compile(rb"[A-Z]+ [^ ]+ HTTP/")
LARGEST = 1 << 30  # a message above one GiB is a broken header, not a prompt
Streams = tuple["Headed", BinaryIO]


class Headed:
    """A stream whose header lines are written as pygls knows them; names of headers may come in any case."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readline(self) -> bytes:
        """The next line of a header."""
        line = self._source.readline(LARGEST)
        if _HTTP.match(line):  # a page of the web that tries every port; its body must not be read as messages
            return b""
        name, _, value = line.partition(b":")
        if name.strip().lower() != b"content-length":
            return line
        length = value.strip()
        usable = length.isdigit() and len(length) < 12 and int(length) <= LARGEST
        return b"Content-Length: %b\r\n" % length if usable else b"X-Unusable: 0\r\n"

    def read(self, length: int) -> bytes:
        """The body."""
        return self._source.read(length)


def standard_streams() -> Streams:
    """Standard input and output; what is printed by mistake goes to standard error from here on."""
    target = sys.stdout.buffer
    sys.stdout = sys.stderr
    return Headed(sys.stdin.buffer), target


def tcp_streams(host: str, port: int, token: str) -> Streams:
    """Wait for one client; port (0: any free one) and token are announced on standard error."""
    with socket.create_server((host, port)) as listener:
        said = f"listening on {host}:{listener.getsockname()[1]} for clients with the token {token}"
        print(said, file=sys.stderr, flush=True)
        client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Headed(client.makefile("rb")), client.makefile("wb")
