"""The plan: plain data that holds everything a backend needs and nothing about syntax.

`to_json` and `from_json` are exact inverses; `content_hash` names the picture (same hash, same picture on the same
backend); `verify` lists what no valid plan may break. The published schema is `docs/plan.schema.json`.
"""

from __future__ import annotations

from typing import Literal

from promptlang.tables.dialects import DEFAULT
from promptlang.tables.editions import DEFAULT as DEFAULT_EDITION
from promptlang.values import dataclass, field

Weighting = Literal["a1111", "a1111-no-norm", "comfy", "compel"]
Combine = Literal["and", "blend", "concatenate"]

FORMAT = "promptlang.plan/1"
WORDS = "prompt"
"""The axis of what `/variants` makes of a prompt."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of prompt text and the weight every token of it carries; `ends_chunk` marks a `BREAK` after it."""

    text: str
    weight: float = 1.0
    ends_chunk: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """What conditions the denoiser up to and including call number `until` (counted as the dialect's owner does)."""

    until: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Conditioned:
    """One branch of the conditioning: its weight, and its segments in order of `until` (one, unless scheduled)."""

    segments: tuple[Segment, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning:
    """All branches of one side and how they combine: `and` adds guidance directions, `blend` mixes embeddings."""

    branches: tuple[Conditioned, ...]
    combine: Combine = "and"
    normalized: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A checkpoint: the name it was called by, where it lies (None: unknown to the project) and its family.

    `text_encoders` and `vae` are the files beside it where it is made of several. `quantization` says which bits its
    files keep numbers in, where they are fewer than sixteen. `unusable` says why the name cannot be used, where the
    project knows no such model or cannot read its file.
    """

    name: str
    family: str
    path: str | None = None
    variant: str = ""  # "inpaint", "v-prediction", … where known, "ambiguous" where several files have the name
    text_encoders: tuple[str, ...] = ()
    vae: str | None = None
    quantization: str = ""  # "fp8 e4m3, scaled", …
    unusable: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file it is made of."""
        return tuple(path for path in (self.path, *self.text_encoders, self.vae) if path)


def called_word(name: str) -> str:
    """The word in the text of a plan that stands for the vectors of the textual inversion of that name."""
    return f"<{name}>"


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a network is on the denoiser up to and including call number `until`, counted as for segments."""

    until: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A LoRA, textual inversion or other network at a strength; inversions name the side they stand on.

    `strengths` are there where it changes while the picture is drawn: in order, the last one to the end. The text is
    read at `text_weight`, else at `weight`. `unusable` says why the name cannot be used, as of a model.
    """

    name: str
    kind: str
    weight: float
    path: str | None = None
    side: Literal["positive", "negative"] = "positive"
    text_weight: float | None = None  # LoRA strength on the text encoder where it differs
    strengths: tuple[Strength, ...] = ()
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: `statement`, `recipe`, `set`, `project`, `concept`, `family` or `language`."""

    key: str
    source: str
    start: int = 0
    end: int = 0

    def moved(self, distance: int) -> Origin:
        """The same origin, `distance` code points further on."""
        return Origin(self.key, self.source, self.start + distance, self.end + distance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One batch of images.

    `clip_skip` counts from the end as the language does (1 = last layer; None = the family has none or it was dropped).
    `seed` None means: drawn when it runs. `size` is width and height in pixels. `origins`, `source`, `expanded`,
    `axes` and `statement` do not enter the hash: they say where values come from and how a grid is labelled, not what
    is drawn.
    """

    command: str
    model: Model
    positive: Conditioning
    negative: Conditioning
    weighting: Weighting
    clip_skip: int | None
    sampler: str
    steps: int
    guidance: float
    size: tuple[int, int]
    images: int
    seed: int | None
    schedule: str | None = None  # of noise levels; None: the model's own
    true_cfg: float | None = None  # beside guidance that is an input of the model; None and 1: off
    arithmetic: str = "diffusers"  # whose way of computing: diffusers, comfy or webui
    rescale: float | None = None  # of guided noise, 0 to 1; None and 0: off
    vae: str | None = None
    freeu: tuple[float, float, float, float] | None = None
    networks: tuple[Network, ...] = ()
    image: str | None = None
    mask: str | None = None  # white is drawn anew, black kept
    strength: float | None = None
    control: str | None = None  # how the map is made that holds the picture to its lines; None: nothing does
    control_net: str | None = None
    control_image: str | None = None
    control_strength: float | None = None
    control_start: float | None = None  # the share of the steps before it counts, and that where it has counted
    control_end: float | None = None
    blend: str | None = None  # the picture that is taken into the prompt
    blend_adapter: str | None = None
    blend_encoder: str | None = None  # of pictures; None: the folder beside the adapter
    blend_strength: float | None = None
    hires: float | None = None  # how much larger it is drawn a second time; None: once
    hires_steps: int | None = None
    hires_strength: float | None = None
    hires_upscaler: str | None = None
    refiner: Model | None = None  # finishes the picture: the last fifth of its noise
    file_format: Literal["png", "jpg", "webp"] = "png"
    edition: str = DEFAULT_EDITION
    dialect: str = DEFAULT
    source: str = ""  # the statement's text
    expanded: str = ""  # the positive text that `/variants` and recipes made of it, where they did
    origins: tuple[Origin, ...] = ()
    axes: tuple[tuple[str, str], ...] = ()  # (option, concept or WORDS, value) of the sweep this plan is a point of
    statement: int = 0  # which statement of the file it comes from, counted from 0
    format: str = field(default=FORMAT)

    @property
    def pictures_given(self) -> tuple[str | None, ...]:
        """The files of the pictures that it is drawn from; None for each that it has not."""
        return self.image, self.mask, self.control_image, self.blend


PATHS = ("image", "mask", "control_net", "control_image", "blend", "blend_adapter", "blend_encoder")
"""The fields of a plan that are nothing but paths."""
