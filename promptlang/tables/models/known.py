"""What a name in a prompt stands for: a model file or an entry of a list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from promptlang.values import dataclass

AMBIGUOUS = "ambiguous"
"""The kind of a name that several files have, and the variant of such a model: which of them is meant nothing says."""
Part = Literal["text-encoder", "vae"]
MODELS = frozenset({"checkpoint", "denoiser"})
"""The kinds of what draws, rather than coming on top of what does."""
UNREADABLE = "unreadable"
"""The kind of a name whose file is broken, or is not there."""
RUNS_CODE = "a pickled model can run code when it is loaded; convert the file to safetensors"
PART_TITLES: Mapping[Part, str] = {"text-encoder": "text encoder", "vae": "VAE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownConcept:
    """A model file or entry that `<name>` can call.

    `kind` is `checkpoint`, `lora`, `inversion`, `vae`, another sort of model, `unknown`, `unreadable` for a broken
    file, or `ambiguous` where there are `several` of one name; `family` a name of
    `promptlang.tables.models.families` or `unknown`; `evidence` says how both are known.
    `options` are recommended values, `triggers` words that call a LoRA's subject. `layers` is the layer count of the
    text encoder that clip skip acts on, where known, `vectors` how many ids a textual inversion stands for.
    `text_encoders` and `vae` are the files beside `path` that a checkpoint of several is made of, `refiner` is the name
    of the model that finishes its pictures.
    """

    name: str
    kind: str
    family: str
    evidence: str
    path: Path | None = None
    variant: str = ""
    layers: int | None = None
    vectors: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    triggers: tuple[str, ...] = ()
    preview: Path | None = None
    text_encoders: tuple[Path, ...] = ()
    vae: Path | None = None
    several: tuple[Path, ...] = ()
    refiner: str = ""
    tags: tuple[str, ...] = ()  # "danbooru", "semi-realistic": styles where clip skip is popular

    def __hash__(self) -> int:
        return hash((self.name, self.kind, self.path))  # few are alike so far, and caches ask for it all the time

    @property
    def fault(self) -> str:
        """Why nothing can be done with its file; empty where it can be read."""
        return cannot_be_drawn_with(f"<{self.name}>", self.evidence) if self.kind == UNREADABLE else ""

    @property
    def parts(self) -> tuple[tuple[Part, Path], ...]:
        """The files beside `path`, and what each is for."""
        encoders: tuple[tuple[Part, Path], ...] = tuple(("text-encoder", each) for each in self.text_encoders)
        return (*encoders, ("vae", self.vae)) if self.vae else encoders


NAMING = "name it in `promptlang.toml`"
NAMING_FILE = "name its file in `promptlang.toml`"
REPLACING = "replace the file, or correct its path in `promptlang.toml`"


def unknown(name: str) -> str:
    """What is said of a name that calls nothing."""
    return f"no model called `{name[:60]}` is known here" if name.strip() else "the name of the model is missing"


def cannot_be_drawn_with(called: str, why: str) -> str:
    """What is said of a model whose file is at fault."""
    return f"{called} cannot be drawn with: {why}"
