"""The names that call model files: their own, or one with folders where several files have that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from promptlang.tables.endings import GGUF, MODELS, PICKLED, SAFETENSORS
from promptlang.values import dataclass, field

INDEX = "model_index.json"
"""The file that makes a folder a model in the layout of diffusers."""
CONFIGURATION = "config.json"
"""What a network in the folder of a part, or in one of its own, is."""
SETTINGS = {"scheduler": "scheduler_config.json", "tokenizer": "tokenizer_config.json"}
"""What other parts are."""
CLASS = "_class_name"
"""Where these files name what diffusers makes of them."""
ENCODER_FOLDERS = ("text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4")
DENOISER_FOLDERS = ("unet", "transformer")
TELLING = (
    *(f"{each}/{CONFIGURATION}" for each in (*ENCODER_FOLDERS, *DENOISER_FOLDERS, "vae")),
    f"scheduler/{SETTINGS['scheduler']}",
)
"""What else tells which model it is."""
SHARD = re.compile(r".+-\d{5}-of-(\d{5})\.safetensors")
"""One of so many files of a divided network."""
SLASHES = re.compile(r"[/\\]")  # programs on Windows write folders with the other one


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a concept folder that cannot be used, and why, in one clause."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Files:
    """Model files and folders by the names that call them, and what was passed over.

    `by_name` has the one name that each file is offered by, in lower case: its own, or where several files have that,
    the shortest with folders that no other file has. `alike` are the files by their own name, `longer` those offered by
    a longer one, as it is written. `pickled` are those whose own name is another file's: only their ending calls them.
    """

    by_name: Mapping[str, Path]
    alike: Mapping[str, tuple[Path, ...]]
    longer: Mapping[Path, str]
    findings: tuple[Finding, ...] = ()
    pickled: Mapping[str, tuple[Path, ...]] = field(default_factory=dict[str, tuple[Path, ...]])
    cut: tuple[Path, ...] = ()  # folders that hold more than is looked through

    def named(self, name: str) -> tuple[Path, ...]:
        """The files that `<name>` may call, with folders and ending or without; letters of any case, unless only they
        tell one file from another.
        """
        found = self.alike.get(name.lower(), ())
        if not found:
            *folders, last = SLASHES.split(name.lower())
            stem, _, ending = last.rpartition(".")
            same = self.alike.get(last, ())
            if not same and f".{ending}" in MODELS:
                same = (*self.alike.get(stem, ()), *self.pickled.get(stem, ()))
            found = tuple(each for each in same if _is_called(each, folders, last, str.lower))
        if len(found) > 1:
            return tuple(each for each in found if is_called(each, name)) or found
        return found

    def name(self, path: Path) -> str:
        """The name that a file is offered by, as it is written."""
        return self.longer.get(path) or name_of(path)


def offered(
    found: Mapping[str, Sequence[Path]],
) -> tuple[Mapping[str, Path], Mapping[str, tuple[Path, ...]], Mapping[Path, str]]:
    """What `Files` knows of names, from the files that have each name in lower case."""
    alike = {name: _once_each(paths) for name, paths in found.items()}
    by_name: dict[str, Path] = {}
    longer: dict[Path, str] = {}
    for name, paths in alike.items():
        if len(paths) == 1:
            by_name[name] = paths[0]
            continue
        told = dict(_told_apart(paths))
        longer |= told
        lower = Counter(each.lower() for each in told.values())
        by_name |= {each if lower[each.lower()] > 1 else each.lower(): path for path, each in told.items()}
    return by_name, alike, longer


def name_of(path: Path) -> str:
    """The name of a model file or folder, without folders and ending."""
    return path.stem if is_model(path) else path.name


def stem(name: str) -> str:
    """The name of a file as models are called here: without its ending, folders kept."""
    ending = next((each for each in MODELS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)] if ending else name


def is_pickled(path: Path) -> bool:
    """Whether the name of a file says that loading it runs code."""
    return path.suffix.lower() in PICKLED


def is_model(path: Path) -> bool:
    """Whether the name of a file is that of a model."""
    return path.suffix == SAFETENSORS or is_gguf(path) or is_pickled(path)


def is_gguf(path: Path) -> bool:
    """Whether the name of a file says that it is in the format of llama.cpp."""
    return path.suffix.lower() == GGUF


def is_called(path: Path, name: str) -> bool:
    """Whether a name, with folders and ending or without, is that of the file to the letter."""
    *folders, last = SLASHES.split(name)
    return _is_called(path, folders, last, str)


def _is_called(path: Path, folders: Sequence[str], last: str, spelled: Callable[[str], str]) -> bool:
    if last not in (spelled(name_of(path)), spelled(path.name)):
        return False
    return not folders or [spelled(each) for each in path.parent.parts[-len(folders) :]] == [*folders]


def _once_each(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths without those that lead to a file another one leads to."""
    if len(paths) == 1:
        return (paths[0],)
    kept: dict[tuple[int, int] | Path, Path] = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # a broken link is a file of its own, which is said when it is called
            kept[path] = path
        else:
            kept.setdefault((status.st_dev, status.st_ino), path)
    return tuple(kept.values())


def _told_apart(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Files of one name, each with the shortest name that is its own: with folders, else with the ending as well.

    Where letters of another case are all that differs, they tell them apart.
    """
    waiting = [*paths]
    deepest = max(len(path.parts) for path in paths)
    for written, spelled in ((_with_folders, str.lower), (_with_ending, str.lower), (_with_folders, str)):
        for depth in range(1, deepest):
            if not waiting:
                return
            taken = Counter(spelled(written(path, depth)) for path in paths)
            names = {path: written(path, depth) for path in waiting}
            yield from ((path, name) for path, name in names.items() if taken[spelled(name)] == 1)
            waiting = [path for path, name in names.items() if taken[spelled(name)] > 1]
    yield from ((path, path.as_posix()) for path in waiting)


def _with_folders(path: Path, depth: int) -> str:
    return "/".join((*path.parts[-1 - depth : -1], name_of(path)))


def _with_ending(path: Path, depth: int) -> str:
    return "/".join(path.parts[-depth:])
