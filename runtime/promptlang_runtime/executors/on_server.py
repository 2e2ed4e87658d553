"""Workers of another program: each asks its server for one picture after the other."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from time import perf_counter

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.executors.orders import Failure, OnCall, Result
from promptlang_runtime.servers.calling import Unreached
from promptlang_runtime.servers.server import Server

GONE = 3
"""After so many pictures in a row that nobody answered to, the others are not asked for."""


class OnServer:
    """As many workers as the server is asked for pictures at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._through: SimpleQueue[tuple[int, Result]] = SimpleQueue()
        self._lock = Lock()
        self._unreached = 0
        self._busy = 0

    def count(self) -> int:
        return self._server.kind.at_once

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        # A thread that waits for an answer must not keep the command from ending.
        Thread(target=self._work, args=(worker, tuple(wanted)), daemon=True).start()

    def wait(self, on_call: OnCall) -> tuple[int, Result]:
        return self._through.get()

    def close(self) -> None:
        self._server.stop()

    def _work(self, worker: int, wanted: Sequence[Wanted]) -> None:
        with self._lock:
            self._busy += 1
            beside = self._busy
        result = self._result(wanted, beside)
        with self._lock:
            self._busy -= 1
        self._through.put((worker, result))

    def _result(self, wanted: Sequence[Wanted], beside: int) -> Result:
        if self._unreached >= GONE:
            message = f"`{self._server.caller.address.url}` has not answered {GONE} times in a row"
            return Result(failure=Failure(message=message, help="start it again, then add `--resume`"))
        began = perf_counter()
        try:
            pictures = [self._server.draw(each.plan, each.seed) for each in wanted]
        except RenderError as error:
            with self._lock:
                self._unreached = self._unreached + 1 if isinstance(error, Unreached) else 0
            return Result(failure=Failure(message=error.message, help=error.help))
        except Exception as error:
            trace = "".join(traceback.format_exception(error))
            return Result(failure=Failure(message=first_line(error), is_known=False, trace=trace))
        with self._lock:
            self._unreached = 0
            # Those that are asked for at the same time share it.
            seconds = (perf_counter() - began) / max(beside, self._busy)
        for picture, each in zip(pictures, wanted, strict=True):
            picture.info = {"seed": each.seed, "seconds": seconds / len(pictures), "memory": 0}
        return Result(pictures=pictures, drawing=seconds)
