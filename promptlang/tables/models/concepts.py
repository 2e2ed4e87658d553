"""The built-in list of concepts: the bundled model, the stock model of every family, and a few well-known names.

A family stands here because somebody published it, never because of how a name sounds; `evidence` says who did.
"""

from __future__ import annotations

from promptlang.tables.models.families import family, variant_options
from promptlang.tables.models.family import V_PREDICTION
from promptlang.tables.models.known import KnownConcept

DANBOORU = ("danbooru",)  # trained on booru tags, where clip skip 2 is popular


def _stock(name: str, family_name: str, variant: str = "") -> KnownConcept:
    """The model a family was published with."""
    return KnownConcept(
        name=name,
        kind="checkpoint",
        family=family_name,
        evidence=f"built-in list: the stock {family(family_name).title} model",
        variant=variant,
        options=variant_options(family_name, variant),
        layers=_layers(family_name),
    )


def _published(name: str, family_name: str, claim: str, tags: tuple[str, ...] = ()) -> KnownConcept:
    """A checkpoint whose family its author, or the page named, states."""
    return KnownConcept(
        name=name,
        kind="checkpoint",
        family=family_name,
        evidence=f"built-in list: {claim}",
        layers=_layers(family_name),
        tags=tags,
    )


def _layers(family_name: str) -> int | None:
    clips = family(family_name).skippable
    return clips[0].layers if clips else None


DEMO = KnownConcept(
    name="demo",
    kind="checkpoint",
    family="sd1",
    evidence="bundled with promptlang: the layout of Stable Diffusion 1.5 at toy width, 12-layer CLIP text encoder",
    variant=V_PREDICTION,
    layers=12,
    options=(("guidance", "4"), ("steps", "20"), ("size", "128x128"), ("sampler", "dpm2m")),
)

NEON = KnownConcept(
    name="neon",
    kind="lora",
    family="sd1",
    evidence="bundled with promptlang: a LoRA of neon light for the demo model",
)
BLUEPRINT = KnownConcept(
    name="blueprint",
    kind="inversion",
    family="sd1",
    evidence="bundled with promptlang: one word for white outlines on blue, for the demo model",
    vectors=4,
)

# Families of one published model, which has the family's name.
STOCK_BY_FAMILY = (
    "kolors",
    "flux2",
    "flux3",
    "chroma",
    "pixart",
    "sana",
    "lumina2",
    "qwen-image",
    "qwen-image-2.1",
    "krea2",
    "anima",
    "auraflow",
    "hidream",
    "hunyuan-dit",
)
BUNDLED = frozenset({each.name for each in (DEMO, NEON, BLUEPRINT)})
"""Names whose files come with the renderer."""

STOCK = (
    _stock("sd15", "sd1"),
    _stock("sd21", "sd2", V_PREDICTION),
    _stock("sdxl", "sdxl"),
    _stock("sdxl-refiner", "sdxl-refiner"),
    _stock("sd3", "sd3"),
    _stock("sd35", "sd3"),
    _stock("flux", "flux", "dev"),
    _stock("flux-schnell", "flux", "schnell"),
    _stock("z-image", "z-image"),
    _stock("z-image-turbo", "z-image", "turbo"),
    *(_stock(name, name) for name in STOCK_BY_FAMILY),
)

SD1_BY_AUTHOR = "published by its author as a Stable Diffusion 1.5 derivative"
SDXL_BY_AUTHOR = "published by its author as a Stable Diffusion XL derivative"

WELL_KNOWN = (
    _published("realistic-vision-2", "sd1", "Graydient's clip skip page calls it a Stable Diffusion 1.5 derivative"),
    _published("realistic-vision-5", "sd1", SD1_BY_AUTHOR),
    _published("dreamshaper-8", "sd1", SD1_BY_AUTHOR, ("semi-realistic",)),
    _published("deliberate-2", "sd1", SD1_BY_AUTHOR),
    _published("anything-v5", "sd1", SD1_BY_AUTHOR, DANBOORU),
    _published("counterfeit-v3", "sd1", SD1_BY_AUTHOR, DANBOORU),
    _published("waifu-diffusion-v1-3", "sd1", "published by its author as a Stable Diffusion 1.4 derivative", DANBOORU),
    _published("waifu-diffusion-v1-4", "sd2", "published by its author as a Stable Diffusion 2.1 derivative", DANBOORU),
    _published("juggernaut-xl", "sdxl", SDXL_BY_AUTHOR),
    _published("animagine-xl", "sdxl", SDXL_BY_AUTHOR, DANBOORU),
    _published("pony-diffusion-v6-xl", "sdxl", SDXL_BY_AUTHOR, DANBOORU),
    _published("illustrious-xl", "sdxl", SDXL_BY_AUTHOR, DANBOORU),
    _published("noobai-xl", "sdxl", SDXL_BY_AUTHOR, DANBOORU),
    KnownConcept(
        name="verybad-negative",
        kind="inversion",
        family="unknown",
        evidence="built-in list: a negative inversion in Graydient's examples; which family it fits is not stated",
    ),
)

BUILT_IN: tuple[KnownConcept, ...] = (DEMO, NEON, BLUEPRINT, *STOCK, *WELL_KNOWN)


def native_side(concept: KnownConcept) -> int:
    """The side in pixels of the square a concept is at home in: its recommended size, else its family's."""
    width, _, height = dict(concept.options).get("size", "").partition("x")
    if width.isdecimal() and height.isdecimal():
        return round((int(width) * int(height)) ** 0.5)
    return family(concept.family).native
