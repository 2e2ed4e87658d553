"""What a row of the table of model families says; the rows are in the modules `…_families.py` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import exp
from types import MappingProxyType
from typing import Literal

from promptlang.tables.models.encoders import Encoder, EncoderKind
from promptlang.values import dataclass

Size = tuple[int, int]
Aspect = Literal["portrait", "tall", "landscape", "wide"]
ASPECTS: tuple[Aspect, ...] = ("portrait", "tall", "landscape", "wide")
PromptSide = Literal["positive", "negative"]
Prediction = Literal["epsilon", "v", "flow", "edm", "unknown"]
V_PREDICTION = "v-prediction"
"""What a variant says of a model that predicts velocity where its family does not."""
INPAINTING = "inpaint"
"""The variant of models whose denoiser is shown what a mask keeps."""


def variant_names(variant: str) -> tuple[str, ...]:
    """What a variant such as `klein 4B, distilled` says, one by one."""
    return tuple(variant.split(", "))


def variant_of(*names: str) -> str:
    """The variant that says all of these; what is empty says nothing."""
    return ", ".join(filter(None, names))


class ClipSkip(Enum):
    """What `/clipskip:N` does in a family; the value is how the documentation says it."""

    APPLIES = "takes hidden state −N, then the final norm"
    IGNORED_BY_RULE = "no effect by language rule; dropped from the plan"
    AT_LEAST_TWO = "takes hidden state −max(N, 2) of every CLIP encoder; 1 and 2 change nothing"
    NOT_CLIP = "the main text encoder is not CLIP; dropped from the plan"
    PASSED_ON = "family unknown; passed on as written"


class Guides(Enum):
    """What `/guidance` is in a family or in one of its variants; the value is how the documentation says it."""

    CLASSIFIER_FREE = "negative + g (positive − negative); 1 is off"
    EMBEDDED = "an input of the model; a negative prompt counts with `/true-cfg` only"
    EMBEDDED_ALONE = "an input of the model; there is no second pass, so no negative prompt is read"
    BUILT_IN = "distilled into the model: no number and no negative prompt is read"


@dataclass(frozen=True, slots=True)
class Flow:
    """How ComfyUI lays out the noise of a flow-matching model: how far its levels are moved towards noise, whatever the
    size of the picture, and how many levels there are to pick from.
    """

    shift: float
    levels: int = 1000


def by_exponent(exponent: float) -> Flow:
    """How ComfyUI lays out the noise of FLUX.1 and its kin, whose owners write the logarithm of the shift."""
    return Flow(exp(exponent), 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A published variation of a family that wants other defaults; None, or no encoder, keeps the family's.

    `hidden` variants have the same keys and shapes as others, so that no file says which of them it is; they go with
    the variants whose names begin with `beside`. `limit` is there where nothing here draws the variant, though its
    family is drawn: what it has that keeps it from being drawn. `single_files` says whether it is drawn from single
    files and parts, where others of its family are not, or alone are. `sampler` is the one that draws it, where no
    other does: it comes with the noise levels that its pipeline has for it.
    """

    name: str
    docs: str
    steps: int | None = None
    guidance: float | None = None
    guides: Guides | None = None
    encoders: tuple[Encoder, ...] = ()
    hidden: bool = False
    beside: str = ""
    limit: str = ""
    single_files: bool | None = None
    sampler: str = ""
    flow: Flow | None = None


def distilled(
    name: str, docs: str, steps: int, *, hidden: bool = False, beside: str = "", flow: Flow | None = None
) -> Variant:
    """A variant that needs few steps and reads no guidance."""
    return Variant(
        name=name,
        docs=docs,
        steps=steps,
        guidance=1.0,
        guides=Guides.BUILT_IN,
        hidden=hidden,
        beside=beside,
        flow=flow,
    )


def lying_too(portrait: Size, tall: Size) -> Mapping[Aspect, Size]:
    """The four aspect sizes; landscape and wide are portrait and tall lying on their side."""
    (narrow, high), (narrower, higher) = portrait, tall
    table: dict[Aspect, Size] = {
        "portrait": portrait,
        "tall": tall,
        "landscape": (high, narrow),
        "wide": (higher, narrower),
    }
    return MappingProxyType(table)


