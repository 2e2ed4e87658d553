"""Writes the trained networks as a Stable Diffusion 1.5 folder of fp16 safetensors, as diffusers reads it."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copy

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from training.demo_model.autoencoder import load_autoencoder
from training.demo_model.diffusion import load_average
from training.demo_model.networks import HEADS, LAYERS, MLP, POSITIONS, SCHEDULE, WIDTH
from training.demo_model.vocabulary import CLIP_END, CLIP_SIZE, CLIP_START, Vocabulary

BUNDLE = Path("runtime/promptlang_runtime/demo")
NEON, BLUEPRINT = "neon.safetensors", "blueprint.safetensors"

_INDEX: dict[str, str | bool | list[str | None]] = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
_SCHEDULER: dict[str, str | bool | int | float] = {
    "_class_name": "DDIMScheduler",
    **SCHEDULE,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
}
_TEXT: dict[str, str | int | float | list[str]] = {
    "architectures": ["CLIPTextModel"],
    "model_type": "clip_text_model",
    "vocab_size": CLIP_SIZE,
    "hidden_size": WIDTH,
    "intermediate_size": MLP,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "max_position_embeddings": POSITIONS,
    "projection_dim": WIDTH,
    "hidden_act": "quick_gelu",
    "layer_norm_eps": 1e-5,
    "bos_token_id": CLIP_START,
    "eos_token_id": CLIP_END,
    "pad_token_id": CLIP_END,
    "dtype": "float16",
}


def export(folder: Path, vocabulary: Vocabulary, target: Path) -> None:
    """Write the averaged networks and the concepts of a training folder; the tokenizer is the package's own."""
    networks = load_average(folder, len(vocabulary), torch.device("cpu"))
    autoencoder = load_autoencoder(folder, torch.device("cpu"))
    _json(target / "model_index.json", _INDEX)
    _json(target / "scheduler" / "scheduler_config.json", _SCHEDULER)
    _json(target / "text_encoder" / "config.json", _TEXT)
    _weights(target / "text_encoder" / "model.safetensors", _clip_tensors(networks.text, vocabulary))
    for name, model in (("unet", networks.unet), ("vae", autoencoder)):
        _json(target / name / "config.json", json.loads(model.to_json_string()))
        _weights(target / name / "diffusion_pytorch_model.safetensors", model.state_dict())
    (target / "concepts").mkdir(parents=True, exist_ok=True)
    for name in (NEON, BLUEPRINT):
        if (folder / name).is_file():
            part = copy(folder / name, target / "concepts" / f"{name}.part")
            part.replace(target / "concepts" / name)


def _clip_tensors(encoder: nn.Module, vocabulary: Vocabulary) -> dict[str, Tensor]:
    """CLIP's names, and a row for each of its tokens: those outside the grammar share one, which packs to nothing."""
    tensors = {f"text_model.{key}": value for key, value in encoder.state_dict().items()}
    name = "text_model.embeddings.token_embedding.weight"
    rows = tensors[name]
    table = rows[:1].repeat(CLIP_SIZE, 1)
    for row, number in zip(rows, vocabulary.clip_numbers, strict=True):
        if number is not None:
            table[number] = row
    return tensors | {name: table}


def _weights(path: Path, tensors: dict[str, Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file({key: value.half().contiguous() for key, value in tensors.items()}, part, metadata={"format": "pt"})
    part.replace(path)


def _json(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)
