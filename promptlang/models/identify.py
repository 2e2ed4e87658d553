"""What a model file is, read from its header alone: no tensor is loaded and nothing in it is executed."""

from __future__ import annotations

from pathlib import Path

from promptlang.models.evidence.header import PickledModel
from promptlang.models.evidence.identity import Identity
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import identify_file
from promptlang.models.folders import identify_folder, is_model_folder

__all__ = ["BadHeader", "Identity", "PickledModel", "identify", "is_model_folder"]


def identify(path: Path) -> Identity:
    """What the safetensors file or diffusers folder at `path` is.

    Raises `BadHeader`, whose message says in one clause what was found instead, and `OSError` as the system does.
    """
    return identify_folder(path) if path.is_dir() else identify_file(path)
