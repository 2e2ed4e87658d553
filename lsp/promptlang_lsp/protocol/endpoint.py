"""The server on pygls: its loop reads, dispatches and cancels; what it leaves open in the protocol is closed here.

Messages stay the plain JSON they are. Handlers take and give dictionaries, so nothing is turned into objects and back,
and nothing that a person writes can be mistaken for a message.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping
from concurrent.futures import Future
from contextlib import closing
from time import perf_counter

from promptlang_lsp.protocol.late_types import types  # before pygls imports them

# isort: split
import attrs
from cattrs import Converter
from pygls.exceptions import FeatureRequestError, JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
)
from pygls.protocol.json_rpc import MsgId, RPCMessage

from promptlang.version import VERSION
from promptlang_lsp.protocol.words import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    NOT_INITIALIZED,
    PARSE_ERROR,
    Handler,
    Json,
    Params,
    Reply,
    RequestError,
    Work,
)

SLICE = 0.002  # seconds of work between two looks at what has arrived
# Seconds after which a thread that waits for the interpreter asks for it, counted anew from each of those looks.
# Python's 5 ms are longer than a slice: the thread that reads never asked, and a message waited for up to 0.6 s.
ASKING = SLICE / 4
PLAIN = (JsonRPCNotification, JsonRPCRequestMessage, JsonRPCResponseMessage)

logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs every refusal with a traceback; `log` says what matters


class Messages(LanguageServerProtocol):
    """The protocol of pygls, to the letter: what it answers wrongly or not at all is refused as specified."""

    def _register_builtin_features(self) -> None:
        """None: texts, folders and commands are the session's, so that no text is kept twice."""

    # --- plain messages -----------------------------------------------------------------------------------------------

    def structure_message(self, data: dict[str, Json]) -> dict[str, Json]:
        """Leave objects as they are: `json` hands over every nested one, and only the outermost is a message."""
        return data

    def get_message_type(self, method: str) -> None:
        """No type of its own for any message, on the way out either."""

    def get_result_type(self, method: str) -> None:
        """No type of its own for any result."""

    def _serialize_message(self, data: object) -> dict[str, object]:
        return attrs.asdict(data, recurse=False) if isinstance(data, PLAIN) else super()._serialize_message(data)

    # --- in -----------------------------------------------------------------------------------------------------------

    is_initialized = False
    has_ended = False
    on_message: Callable[[], None]  # what follows every message
    log: Callable[[str], None]

    @property
    def is_running(self) -> bool:
        """Whether the session is between `initialize` and `shutdown`."""
        return self.is_initialized and not self._shutdown

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for the end."""
        return self._shutdown

    def handle_message(self, message: Json | RPCMessage) -> None:
        """Check the outside of a message, then hand it to pygls."""
        match message:
            case {"jsonrpc": "2.0", "method": str(method), "id": number}:
                self._request(number, method, message.get("params"))
            case {"jsonrpc": "2.0", "method": str(method)}:
                self._notification(method, message.get("params"))
            case {"jsonrpc": "2.0", "id": str() | int() as number, "result": _} | {
                "jsonrpc": "2.0", "id": str() | int() as number, "error": _,
            }:  # fmt: skip
                self._result_types.pop(number, None)
                super().handle_message(JsonRPCResponseMessage(number, "2.0", message.get("result")))
            case {"id": number}:
                self.refuse(number, INVALID_REQUEST, "not a JSON-RPC 2.0 message")
            case _:
                self.refuse(None, INVALID_REQUEST, "not a JSON-RPC 2.0 message")
        self.on_message()

    def _request(self, written: Json, method: str, params: Json) -> None:
        number = _id(written)
        if number is None:
            self.refuse(None, INVALID_REQUEST, "a request id is a whole number or a string")
        elif self._shutdown:
            self.refuse(number, INVALID_REQUEST, "the server is shut down")
        elif not self.is_initialized and method != types.INITIALIZE:
            self.refuse(number, NOT_INITIALIZED, "the server is not initialized")
        elif self.is_initialized and method == types.INITIALIZE:
            self.refuse(number, INVALID_REQUEST, "the server is already initialized")
        elif params is not None and not isinstance(params, dict):
            self.refuse(number, INVALID_PARAMS, "parameters must be an object")
        else:
            super().handle_message(JsonRPCRequestMessage(number, method, "2.0", params or {}))
            if method == types.SHUTDOWN:
                self._shut_down()

    def _notification(self, method: str, params: Json) -> None:
        if method == types.EXIT:
            self.has_ended = True
            sys.exit(0 if self._shutdown else 1)  # as pygls ends a session
        if not self.is_running:
            return  # the protocol drops notifications outside the session
        if params is not None and not isinstance(params, dict):
            self.log(f"ignored {method}: parameters must be an object")
        elif method != types.CANCEL_REQUEST:
            super().handle_message(JsonRPCNotification(method, "2.0", params or {}))
        elif (number := _id((params or {}).get("id"))) is not None:
            self._handle_cancel_notification(number)

    def _shut_down(self) -> None:
        """Answer nothing more, and give up what is still being worked on."""
        self._shutdown = True
        for future in tuple(self._request_futures.values()):
            future.cancel()

    # --- out ----------------------------------------------------------------------------------------------------------

    def refuse(self, number: Json, code: int, message: str) -> None:
        """Answer a message that never reaches a handler; an id that is none is answered with null."""
        self._send_data(types.ResponseErrorMessage(_id(number), types.ResponseError(code, message)))

    def _send_data(self, data: object) -> None:
        """Write one message, unless nobody reads any more: work may still run when the client has gone."""
        if self.has_ended:
            return
        try:
            super()._send_data(data)
        except OSError:
            self.has_ended = True  # the reading side notices as well, and ends the session


def _id(number: Json) -> MsgId | None:
    """The id of a request, None where it is none; there are clients that write a whole number as `1.0`."""
    match number:
        case bool():
            return None
        case int() | str():
            return number
        case float() if number.is_integer():
            return int(number)
        case _:
            return None


class Endpoint(LanguageServer):
    """One connection to one client."""

    def __init__(self) -> None:
        super().__init__("promptlang", VERSION, protocol_cls=Messages, converter_factory=Converter)
        sys.setswitchinterval(ASKING)
        assert isinstance(self.protocol, Messages)
        self.messages = self.protocol
        self.messages.on_message, self.messages.log = self.settle, self.log
        self.idle: Callable[[], None] = lambda: None
        self.is_left = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_idle_due = False
        self._tasks: set[asyncio.Task[None]] = set()

    def serve(self, requests: Mapping[str, Handler], notifications: Mapping[str, Handler]) -> None:
        """Answer these messages."""
        for method, handler in requests.items():
            begins_or_ends = method in (types.INITIALIZE, types.SHUTDOWN)
            self.feature(method)(self._at_once(method, handler) if begins_or_ends else self._answering(method, handler))
        for method, handler in notifications.items():
            self.feature(method)(self._noting(method, handler))

    @property
    def exit_code(self) -> int:
        """Of the process: 0 after `shutdown`, 1 where the client just left."""
        return 0 if self.messages.is_shut_down else 1

    def begin(self) -> None:
        """The session is agreed upon: from here on the client may be told and asked."""
        self.messages.is_initialized = True

    # --- handlers -----------------------------------------------------------------------------------------------------

    def _answering(self, method: str, handler: Handler) -> Callable[[Params], Coroutine[None, None, Json]]:
        async def answer(params: Params) -> Json:
            try:
                result = handler(params)
                return await _in_steps(result) if isinstance(result, Generator) else result
            except Exception as error:
                raise self._refusal(method, error) from None

        return answer

    def _at_once(self, method: str, handler: Handler) -> Callable[[Params], Json]:
        def answer(params: Params) -> Json:
            try:
                result = handler(params)
                assert not isinstance(result, Generator)
                return result
            except Exception as error:
                raise self._refusal(method, error) from None

        return answer

    def _noting(self, method: str, handler: Handler) -> Callable[[Params], None]:
        def note(params: Params) -> None:
            try:
                handler(params)
            except RequestError as error:
                self.log(f"ignored {method}: {error.message}")
            except Exception as error:
                self.crashed(error, method)

        return note

    def _refusal(self, method: str, error: Exception) -> JsonRpcException:
        if isinstance(error, RequestError):
            return JsonRpcException(error.message, error.code, error.data)
        self.crashed(error, method)
        return JsonRpcInternalError(f"internal error in {method}; the log of the server has the details")

    # --- out ----------------------------------------------------------------------------------------------------------

    def notify(self, method: str, params: Json) -> None:
        """Tell the client something; silent before `initialize` and after `shutdown`."""
        if self.messages.is_running:
            self.messages.notify(method, params)

    def ask(self, method: str, params: Json, then: Reply = lambda result: None) -> None:
        """Ask the client; `then` gets the result, None where the client refuses."""
        if not self.messages.is_running:
            return

        def answered(answer: Future[Json]) -> None:
            if not answer.cancelled():
                self._guarded(lambda: then(answer.result()), method)

        self.messages.send_request(method, params).add_done_callback(answered)

    def log(self, message: str) -> None:
        """A line for the person who looks after the server: standard error and the client's log, never a pop-up."""
        print(message, file=sys.stderr, flush=True)
        self.notify("window/logMessage", {"type": 4, "message": message})

    def crashed(self, error: Exception, method: str) -> None:
        """A bug of ours: the log gets the traceback, the person nothing."""
        import traceback

        self.log(f"error in {method}:\n{''.join(traceback.format_exception(error))}")

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """What pygls could not do with a message; the answer to a request says it already."""
        if source is FeatureRequestError:
            return
        if source is JsonRpcException and isinstance(error, ValueError | RecursionError):
            reason = f"not JSON: {error}" if isinstance(error, ValueError) else "nested too deeply"
            self.messages.refuse(None, PARSE_ERROR, reason)
        else:
            print(f"error: {error}", file=sys.stderr, flush=True)

    # --- work ---------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Something was done that may leave more to do: `idle` follows when the answer is on its way."""
        self._loop = asyncio.get_running_loop()
        if not self._is_idle_due:
            self._is_idle_due = True
            self._loop.call_soon(self._rest)

    def _rest(self) -> None:
        self._is_idle_due = False
        if self.messages.is_running:
            self._guarded(self.idle, "idle")

    def post(self, work: Callable[[], None]) -> None:
        """Have `work` done by the thread that answers; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._guarded, work, "work")

    def start(self, work: Work, name: str) -> None:
        """Run work of the server's own in steps, between the messages."""
        task = asyncio.ensure_future(self._own(work, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _own(self, work: Work, name: str) -> None:
        try:
            await _in_steps(work)
        except RequestError:
            return  # the text has changed
        except Exception as error:
            self.crashed(error, name)
        self.settle()

    def leave(self) -> None:
        """End the session as if the client had gone; may be called from any thread."""
        self.is_left = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(sys.exit, 1)

    def shutdown(self) -> None:
        """Let go of the connection; a thread that waits for a client that is gone is not waited for."""
        self.messages.has_ended = True
        self.thread_pool.shutdown(wait=not self.is_left)

    def _guarded(self, work: Callable[[], None], name: str) -> None:
        try:
            work()
        except Exception as error:
            self.crashed(error, name)


async def _in_steps(work: Work) -> Json:
    """Do work that pauses now and then: after each slice of time comes whatever has arrived."""
    with closing(work):
        until = perf_counter() + SLICE
        while True:
            try:
                next(work)
            except StopIteration as stop:
                return stop.value
            if perf_counter() >= until:
                await asyncio.sleep(0)
                until = perf_counter() + SLICE
