"""Whether a diffusers folder holds what its index names: every part there, readable, and of the class that is named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from stat import S_ISDIR

from promptlang.files import reason
from promptlang.models.evidence.header import Tensor, read_header
from promptlang.models.evidence.records import (
    BadHeader,
    Record,
    are_counts,
    is_list,
    is_whole,
    printable,
    quoted,
    read_record,
)
from promptlang.models.fitting.configurations.described import undescribed
from promptlang.models.fitting.configurations.noise import unnoised
from promptlang.models.fitting.configurations.said import shown
from promptlang.models.fitting.configurations.together import apart
from promptlang.models.fitting.layer_names import UNET
from promptlang.models.fitting.tokenizers import TOKENS, broken_template, broken_tokens
from promptlang.models.names import CLASS, CONFIGURATION, INDEX, SETTINGS, SHARD
from promptlang.sentences import listed
from promptlang.tables.endings import PICKLED, SAFETENSORS
from promptlang.tables.models.folders import Folder
from promptlang.tables.models.known import RUNS_CODE
from promptlang.values import dataclass

FEW = 3  # classes that a sentence lists
SAYING = "generation_config.json"  # which language models are opened with, though none is asked to go on here
SHARDS = ".safetensors.index.json"
PROCESSOR = "Processor"
AGAIN = "fetch or copy `{}` again"
States = tuple[tuple[str, int, int], ...]
"""Files and folders, each with its time of change and size."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a folder, in one clause that names the file, and the cure."""

    message: str
    help: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A folder of weights; sentences call it `its vae`, and `it` where it stands alone."""

    place: Path
    is_alone: bool = False

    @property
    def its(self) -> str:
        return "it" if self.is_alone else f"its `{self.place.name}`"

    def named(self, file: str) -> str:
        return file if self.is_alone else f"{self.place.name}/{file}"


class _Network:
    """What the files of a part with weights say, which are read one after the other; and the class that it shall be."""

    def __init__(self, kind: str) -> None:
        library, _, self.kind = kind.rpartition(".")
        self.is_ours = library == "diffusers"
        self.config = Record()
        self.tensors: dict[str, Tensor] = {}


def damage(folder: Path, row: Folder) -> Damage | None:
    """The first thing that keeps a folder from being opened as the row's pipeline; None where its files look whole.

    No tensor is read. The files are looked at once, until one of them changes.
    """
    return _damage(folder, row, states(folder))


def states(folder: Path) -> States:
    """Every file of a folder and of those in it, with the time of change and the size; every statement asks."""
    return tuple(_states(folder, 1))


def kind_of(place: Path, kinds: frozenset[str]) -> str:
    """Of the classes that a folder's network may have, the one that its configuration names; else the first."""
    try:
        said = read_record(place / CONFIGURATION).text(CLASS)
    except (BadHeader, OSError):  # of which `part_damage` tells
        said = ""
    first, *others = sorted(kinds)
    return next((each for each in others if each.rpartition(".")[2] == said), first)


def part_damage(place: Path, kind: str) -> Damage | None:
    """The same of a folder that holds a network alone, of that class with its library: `diffusers.AutoencoderKL`."""
    return _part_damage(place, kind, (*_states(place, 0),))


@lru_cache(maxsize=64)
def _part_damage(place: Path, kind: str, files: States) -> Damage | None:
    part, network = _Part(place, is_alone=True), _Network(kind)
    return next(_of_network(part, network), None) or next(_mistold(part, network), None)


def _states(place: Path | str, depth: int) -> Iterator[tuple[str, int, int]]:
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
def _damage(folder: Path, row: Folder, files: States) -> Damage | None:
    return next(_damages(folder, row), None)


