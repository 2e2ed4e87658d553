"""Several workers on this machine: processes, each with a device of its own and with its share of the cores."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import RLock

from promptlang.many.processes import cores
from promptlang_runtime.drawing.glimpses import Glimpse, tell, watched
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import OnCall, Result, Unwanted, result_of

Asked = tuple[Wanted, ...] | None
"""What a worker is asked: a batch, or nothing more of the one that it draws."""
Said = Result | Glimpse | tuple[int, int, int]
"""What a worker says: calls that it has made and glimpses, where these are wanted, then what came of the batch."""
_CONTEXT = get_context("spawn")  # torch does not survive a fork


@dataclass(slots=True)
class Worker:
    """A process, and our end of the pipe to it."""

    process: BaseProcess
    pipe: Connection[Asked, Said]


@dataclass(slots=True)
class Processes:
    """So many processes on these devices in turn; each starts with its first batch, and again where it died.

    They divide the cores with others where `among` are more than they.
    """

    settings: Settings
    devices: Sequence[str]
    among: int = 1
    _workers: dict[int, Worker] = field(default_factory=dict[int, Worker])
    _busy: set[int] = field(default_factory=set[int])

    def count(self) -> int:
        return len(self.devices)

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        if worker not in self._workers:
            settings = replace(self.settings, device=self.devices[worker])
            self._workers[worker] = _started(settings, max(self.among, len(self.devices)))
        self._busy.add(worker)
        with suppress(OSError):  # it died idle: waiting for it says so
            self._workers[worker].pipe.send(tuple(wanted))

    def wait(self, on_call: OnCall) -> tuple[int, Result | None]:
        while True:
            ready = wait([self._workers[each].pipe for each in self._busy])
            for worker in [each for each in self._busy if self._workers[each].pipe in ready]:
                said = _received(self._workers[worker].pipe)
                if isinstance(said, Result):
                    self._busy.remove(worker)
                    return worker, said
                if isinstance(said, Glimpse):
                    tell(said)
                    continue
                if said is None:
                    self._busy.remove(worker)
                    _end(self._workers.pop(worker))
                    return worker, None
                try:
                    on_call(*said)
                except Unwanted:
                    self._leave(worker)
                    raise

    def _leave(self, worker: int) -> None:
        """Have a worker leave its batch at the next step; it keeps its model."""
        pipe = self._workers[worker].pipe
        with suppress(OSError):
            pipe.send(None)
        while (said := _received(pipe)) is not None and not isinstance(said, Result):
            pass
        self._busy.remove(worker)
        if said is None:
            _end(self._workers.pop(worker))

    def close(self) -> None:
        for each in self._workers.values():
            _end(each)
        self._workers.clear()


def _received(pipe: Connection[Asked, Said]) -> Said | None:
    """What a worker says; None where it died."""
    try:
        return pipe.recv()
    except (EOFError, OSError):
        return None


def _started(settings: Settings, count: int) -> Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_work, args=(theirs, settings, count), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def _end(worker: Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


def _work(pipe: Connection[Said, Asked], settings: Settings, count: int) -> None:
    """What a process does until nobody asks it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them: who started us ends us
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores() // count)))
    _lock_bars_here()
    with suppress(EOFError, OSError), watched(pipe.send if settings.glimpses else None):
        while True:
            if (wanted := pipe.recv()) is None:  # it was drawn by then
                continue
            try:
                result = result_of(wanted, settings, partial(_tell, pipe, len(wanted)))
            except Unwanted:
                result = Result()
            pipe.send(result)


def _lock_bars_here() -> None:
    """Have bars locked among threads only: tqdm makes a semaphore of the system else, which stays of who is killed."""
    from tqdm import tqdm  # by now: who starts us need not wait for it

    tqdm.set_lock(RLock())  # pyright: ignore[reportUnknownMemberType]


def _tell(pipe: Connection[Said, Asked], pictures: int, done: int, total: int) -> None:
    pipe.send((pictures, done, total))
    if pipe.poll():
        pipe.recv()
        raise Unwanted
