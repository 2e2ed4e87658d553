"""Tensors of single files: picked by prefix, counted, and filled into modules."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Module, Tensors

Filled = TypeVar("Filled", bound=Module)


def below(tensors: Tensors, prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def blocks(tensors: Tensors, begin: str) -> int:
    """How many numbered blocks have names that begin so, whatever they hold: one that lacks a tensor counts as well."""
    return len({name.removeprefix(begin).partition(".")[0] for name in tensors if name.startswith(begin)})


def filled(module: Filled, tensors: Tensors, part: str, *, assign: bool = False) -> Filled:
    """The module with its tensors; raises RenderError where some are missing or of another shape.

    With `assign` it takes tensors in their own type, and needs none before. They are copied, since processors compute
    otherwise from the odd places where they lie in a file.
    """
    own = {name: tensors[name].clone() for name in module.state_dict() if name in tensors} if assign else dict(tensors)
    try:
        found = module.load_state_dict(own, strict=False, assign=assign)
    except RuntimeError as error:
        raise RenderError(f"the {part} of the checkpoint does not fit: {str(error).splitlines()[-1].strip()}") from None
    if found.missing_keys:
        raise RenderError(
            f"the {part} of the checkpoint lacks {len(found.missing_keys)} tensors: {found.missing_keys[0]}"
        )
    return module.eval()