def _damages(folder: Path, row: Folder) -> Iterator[Damage]:
    try:
        index = read_record(folder / INDEX, what="it")
    except (BadHeader, OSError) as error:
        yield _unreadable(folder / INDEX, INDEX, error)
        return
    yield from _of_index(index, row, folder / INDEX)
    named = {part: kind for part, kind in classes_of(index).items() if part not in row.left_out}
    for part, kind in named.items():
        if kind not in row.parts.get(part, ()):
            yield _of_another_class(part, kind, row)
    for part in row.parts:
        if part not in named:
            yield Damage(f"`{INDEX}` names no {_words(part)}", "use a whole model")
    networks: dict[str, _Network] = {}
    for part, kind in named.items():
        if not (folder / part).is_dir():
            yield Damage(f"it has no `{part}`, which `{INDEX}` names", f"fetch or copy `{folder / part}` as well")
        elif PROCESSOR in kind:
            if (folder / part / SETTINGS["tokenizer"]).is_file():  # many files say how it is set, and any may be lost
                yield from _of_settings(_Part(folder / part), SETTINGS["tokenizer"])
            yield from _of_tokens(folder / part)
            yield from _of_template(folder / part) if row.talks else ()
        elif settings := SETTINGS.get(part.partition("_")[0]):
            yield from _of_settings(_Part(folder / part), settings)
            yield from (
                _of_scheduler(folder / part, row) if settings == SETTINGS["scheduler"] else _of_tokens(folder / part)
            )
            yield from _of_template(folder / part) if row.talks and settings == SETTINGS["tokenizer"] else ()
        else:
            networks[part] = _Network(kind)
            yield from _of_network(_Part(folder / part), networks[part])
    for part, network in networks.items():
        yield from _mistold(_Part(folder / part), network)
    for message, help in apart(row, {part: (each.kind, each.config) for part, each in networks.items()}):
        yield Damage(message, help)


def _of_index(index: Record, row: Folder, place: Path) -> Iterator[Damage]:
    """What no pipeline is made by, whatever its parts are."""
    if CLASS not in index:
        yield Damage(f"`{INDEX}` names no pipeline", AGAIN.format(place))
    yield from _of_name(index, INDEX, place)
    for part in (each for each in (*row.parts, *row.left_out) if each in index):
        if not _is_entry(index[part]):
            message = f"`{INDEX}` has {shown(index[part])} as its {_words(part)}, and no library with a class"
            yield Damage(message, AGAIN.format(place))
    for key, is_many in row.counts:
        if key in index and not _is_counted(index[key], is_many=is_many):
            what = "list of whole numbers" if is_many else "whole number above 0"
            yield Damage(f"`{key}` in `{INDEX}` is {shown(index[key])}, and no {what}", AGAIN.format(place))


def _is_counted(value: object, *, is_many: bool) -> bool:
    """Whether a pipeline counts by the value; where numbers stand in a list, it has its own where there is none."""
    if is_many:
        return value is None or (are_counts(value) and bool(value))
    return is_whole(value) and value > 0


def _is_entry(entry: object) -> bool:
    """Whether an entry is what diffusers takes for a part, there or not."""
    return (
        is_list(entry) and len(entry) == 2 and (entry == [None, None] or all(isinstance(each, str) for each in entry))
    )


def classes_of(index: Record) -> Mapping[str, str]:
    """The parts that a pipeline has, with library and class: `diffusers.AutoencoderKL`."""
    lists = {part: entry for part, entry in index.items() if is_list(entry) and any(entry)}
    # A list of numbers is a setting of the pipeline.
    return {
        part: ".".join(map(str, entry))
        for part, entry in lists.items()
        if not all(isinstance(each, int | float) for each in entry)
    }


def _words(part: str) -> str:
    return printable(part.replace("_", " "))


def _of_another_class(part: str, kind: str, row: Folder) -> Damage:
    message = f"`{INDEX}` names {quoted(kind)} as its {_words(part)}, which is not loaded"
    wanted = sorted(row.parts.get(part, ()))
    classes = listed((f"`{each}`" for each in wanted), "or") if 0 < len(wanted) <= FEW else "the published classes"
    return Damage(message, f"use a model whose `{INDEX}` names {classes}{' there' if part in row.parts else ''}")


def _of_settings(part: _Part, file: str) -> Iterator[Damage]:
    place = part.place / file
    if not place.is_file():
        yield Damage(f"{part.its} has no `{file}`", AGAIN.format(part.place))
        return
    try:
        read_record(place, what="it")
    except (BadHeader, OSError) as error:
        yield _unreadable(place, part.named(file), error)


def _of_name(said: Record, file: str, place: Path) -> Iterator[Damage]:
    """What diffusers looks its class up by, where it is no name."""
    if not isinstance(said.get(CLASS, ""), str):
        yield Damage(f"`{CLASS}` in `{file}` is {shown(said[CLASS])}, and no name of a class", AGAIN.format(place))


