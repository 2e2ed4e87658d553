"""Several processes that work out pieces of one thing; what they answer comes in the order of the pieces."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

# A copy of this process costs a tenth of a new one; it is safe here because the command line runs no threads.
START = "fork" if sys.platform == "linux" else "spawn"

Piece = TypeVar("Piece")
Sent = TypeVar("Sent")
Result = TypeVar("Result")


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def by_many(
    pieces: Sequence[Piece],
    jobs: int,
    *,
    start: Callable[..., None],
    given: tuple[object, ...],
    packed: Callable[[Piece], Sent],
    work: Callable[[Sent], Iterable[Result]],
    here: Callable[[Piece], Iterable[Result]],
) -> Iterator[Result]:
    """The results of the pieces, by `work` in processes that begin with `start` of what is `given`.

    What a process leaves undone when it dies is done by `here`, in this one.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    gc.freeze()  # a copied process that counts references on these pages would copy them all
    pool = ProcessPoolExecutor(jobs, get_context(START), _begin, (start, given))
    try:
        waiting = [pool.submit(work, packed(piece)) for piece in pieces]
        for piece, future in zip(pieces, waiting, strict=True):
            try:
                yield from future.result()
            except BrokenProcessPool:
                yield from here(piece)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(start: Callable[..., None], given: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts all its processes; this one is told to stop
    start(*given)
