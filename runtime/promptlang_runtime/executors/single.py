"""One worker: this process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import OnCall, Result, result_of


class Single:
    """Draws when it is waited for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wanted: Sequence[Wanted] = ()

    def count(self) -> int:
        return 1

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        self._wanted = wanted

    def wait(self, on_call: OnCall) -> tuple[int, Result]:
        return 0, result_of(self._wanted, self._settings, partial(on_call, len(self._wanted)))

    def close(self) -> None:
        """There is nothing to end."""
