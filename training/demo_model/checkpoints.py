"""What a training run leaves behind: checkpoints in small files, curves as JSON lines, a progress bar."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from safetensors.torch import load_file, save_file
from torch import Tensor

LARGEST_FILE = 14 * 1024 * 1024
SAVED_EVERY = 60.0  # seconds: a run that is cut off loses no more

# What a stage does whenever it has saved its checkpoint.
Saved = Callable[[], None]


def nothing_more() -> None:
    """After a checkpoint, go on at once."""


def save_tensors(folder: Path, name: str, tensors: Mapping[str, Tensor]) -> None:
    """Write `name-0.safetensors`, `name-1.safetensors`, …, each at most 14 MiB; a broken run leaves the old ones."""
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, Tensor]] = [{}]
    filled = 0
    for key, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        if shards[-1] and filled + size > LARGEST_FILE:
            shards.append({})
            filled = 0
        shards[-1][key] = tensor.detach().contiguous().cpu()
        filled += size
    parts = [folder / f"{name}-{number}.part" for number in range(len(shards))]
    for part, shard in zip(parts, shards, strict=True):
        save_file(shard, part)
    for part in parts:
        part.replace(part.with_suffix(".safetensors"))


def load_tensors(folder: Path, name: str) -> dict[str, Tensor]:
    """What `save_tensors` wrote; empty where there is nothing."""
    files = sorted(folder.glob(f"{name}-*.safetensors"))
    return {key: tensor for file in files for key, tensor in load_file(file).items()}


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose name begins with the prefix, without it."""
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


@dataclass(slots=True)
class Curve:
    """Appends one JSON object per entry to a file and says it on the console."""

    path: Path
    console: Console = field(default_factory=Console)
    _start: float = field(default_factory=time.monotonic)

    def log(self, **values: float | int | str | list[float] | dict[str, float]) -> None:
        entry = {"seconds": round(time.monotonic() - self._start, 1), **values}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        self.console.print(" ".join(f"{key}={value}" for key, value in entry.items()), highlight=False)


def progress_bar(console: Console) -> Progress:
    """A bar with times; where the console is a file, only the curve's lines appear."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>5.1f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
