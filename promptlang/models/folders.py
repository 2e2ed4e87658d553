"""Model folders in the layout of diffusers: read from their JSON files, nothing in them is executed or imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from promptlang.models.evidence.denoisers import CROSS_WIDTHS, INPUTS
from promptlang.models.evidence.identity import Claim, Identity
from promptlang.models.evidence.metadata import PREDICTIONS
from promptlang.models.evidence.records import BadHeader, Record, quoted, read_record
from promptlang.models.evidence.text_encoders import FoundEncoder, clip_layers, described, encoder_name, pairs
from promptlang.tables.encoders import EncoderKind
from promptlang.tables.families import Prediction, family

INDEX = "model_index.json"

# Beginnings of `_class_name`, the longer before the shorter; UNet pipelines are told apart further by their shapes.
PIPELINES = (
    ("StableDiffusionXL", "sdxl"),
    ("StableDiffusion3", "sd3"),
    ("Flux2", "flux2"),
    ("Flux", "flux"),
    ("Chroma", "chroma"),
    ("PixArt", "pixart"),
    ("Sana", "sana"),
    ("Lumina2", "lumina2"),
    ("ZImage", "z-image"),
    ("AuraFlow", "auraflow"),
    ("HiDream", "hidream"),
    ("QwenImage", "qwen-image"),
    ("Kolors", "kolors"),
    ("HunyuanDiT", "hunyuan-dit"),
)
BY_SHAPE = ("StableDiffusion", "LatentConsistencyModel")
BY_LAYERS: Mapping[int, str] = {12: "sd1", 23: "sd2", 24: "sd2"}  # 23: diffusers drops the layer that sd2 never uses
FOREIGN = re.compile(r"Video|Animate|Audio")
VARIANTS = (("Inpaint", "inpaint"), ("Fill", "fill"), ("InstructPix2Pix", "pix2pix"), ("Upscale", "upscaler"))

ENCODER_KINDS: Mapping[str, EncoderKind] = {
    "clip_text_model": EncoderKind.CLIP,
    "clip": EncoderKind.CLIP,
    "t5": EncoderKind.T5,
    "umt5": EncoderKind.T5,
    "mt5": EncoderKind.T5,
}
ENCODER_FOLDERS = ("text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4")
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
    prediction, sentence = _prediction(path, claim.family)
    variant = ", ".join(
        filter(None, (claim.variant, "v-prediction" if prediction == "v" != family(claim.family).prediction else ""))
    )
    return Identity(
        kind="checkpoint",
        family=claim.family,
        variant=variant,
        prediction=prediction,
        encoders=pairs(encoders),
        layers=clip_layers(encoders),
        native=_native(path),
        evidence=(*claim.evidence, *described(encoders), *sentence),
    )


def _configuration(path: Path, part: str, file: str = "config.json") -> Record:
    """The configuration of a part of the folder; empty where there is none."""
    place = path / part / file
    return read_record(place) if place.is_file() else Record()


def _native(path: Path) -> int | None:
    """The side in pixels of the square that the denoiser is configured for; the autoencoder halves every level."""
    side = _configuration(path, "unet").whole("sample_size") or _configuration(path, "transformer").whole("sample_size")
    levels = len(_configuration(path, "vae").items_of("block_out_channels"))
    return side << (levels - 1) if side and 0 < levels < 8 and side < 10_000 else None


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
    name = index.text("_class_name")
    said = f"`{INDEX}` names the pipeline {quoted(name)}" if name else f"`{INDEX}` names no pipeline"
    if FOREIGN.search(name):
        return Claim("unknown", (f"{said}, which makes no still pictures",))
    found = next((family_name for beginning, family_name in PIPELINES if name.startswith(beginning)), None)
    unet = _configuration(path, "unet")
    if found is None and name.startswith(BY_SHAPE):
        found, sentence = _by_shape(unet, encoders)
    elif found == "sdxl" and index.get("text_encoder") == [None, None]:
        found, sentence = "sdxl-refiner", "it has the second text encoder only, as the refiner"
    else:
        sentence = f"a pipeline of {family(found).title}" if found else "promptlang does not know it"
    variant, taken = _variant(name, unet)
    return Claim(found or "unknown", (said, sentence, *taken), variant)


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
    return next((variant for part, variant in VARIANTS if part in name), ""), ()


def _prediction(path: Path, family_name: str) -> tuple[Prediction, tuple[str, ...]]:
    """What the scheduler's configuration says the model predicts, else what its family does."""
    scheduler = _configuration(path, "scheduler", "scheduler_config.json")
    said = scheduler.text("prediction_type")
    known = PREDICTIONS.get(said)
    if known is None or scheduler.text("_class_name").startswith("FlowMatch"):
        return family(family_name).prediction, ()
    sentence = f"its scheduler says `prediction_type` = {quoted(said)}"
    if scheduler.get("rescale_betas_zero_snr") is True:
        sentence += " with noise that ends at zero signal"
    return known, (sentence,)
