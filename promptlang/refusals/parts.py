"""What a model made of parts lacks, in words: parts that no file gives, and files that do not belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from promptlang.models.discover import reading
from promptlang.models.fitting.tensors.gaps import gap
from promptlang.models.fitting.vaes import vae_misfit
from promptlang.models.parts import encoders_beside, files_beside, held, misfit, read_with, unmet, vaes_beside
from promptlang.plans.plan import Model
from promptlang.sentences import few, listed
from promptlang.tables.models.family import Family

FEW = 4  # files that a sentence lists
TEXT_ENCODER, VAE = "the text encoder", "the autoencoder"


def broken_part(model: Model, row: Family) -> str:
    """Why one of the parts cannot be drawn with; empty where none is known to be wrong."""
    return next(filter(None, faults(model, row)), "")


def faults(model: Model, row: Family) -> Iterator[str]:
    """What is wrong with each of the parts, in one clause; empty for those with which nothing is known to be."""
    encoders = [Path(each) for each in model.text_encoders]
    for each in encoders:
        yield misfit("text-encoder", each, row, model.variant) or _of_none(each) or gap(each)
    for first, second in combinations(encoders, 2):
        same = {*held(first)} & {*held(second)}
        yield f"`{first.name}` and `{second.name}` both hold {min(same)}" if same else ""
    if model.vae:
        vae = Path(model.vae)
        yield misfit("vae", vae, row, model.variant) or _of_vae(vae, row)


def files_of(model: Model) -> Iterator[tuple[Path, frozenset[str]]]:
    """The files of a model that is no folder, with the parts that each of them gives."""
    if model.path is None or Path(model.path).is_dir():
        return
    named = {"text-encoder": bool(model.text_encoders), "vae": bool(model.vae)}
    yield Path(model.path), frozenset({"denoiser", *(part for part, is_elsewhere in named.items() if not is_elsewhere)})
    for each in model.text_encoders:
        yield Path(each), frozenset({"text-encoder"})


def _of_none(path: Path) -> str:
    return "" if held(path) else f"`{path.name}` holds no text encoder"


def _of_vae(path: Path, row: Family) -> str:
    why = vae_misfit(path, row.name)
    return f"`{path.name}` is no VAE for {row.title}: {why}" if why else ""


def lacking(model: Model, path: Path, row: Family) -> str:
    """Which parts a model is without, and which files beside it might give them; empty where it has them all."""
    missing: list[str] = []
    sentences: list[str] = []
    foreign: list[Path] = []
    for name, fitting, others in _wanted(model, path, row):
        if fitting:
            sentences.append(f"{_listed(fitting)} may {'each ' if len(fitting) > 1 else ''}be {name}")
        else:
            missing.append(name)
            foreign += [each for each in others if each not in foreign]
    if missing:
        sentences.insert(0, _missing(missing))
    if foreign:
        sentences.append(f"beside it {'lie' if len(foreign) > 1 else 'lies'} {_listed(foreign)}")
    return "; ".join(sentences)


def _missing(names: Sequence[str]) -> str:
    return f"{listed(names)} {'are' if len(names) > 1 else 'is'} missing"


def _wanted(model: Model, path: Path, row: Family) -> Iterator[tuple[str, tuple[Path, ...], tuple[Path, ...]]]:
    """Each part that no file is known for, the files beside the model's that fit it, and all that lie there."""
    encoders = files_beside(path, "text-encoder")
    own = reading(path).identity
    for name in unmet(row, model.variant, (path, *map(Path, model.text_encoders))):
        yield name, encoders_beside(path, name), encoders
    if not read_with(row, model.variant) and not model.text_encoders:
        yield TEXT_ENCODER, (), encoders
    if model.vae is None and not (own and own.has_vae):
        yield VAE, vaes_beside(path, row), files_beside(path, "vae")


def _listed(files: Sequence[Path]) -> str:
    return few([f"`{each.name}`" for each in files], FEW)
