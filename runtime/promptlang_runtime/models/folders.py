"""Models in the layout of diffusers, from a folder or a repository; only classes that the family lists are loaded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError

from promptlang.models.evidence.records import BadHeader, read_record
from promptlang.models.fitting.wholeness import classes_of, damage
from promptlang.models.names import INDEX
from promptlang.tables.models.folders import Folder
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.opening import part_from, reason, stood_in
from promptlang_runtime.models.pipelines import Pipeline
from promptlang_runtime.models.places import unfetched

StandIn = Callable[[str], object]
"""Opens a part of a folder, given where the part lies."""
StandIns = Mapping[str, StandIn]


def open_pipeline(
    place: str, row: Folder, *, stand_ins: StandIns, dtype: torch.dtype, hub: bool, is_fetched: bool = False
) -> Pipeline:
    """The pipeline of a folder, or `is_fetched` of a repository where `hub` allows it; raises RenderError.

    Parts that are `left_out` are not loaded, and those of `stand_ins` are opened by these. What `model_index.json`
    names is compared with the row before anything is loaded or imported.
    """
    with _telling(place, hub, is_fetched=is_fetched):
        folder = Path(libraries.fetched(place) if is_fetched else place)
        if found := damage(folder, row):
            raise RenderError(f"the model at `{place}` cannot be drawn with: {found.message}", found.help)
        kinds = classes_of(read_record(folder / INDEX))
        given = {name: stood_in(folder / name, opened) for name, opened in stand_ins.items()}
        own = {
            part: part_from(folder, part, kinds[part], dtype=dtype, is_denoiser=part == row.denoiser)
            for part in row.parts
            if part not in given
        }
        return libraries.pipeline_from(row.pipeline, str(folder), given=given, **own, **dict.fromkeys(row.left_out))


def fetched_network(place: str, *, hub: bool) -> Path:
    """The folder of a repository that holds one network, where `hub` allows to fetch it; raises RenderError."""
    with _telling(place, hub, is_fetched=True):
        return Path(libraries.fetched_network(place))


@contextmanager
def _telling(place: str, hub: bool, *, is_fetched: bool) -> Generator[None]:
    """What goes wrong with a folder, or a repository, becomes a RenderError."""
    if not is_fetched and not Path(place).is_dir():
        raise RenderError(f"there is no model at `{place}`", "correct the path in `promptlang.toml`")
    if is_fetched and not hub:
        raise unfetched(place)
    try:
        yield
    except (OSError, ValueError, BadHeader, SafetensorError) as error:
        where = "fetch" if is_fetched else "open"
        again = f"fetch or copy `{place}` again"
        help = "check the name and the connection, or name a file in `promptlang.toml`" if is_fetched else again
        raise RenderError(f"cannot {where} the model at `{place}`: {reason(error)}", help) from error
