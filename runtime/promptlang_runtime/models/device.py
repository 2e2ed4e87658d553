"""Where a picture is drawn and in which number type."""

from __future__ import annotations

import os
import sys

import torch

from promptlang.many.processes import cores
from promptlang_runtime.errors import RenderError

SMALL_MODEL = 20_000_000  # parameters of the denoiser
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")
"""What torch says of main memory and of MPS, for which it has no error of its own."""
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def device_of(name: str) -> torch.device:
    """The device of a name; `auto` is the best one present. Raises RenderError where it is missing."""
    present = {"cpu": 1, "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0}
    present["mps"] = int(torch.backends.mps.is_available())
    if name == "auto":
        name = next(device for device in ("cuda", "mps", "cpu") if present[device])
    kind, colon, number = name.partition(":")
    is_numbered = number.isascii() and number.isdigit() and int(number[:9]) < present.get(kind, 0)
    if not (is_numbered if colon else present.get(kind)):
        known = ", ".join(device for device, count in present.items() if count)
        last = present["cuda"] - 1
        each = f", cuda:0 to cuda:{last}" if last > 0 else ""
        raise RenderError(f"there is no device `{name}` here", f"choose one of: auto, {known}{each}")
    return torch.device(name)


def dtype_of(name: str | None, device: torch.device, *, half: torch.dtype = torch.float16) -> torch.dtype:
    """The number type of a name; without one, that of `half` on an accelerator and single precision on the CPU."""
    if name is None:
        return torch.float32 if device.type == "cpu" else half
    if name not in DTYPES:
        raise RenderError(f"there is no number type `{name}`", f"choose one of: {', '.join(DTYPES)}")
    return DTYPES[name]


def is_of_memory(error: Exception) -> bool:
    """Whether memory ran out, on whatever device."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(each in str(error) for each in _NO_MEMORY)


def use_threads(parameters: int) -> None:
    """Let torch use the cores this process may run on, unless `OMP_NUM_THREADS` says how many.

    A small model takes one: its layers are over before a second thread has begun.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1 if parameters < SMALL_MODEL else cores())


def most_held(device: torch.device) -> int:
    """The most bytes of memory that drawing has held: of a GPU those of tensors, else those of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
