"""The only module that opens files of tensors: safetensors, never a pickle."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import Tensor

from promptlang.models.evidence.packing import REMARKS, SCALES
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import header_of
from promptlang.models.names import is_gguf, is_pickled
from promptlang.refusals.refusal import package_refusal
from promptlang.tables.models.known import RUNS_CODE
from promptlang_runtime.errors import RenderError, refuse

_safetensors = import_module("safetensors.torch")  # which leaves half of its types open

LARGEST = 2**31
"""Bytes of networks that are kept; those that were not asked for longest are let go."""

_kept: OrderedDict[tuple[str, int, int], Mapping[str, Tensor]] = OrderedDict()


def load_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors or GGUF file; raises RenderError where it is missing, broken or pickled."""
    if is_pickled(path):
        raise RenderError(f"`{path}` is pickled, and opening it could run code", "convert it to safetensors")
    kind = "GGUF" if is_gguf(path) else "safetensors"
    if is_gguf(path):
        refuse(package_refusal("gguf", f"`{path}`"))
    try:
        return _of_gguf(path) if is_gguf(path) else _safetensors.load_file(path)
    except FileNotFoundError:
        raise absent(path) from None
    except (SafetensorError, OSError, ValueError) as error:
        fault = _fault(path)
        message = f"`{path}` is not a {kind} file that can be read: {fault or error}"
        help = "save it as safetensors" if fault == RUNS_CODE else "fetch or copy the file again"
        raise RenderError(message, help) from None


def _fault(path: Path) -> str:
    """What is wrong with the header of a file; empty where nothing is."""
    try:
        header_of(path)
    except BadHeader as error:
        return str(error)
    except OSError:
        pass
    return ""


def shapes_of(tensors: Mapping[str, Tensor]) -> Mapping[str, tuple[int, ...]]:
    """The shapes of tensors, by which a file is compared with a model."""
    return {name: tuple(each.shape) for name, each in tensors.items()}


def absent(path: Path) -> RenderError:
    """That a file is not there."""
    return RenderError(f"there is no file `{path}`", "correct the path in `promptlang.toml`")


def network_tensors(path: Path) -> Mapping[str, Tensor]:
    """The tensors of a network, which nobody may change: they are kept for who asks next, while the file is the same.

    Raises RenderError as `load_tensors` does.
    """
    try:
        status = path.stat()
    except OSError:
        return load_tensors(path)
    key = (str(path), status.st_size, status.st_mtime_ns)
    found = _kept.pop(key, None)
    _kept[key] = load_tensors(path) if found is None else found
    while len(_kept) > 1 and sum(size for _, size, _ in _kept) > LARGEST:
        _kept.popitem(last=False)
    return _kept[key]


def _of_gguf(path: Path) -> dict[str, Tensor]:
    """The tensors of a GGUF file as plain numbers, as diffusers reads and unpacks them."""
    reading, unpacking = (
        import_module(f"diffusers.{each}") for each in ("models.model_loading_utils", "quantizers.gguf.utils")
    )
    loaded: dict[str, Tensor] = reading.load_gguf_checkpoint(str(path))
    return {name: unpacking.dequantize_gguf_tensor(each) for name, each in loaded.items()}


EIGHT_BITS = frozenset({torch.float8_e4m3fn, torch.float8_e5m2})


def plain(tensors: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """The tensors with those of eight bits in that type, multiplied with the scales that lie beside them."""
    found: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if name.endswith((*SCALES, *REMARKS)):
            continue
        layer = name.removesuffix(".weight")
        scale = next((tensors[layer + each] for each in SCALES if layer + each in tensors), None)
        if value.dtype in EIGHT_BITS:
            number = value.float() if scale is None else value.float() * _by_row(scale, value)
            found[name] = number.to(dtype)
        else:
            found[name] = value
    return found


def _by_row(scale: Tensor, like: Tensor) -> Tensor:
    """One number for all of a tensor, or one for each of its rows."""
    return scale.float().reshape(-1, *(1,) * (like.dim() - 1)) if scale.numel() > 1 else scale.float().reshape(())
