"""Model files inspected: what each of them is, how that is known, and what it means for a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from promptlang.files import reason
from promptlang.models.advice import advice
from promptlang.models.discover import files
from promptlang.models.evidence.records import printable
from promptlang.models.identify import BadHeader, Identity, identify, is_model_folder
from promptlang.models.names import Files
from promptlang.models.sidecars import Sidecar, sidecar
from promptlang.tables.models.families import family
from promptlang.values import dataclass

NOTHING_BESIDE = Sidecar()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A model file: what it is, or the problem that kept it from being read; `size` in bytes, of folders 0."""

    path: Path
    size: int = 0
    identity: Identity | None = None
    problem: str = ""
    beside: Sidecar = NOTHING_BESIDE

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do with it, in sentences without a full stop."""
        return advice(self.identity) if self.identity else ()


def inspections_of(paths: Iterable[Path]) -> Iterator[Inspection]:
    """One inspection for every file and model folder named, and for those in the other folders named."""
    for path in paths:
        if not path.is_dir() or is_model_folder(path):
            yield inspection(path)
            continue
        found = files([path])
        yield from (inspection(each) for each in found.by_name.values())
        yield from _passed_over(path, found)


def _passed_over(folder: Path, found: Files) -> Iterator[Inspection]:
    """What a folder holds but cannot be used, or the folder itself where it holds nothing."""
    told = {*found.by_name.values()}
    for each in found.findings:
        if each.path not in told:
            yield Inspection(path=each.path, problem=each.message)
    if not found.by_name and not found.findings:
        yield Inspection(path=folder, problem="no model files in this folder")


def inspection(path: Path) -> Inspection:
    """Inspect one file or model folder; never raises on what is in it."""
    try:
        size = 0 if path.is_dir() else path.stat().st_size
        return Inspection(path=path, size=size, identity=identify(path), beside=sidecar(path))
    except BadHeader as error:
        return Inspection(path=path, problem=str(error))
    except OSError as error:
        return Inspection(path=path, problem=reason(error))


def as_record(each: Inspection) -> dict[str, object]:
    """An inspection as plain data for JSON."""
    record: dict[str, object] = {"path": printable(str(each.path)), "error": each.problem or None}
    identity = each.identity
    if identity is None:
        return record
    row, steps = family(identity.family), identity.clip_skip
    return record | {
        "bytes": each.size or None,
        "kind": identity.kind,
        "family": identity.family,
        "title": row.title,
        "variant": identity.variant or None,
        "prediction": identity.prediction,
        "quantization": identity.quantization or None,
        "encoders": [{"name": name, "layers": layers} for name, layers in identity.encoders],
        "clip_skip": {"lowest": steps[0], "highest": steps[-1], "default": row.clip_skip_default} if steps else None,
        "clip_skip_effect": row.clip_skip.value,
        "evidence": list(identity.evidence),
        "metadata": dict(identity.metadata),
        "triggers": list(each.beside.triggers),
        "preview": printable(str(each.beside.preview)) if each.beside.preview else None,
        "advice": list(each.advice),
    }
