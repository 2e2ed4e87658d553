"""The parts of a model folder, opened one by one, so that what is wrong with one is said of that one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from math import prod
from pathlib import Path

import torch
from safetensors import SafetensorError

from promptlang.files import shown
from promptlang.models.evidence.header import read_header
from promptlang.models.evidence.records import BadHeader, printable
from promptlang.models.fitting.wholeness import part_damage
from promptlang.sentences import counted
from promptlang.tables.endings import SAFETENSORS
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Loading

WEIGHTS = re.compile(r"(?:diffusion_pytorch_)?model(?:\.([A-Za-z]\w*))?(?:-\d+-of-\d+)?\.safetensors")
"""Files of weights in a part's folder; a name for an edition of them stands in the middle."""
BLOCK = re.compile(r"(.+?\.)(\d+\.)")
FAULTS = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, ArithmeticError,
    AssertionError, ImportError, BadHeader, SafetensorError, libraries.INVALID,
)  # fmt: skip
"""What a folder's files can bring about while they are opened."""
MOST_TIMES = 4  # as few numbers as are stored of a network in 4 bits
LONGEST = 200  # code points of somebody else's message


def part_from(folder: Path, part: str, kind: str, *, dtype: torch.dtype, is_denoiser: bool) -> object:
    """A part of the class `library.Class`; raises RenderError that names its files and what is wrong with them."""
    return _opened(folder / part, kind, _broken, dtype=dtype, is_denoiser=is_denoiser)


def lone_from(place: Path, kind: str, what: str, *, dtype: torch.dtype) -> object:
    """The same of a folder that holds nothing else; `what` it holds, in words: `VAE`."""

    def broken(place: Path, fault: str) -> RenderError:
        message = f"`{shown(place)}` is no {what} that can be opened: {fault}"
        return RenderError(message, f"fetch or copy `{shown(place)}` again, or name another {what}")

    if found := part_damage(place, kind):  # also of what the library would make weights of, such as whole numbers
        raise broken(place, found.message)
    return _opened(place, kind, broken, dtype=dtype, is_denoiser=False)


def _opened(
    place: Path, kind: str, broken: Callable[[Path, str], RenderError], *, dtype: torch.dtype, is_denoiser: bool
) -> object:
    library, _, name = kind.partition(".")
    try:
        if fault := _too_large(library, name, place):
            raise broken(place, fault)
        found, loading = libraries.part_from(library, name, str(place), dtype=dtype, edition=edition([place]))
    except FAULTS as error:
        raise broken(place, _misshapen(library, name, place) or reason(error)) from error
    except Exception as error:
        if type(error) is not Exception:  # what divides texts raises nothing narrower for a broken file
            raise
        raise broken(place, reason(error)) from error
    if loading and (fault := _fault(loading, is_denoiser=is_denoiser)):
        raise broken(place, fault)
    return found


def stood_in(place: Path, opened: Callable[[str], object]) -> object:
    """A part that is opened in a way of its own; raises RenderError as `part_from` does."""
    try:
        return opened(str(place))
    except FAULTS as error:
        raise _broken(place, reason(error)) from error


def edition(parts: Iterable[Path]) -> str | None:
    """What the names of files say where a part comes in half precision alone: `fp16` of `model.fp16.safetensors`."""
    for part in parts:
        found = {match[1] for each in _names(part) if (match := WEIGHTS.fullmatch(each))}
        if found and None not in found:
            return min(filter(None, found))
    return None


def reason(error: Exception) -> str:
    """What an exception says, in one short clause."""
    clause = printable(re.split(r"(?<=[a-z)\]'`])\. ", first_line(error))[0]).rstrip(". ")
    return clause if len(clause) <= LONGEST else f"{clause[:LONGEST]}…"


def _names(part: Path) -> Iterable[str]:
    return (each.name for each in part.iterdir()) if part.is_dir() else ()


def _files(part: Path) -> list[Path]:
    return sorted(part / each for each in _names(part) if each.endswith(SAFETENSORS))


def _broken(place: Path, fault: str) -> RenderError:
    message = f"the model at `{place.parent}` cannot be drawn with: its `{place.name}` cannot be opened: {fault}"
    return RenderError(message, f"fetch or copy `{place}` again, or use the part that belongs to the model")


def _too_large(library: str, name: str, place: Path) -> str:
    """Whether far more is described than the files hold: what no file gives would be made up, and fill the memory."""
    wanted = libraries.expected_numbers(library, name, str(place))
    held = sum(prod(each.shape) for file in _files(place) for each in read_header(file).tensors.values())
    if wanted <= MOST_TIMES * held or not held:
        return ""
    return f"`config.json` describes a network of {wanted:,} numbers, and its files hold {held:,}"


def _fault(loading: Loading, *, is_denoiser: bool) -> str:
    """What the files of a network lack, or have too much; empty where they are the network's."""
    if loading.misshapen:
        return _other_shape(*min(loading.misshapen))
    if loading.missing:
        others = len(loading.missing) - 1
        more = f" and {counted(others, 'more tensor')}" if others else ""
        return f"its files lack `{min(loading.missing)}`{more}"
    blocks = _blocks(loading.names)
    groups = {group for group, _ in blocks}
    beyond = [name for name in loading.unknown if (at := BLOCK.match(name)) and at[1] in groups - {""}]
    over = sorted(name for name in beyond if (at := BLOCK.match(name)) and (at[1], at[2]) not in blocks)
    if is_denoiser and over:
        return f"`config.json` speaks of fewer layers than its files hold, as `{over[0]}`"
    return ""


def _blocks(names: Sequence[str]) -> set[tuple[str, str]]:
    """The numbered blocks of a network: `layers.` and `3.` of `layers.3.norm.weight`."""
    return {(match[1], match[2]) for name in names if (match := BLOCK.match(name))}


def _misshapen(library: str, name: str, place: Path) -> str:
    """The first tensor whose shape is not what the configuration asks for; empty where none is found."""
    try:
        expected = libraries.expected_shapes(library, name, str(place))
    except FAULTS as error:
        return f"its `config.json` describes no {name} ({reason(error)})"
    if not expected:
        return ""
    for file in _files(place):
        for tensor, found in read_header(file).tensors.items():
            if tensor in expected and found.shape != tuple(expected[tensor]):
                return _other_shape(tensor, found.shape, expected[tensor])
    return ""


def _other_shape(name: str, found: Sequence[int], wanted: Sequence[int]) -> str:
    sizes = ("×".join(map(str, each)) or "one number" for each in (found, wanted))
    return "`{}` is {}, where `config.json` asks for {}".format(name, *sizes)
