"""ControlNets, from single files in either layout and from folders, for the denoiser that they are to hold."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from promptlang.files import shown
from promptlang.models.evidence.records import BadHeader, read_record
from promptlang.models.names import CLASS, CONFIGURATION
from promptlang.tables.models.folders import CONTROL_OF_FLUX
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import blocks, filled
from promptlang_runtime.models.opening import lone_from
from promptlang_runtime.models.pipelines import Denoiser, Module
from promptlang_runtime.models.tensors import load_tensors

_BROKEN = (KeyError, IndexError, ValueError, RuntimeError, TypeError, OSError, BadHeader)
_OTHER = "use a ControlNet made for this family"


def open_control(place: str, kind: str, denoiser: Denoiser, *, dtype: torch.dtype) -> nn.Module:
    """The ControlNet of that class in a file or a folder; raises RenderError for one of another model."""
    path, name = Path(place), f"`{shown(place)}`"
    found = _of_folder(path, kind, name, dtype) if path.is_dir() else _of_file(path, kind, name, denoiser)
    reads, wanted = libraries.reads_text_of(found), libraries.reads_text_of(denoiser)
    if reads != wanted:
        message = f"{name} reads text of width {reads}, and the model's denoiser {wanted}"
        raise RenderError(message, _OTHER)
    assert isinstance(found, nn.Module)
    return found.to(device=denoiser.device, dtype=dtype).eval()


def _of_folder(place: Path, kind: str, name: str, dtype: torch.dtype) -> object:
    with _telling(name):
        said = read_record(place / CONFIGURATION, what=f"its `{CONFIGURATION}`")
        if said.text(CLASS) != kind or said.get("num_mode"):
            raise RenderError(f"its `{CONFIGURATION}` names no `{kind}` of one kind of map")
    return lone_from(place, f"diffusers.{kind}", "ControlNet", dtype=dtype)


def _of_file(place: Path, kind: str, name: str, denoiser: Denoiser) -> Module:
    with _telling(name):
        tensors = load_tensors(place)
        if kind == CONTROL_OF_FLUX:
            layers = blocks(tensors, "transformer_blocks."), blocks(tensors, "single_transformer_blocks.")
            return filled(libraries.control_of_flux(denoiser, tensors, *layers), tensors, "ControlNet")
        whole, named = libraries.control_of_unet(denoiser, tensors)
        return filled(whole, named, "ControlNet")


@contextmanager
def _telling(name: str) -> Generator[None]:
    try:
        yield
    except RenderError as error:
        raise RenderError(f"{name} is no ControlNet for this model: {error.message}", error.help or _OTHER) from error
    except _BROKEN as error:
        raise RenderError(f"{name} is no ControlNet for this model ({first_line(error)})", _OTHER) from error
