"""JSON-RPC and the life of a language server, to the letter: what is answered, refused, cancelled and when it ends.

One thread reads, so that a cancellation or a newer version of a document is known while an answer is being computed;
everything else happens in one other thread, in the order of arrival. A handler that returns a generator runs in steps
between the messages and can be cancelled at every step. The frameworks for this cost 0.7 s of start-up time and answer
some messages wrongly; `docs/language-server.md` lists which.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Generator, Mapping
from queue import SimpleQueue
from threading import Thread

from promptlang_lsp.transport import Channel

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
CONTENT_MODIFIED = -32801
REQUEST_CANCELLED = -32800

Json = object  # what `json` reads: None, bool, int, float, str, list or dict of these
Params = Mapping[str, Json]
Work = Generator[None, None, Json]
Handler = Callable[[Params], Json | Work]
Reply = Callable[[Json], None]
Id = int | float | str


class RequestError(Exception):
    """Answers a request with an error of the protocol."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Task:
    """Work in steps: the rest of a request, or something of the server's own (`answers` None)."""

    __slots__ = ("answers", "method", "work")

    def __init__(self, work: Work, method: str, answers: Id | None = None) -> None:
        self.work = work
        self.method = method
        self.answers = answers


class Endpoint:
    """One connection to one client; `run` returns the exit code of the process."""

    def __init__(self, channel: Channel) -> None:
        self.requests: dict[str, Handler] = {}
        self.notifications: dict[str, Handler] = {}
        self.idle: Callable[[], None] = lambda: None
        self.arrived: Callable[[Params], None] = lambda message: None
        self.state = "new"
        self.channel = channel
        self._inbox: SimpleQueue[object] = SimpleQueue()
        self._cancelled: set[Json] = set()
        self._tasks: deque[Task] = deque()
        self._asked: dict[Json, Reply] = {}
        self._next_id = 0

    # --- out ----------------------------------------------------------------------------------------------------------

    def _send(self, message: dict[str, Json]) -> None:
        message["jsonrpc"] = "2.0"
        self.channel.send(json.dumps(message, separators=(",", ":")).encode())

    def _answer(self, request: Id | None, result: Json) -> None:
        self._send({"id": request, "result": result})

    def _refuse(self, request: Id | None, code: int, message: str, data: Json = None) -> None:
        error: dict[str, Json] = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self._send({"id": request, "error": error})

    def notify(self, method: str, params: Json) -> None:
        """Tell the client something; silent before `initialize` and after `shutdown`."""
        if self.state == "running":
            self._send({"method": method, "params": params})

    def ask(self, method: str, params: Json, then: Reply = lambda result: None) -> None:
        """Ask the client; `then` gets the result, None where the client refuses."""
        if self.state != "running":
            return
        self._next_id += 1
        self._asked[self._next_id] = then
        self._send({"id": self._next_id, "method": method, "params": params})

    def log(self, message: str) -> None:
        """A line for the person who looks after the server: standard error and the client's log, never a pop-up."""
        print(message, file=sys.stderr, flush=True)
        self.notify("window/logMessage", {"type": 4, "message": message})

    # --- in -----------------------------------------------------------------------------------------------------------

    def post(self, work: Callable[[], None]) -> None:
        """Have `work` done by the answering thread; may be called from any thread."""
        self._inbox.put(work)

    def start(self, work: Work, name: str) -> None:
        """Run work of the server's own in steps, between the messages."""
        self._tasks.append(Task(work, name))

    def leave(self) -> None:
        """End the session as if the client had gone; may be called from any thread."""
        self._inbox.put(_GONE)

    @property
    def is_waiting(self) -> bool:
        """Whether a message has arrived that nobody has looked at; work in steps pauses then."""
        return not self._inbox.empty()

    def _read(self) -> None:
        while (body := self.channel.receive()) is not None:
            message = _decoded(body)
            if isinstance(message, dict):
                if message.get("method") == "$/cancelRequest":
                    self._cancel(message.get("params"))
                    continue
                self.arrived(message)
            self._inbox.put(message)
        self._inbox.put(_GONE)

    def _cancel(self, params: Json) -> None:
        if isinstance(params, dict) and isinstance(params.get("id"), int | str):
            self._cancelled.add(params["id"])

    def run(self) -> int:
        """Serve until the client says `exit` or is gone."""
        Thread(target=self._read, name="reader", daemon=True).start()
        while self.state != "ended":
            if self._inbox.empty():
                if self._tasks:
                    self._step()
                    continue
                self._guarded(self.idle, "idle")
                if self._tasks:
                    continue
                self._cancelled.clear()
            self._take(self._inbox.get())
        return self._code

    _code = 1

    def _take(self, message: object) -> None:
        if message is _GONE:
            self.state = "ended"
        elif isinstance(message, _Malformed):
            self._refuse(None, PARSE_ERROR, message.reason)
        elif callable(message):
            self._guarded(message, "work")
        elif not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._refuse(_id_of(message), INVALID_REQUEST, "not a JSON-RPC 2.0 message")
        elif isinstance(method := message.get("method"), str):
            if "id" in message:
                self._request(message["id"], method, message.get("params"))
            else:
                self._notification(method, message.get("params"))
        elif "id" in message and ("result" in message or "error" in message):
            self._response(message)
        else:
            self._refuse(_id_of(message), INVALID_REQUEST, "neither a request nor a response")

    def _request(self, request: Json, method: str, params: Json) -> None:
        if isinstance(request, bool) or not isinstance(request, int | float | str):
            self._refuse(None, INVALID_REQUEST, "a request id is a number or a string")
            return
        try:
            self._admit(method, request)
            handler = self.requests.get(method)
            if handler is None:
                raise RequestError(METHOD_NOT_FOUND, f"`{method}` is not supported")
            if params is not None and not isinstance(params, dict):
                raise RequestError(INVALID_PARAMS, "parameters must be an object")
            result = handler(params or {})
        except RequestError as error:
            self._refuse(request, error.code, error.message, error.data)
        except Exception as error:
            self.crashed(error, method, request)
        else:
            if isinstance(result, Generator):
                self._tasks.append(Task(result, method, request))
            else:
                self._done(method, request, result)

    def _admit(self, method: str, request: Id) -> None:
        if request in self._cancelled:
            self._cancelled.discard(request)
            if method not in ("initialize", "shutdown"):
                raise RequestError(REQUEST_CANCELLED, "cancelled")
        if self.state == "new" and method != "initialize":
            raise RequestError(NOT_INITIALIZED, "the server is not initialized")
        if self.state == "running" and method == "initialize":
            raise RequestError(INVALID_REQUEST, "the server is already initialized")
        if self.state == "stopping":
            raise RequestError(INVALID_REQUEST, "the server is shut down")

    def _done(self, method: str, request: Id, result: Json) -> None:
        self._answer(request, result)
        if method == "initialize":
            self.state = "running"
        elif method == "shutdown":
            self.state = "stopping"
            self._drop_tasks()

    def _drop_tasks(self) -> None:
        for task in self._tasks:
            task.work.close()
            if task.answers is not None:
                self._refuse(task.answers, REQUEST_CANCELLED, "the server is shut down")
        self._tasks.clear()

    def _notification(self, method: str, params: Json) -> None:
        if method == "exit":
            self._code = 0 if self.state == "stopping" else 1
            self.state = "ended"
            return
        handler = self.notifications.get(method)
        if self.state != "running" or handler is None:
            return  # the protocol drops notifications outside the session and those it does not know
        if params is not None and not isinstance(params, dict):
            self.log(f"ignored {method}: parameters must be an object")
            return
        try:
            handler(params or {})
        except RequestError as error:
            self.log(f"ignored {method}: {error.message}")
        except Exception as error:
            self.crashed(error, method, None)

    def _response(self, message: dict[str, Json]) -> None:
        number = message["id"]
        then = self._asked.pop(number, None) if isinstance(number, int | str) else None
        if then is None:
            return
        if "error" in message:
            self._guarded(lambda: then(None), "answer of the client")
        else:
            self._guarded(lambda: then(message["result"]), "answer of the client")

    # --- work in steps ------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        task = self._tasks[0]
        try:
            if task.answers is not None and task.answers in self._cancelled:
                self._cancelled.discard(task.answers)
                task.work.close()
                raise RequestError(REQUEST_CANCELLED, "cancelled")
            next(task.work)
            self._tasks.rotate(-1)
            return
        except StopIteration as stop:
            if task.answers is not None:
                self._done(task.method, task.answers, stop.value)
        except RequestError as error:
            if task.answers is not None:
                self._refuse(task.answers, error.code, error.message, error.data)
        except Exception as error:
            self.crashed(error, task.method, task.answers)
        self._tasks.remove(task)

    def _guarded(self, work: Callable[[], None], name: str) -> None:
        try:
            work()
        except Exception as error:
            self.crashed(error, name, None)

    def crashed(self, error: Exception, method: str, request: Id | None) -> None:
        """A bug of ours: the log gets the traceback, the client one plain sentence, the person nothing."""
        import traceback

        self.log(f"error in {method}:\n{''.join(traceback.format_exception(error))}")
        if request is not None:
            self._refuse(request, INTERNAL_ERROR, f"internal error in {method}; the log of the server has the details")


class _Gone:
    pass


class _Malformed:
    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


_GONE = _Gone()


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        return _Malformed(f"not JSON: {error}" if isinstance(error, ValueError) else "nested too deeply")


def _id_of(message: object) -> Id | None:
    number = message.get("id") if isinstance(message, dict) else None
    return number if isinstance(number, int | float | str) and not isinstance(number, bool) else None
