"""Models in the layout of diffusers, from a folder or a repository; only classes that the family lists are loaded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError

from promptlang.meaning.drawing import HUB_NAME
from promptlang.models.evidence.records import BadHeader, is_list, read_record
from promptlang.models.folders import INDEX
from promptlang.models.wholeness import damage
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.opening import edition, part_from, reason, stood_in
from promptlang_runtime.models.pipelines import Pipeline, Vae

Parts = Mapping[str, frozenset[str]]
"""The classes that a part may have, each with its library: `diffusers.AutoencoderKL`."""

StandIn = Callable[[str], object]
"""Opens a part of a folder, given where the part lies."""
StandIns = Mapping[str, StandIn]


def open_pipeline(
    kind: str,
    place: str,
    parts: Parts,
    *,
    denoiser: str,
    left_out: Sequence[str],
    stand_ins: StandIns,
    dtype: torch.dtype,
    hub: bool,
) -> Pipeline:
    """The pipeline of a folder, or of a repository where `hub` allows it; raises RenderError.

    Parts that are `left_out` are not loaded, and those of `stand_ins` are opened by these. What `model_index.json`
    names is compared with `parts` before anything is loaded or imported.
    """
    with _telling(place, hub) as local:
        folder = place if local else libraries.fetched(place)
        kinds = _kinds(read_record(Path(folder) / INDEX), parts, left_out, place)
        if found := damage(Path(folder)):
            raise RenderError(f"the model at `{place}` cannot be drawn with: {found.message}", found.help)
        given = {name: stood_in(Path(folder, name), opened) for name, opened in stand_ins.items()}
        own = {
            part: part_from(Path(folder), part, kinds[part], dtype=dtype, is_denoiser=part == denoiser)
            for part in parts
            if part not in given
        }
        return libraries.pipeline_from(kind, folder, given=given, **own, **dict.fromkeys(left_out))


def open_vae(kind: str, place: str, *, dtype: torch.dtype, hub: bool) -> Vae:
    """The VAE of that class in a folder, or in a repository where `hub` allows it; raises RenderError."""
    with _telling(place, hub) as local:
        names = edition([Path(place)]) if local else None
        return libraries.vae_from(kind, place, dtype=dtype, edition=names, local=local)


@contextmanager
def _telling(place: str, hub: bool) -> Generator[bool]:
    """Whether the place is a folder here; what goes wrong with it becomes a RenderError."""
    local = Path(place).is_dir()
    if not local and not HUB_NAME.fullmatch(place):
        raise RenderError(f"there is no model at `{place}`", "correct the path in `promptlang.toml`")
    if not local and not hub:
        raise RenderError(f"`{place}` is not on this computer", "add `--download` to fetch it from the hub")
    try:
        yield local
    except (OSError, ValueError, BadHeader, SafetensorError) as error:
        where = "open" if local else "fetch"
        again = f"fetch or copy `{place}` again"
        help = again if local else "check the name and the connection, or name a file in `promptlang.toml`"
        raise RenderError(f"cannot {where} the model at `{place}`: {reason(error)}", help) from error


def _kinds(index: Mapping[str, object], parts: Parts, left_out: Sequence[str], place: str) -> Mapping[str, str]:
    """The class of each part; raises RenderError for one that is not there, or that is none of the family's."""
    kinds: dict[str, str] = {}
    lists = {name: entry for name, entry in index.items() if is_list(entry) and name not in left_out}
    # A list of numbers is a setting of the pipeline.
    named = {
        name: each
        for name, each in lists.items()
        if any(each) and not all(isinstance(one, int | float) for one in each)
    }
    for name, entry in named.items():
        found = ".".join(map(str, entry))
        if found not in parts.get(name, ()):
            raise RenderError(
                f"the model at `{place}` names `{found}` as its {name.replace('_', ' ')}, which is not loaded",
                "use a model whose `model_index.json` names the published classes",
            )
        kinds[name] = found
    for name in parts:
        if name not in named:
            raise RenderError(f"the model at `{place}` has no {name.replace('_', ' ')}", "use a whole model")
    return kinds
