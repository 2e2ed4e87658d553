"""The only module that opens files of tensors: safetensors, never a pickle."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from safetensors import SafetensorError
from torch import Tensor

from promptlang.models.names import is_pickled
from promptlang_runtime.errors import RenderError

_safetensors = import_module("safetensors.torch")  # which leaves half of its types open


def load_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; raises RenderError where it is missing, broken or pickled."""
    if is_pickled(path):
        raise RenderError(f"`{path}` is pickled, and opening it could run code", "convert it to safetensors")
    try:
        return _safetensors.load_file(path)
    except FileNotFoundError:
        raise RenderError(f"there is no file `{path}`", "correct the path in `promptlang.toml`") from None
    except (SafetensorError, OSError, ValueError) as error:
        message = f"`{path}` is not a safetensors file that can be read: {error}"
        raise RenderError(message, "fetch or copy the file again") from None
