"""Concept folders: which model files lie there, and what each of them is, from headers and side files only.

Walking is cheap and reading a header is not, so `files` finds names and `concept` reads the one that is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from promptlang.files import is_folder, reason
from promptlang.models.names import INDEX, TELLING, Files, Finding, is_model, is_pickled, name_of, offered
from promptlang.models.sidecars import sidecar
from promptlang.sentences import listed
from promptlang.tables.models.families import family, variant_options
from promptlang.tables.models.family import variant_names, variant_of
from promptlang.tables.models.known import MODELS, PART_TITLES, RUNS_CODE, UNREADABLE, KnownConcept
from promptlang.tables.options.table import CLIP_SKIP, SIZE, STEPS
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.models.identify import Identity

DEPTH_LIMIT = 24  # folders inside folders
FOLDER_LIMIT = 20_000  # folders in all: a project file that names `/` must not cost minutes
CACHE_SIZE = 20_000  # files


def files(folders: Iterable[Path], *, allow_pickle: bool = False) -> Files:
    """The model files under the folders, by their names; nothing is opened. Symbolic links are followed once.

    A pickled file has its name where no other one has it, else with its ending: who calls it is told what it is.
    """
    found: dict[str, list[Path]] = {}
    pickled: dict[str, list[Path]] = {}
    findings: list[Finding] = []
    seen: set[tuple[int, int]] = set()
    cut: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            findings.append(Finding(folder, "not a folder" if folder.exists() else "no such folder"))
            continue
        for path in _models(folder, seen, findings, 0):
            is_used = allow_pickle or not is_pickled(path)
            if not is_used:
                findings.append(Finding(path, RUNS_CODE))
            (found if is_used else pickled).setdefault(name_of(path).lower(), []).append(path)
        if len(seen) >= FOLDER_LIMIT:
            cut.append(folder)
            findings.append(Finding(folder, f"only the first {FOLDER_LIMIT:,} folders are looked through"))
            break
    hidden = {name: tuple(paths) for name, paths in pickled.items() if name in found}
    return Files(*offered(pickled | found), tuple(findings), pickled=hidden, cut=tuple(cut))


def _models(folder: Path, seen: set[tuple[int, int]], findings: list[Finding], depth: int) -> Iterator[Path]:
    """Model files and diffusers folders below a folder, in order of name."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen or depth > DEPTH_LIMIT or len(seen) >= FOLDER_LIMIT:
            return
        seen.add((status.st_dev, status.st_ino))
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        findings.append(Finding(folder, reason(error)))
        return
    if any(entry.name == INDEX for entry in entries):
        yield folder
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if is_folder(entry):
            yield from _models(path, seen, findings, depth + 1)
        elif is_model(path):
            yield path


@dataclass(frozen=True, slots=True)
class Reading:
    """A concept read from its file, with the identity that the header gives; None where it cannot be read."""

    known: KnownConcept
    identity: Identity | None = None


def concept(path: Path, name: str | None = None) -> KnownConcept:
    """What the model file or folder at `path` is; of one that cannot be read its evidence says why.

    A file is read once, until its size or time of change is another.
    """
    known = reading(path).known
    return known if name is None else replace(known, name=name)


def reading(path: Path) -> Reading:
    """What the model file or folder at `path` is, with the identity that its header gives."""
    return _read(path, state_of(path))


def state_of(path: Path) -> tuple[int, int]:
    """Time of change in nanoseconds and size; of a folder those of its index and of what else tells what it is, added
    up. Zeros where there is no such file.
    """
    try:
        status = path.stat()
        if S_ISDIR(status.st_mode):
            return _state_of_folder(str(path))
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _state_of_folder(path: str) -> tuple[int, int]:
    found = os.stat(f"{path}/{INDEX}")
    time, size = found.st_mtime_ns, found.st_size
    for each in TELLING:
        try:
            found = os.stat(f"{path}/{each}")
        except OSError:
            continue
        time, size = time + found.st_mtime_ns, size + found.st_size
    return time, size


@lru_cache(maxsize=CACHE_SIZE)
def _read(path: Path, state: tuple[int, int]) -> Reading:
    from promptlang.models.identify import BadHeader, PickledModel, identify

    try:
        identity = identify(path)
        return Reading(_known(path, identity), identity)
    except PickledModel as error:
        why = str(error)
    except BadHeader as error:
        why = RUNS_CODE if is_pickled(path) else str(error)  # the name says so, if nothing in it does
    except OSError as error:
        why = reason(error)
    evidence = f"{path.name} cannot be read: {why}"
    return Reading(KnownConcept(name=name_of(path), kind=UNREADABLE, family="unknown", evidence=evidence, path=path))


