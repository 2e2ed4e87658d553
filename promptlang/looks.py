"""One look at the files that texts name, however many statements ask what they are.

A question is answered anew each time, except while one text is read: then every answer holds to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache, wraps
from itertools import count
from typing import ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

KEPT = 256
"""Answers kept to a question; a text names few files."""
_numbers = count(1)
_look: ContextVar[int] = ContextVar("look", default=0)


class OneLook:
    """Within it, questions that are `asked_once` keep their answers; a look inside another is the same look."""

    __slots__ = ("_mark",)

    def __enter__(self) -> None:
        self._mark = _look.set(_look.get() or next(_numbers))

    def __exit__(self, *error: object) -> None:
        _look.reset(self._mark)


def asked_once(question: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The question, answered once a look for the same arguments."""

    @lru_cache(maxsize=KEPT)
    def answered(look: int, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        return question(*args, **kwargs)

    @wraps(question)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        look = _look.get()
        return answered(look, *args, **kwargs) if look else question(*args, **kwargs)

    return asked
