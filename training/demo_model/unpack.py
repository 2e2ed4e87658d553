"""Makes a training folder of a bundle, so that training can go on from the model that is there."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

import torch
from safetensors.torch import load_file
from torch import Tensor

from training.demo_model.autoencoder import CHECKPOINT
from training.demo_model.checkpoints import save_tensors, under
from training.demo_model.diffusion import begin, save
from training.demo_model.export import BLUEPRINT, NEON
from training.demo_model.vocabulary import Vocabulary, make_vocabulary

UNPACKED = "unpacked"  # the denoiser as it was found, which `blend` goes back to
_TOKENS = "embeddings.token_embedding.weight"


def unpack(bundle: Path, folder: Path) -> None:
    """Write the checkpoint that a bundle was made of, at batch 0: only Adam's moments and the noun heads are new."""
    vocabulary = make_vocabulary(folder / "words.json")
    save_tensors(folder, CHECKPOINT, _weights(bundle / "vae" / "diffusion_pytorch_model.safetensors"))
    training = begin(len(vocabulary), torch.device("cpu"))
    denoiser = _weights(bundle / "unet" / "diffusion_pytorch_model.safetensors")
    save_tensors(folder, UNPACKED, denoiser)
    training.networks.unet.load_state_dict(denoiser)
    words = under("text_model.", _weights(bundle / "text_encoder" / "model.safetensors"))
    training.networks.text.load_state_dict(words | {_TOKENS: _rows(words[_TOKENS], vocabulary)})
    training.average.load_state_dict(training.networks.state_dict())
    save(folder, training)
    for name in (NEON, BLUEPRINT):
        copy(bundle / "concepts" / name, folder / name)


def _weights(path: Path) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in load_file(path).items()}


def _rows(table: Tensor, vocabulary: Vocabulary) -> Tensor:
    """The rows of the grammar's tokens; the first is any other token's, they are all the same."""
    known = {number for number in vocabulary.clip_numbers if number is not None}
    unknown = next(number for number in range(len(table)) if number not in known)
    return table[[unknown if number is None else number for number in vocabulary.clip_numbers]]
