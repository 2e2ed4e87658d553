"""Tensors of single files: picked by prefix, counted, and filled into modules."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from torch import Tensor

from promptlang.sentences import counted
from promptlang_runtime.errors import Part, PartError, first_line
from promptlang_runtime.models.libraries import INVALID
from promptlang_runtime.models.pipelines import Module, Tensors

Filled = TypeVar("Filled", bound=Module)
MISSHAPEN = (IndexError, ValueError, RuntimeError, TypeError, ZeroDivisionError, AssertionError, INVALID)
"""What tensors of other shapes than a family's can bring about while its model is rebuilt."""


@contextmanager
def building(part: Part) -> Generator[None]:
    """Around what rebuilds a part: a tensor that it lacks, or whose shape goes into no such part, is a PartError."""
    try:
        yield
    except KeyError as error:
        raise PartError(part, f"lacks `{error.args[0]}`") from error
    except MISSHAPEN as error:
        why = f" ({first_line(error).rstrip(':')})" if str(error) else ""
        raise PartError(part, f"has shapes that go into no such model{why}") from error


def below(tensors: Tensors, prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def read_below(read: Callable[[Tensors], Filled], tensors: Tensors, prefix: str) -> Filled:
    """The text encoder whose tensors begin with the prefix, which a PartError says: a family may have several."""
    try:
        return read(below(tensors, prefix))
    except PartError as error:
        error.prefix = prefix
        raise


def blocks(tensors: Tensors, begin: str) -> int:
    """How many numbered blocks have names that begin so, whatever they hold: one that lacks a tensor counts as well."""
    return len({name.removeprefix(begin).partition(".")[0] for name in tensors if name.startswith(begin)})


def filled(module: Filled, tensors: Tensors, part: Part, *, assign: bool = False) -> Filled:
    """The module with its tensors; raises PartError where some are missing, of another shape, or no weights.

    With `assign` it takes tensors in their own type, and needs none before. They are copied, since processors compute
    otherwise from the odd places where they lie in a file.
    """
    wanted = module.state_dict()
    own = {name: _unsqueezed(tensors[name], each) for name, each in wanted.items() if name in tensors}
    for name, each in own.items():
        if wanted[name].is_floating_point() and not each.is_floating_point():
            kind = str(each.dtype).removeprefix("torch.")
            raise PartError(part, f"holds numbers of the type {kind} in `{name}`, which are no weights")
        if each.shape != wanted[name].shape:
            sizes = ("×".join(map(str, one.shape)) or "one number" for one in (each, wanted[name]))
            raise PartError(part, "does not fit: `{}` is {}, where {} is needed".format(name, *sizes))
    given = {name: each.clone() for name, each in own.items()} if assign else own
    found = module.load_state_dict(given, strict=False, assign=assign)
    if lost := found.missing_keys:
        raise PartError(part, f"lacks {counted(len(lost), 'tensor')}: {lost[0]}")
    return module.eval()


def _unsqueezed(tensor: Tensor, like: Tensor) -> Tensor:
    """The tensor with the sides of 1 before all others that GGUF drops."""
    dropped = like.dim() - tensor.dim()
    fits = dropped > 0 and tensor.dim() > 0 and like.shape == (1,) * dropped + tensor.shape
    return tensor.reshape(like.shape) if fits else tensor
