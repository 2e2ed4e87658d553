"""Models in the layout of diffusers, from a folder or a repository; only classes that the family lists are loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError

from promptlang.meaning.drawing import HUB_NAME
from promptlang.models.evidence.records import BadHeader, is_list, read_record
from promptlang.models.folders import INDEX
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Pipeline, Vae

Parts = Mapping[str, frozenset[str]]
"""The classes that a part may have, each with its library: `diffusers.AutoencoderKL`."""

StandIn = Callable[[str], object]
"""Opens a part of a folder, given where the part lies."""
StandIns = Mapping[str, StandIn]

WEIGHTS = re.compile(r"(?:diffusion_pytorch_)?model(?:\.([A-Za-z]\w*))?(?:-\d+-of-\d+)?\.safetensors")
"""Files of weights in a part's folder; a name for an edition of them stands in the middle."""


def open_pipeline(
    kind: str,
    place: str,
    parts: Parts,
    *,
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
        _check(read_record(Path(folder) / INDEX), parts, left_out, place)
        edition = _edition(Path(folder, part) for part in parts)
        given = {name: opened(str(Path(folder, name))) for name, opened in stand_ins.items()}
        return libraries.pipeline_from(
            kind, folder, dtype=dtype, edition=edition, given=given, **dict.fromkeys(left_out)
        )


def open_vae(kind: str, place: str, *, dtype: torch.dtype, hub: bool) -> Vae:
    """The VAE of that class in a folder, or in a repository where `hub` allows it; raises RenderError."""
    with _telling(place, hub) as local:
        edition = _edition([Path(place)]) if local else None
        return libraries.vae_from(kind, place, dtype=dtype, edition=edition, local=local)


def _edition(parts: Iterable[Path]) -> str | None:
    """What the names of files say where a part comes in half precision alone: `fp16` of `model.fp16.safetensors`."""
    for part in parts:
        found = {match[1] for each in _names(part) if (match := WEIGHTS.fullmatch(each))}
        if found and None not in found:
            return min(filter(None, found))
    return None


def _names(part: Path) -> Iterable[str]:
    return (each.name for each in part.iterdir()) if part.is_dir() else ()


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
        (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
        where = "open" if local else "fetch"
        help = "" if local else "check the name and the connection, or name a file in `promptlang.toml`"
        raise RenderError(f"cannot {where} the model at `{place}`: {reason}", help) from error


def _check(index: Mapping[str, object], parts: Parts, left_out: Sequence[str], place: str) -> None:
    lists = {name: entry for name, entry in index.items() if is_list(entry) and name not in left_out}
    # A list of numbers is a setting of the pipeline.
    named = {name: each for name, each in lists.items() if any(each) and not all(isinstance(one, int) for one in each)}
    for name, entry in named.items():
        found = ".".join(map(str, entry))
        if found not in parts.get(name, ()):
            raise RenderError(
                f"the model at `{place}` names `{found}` as its {name.replace('_', ' ')}, which is not loaded",
                "use a model whose `model_index.json` names the published classes",
            )
    for name in parts:
        if name not in named:
            raise RenderError(f"the model at `{place}` has no {name.replace('_', ' ')}", "use a whole model")
