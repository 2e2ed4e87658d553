"""Where messages come from and go to: framed byte streams (stdio, TCP) and WebSockets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import BinaryIO, Protocol

CHUNK = 1 << 18
LARGEST = 1 << 30  # a message above one GiB is a broken header, not a prompt


class Channel(Protocol):
    """Receives and sends whole messages; `receive` gives None when the other side is gone."""

    def receive(self) -> bytes | None: ...

    def send(self, body: bytes) -> None: ...

    def close(self) -> None: ...


class Framed:
    """Messages with `Content-Length` headers on a pair of byte streams.

    `read` gives what has arrived, at most that many bytes and nothing at the end. A buffered file would do the same,
    but the interpreter cannot shut down while another thread waits inside one.
    """

    def __init__(self, read: Callable[[int], bytes], target: BinaryIO, hang_up: Callable[[], None]) -> None:
        self._read = read
        self._buffer = b""
        self._target = target
        self._hang_up = hang_up
        self._lock = Lock()

    def receive(self) -> bytes | None:
        """The next body; a header without a usable length is skipped, so that one bad message costs only itself."""
        length = 0
        while line := self._line():
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = _length(value)
            elif length and not line.strip():
                return self._exactly(length)
        return None

    def _line(self) -> bytes:
        """The next line with its end, the rest where the stream ends; absurdly long lines come in parts."""
        while (end := self._buffer.find(b"\n") + 1) == 0 and len(self._buffer) < CHUNK:
            more = self._more()
            if not more:
                break
            self._buffer += more
        end = end or len(self._buffer)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def _exactly(self, length: int) -> bytes | None:
        parts, missing = [self._buffer[:length]], length - len(self._buffer)
        self._buffer = self._buffer[length:]
        while missing > 0:
            more = self._more()
            if not more:
                return None
            parts.append(more[:missing])
            self._buffer = more[missing:]
            missing -= len(more)
        return b"".join(parts)

    def _more(self) -> bytes:
        try:
            return self._read(CHUNK)
        except OSError:
            return b""

    def send(self, body: bytes) -> None:
        """Write one message; a client that is gone is noticed by `receive`."""
        with self._lock:
            try:
                self._target.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                self._target.flush()
            except (OSError, ValueError):  # closed pipe, closed file
                pass

    def close(self) -> None:
        """Let the other side know that nothing more comes."""
        with suppress(OSError):
            self._hang_up()


def _length(value: bytes) -> int:
    text = value.strip()
    return int(text) if text.isdigit() and len(text) < 12 and int(text) <= LARGEST else 0


def standard_streams() -> Framed:
    """Standard input and output; what is printed by mistake goes to standard error from here on."""
    target = sys.stdout.buffer
    sys.stdout = sys.stderr
    return Framed(partial(os.read, sys.stdin.fileno()), target, lambda: None)


def tcp_channel(host: str, port: int) -> Framed:
    """Wait for one client; the chosen port is announced on standard error (port 0: any free one)."""
    import socket

    with socket.create_server((host, port)) as listener:
        print(f"listening on {host}:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
        client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Framed(client.recv, client.makefile("wb"), partial(client.shutdown, socket.SHUT_RDWR))
