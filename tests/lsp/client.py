"""A small raw JSON-RPC client: what goes over the pipe is what the tests see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

Json = Any  # what comes over the wire
ROOT = Path(__file__).resolve().parents[2]


_STATE = TemporaryDirectory()


def environment() -> dict[str, str]:
    """The environment of a server that runs from the source tree and remembers nothing of this computer."""
    return {
        **os.environ,
        "XDG_STATE_HOME": _STATE.name,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "lsp"))),
        "PYTHONUTF8": "1",
    }


COMMAND = (sys.executable, "-c", "import sys; from promptlang_lsp.server import main; sys.exit(main())")


class Client:
    """Starts a server and speaks with it; messages of the server that answer nothing are kept."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        )
        self.inbox: Queue[dict[str, Json] | None] = Queue()
        self.seen: list[dict[str, Json]] = []
        self.answers: dict[str, Json] = {}
        self.errors: list[bytes] = []
        self._numbers = count(1)
        self._readers = [Thread(target=each, daemon=True) for each in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        while True:
            length = 0
            while (line := pipe.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                self.inbox.put(None)
                return
            self.inbox.put(json.loads(pipe.read(length)))

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.append(line)

    def send(self, message: dict[str, Json]) -> None:
        self.send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_bytes(self, body: bytes) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        pipe.flush()

    def notify(self, method: str, params: Json = None) -> None:
        self.send({"method": method, "params": params or {}})

    def ask(self, method: str, params: Json = None) -> int:
        number = next(self._numbers)
        self.send({"id": number, "method": method, "params": params or {}})
        return number

    def request(self, method: str, params: Json = None) -> Json:
        """The result; fails where the answer is an error."""
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def answer(self, number: Json) -> dict[str, Json]:
        """The whole answer to a request."""
        return self.wait(lambda message: message.get("id") == number and "method" not in message)

    def notification(self, method: str, where: Callable[[dict[str, Json]], bool] = lambda params: True) -> Json:
        """The parameters of the next notification of that method, looked for among those seen first."""

        def fits(message: dict[str, Json]) -> bool:
            return message.get("method") == method and where(message.get("params"))  # type: ignore[arg-type]

        for message in self.seen:
            if fits(message):
                self.seen.remove(message)
                return message["params"]
        return self.wait(fits)["params"]

    def wait(self, fits: Callable[[dict[str, Json]], bool], timeout: float = 60) -> dict[str, Json]:
        while True:
            try:
                message = self.inbox.get(timeout=timeout)
            except Empty:
                raise AssertionError(f"no answer; the server says {b''.join(self.errors).decode()}") from None
            assert message is not None, f"the server ended: {b''.join(self.errors).decode()}"
            if fits(message):
                return message
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": self.answers.get(str(message["method"]))})
            self.seen.append(message)

    def initialize(self, capabilities: Json = None, folder: Path | None = None, options: Json = None) -> Json:
        params: dict[str, Json] = {"processId": os.getpid(), "capabilities": capabilities or {}, "rootUri": None}
        if folder is not None:
            params["workspaceFolders"] = [{"uri": folder.as_uri(), "name": folder.name}]
        if options is not None:
            params["initializationOptions"] = options
        result = self.request("initialize", params)
        self.notify("initialized")
        return result

    def open(self, text: str, uri: str = "file:///tmp/none/a.prompt", version: int = 1) -> str:
        document = {"uri": uri, "languageId": "promptlang", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def change(self, uri: str, version: int, *changes: Json) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def at(self, method: str, uri: str, line: int, character: int, **more: Json) -> Json:
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}, **more}
        return self.request(f"textDocument/{method}", params)

    def close(self) -> int:
        """Say goodbye; returns the exit code."""
        if self.process.poll() is None:
            try:
                self.request("shutdown")
                self.notify("exit")
            except (OSError, AssertionError):
                self.process.kill()
        code = self.process.wait(timeout=20)
        for reader in self._readers:
            reader.join(timeout=20)  # a pipe is not closed under who reads it
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code
