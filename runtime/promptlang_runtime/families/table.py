"""The families that are drawn, one row each; a new one is a folder beside this file and a row here."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.plans.plan import Model
from promptlang.tables.models.family import variant_names
from promptlang.tables.models.folders import FOLDERS
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import Family
from promptlang_runtime.families.language import chroma, flux, flux2, krea2, lumina2, qwen_image, sana, sd3, z_image
from promptlang_runtime.families.sd1 import checkpoint as sd1_checkpoint
from promptlang_runtime.families.sd1 import draw as sd1_draw
from promptlang_runtime.families.sd1 import encode as sd1_encode
from promptlang_runtime.families.sd1 import lora as sd1_lora
from promptlang_runtime.families.sd2 import checkpoint as sd2_checkpoint
from promptlang_runtime.families.sd2 import draw as sd2_draw
from promptlang_runtime.families.sd2 import encode as sd2_encode
from promptlang_runtime.families.sd2 import lora as sd2_lora
from promptlang_runtime.families.sdxl import checkpoint as sdxl_checkpoint
from promptlang_runtime.families.sdxl import draw as sdxl_draw
from promptlang_runtime.families.sdxl import encode as sdxl_encode
from promptlang_runtime.families.sdxl import lora as sdxl_lora
from promptlang_runtime.families.sdxl_refiner import checkpoint as refiner_checkpoint
from promptlang_runtime.families.sdxl_refiner import draw as refiner_draw
from promptlang_runtime.models.places import check_family

ROWS: tuple[Family, ...] = (
    Family(
        name="sd1",
        folder=FOLDERS["sd1"],
        from_tensors=sd1_checkpoint.from_tensors,
        layout=sd1_checkpoint.LAYOUT,
        vae_of=sd1_checkpoint.vae_of,
        network=sd1_lora.network,
        inversions=sd1_encode.inversions,
        draw=sd1_draw.draw,
    ),
    Family(
        name="sd2",
        folder=FOLDERS["sd2"],
        from_tensors=sd2_checkpoint.from_tensors,
        layout=sd2_checkpoint.LAYOUT,
        vae_of=sd2_checkpoint.vae_of,
        network=sd2_lora.network,
        inversions=sd2_encode.inversions,
        draw=sd2_draw.draw,
    ),
    Family(
        name="sdxl",
        folder=FOLDERS["sdxl"],
        from_tensors=sdxl_checkpoint.from_tensors,
        layout=sdxl_checkpoint.LAYOUT,
        vae_of=sdxl_checkpoint.vae_of,
        network=sdxl_lora.network,
        inversions=sdxl_encode.inversions,
        draw=sdxl_draw.draw,
    ),
    sd3.FAMILY,
    flux.FAMILY,
    chroma.FAMILY,
    z_image.FAMILY,
    qwen_image.FAMILY,
    qwen_image.NEWER,
    flux2.FAMILY,
    lumina2.FAMILY,
    sana.FAMILY,
    krea2.FAMILY,
)

FAMILIES: Mapping[str, Family] = {row.name: row for row in ROWS}


REFINERS: Mapping[str, Family] = {
    "sdxl-refiner": Family(
        name="sdxl-refiner",
        folder=FOLDERS["sdxl-refiner"],
        from_tensors=refiner_checkpoint.from_tensors,
        layout=refiner_checkpoint.LAYOUT,
        vae_of=sdxl_checkpoint.vae_of,
        network=refiner_draw.network,
        inversions=refiner_draw.inversions,
        draw=refiner_draw.draw,
        finish=refiner_draw.finish,
    )
}
"""The families whose models finish pictures that others begin."""


def refiner_of(model: Model) -> Family:
    """The row of a refiner's family; raises RenderError for a model that is none."""
    if model.family not in REFINERS:
        raise RenderError(f"<{model.name}> is no refiner", "add `/nofix`")
    return REFINERS[model.family]


def family_of(model: Model) -> Family:
    """The row of a model's family, or of its variant; raises RenderError where there is none."""
    check_family(model)
    row = FAMILIES[model.family]
    return next((row.variants[name] for name in variant_names(model.variant) if name in row.variants), row)
