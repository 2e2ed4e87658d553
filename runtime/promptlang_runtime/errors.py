"""What the outside world can do to a render: a missing file, a strange model, a full disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from promptlang.refusals.refusal import Refusal

Part = Literal["denoiser", "text encoder", "VAE", "ControlNet"]
"""What networks are called in messages."""


class RenderError(Exception):
    """A plan that cannot be rendered here; `help` is an instruction that would let it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class PartError(RenderError):
    """Tensors that are not those of a `part`; `prefix` is how their names begin, where several parts are called so.

    `fault` is what is said of the part: that it `lacks` a tensor.
    """

    def __init__(self, part: Part, fault: str) -> None:
        super().__init__(f"its {part} {fault}")
        self.part: Part = part
        self.fault = fault
        self.prefix = ""


class NoNumber(RenderError):
    """What was drawn is no number (NaN): a file is damaged, or half precision overflowed."""


class OpenError(RenderError):
    """A model that cannot be opened, whatever is to be drawn with it."""


class WriteError(RenderError):
    """A disk that takes no more pictures: what follows would fail as well."""


def first_line(error: Exception) -> str:
    """What an exception says first, or its name where it says nothing."""
    (first, *_) = str(error).strip().splitlines() or [type(error).__name__]
    return first


def refuse(refusal: Refusal | None) -> None:
    """Raise RenderError where there is a reason not to draw."""
    if refusal:
        raise RenderError(refusal.message, refusal.help)
