"""The hashes that other programs write of the files a picture was drawn with, in their two lists."""

from __future__ import annotations

from promptlang.models.evidence.records import Record
from promptlang.values import dataclass, field

_LORA = ("lora:", "lyco:")


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes of model and VAE, and those of LoRAs by their names; empty where none is written."""

    model: str = ""
    vae: str = ""
    networks: dict[str, str] = field(default_factory=dict[str, str])


def listed(text: str) -> dict[str, str]:
    """`ink: 0123456789ab, oak: …`, as webui writes `Lora hashes`."""
    pairs = (each.rpartition(":") for each in text.split(","))
    return {name.strip(): sum.strip() for name, _, sum in pairs if name.strip() and sum.strip()}


def recorded(record: Record) -> Hashes:
    """`{"model": "0123456789", "lora:ink": "…"}`, as Civitai and those who write for it do."""
    networks = {
        name.removeprefix(sign): record.text(name) for sign in _LORA for name in record if name.startswith(sign)
    }
    return Hashes(record.text("model"), record.text("vae"), networks)
