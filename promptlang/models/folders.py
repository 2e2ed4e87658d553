"""Model folders in the layout of diffusers: read from their JSON files, nothing in them is executed or imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from promptlang.models.evidence.denoisers import FLUX2_WIDTHS, FLUX_INPUTS, INPUTS
from promptlang.models.evidence.identity import Claim, Identity
from promptlang.models.evidence.metadata import PREDICTIONS
from promptlang.models.evidence.records import BadHeader, Record, quoted, read_record
from promptlang.models.evidence.text_encoders import FoundEncoder, clip_layers, described, encoder_name, pairs
from promptlang.models.evidence.widths import CROSS_WIDTHS
from promptlang.models.names import CLASS, CONFIGURATION, DENOISER_FOLDERS, ENCODER_FOLDERS, INDEX, SETTINGS
from promptlang.tables.models.encoders import EncoderKind
from promptlang.tables.models.families import family
from promptlang.tables.models.family import INPAINTING, V_PREDICTION, Prediction, variant_of

# Beginnings of `_class_name`, the longer before the shorter; UNet pipelines are told apart further by their shapes.
PIPELINES = (
    ("StableDiffusionXL", "sdxl"),
    ("StableDiffusion3", "sd3"),
    ("Flux3", "flux3"),
    ("Flux2", "flux2"),
    ("Flux", "flux"),
    ("Chroma", "chroma"),
    ("PixArt", "pixart"),
    ("Sana", "sana"),
    ("Lumina2", "lumina2"),
    ("ZImage", "z-image"),
    ("AuraFlow", "auraflow"),
    ("HiDream", "hidream"),
    ("QwenImage21", "qwen-image-2.1"),
    ("QwenImage", "qwen-image"),
    ("Krea2", "krea2"),
    ("Anima", "anima"),
    ("LongCatImage", "longcat-image"),
    ("OvisImage", "ovis-image"),
    ("Kandinsky5T2I", "kandinsky5"),
    ("Kandinsky5I2I", "kandinsky5"),
    ("Ideogram4", "ideogram4"),
    ("CogView4", "cogview4"),
    ("MiniMaxH3", "minimax-h3"),
    ("Kolors", "kolors"),
    ("HunyuanDiT", "hunyuan-dit"),
    ("HunyuanImage", "hunyuan-image"),
    ("HunyuanVideo", "hunyuan-video"),
    ("Wan", "wan"),
    ("LTX2", "ltx2"),
    ("LTX", "ltx"),
    ("Cosmos", "cosmos"),
    ("Mochi", "mochi"),
)
BY_SHAPE = ("StableDiffusion", "LatentConsistencyModel")
BY_LAYERS: Mapping[int, str] = {12: "sd1", 23: "sd2", 24: "sd2"}  # 23: diffusers drops the layer that sd2 never uses
FOREIGN = re.compile(r"Video|Animate|Audio")
VARIANTS = (
    ("Inpaint", INPAINTING),
    ("Fill", "fill"),
    ("InstructPix2Pix", "pix2pix"),
    ("Upscale", "upscaler"),
    ("Kontext", "kontext"),
    ("Control", "control"),
    ("Edit", "edit"),
    ("Layered", "layered"),
)

ENCODER_KINDS: Mapping[str, EncoderKind] = {
    "clip_text_model": EncoderKind.CLIP,
    "clip": EncoderKind.CLIP,
    "t5": EncoderKind.T5,
    "umt5": EncoderKind.T5,
    "mt5": EncoderKind.T5,
}
ZERO_SNR = "rescale_betas_zero_snr"
"""What the configuration of a scheduler calls noise that ends at zero signal."""
LEVELS = "sample_sigmas"
"""What the index of a pipeline calls the noise levels that its model was distilled for."""
MOST_STEPS = 100
Z_IMAGE_SHIFTS: Mapping[float, str] = {3.0: "turbo", 6.0: "base"}
"""What the published models of Z-Image, whose tensors look the same, shift their noise by."""
LAYER_KEYS = ("num_hidden_layers", "num_layers")
WIDTH_KEYS = ("hidden_size", "d_model")


def is_model_folder(path: Path) -> bool:
    """Whether a folder holds a model in the layout of diffusers."""
    return (path / INDEX).is_file()


def identify_folder(path: Path) -> Identity:
    """What a diffusers folder is; raises `BadHeader` where its files are no such JSON, `OSError` as the system does."""
    if not is_model_folder(path):
        raise BadHeader(f"the folder has no {INDEX}")
    index = read_record(path / INDEX)
    encoders = _encoders(path, index)
    claim = _claim(path, index, encoders)
    scheduler = _configuration(path, "scheduler", SETTINGS["scheduler"])
    prediction, sentence = _prediction(scheduler, claim.family)
    is_unusual = prediction == "v" != family(claim.family).prediction
    variant = variant_of(claim.variant, V_PREDICTION if is_unusual else "")
    steps = _steps(index)
    levels = (f"`{INDEX}` gives the noise levels of {steps} steps",) if steps else ()
    return Identity(
        kind="checkpoint",
        family=claim.family,
        variant=variant,
        prediction=prediction,
        encoders=pairs(encoders, claim.family),
        layers=clip_layers(encoders),
        native=_native(path),
        steps=steps,
        packed=_packed(path),
        zero_snr=scheduler.get(ZERO_SNR) is True,
        evidence=(*claim.evidence, *described(encoders), *sentence, *levels),
    )


def _configuration(path: Path, part: str, file: str = CONFIGURATION) -> Record:
    """The configuration of a part of the folder; empty where there is none."""
    place = path / part / file
    return read_record(place, what=f"{part}/{file}") if place.is_file() else Record()


def _packed(path: Path) -> str:
    """Which program has packed the numbers of a part, as its configuration says."""
    for part in (*ENCODER_FOLDERS, *DENOISER_FOLDERS):
        if said := _configuration(path, part).record("quantization_config"):
            return f"numbers packed by {said.text('quant_method') or 'a quantizer'}"
    return ""


def _native(path: Path) -> int | None:
    """The side in pixels of the square that the denoiser is configured for; the autoencoder halves every level."""
    side = _configuration(path, "unet").whole("sample_size") or _configuration(path, "transformer").whole("sample_size")
    try:
        levels = len(_configuration(path, "vae").items_of("block_out_channels"))
    except BadHeader:  # of which others tell, where the family's pipeline has one
        levels = 0
    return side << (levels - 1) if side and 0 < levels < 8 and 0 < side < 10_000 else None


def _steps(index: Record) -> int | None:
    """How many noise levels the model comes with, one a step."""
    levels = index.items_of(LEVELS)
    is_read = 0 < len(levels) <= MOST_STEPS and all(isinstance(each, int | float) for each in levels)
    return len(levels) if is_read else None


def _encoders(path: Path, index: Record) -> tuple[FoundEncoder, ...]:
    found: list[FoundEncoder] = []
    for part in ENCODER_FOLDERS:
        configuration = _configuration(path, part)
        configuration = configuration.record("text_config") or configuration
        layers = _first_whole(configuration, LAYER_KEYS)
        if layers is None or index.get(part) == [None, None]:
            continue
        width = _first_whole(configuration, WIDTH_KEYS) or 0
        kind = ENCODER_KINDS.get(configuration.text("model_type"), EncoderKind.LANGUAGE_MODEL)
        found.append(FoundEncoder(encoder_name(kind, width, layers), kind, layers, width, part))
    return tuple(found)


def _first_whole(record: Record, keys: tuple[str, ...]) -> int | None:
    return next((value for key in keys if (value := record.whole(key)) is not None), None)


def _claim(path: Path, index: Record, encoders: tuple[FoundEncoder, ...]) -> Claim:
    name = index.text(CLASS)
    said = f"`{INDEX}` names the pipeline {quoted(name)}" if name else f"`{INDEX}` names no pipeline"
    found = next((family_name for beginning, family_name in PIPELINES if name.startswith(beginning)), None)
    if FOREIGN.search(name) and not family(found or "unknown").moving:
        return Claim("unknown", (f"{said}, which makes no still pictures",))
    unet = _configuration(path, "unet")
    if found is None and name.startswith(BY_SHAPE):
        found, sentence = _by_shape(unet, encoders)
    elif found == "sdxl" and index.get("text_encoder") == [None, None]:
        found, sentence = "sdxl-refiner", "it has the second text encoder only, as the refiner"
    else:
        sentence = f"a pipeline of {family(found).title}" if found else "promptlang does not know it"
    variant, taken = _variant(name, unet) if unet else _of_transformer(path, found or "unknown", index)
    return Claim(found or "unknown", (said, sentence, *taken), variant or _by_name(name))


def _by_shape(unet: Record, encoders: tuple[FoundEncoder, ...]) -> tuple[str, str]:
    """The family behind a pipeline that several share: by the width of the text, else by the text encoder's layers."""
    width = unet.whole("cross_attention_dim")
    if named := CROSS_WIDTHS.get(width or 0):
        return named, f"its UNet reads text of width {width}, as in {family(named).title}"
    layers = clip_layers(encoders)
    if named := BY_LAYERS.get(layers or 0):
        return named, (
            f"its UNet reads text of width {width}, which no published model does, "
            f"but its CLIP text encoder has {layers} layers, as in {family(named).title}"
        )
    return "unknown", "neither its UNet nor its text encoder has the shape of a family"


