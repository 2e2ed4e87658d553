"""What is saved beside the drawing: in the order it comes, and to the end even where the drawing is interrupted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

WAITING = 32  # pictures that are drawn and not saved yet: past this, the drawing waits


class Saving:
    """Work for a thread of its own; what it raises is raised by the next `put`, or at the end of the block."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saving")
        self._waiting: deque[Future[None]] = deque()

    def put(self, work: Callable[[], None]) -> None:
        """Do the work after all that came before it."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= WAITING):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(work))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._thread.shutdown()
        while self._waiting:
            self._waiting.popleft().result()
