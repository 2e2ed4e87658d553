"""What the metadata of a file claims: the model specification (`modelspec.*`) and kohya's training record (`ss_*`)."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.models.evidence.identity import Claim, Kind
from promptlang.models.evidence.records import printable, quoted
from promptlang.tables.models.family import Prediction

# Beginnings of `modelspec.architecture`, the longer before the shorter.
ARCHITECTURES = (
    ("stable-diffusion-xl-v1-refiner", "sdxl-refiner"),
    ("stable-diffusion-xl", "sdxl"),
    ("stable-diffusion-v1", "sd1"),
    ("stable-diffusion-v2", "sd2"),
    ("stable-diffusion-v3", "sd3"),
    ("stable-diffusion-3", "sd3"),
    ("flux-1", "flux"),
    ("flux.1", "flux"),
    ("flux-2", "flux2"),
    ("flux.2", "flux2"),
    ("chroma", "chroma"),
    ("pixart", "pixart"),
    ("auraflow", "auraflow"),
    ("hidream", "hidream"),
    ("lumina-2", "lumina2"),
    ("lumina2", "lumina2"),
    ("qwen-image-2.1", "qwen-image-2.1"),
    ("qwen-image", "qwen-image"),
    ("z-image", "z-image"),
    ("krea-2", "krea2"),
    ("krea2", "krea2"),
    ("anima", "anima"),
    ("kolors", "kolors"),
    ("hunyuan-dit", "hunyuan-dit"),
)

# Beginnings of `ss_base_model_version`.
BASE_MODELS = (
    ("sdxl", "sdxl"),
    ("sd_v1", "sd1"),
    ("sd_1", "sd1"),
    ("sd_v2", "sd2"),
    ("sd_2", "sd2"),
    ("sd3", "sd3"),
    ("flux1", "flux"),
    ("flux2", "flux2"),
    ("chroma", "chroma"),
    ("lumina2", "lumina2"),
    ("qwen_image", "qwen-image"),
    ("zimage", "z-image"),
)

# What follows the slash of `modelspec.architecture`.
PARTS: Mapping[str, Kind] = {
    "lora": "lora",
    "textual-inversion": "inversion",
    "controlnet": "controlnet",
    "control-lora": "controlnet",
    "vae": "vae",
}

PREDICTIONS: Mapping[str, Prediction] = {
    "v": "v",
    "v_prediction": "v",
    "epsilon": "epsilon",
    "flow": "flow",
    "edm": "edm",
    "rf": "flow",
}

KEPT = (
    "modelspec.title",
    "modelspec.author",
    "modelspec.date",
    "modelspec.license",
    "modelspec.architecture",
    "modelspec.prediction_type",
    "modelspec.encoder_layer",
    "modelspec.resolution",
    "modelspec.trigger_phrase",
    "modelspec.usage_hint",
    "modelspec.description",
    "ss_base_model_version",
    "ss_v2",
    "ss_clip_skip",
    "ss_network_module",
    "ss_network_dim",
    "ss_network_alpha",
    "ss_output_name",
)
VALUE_LIMIT = 400  # code points of a kept value


def claimed(metadata: Mapping[str, str]) -> Claim | None:
    """The family that the metadata names."""
    prediction = PREDICTIONS.get(metadata.get("modelspec.prediction_type", "").lower())
    for key, beginnings in (("modelspec.architecture", ARCHITECTURES), ("ss_base_model_version", BASE_MODELS)):
        value = metadata.get(key, "")
        for beginning, family_name in beginnings:
            if value.lower().startswith(beginning):
                ends_in_v = family_name == "sd2" and value.lower().split("/")[0].endswith(("-v", "_v"))
                return Claim(
                    family_name,
                    (f"its metadata says `{key}` = {quoted(value)}",),
                    prediction="v" if ends_in_v else prediction,
                )
    if metadata.get("ss_v2") == "True":
        return Claim("sd2", ("its metadata says `ss_v2` = `True`",), prediction=prediction)
    return None


def claimed_kind(metadata: Mapping[str, str]) -> Kind | None:
    """The kind of file that the metadata names."""
    _, slash, part = metadata.get("modelspec.architecture", "").lower().partition("/")
    return PARTS.get(part) if slash else None


def kept(metadata: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The entries worth showing, shortened; thumbnails and tag statistics stay behind."""
    found = ((key, printable(metadata[key]).strip()) for key in KEPT if metadata.get(key, "").strip())
    return tuple((key, text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…") for key, text in found)
