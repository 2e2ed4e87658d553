"""What is asked of whoever draws, and what comes back: values that travel to other processes and machines."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import OpenError, RenderError, first_line
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.unswept import unswept

if TYPE_CHECKING:
    from PIL import Image

_DRAWING = "promptlang_runtime.executors.here"

OnCall = Callable[[int, int, int], None]
"""Told after every denoiser call that can be seen from here: pictures of the batch, calls done, and calls of it.

Raises Unwanted where the batch need not be drawn to its end.
"""


class Unwanted(BaseException):
    """Nobody wants the pictures of a batch any more; no library on the way catches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a batch was not drawn, in our words (`is_known`) or a library's; `is_of_all` holds for its parts.

    Of a worker (`is_of_worker`) it says nothing about the batch, which others may draw.
    """

    message: str
    help: str = ""
    is_known: bool = True
    is_of_all: bool = False
    is_of_worker: bool = False
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The pictures of a batch in its order, each with its `seed` and `seconds`, or why there are none.

    `drawing` are the seconds that they took, `opening` those before, in which the model was opened if it was not.
    """

    pictures: Sequence[Image.Image] = ()
    failure: Failure | None = None
    drawing: float = 0.0
    opening: float = 0.0


class Executor(Protocol):
    """Workers, counted from 0, each of which draws a batch at a time and keeps the model it opened last."""

    def count(self) -> int:
        """How many workers there are now."""
        ...

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        """Have a worker that is idle draw a batch."""
        ...

    def wait(self, on_call: OnCall) -> tuple[int, Result | None]:
        """The next worker that is through, and what came of its batch; None where the worker died of it."""
        ...

    def close(self) -> None:
        """End the workers, whatever they do."""
        ...


def result_of(wanted: Sequence[Wanted], settings: Settings, on_call: Callable[[int, int], None]) -> Result:
    """Draw a batch in this process; whatever a model's file brings about is said, not raised."""
    began = perf_counter()
    try:
        # A worker imports what draws with its first batch.
        with nullcontext() if _DRAWING in sys.modules else unswept(stays=True):
            from promptlang_runtime.executors.here import drawn

        pictures = drawn(wanted, settings, on_call)
    except RenderError as error:
        opening = isinstance(error, OpenError)
        return Result(failure=Failure(message=error.message, help=error.help, is_of_all=opening))
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        return Result(failure=Failure(message=first_line(error), is_known=False, trace=trace))
    drawing = sum(each.info["seconds"] for each in pictures)
    return Result(pictures=pictures, drawing=drawing, opening=max(0.0, perf_counter() - began - drawing))