def _of_scheduler(part: Path, row: Folder) -> Iterator[Damage]:
    """Numbers and words that no scheduler draws by."""
    settings = SETTINGS["scheduler"]
    said, file = read_record(part / settings), f"{part.name}/{settings}"
    yield from _of_name(said, file, part)
    for message in unnoised(said, file, is_flow=row.denoiser != UNET):
        yield Damage(message, AGAIN.format(part))


def _of_tokens(part: Path) -> Iterator[Damage]:
    if not any((part / each).is_file() for each in TOKENS):
        yield Damage(f"its `{part.name}` has no `{TOKENS[0]}`", f"fetch or copy that file into `{part}`")
    file, why = broken_tokens(part)
    if why:
        yield Damage(f"`{part.name}/{file}` divides no text: {why}", AGAIN.format(part / file))


def _of_template(part: Path) -> Iterator[Damage]:
    file, why = broken_template(part)
    if why:
        yield Damage(f"`{part.name}/{file}` says no prompt: {why}", AGAIN.format(part / file))


def _architecture(config: Record) -> str:
    """The class that a configuration of transformers names, which no part of diffusers is."""
    return next((each for each in config.items_of("architectures") if isinstance(each, str)), "")


def _of_network(part: _Part, network: _Network) -> Iterator[Damage]:
    """A part with weights: its configuration first, then every file of tensors; what they say is kept."""
    if found := next(_of_settings(part, CONFIGURATION), None):
        yield found
        return
    config = network.config = read_record(part.place / CONFIGURATION)
    if not network.is_ours and (part.place / SAYING).is_file():
        yield from _of_settings(part, SAYING)
    if network.is_ours and (found := next(_of_name(config, part.named(CONFIGURATION), part.place), None)):
        yield found
        return
    said = config.text(CLASS) or (_architecture(config) if network.is_ours else "")
    if said and said != network.kind:
        kind = quoted(network.kind)
        wanted = f"{kind} is needed" if part.is_alone else f"`{INDEX}` names {kind}"
        message = f"`{part.named(CONFIGURATION)}` is of {quoted(said)}, where {wanted}"
        yield Damage(message, f"replace `{part.place}` by the one that belongs to the model")
        return
    names = [each for each in _names(part.place) if each.endswith(SAFETENSORS)]
    for name in names:
        try:
            network.tensors |= read_header(part.place / name).tensors
        except (BadHeader, OSError) as error:
            yield _unreadable(part.place / name, part.named(name), error)
    if not network.tensors:
        yield _without_weights(part)
    yield from _lost_shards(part, names)


def _mistold(part: _Part, network: _Network) -> Iterator[Damage]:
    if fault := undescribed(network.kind, network.config, network.tensors):
        message = f"{part.its} is not what it is said to be: {fault}"
        yield Damage(message, f"fetch or copy `{part.place}` again, or use the part that belongs to the model")


def _without_weights(part: _Part) -> Damage:
    pickled = next((each for each in _names(part.place) if each.endswith(PICKLED)), "")
    if pickled:
        message = f"{part.its} has pickled weights alone (`{pickled}`), which could run code and are not opened"
        return Damage(message, f"save `{part.place / pickled}` as safetensors")
    return Damage(f"{part.its} has no weights", f"fetch or copy the `{SAFETENSORS}` files of `{part.place}` as well")


def _lost_shards(part: _Part, names: list[str]) -> Iterator[Damage]:
    """Files that the list of a divided network names and that are not there, or that list itself."""
    place = part.place
    if names and all(map(SHARD.fullmatch, names)) and not any(SHARDS[:-4] in each for each in _names(place)):
        message = f"{part.its} is divided into several files, and no `*{SHARDS}` says which holds what"
        yield Damage(message, f"fetch or copy that file into `{place}`")
    for listing in (each for each in _names(place) if each.endswith(SHARDS)):
        try:
            wanted = read_record(place / listing, what="it").record("weight_map").values()
        except (BadHeader, OSError) as error:
            yield _unreadable(place / listing, part.named(listing), error)
            continue
        for lost in sorted({each for each in wanted if isinstance(each, str)} - set(names)):
            message = f"{part.its} has no {quoted(lost)}, which `{listing}` names"
            yield Damage(message, f"fetch or copy the file into `{place}`")


def _unreadable(place: Path, named: str, error: BadHeader | OSError) -> Damage:
    why = reason(error) if isinstance(error, OSError) else str(error)
    help = f"save `{place}` as safetensors" if why == RUNS_CODE else AGAIN.format(place)
    return Damage(f"`{named}` cannot be read: {why}", help)
