"""Work that takes a while, as the editor shows it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

from promptlang_lsp.protocol.words import REQUEST_CANCELLED, Json, RequestError, Result, Steps

if TYPE_CHECKING:
    from promptlang_lsp.protocol.endpoint import Endpoint
    from promptlang_lsp.texts.page import Page

FIXING = "Looking for fixes"
SOON = 0.25  # seconds that work may take before anybody is told how far it is

_numbers = count(1)
_running: dict[Json, Callable[[], None]] = {}


class Progress:
    """A progress bar of the client; silent where the client has none."""

    def __init__(self, endpoint: Endpoint, shown: bool, title: str, cancel: Callable[[], None] | None = None) -> None:
        self._endpoint = endpoint
        self._token = f"promptlang/{next(_numbers)}"
        self._shown = shown
        if shown:
            endpoint.ask("window/workDoneProgress/create", {"token": self._token})
            self._say({"kind": "begin", "title": title, "cancellable": cancel is not None})
        if cancel:
            _running[self._token] = cancel

    def _say(self, value: dict[str, Json]) -> None:
        if self._shown:
            self._endpoint.notify("$/progress", {"token": self._token, "value": value})

    def report(self, message: str, percentage: int | None = None) -> None:
        """What is being done, and how far it is."""
        value: dict[str, Json] = {"kind": "report", "message": message}
        if percentage is not None:
            value["percentage"] = percentage
        self._say(value)

    def end(self, message: str = "") -> None:
        """It is over."""
        _running.pop(self._token, None)
        self._say({"kind": "end", "message": message} if message else {"kind": "end"})


class Meter:
    """A progress bar for work of a known size; it appears with the first number."""

    def __init__(self, endpoint: Endpoint, shown: bool, title: str) -> None:
        self._endpoint = endpoint
        self._shown = shown
        self._title = title
        self._progress: Progress | None = None

    def show(self, done: int, size: int) -> None:
        """How much is done."""
        self._progress = self._progress or Progress(self._endpoint, self._shown, self._title)
        self._progress.report(f"{done:,} of {size:,}", 100 * done // max(size, 1))

    def close(self) -> None:
        """It is over, or given up."""
        if self._progress:
            self._progress.end()


class Pace:
    """Points in time that lie ever farther apart: the first after some seconds, each further one after twice that."""

    def __init__(self, seconds: float) -> None:
        self._began = perf_counter()
        self._seconds = seconds

    def is_due(self) -> bool:
        """Whether the next point has come."""
        if perf_counter() - self._began < self._seconds:
            return False
        self._seconds = 2 * (perf_counter() - self._began)
        return True


def while_still(steps: Steps[Result], page: Page, still: Callable[[Page], None]) -> Steps[Result]:
    """Work on a text in steps; `still` refuses to go on where the text is not the present one any more."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value
        yield
        still(page)


def shown(steps: Steps[Result], endpoint: Endpoint, shows: bool, title: str) -> Steps[Result]:
    """Work in steps, a statement each; what takes a while has a progress bar, whose cross gives it up."""
    pace, done = Pace(SOON), 0
    progress: Progress | None = None
    is_given_up = False

    def give_up() -> None:
        nonlocal is_given_up
        is_given_up = True

    try:
        while True:
            try:
                next(steps)
            except StopIteration as stop:
                return stop.value
            done += 1
            if pace.is_due():
                progress = progress or Progress(endpoint, shows, title, give_up)
                progress.report(f"{done:,} statements looked at")
            yield
            if is_given_up:
                raise RequestError(REQUEST_CANCELLED, f"{title.lower()} was given up")
    finally:
        if progress:
            progress.end()


def cancelled(token: Json) -> None:
    """The person pressed the cross."""
    if isinstance(token, str) and (cancel := _running.pop(token, None)):
        cancel()