def _variant(name: str, unet: Record) -> tuple[str, tuple[str, ...]]:
    inputs = unet.whole("in_channels") or 0
    if variant := INPUTS.get(inputs):
        return variant, (f"its UNet takes {inputs} channels: {variant}",)
    return _by_name(name), ()


def _by_name(name: str) -> str:
    """The variant that the name of a pipeline tells."""
    return next((variant for part, variant in VARIANTS if part in name), "")


def _of_transformer(path: Path, family_name: str, index: Record) -> tuple[str, tuple[str, ...]]:
    """The variant that the configuration of a transformer tells."""
    transformer = _configuration(path, "transformer")
    inputs, takes_guidance = transformer.whole("in_channels") or 0, transformer.get("guidance_embeds") is True
    match family_name:
        case "flux" if variant := FLUX_INPUTS.get(inputs):
            return variant, (f"its transformer takes {inputs} channels: {variant}",)
        case "flux" if transformer:
            return ("dev" if takes_guidance else "schnell"), (
                f"its transformer {'takes' if takes_guidance else 'does not take'} guidance as an input",
            )
        case "sana" if takes_guidance:
            return "sprint", ("its transformer takes guidance as an input",)
        case "flux2":
            width = (transformer.whole("num_attention_heads") or 0) * (transformer.whole("attention_head_dim") or 0)
            variant = FLUX2_WIDTHS.get(width, "")
            distilled = index.get("is_distilled")
            if variant in ("", "dev") or not isinstance(distilled, bool):
                return variant, (f"its transformer is {width} wide",) if variant else ()
            steps = "distilled" if distilled else "base"
            return f"{variant}, {steps}", (f"its transformer is {width} wide", f"its index says it is {steps}")
        case "krea2" if isinstance(distilled := index.get("is_distilled"), bool):
            variant = "turbo" if distilled else "raw"
            return variant, (f"its index says it is {variant}",)
        case "z-image":
            shift = _configuration(path, "scheduler", SETTINGS["scheduler"]).get("shift")
            variant = Z_IMAGE_SHIFTS.get(shift, "") if isinstance(shift, int | float) else ""
            return variant, (f"its scheduler shifts noise by {shift}, as {variant} is published",) if variant else ()
        case _:
            return "", ()


def _prediction(scheduler: Record, family_name: str) -> tuple[Prediction, tuple[str, ...]]:
    """What the scheduler's configuration says the model predicts, else what its family does."""
    said = scheduler.text("prediction_type")
    known = PREDICTIONS.get(said)
    if known is None or scheduler.text(CLASS).startswith("FlowMatch"):
        return family(family_name).prediction, ()
    sentence = f"its scheduler says `prediction_type` = {quoted(said)}"
    if scheduler.get(ZERO_SNR) is True:
        sentence += " with noise that ends at zero signal"
    return known, (sentence,)