def _known(path: Path, identity: Identity) -> KnownConcept:
    """The concept that an identified file and its side files make."""
    metadata, beside = dict(identity.metadata), sidecar(path)
    triggers = (metadata.get("modelspec.trigger_phrase", ""), *beside.triggers)
    return KnownConcept(
        name=name_of(path),
        kind=identity.kind,
        family=identity.family,
        evidence="; ".join(identity.evidence),
        path=path,
        variant=identity.variant,
        layers=identity.layers,
        vectors=identity.vectors,
        options=_recommended(identity, metadata) if identity.kind == "checkpoint" else (),
        triggers=tuple(dict.fromkeys(filter(None, triggers))),
        preview=beside.preview,
    )


LAYER = re.compile(r"[1-9][0-9]?", re.ASCII)
RESOLUTION = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})", re.ASCII)


def _recommended(identity: Identity, metadata: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The option values that a checkpoint's variant, configuration and metadata recommend."""
    options = dict(variant_options(identity.family, identity.variant))
    if layer := LAYER.fullmatch(metadata.get("modelspec.encoder_layer", "")):
        options[CLIP_SKIP.name] = layer[0]
    if identity.steps:
        options[STEPS.name] = str(identity.steps)
    if identity.native and identity.native != family(identity.family).native:
        options[SIZE.name] = f"{identity.native}x{identity.native}"
    size = RESOLUTION.fullmatch(metadata.get("modelspec.resolution", ""))
    if size and int(size[1]) % 8 == int(size[2]) % 8 == 0:
        options[SIZE.name] = size[0]
    return tuple(options.items())


def completed(known: KnownConcept) -> KnownConcept:
    """The concept with everything that its entry leaves open read from its file, and its variant's own defaults.

    An entry that names parts is a model's: a file of another kind is not read as what it is, for another model would
    draw in its place.
    """
    found = _completed(known)
    if not found.parts or found.kind in {*MODELS, "unknown", UNREADABLE}:
        return found
    named = listed(dict.fromkeys(f"a {PART_TITLES[part]}" for part, _ in found.parts))
    file = found.path.name if found.path else found.name
    evidence = f"{file} is a file of the kind {found.kind}, and its entry names {named} beside it, as only a model has"
    return replace(found, kind=UNREADABLE, evidence=evidence)


def _completed(known: KnownConcept) -> KnownConcept:
    is_named = known.kind != "unknown" and known.family != "unknown"
    if known.path is None or (is_named and known.kind != "inversion"):
        return _as_its_variant(known)
    read = concept(known.path)
    if is_named:
        return replace(known, vectors=known.vectors or read.vectors)
    return _as_its_variant(
        replace(
            known,
            kind=known.kind if known.kind != "unknown" else read.kind,
            family=known.family if known.family != "unknown" else read.family,
            evidence=read.evidence if read.kind == UNREADABLE else f"{known.evidence}; {read.evidence}",
            variant=_variants(read.family, known.variant, read.variant),
            layers=known.layers or read.layers,
            vectors=known.vectors or read.vectors,
            options=known.options or _of_its_own(read),
            triggers=known.triggers or read.triggers,
            preview=known.preview or read.preview,
        )
    )


def _of_its_own(read: KnownConcept) -> tuple[tuple[str, str], ...]:
    """What a file recommends beside the defaults of its variant, which an entry may call otherwise."""
    shared = variant_options(read.family, read.variant)
    return tuple(each for each in read.options if each not in shared)


def _variants(family_name: str, said: str, read: str) -> str:
    """What the entry says, beside what the file shows where the entry names what no file can show."""
    hidden = {each.name for each in family(family_name).variants if each.hidden}
    shown = [each for each in variant_names(read) if not (said in hidden and each in hidden)]
    return variant_of(*dict.fromkeys((*shown, said)))


def _as_its_variant(known: KnownConcept) -> KnownConcept:
    """The concept with the defaults of the variant it is said to be, below those that its entry recommends."""
    options = dict(variant_options(known.family, known.variant)) if known.kind == "checkpoint" else {}
    return replace(known, options=tuple({**options, **dict(known.options)}.items())) if options else known