# Ours: multiples of 64 with about the area of the native square, because far more area repeats the subject.
SIZES_512 = lying_too((448, 576), (384, 704))
# Sizes that the service advises; their area is that of 768 x 768.
SIZES_768 = lying_too((640, 896), (576, 1024))
# Two of the aspect buckets SDXL was trained on (SDXL report, appendix I); later 1024-pixel models keep them.
SIZES_1024 = lying_too((832, 1216), (768, 1344))
# Sizes that Qwen-Image's authors advise.
SIZES_1328 = lying_too((1104, 1472), (928, 1664))
# Sizes that HunyuanImage's authors advise.
SIZES_2048 = lying_too((1792, 2304), (1536, 2560))
# Wan's 480 x 832, and a rounder one of that area.
SIZES_640 = lying_too((544, 736), (480, 832))

SERVICE = "Graydient help pages"
DIFFUSERS = "defaults of the diffusers pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One row of the table. What a row leaves out is as most newer families have it, whose denoiser is a transformer.

    `native` is the side in pixels of the square the family was trained on, `sizes` what `/portrait` and its kin mean
    there. `clip_skip_default` is the language's number (1 = last layer; None: not applicable or as shipped). `freeu`
    is `s1,s2,b1,b2`. `refiner` is the family whose models finish its pictures. `vass` says whether `/vass` means
    anything, `rendered` whether `promptlang render` draws the family, `single_files` whether from a single file too.
    `multiple` is what both sides of a picture must be divisible by.
    `solvers` are further samplers than Euler's that draw a flow-matching family, whose pipeline leaves the spacing of
    steps to them. `changing` are the sides of the prompt that may change between two steps, `remixing` those that may
    where a transformer starts from a picture (None: it never does), `inpaints` says whether it then takes a mask,
    `controlled` whether a ControlNet may hold a transformer, `adapted` whether the family is drawn with image adapters,
    and `rescaled_remix` whether `/rescale` counts with `/remix`. `reads` are the tokens after which its pipeline cuts a
    prompt, less those that it writes around it; 0: it cuts nothing. `below` is what diffusers' number for guidance
    lacks against the language's, `moving` marks models that make videos.
    """

    name: str
    title: str
    docs: str
    encoders: tuple[Encoder, ...]
    source: str = DIFFUSERS
    clip_skip: ClipSkip = ClipSkip.NOT_CLIP
    clip_skip_default: int | None = None
    final_norm: bool = False
    native: int = 1024
    sizes: Mapping[Aspect, Size] = SIZES_1024
    guidance: float
    steps: int
    sampler: str = "k_euler"
    prediction: Prediction = "flow"
    guides: Guides = Guides.CLASSIFIER_FREE
    below: float = 0.0
    multiple: int = 16
    is_unet: bool = False
    moving: bool = False
    freeu: tuple[float, float, float, float] | None = None
    refiner: str = ""
    vass: bool = False
    rendered: bool = False
    single_files: bool = False
    spared: tuple[Encoder, ...] = ()  # text encoders that single files may lack
    solvers: tuple[str, ...] = ()
    flow: Flow | None = None  # None where ComfyUI does not draw it
    changing: tuple[PromptSide, ...] = ("positive", "negative")
    remixing: tuple[PromptSide, ...] | None = None
    inpaints: bool = False
    controlled: bool = False
    adapted: bool = False
    rescaled_remix: bool = False
    reads: int = 0
    variants: tuple[Variant, ...] = ()
    networks_from: tuple[str, ...] = ()  # families with the same layers, whose LoRAs load here and look alike

    @property
    def skippable(self) -> tuple[Encoder, ...]:
        """The encoders whose layer `/clipskip` chooses, the one that sets the upper bound first."""
        clips = (each for each in self.encoders if each.kind is EncoderKind.CLIP and not each.pooled_only)
        return tuple(sorted(clips, key=lambda each: each.layers))

    @property
    def weighed(self) -> bool:
        """Whether an encoder that reads word by word, CLIP or T5, makes the conditioning, so that word weights act."""
        return not self.encoders or any(
            each.kind is not EncoderKind.LANGUAGE_MODEL and not each.pooled_only for each in self.encoders
        )

    @property
    def read_aloud(self) -> bool:
        """Whether ComfyUI hands the text encoder the signs of weights as text."""
        return not self.weighed and not any(each.weighed_by_comfy for each in self.encoders)
