"""Whether a diffusers folder holds what its index names: every part there, readable, and of the class that is named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from stat import S_ISDIR

from promptlang.files import reason
from promptlang.models.evidence.header import read_header
from promptlang.models.evidence.records import BadHeader, Record, is_list, quoted, read_record
from promptlang.models.folders import INDEX
from promptlang.models.names import PICKLED, SAFETENSORS
from promptlang.values import dataclass

NEVER_LOADED = frozenset({"safety_checker", "feature_extractor", "image_encoder"})
NEEDED = ("scheduler", "vae")
LIBRARIES = ("diffusers", "transformers")
SETTINGS = {"scheduler": "scheduler_config.json", "tokenizer": "tokenizer_config.json"}
CONFIGURATION = "config.json"
SHARDS = ".safetensors.index.json"
PROCESSOR = "Processor"
CLIP = "CLIPText"  # whose tokens the compiler has itself
AGAIN = "fetch or copy `{}` again"


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a folder, in one clause that names the file, and the cure."""

    message: str
    help: str


def damage(folder: Path) -> Damage | None:
    """The first thing that keeps a model folder from being opened; None where its files look whole.

    No tensor is read. The files are looked at once, until one of them changes.
    """
    return _damage(folder, (*_states(folder, 1),))


def _states(place: Path | str, depth: int) -> Iterator[tuple[str, int, int]]:
    """Every file of a folder and of those in it, with the time of change and the size; every statement asks."""
    try:
        entries = sorted(os.scandir(place), key=attrgetter("name"))
    except OSError:  # a folder that is closed to us
        return
    for entry in entries:
        try:
            status = entry.stat()
        except OSError:
            continue
        yield entry.path, status.st_mtime_ns, status.st_size
        if depth and S_ISDIR(status.st_mode):
            yield from _states(entry.path, depth - 1)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:  # a file, or a folder that is closed to us
        return []


@lru_cache(maxsize=256)
def _damage(folder: Path, states: tuple[tuple[str, int, int], ...]) -> Damage | None:
    return next(_damages(folder), None)


def _damages(folder: Path) -> Iterator[Damage]:
    try:
        listed = {part: (library, kind) for part, library, kind in _named(read_record(folder / INDEX, what="it"))}
    except (BadHeader, OSError) as error:
        yield _unreadable(folder / INDEX, INDEX, error)
        return
    for part in NEEDED:
        if part not in listed:
            yield Damage(f"`{INDEX}` names no {part}", "use a whole model")
    for part, (library, kind) in listed.items():
        group = part.partition("_")[0]
        if part in NEVER_LOADED:
            continue
        if library not in LIBRARIES:
            message = (
                f"`{INDEX}` names {quoted(f'{library}.{kind}')} as its {part.replace('_', ' ')}, which is not loaded"
            )
            yield Damage(message, f"use a model whose `{INDEX}` names the published classes")
        elif group == "tokenizer" and _is_known(listed, part):
            continue
        elif not (folder / part).is_dir():
            yield Damage(f"it has no `{part}`, which `{INDEX}` names", f"fetch or copy `{folder / part}` as well")
        elif PROCESSOR in kind:
            continue  # many files say how it is set, and none of them must be there
        elif group in SETTINGS:
            yield from _of_settings(folder / part, SETTINGS[group])
        else:
            yield from _of_network(folder / part, kind)


def _named(index: Record) -> Iterator[tuple[str, str, str]]:
    """The parts of a pipeline with library and class; lists of other things are settings of it."""
    for part, entry in index.items():
        match entry if is_list(entry) else ():
            case [str() as library, str() as kind]:
                yield part, library, kind
            case _:
                pass


def _is_known(listed: Mapping[str, tuple[str, str]], tokenizer: str) -> bool:
    """Whether the text encoder beside a tokenizer is CLIP."""
    _, kind = listed.get(tokenizer.replace("tokenizer", "text_encoder"), ("", ""))
    return kind.startswith(CLIP)


def _of_settings(part: Path, file: str) -> Iterator[Damage]:
    place = part / file
    if not place.is_file():
        yield Damage(f"its `{part.name}` has no `{file}`", AGAIN.format(part))
        return
    try:
        read_record(place, what="it")
    except (BadHeader, OSError) as error:
        yield _unreadable(place, f"{part.name}/{file}", error)


def _of_network(part: Path, kind: str) -> Iterator[Damage]:
    """A part with weights: its configuration first, then every file of tensors."""
    if found := next(_of_settings(part, CONFIGURATION), None):
        yield found
        return
    said = read_record(part / CONFIGURATION).text("_class_name")
    if said and said != kind:
        message = f"`{part.name}/{CONFIGURATION}` is of {quoted(said)}, where `{INDEX}` names {quoted(kind)}"
        yield Damage(message, f"replace `{part}` by the one that belongs to the model")
        return
    names = [each for each in _names(part) if each.endswith(SAFETENSORS)]
    if not names:
        yield _without_weights(part)
    for name in names:
        try:
            read_header(part / name)
        except (BadHeader, OSError) as error:
            yield _unreadable(part / name, f"{part.name}/{name}", error)
    yield from _lost_shards(part, names)


def _without_weights(part: Path) -> Damage:
    pickled = next((each for each in _names(part) if each.endswith(PICKLED)), "")
    if pickled:
        message = f"its `{part.name}` has pickled weights alone (`{pickled}`), which could run code and are not opened"
        return Damage(message, f"save `{part / pickled}` as safetensors")
    return Damage(f"its `{part.name}` has no weights", f"fetch or copy the `{SAFETENSORS}` files of `{part}` as well")


def _lost_shards(part: Path, names: list[str]) -> Iterator[Damage]:
    """Files that the list of a divided network names and that are not there."""
    for listing in (each for each in _names(part) if each.endswith(SHARDS)):
        try:
            wanted = read_record(part / listing, what="it").record("weight_map").values()
        except (BadHeader, OSError) as error:
            yield _unreadable(part / listing, f"{part.name}/{listing}", error)
            continue
        for lost in sorted({each for each in wanted if isinstance(each, str)} - set(names)):
            message = f"its `{part.name}` has no {quoted(lost)}, which `{listing}` names"
            yield Damage(message, f"fetch or copy the file into `{part}`")


def _unreadable(place: Path, shown: str, error: BadHeader | OSError) -> Damage:
    why = reason(error) if isinstance(error, OSError) else str(error)
    return Damage(f"`{shown}` cannot be read: {why}", AGAIN.format(place))
