"""What other tools leave beside a model file: trigger words and a preview picture."""

from __future__ import annotations

from pathlib import Path

from promptlang.models.evidence.records import BadHeader, Record, read_record
from promptlang.tables.endings import SAFETENSORS, TOLD
from promptlang.values import dataclass

PREVIEWS = (*(f".preview{each}" for each in TOLD), *TOLD)
TRIGGER_LIMIT = 400  # code points of one phrase


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Phrases that call a LoRA's subject, and a picture."""

    triggers: tuple[str, ...] = ()
    preview: Path | None = None


def sidecar(path: Path) -> Sidecar:
    """What lies beside a model file; side files that cannot be read count as absent.

    A1111 writes `name.json` with `activation text`, Civitai helpers write `name.civitai.info` with `trainedWords`.
    """
    stem = path.with_name(path.stem if path.suffix == SAFETENSORS else path.name)
    names = (stem.with_name(stem.name + ending) for ending in PREVIEWS)
    preview = next((each for each in names if each.is_file()), None)
    return Sidecar(_triggers(stem), preview)


def _triggers(stem: Path) -> tuple[str, ...]:
    phrases = (
        _record(stem.with_name(stem.name + ".json")).get("activation text"),
        *_record(stem.with_name(stem.name + ".civitai.info")).items_of("trainedWords"),
    )
    texts = (" ".join(each.split()).strip(", ") for each in phrases if isinstance(each, str))
    return tuple(dict.fromkeys(text[:TRIGGER_LIMIT] for text in texts if text))


def _record(path: Path) -> Record:
    try:
        return read_record(path) if path.is_file() else Record()
    except (BadHeader, OSError):
        return Record()
