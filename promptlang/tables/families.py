"""The model families: one row each, with encoders, defaults, sizes and what `/clipskip` does there.

Checks, plan, inspection, hover, exporters and `docs/families.md` read these rows and name no family themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Literal

from promptlang.tables import encoders
from promptlang.tables.encoders import Encoder, EncoderKind
from promptlang.values import dataclass

Size = tuple[int, int]
Aspect = Literal["portrait", "tall", "landscape", "wide"]
ASPECTS: tuple[Aspect, ...] = ("portrait", "tall", "landscape", "wide")
Prediction = Literal["epsilon", "v", "flow", "edm", "unknown"]


class ClipSkip(Enum):
    """What `/clipskip:N` does in a family; the value is how the documentation says it."""

    APPLIES = "takes hidden state −N, then the final norm"
    IGNORED_BY_RULE = "no effect by language rule; dropped from the plan"
    AT_LEAST_TWO = "takes hidden state −max(N, 2) of every CLIP encoder; 1 and 2 change nothing"
    NOT_CLIP = "the main text encoder is not CLIP; dropped from the plan"
    PASSED_ON = "family unknown; passed on as written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A published variation of a family that wants other defaults; None keeps the family's."""

    name: str
    docs: str
    steps: int | None = None
    guidance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One row of the table.

    `native` is the side in pixels of the square the family was trained on, `sizes` what `/portrait` and its kin mean
    there. `clip_skip_default` is the language's number (1 = last layer; None: not applicable or as shipped). `freeu`
    is `s1,s2,b1,b2`. `refiner` and `vass` say whether `/nofix` and `/vass` mean anything, `rendered` whether
    `promptlang render` draws the family.
    """

    name: str
    title: str
    docs: str
    source: str
    encoders: tuple[Encoder, ...]
    clip_skip: ClipSkip
    clip_skip_default: int | None
    final_norm: bool
    native: int
    sizes: Mapping[Aspect, Size]
    guidance: float
    steps: int
    sampler: str
    prediction: Prediction
    freeu: tuple[float, float, float, float] | None = None
    refiner: bool = False
    vass: bool = False
    rendered: bool = False
    variants: tuple[Variant, ...] = ()
    networks_from: tuple[str, ...] = ()  # families with the same layers, whose LoRAs load here and look alike

    @property
    def skippable(self) -> tuple[Encoder, ...]:
        """The encoders whose layer `/clipskip` chooses, the one that sets the upper bound first."""
        clips = (each for each in self.encoders if each.kind is EncoderKind.CLIP and not each.pooled_only)
        return tuple(sorted(clips, key=lambda each: each.layers))


def _sizes(portrait: Size, tall: Size) -> Mapping[Aspect, Size]:
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
SIZES_512 = _sizes((448, 576), (384, 704))
# Sizes that the service advises; their area is that of 768 x 768.
SIZES_768 = _sizes((640, 896), (576, 1024))
# Two of the aspect buckets SDXL was trained on (SDXL report, appendix I); later 1024-pixel models keep them.
SIZES_1024 = _sizes((832, 1216), (768, 1344))

SERVICE = "Graydient help pages"
DIFFUSERS = "defaults of the diffusers pipeline"


def _flow(
    name: str,
    title: str,
    docs: str,
    encoders: tuple[Encoder, ...],
    guidance: float,
    steps: int,
    variants: tuple[Variant, ...] = (),
    networks_from: tuple[str, ...] = (),
) -> Family:
    """A 1024-pixel flow-matching transformer without a usable CLIP layer: the shape of nearly every newer family."""
    return Family(
        name=name,
        title=title,
        docs=docs,
        source=DIFFUSERS,
        encoders=encoders,
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=guidance,
        steps=steps,
        sampler="k_euler",
        prediction="flow",
        variants=variants,
        networks_from=networks_from,
    )


FAMILIES: tuple[Family, ...] = (
    Family(
        name="sd1",
        title="Stable Diffusion 1.x",
        docs="CLIP with 12 layers reads the prompt; clip skip belongs here. 1.5 and everything derived from it.",
        source=f"{SERVICE}; community explanation for the layer count",
        encoders=(encoders.CLIP_L,),
        clip_skip=ClipSkip.APPLIES,
        clip_skip_default=1,
        final_norm=True,
        native=512,
        sizes=SIZES_512,
        guidance=7.0,
        steps=25,
        sampler="dpm2m",
        prediction="epsilon",
        freeu=(1.0, 1.0, 1.2, 1.2),
        rendered=True,
    ),
    Family(
        name="sd2",
        title="Stable Diffusion 2.x",
        docs="OpenCLIP reads the prompt and already stops one layer early; clip skip makes no difference by rule.",
        source=f"{SERVICE}; backends differ, see the clip skip rules",
        encoders=(encoders.OPEN_CLIP_H,),
        clip_skip=ClipSkip.IGNORED_BY_RULE,
        clip_skip_default=None,
        final_norm=True,
        native=768,
        sizes=SIZES_768,
        guidance=7.0,
        steps=25,
        sampler="dpm2m",
        prediction="unknown",  # 512-pixel models predict noise, 768-pixel ones velocity
        rendered=True,
        variants=(Variant(name="v-prediction", docs="The 768-pixel models predict velocity."),),
    ),
    Family(
        name="sdxl",
        title="Stable Diffusion XL",
        docs="Two CLIP encoders, both read at the last but one layer; Pony, Illustrious and NoobAI belong here.",
        source=f"{DIFFUSERS}; {SERVICE} for sizes, refiner and FreeU",
        encoders=(encoders.CLIP_L, encoders.OPEN_CLIP_G),
        clip_skip=ClipSkip.AT_LEAST_TWO,
        clip_skip_default=2,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=6.0,
        steps=30,
        sampler="dpm2m",
        prediction="epsilon",
        freeu=(0.9, 0.2, 1.2, 1.4),
        refiner=True,
        vass=True,
    ),
    Family(
        name="sdxl-refiner",
        title="Stable Diffusion XL refiner",
        docs="The second stage of SDXL: only the OpenCLIP encoder, meant to finish a picture that SDXL began.",
        source=DIFFUSERS,
        encoders=(encoders.OPEN_CLIP_G,),
        clip_skip=ClipSkip.AT_LEAST_TWO,
        clip_skip_default=2,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=6.0,
        steps=30,
        sampler="dpm2m",
        prediction="epsilon",
    ),
    Family(
        name="sd3",
        title="Stable Diffusion 3",
        docs="Two CLIP encoders beside T5; clip skip moves the CLIP part only. 3.0 and 3.5.",
        source=DIFFUSERS,
        encoders=(encoders.CLIP_L, encoders.OPEN_CLIP_G, encoders.T5_XXL),
        clip_skip=ClipSkip.AT_LEAST_TWO,
        clip_skip_default=2,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=7.0,
        steps=28,
        sampler="k_euler",
        prediction="flow",
    ),
    _flow(
        "flux",
        "FLUX.1",
        "T5 reads the prompt; CLIP gives one summary vector only.",
        (encoders.CLIP_L_POOLED, encoders.T5_XXL),
        3.5,
        28,
        (
            Variant(name="dev", docs="Guidance is an input of the model, not a second pass."),
            Variant(name="schnell", docs="Distilled to four steps; guidance is ignored.", steps=4),
            Variant(name="fill", docs="Inpaints: takes an image and a mask.", steps=50, guidance=30.0),
            Variant(name="control", docs="Takes a depth or edge picture."),
        ),
    ),
    _flow("flux2", "FLUX.2", "A language model reads the prompt.", (encoders.MISTRAL_3,), 4.0, 50),
    _flow(
        "chroma",
        "Chroma",
        "FLUX.1 without CLIP and without distilled guidance: T5 alone.",
        (encoders.T5_XXL,),
        5.0,
        35,
        networks_from=("flux",),
    ),
    Family(
        name="pixart",
        title="PixArt-α and PixArt-Σ",
        docs="T5 alone reads the prompt; trained on noise prediction.",
        source=DIFFUSERS,
        encoders=(encoders.T5_XXL,),
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=4.5,
        steps=20,
        sampler="dpm2m",
        prediction="epsilon",
    ),
    _flow("sana", "Sana", "Gemma reads the prompt.", (encoders.GEMMA_2,), 4.5, 20),
    _flow("lumina2", "Lumina-Image 2", "Gemma reads the prompt.", (encoders.GEMMA_2,), 4.0, 30),
    _flow(
        "z-image",
        "Z-Image",
        "Qwen3 reads the prompt.",
        (encoders.QWEN_3,),
        5.0,
        50,
        (Variant(name="turbo", docs="Distilled to nine steps without guidance.", steps=9, guidance=1.0),),
    ),
    _flow("auraflow", "AuraFlow", "Pile-T5 reads the prompt; Pony 7 belongs here.", (encoders.PILE_T5_XL,), 3.5, 50),
    _flow(
        "hidream",
        "HiDream-I1",
        "T5 and Llama read the prompt; the two CLIP encoders give summary vectors only.",
        (encoders.CLIP_L_POOLED, encoders.OPEN_CLIP_G_POOLED, encoders.T5_XXL, encoders.LLAMA_31),
        5.0,
        50,
    ),
    _flow("qwen-image", "Qwen-Image", "A vision language model reads the prompt.", (encoders.QWEN_25_VL,), 4.0, 50),
    Family(
        name="kolors",
        title="Kolors",
        docs="The SDXL denoiser with ChatGLM3 instead of CLIP.",
        source=DIFFUSERS,
        encoders=(encoders.CHAT_GLM_3,),
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=5.0,
        steps=50,
        sampler="k_euler",
        prediction="epsilon",
        networks_from=("sdxl",),
    ),
    Family(
        name="hunyuan-dit",
        title="Hunyuan-DiT",
        docs="A bilingual BERT encoder and mT5 read the prompt.",
        source=DIFFUSERS,
        encoders=(encoders.CHINESE_CLIP, encoders.MT5_XL),
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=5.0,
        steps=50,
        sampler="ddim",
        prediction="v",
    ),
    Family(
        name="unknown",
        title="Unknown family",
        docs="Nothing in the file says which family it is; the family is never guessed from a name.",
        source="the language itself",
        encoders=(),
        clip_skip=ClipSkip.PASSED_ON,
        clip_skip_default=1,
        final_norm=True,
        native=512,
        sizes=SIZES_512,
        guidance=7.0,
        steps=25,
        sampler="dpm2m",
        prediction="unknown",
    ),
)

BY_NAME: Mapping[str, Family] = MappingProxyType({each.name: each for each in FAMILIES})
UNKNOWN = BY_NAME["unknown"]


def family(name: str) -> Family:
    """The row of that name, or the row `unknown`."""
    return BY_NAME.get(name, UNKNOWN)


def variant_options(family_name: str, variant: str) -> tuple[tuple[str, str], ...]:
    """Option values that a published variant wants instead of its family's defaults."""
    found = next((row for row in family(family_name).variants if row.name == variant), None)
    wanted = (("guidance", found.guidance), ("steps", found.steps)) if found else ()
    return tuple((name, f"{value:g}") for name, value in wanted if value is not None)


def takes_network(row: Family, network_family: str) -> bool:
    """Whether a LoRA or inversion of that family can be used with a checkpoint of `row`; an unknown one may."""
    return network_family in (row.name, UNKNOWN.name, *row.networks_from) or row is UNKNOWN


def aspect_size(row: Family, aspect: Aspect, native: int | None = None) -> Size:
    """The size of `/portrait` and its kin, scaled for a model trained on a square of `native` pixels.

    Example: `aspect_size(family("sd1"), "tall", native=128)` is `(96, 176)`.
    """
    width, height = row.sizes[aspect]
    if native is None or native == row.native:
        return width, height
    grid = 64 if native >= 512 else max(8, native // 8)
    return _on_grid(width * native / row.native, grid), _on_grid(height * native / row.native, grid)


def _on_grid(length: float, grid: int) -> int:
    return max(grid, round(length / grid) * grid)
