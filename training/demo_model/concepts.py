"""Trains what can be added to the demo model: a LoRA (neon light) and a textual inversion (the look of a blueprint)."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor, nn

from training.demo_model.autoencoder import load_autoencoder
from training.demo_model.batches import encode_words
from training.demo_model.captions import UNKNOWN_WORD, Word, describe
from training.demo_model.checkpoints import Curve, progress_bar
from training.demo_model.diffusion import Networks, load_average
from training.demo_model.drawing import draw_scenes
from training.demo_model.export import BLUEPRINT, NEON
from training.demo_model.networks import signal_shares, weighted
from training.demo_model.scenes import random_scene
from training.demo_model.vocabulary import UNKNOWN, Vocabulary
from training.demo_model.world import PLAIN, Layout, Scene

RANK = 4
# The words that the new word's vectors start from; together they are what a blueprint looks like.
_BEGINNING = ("blue", "background", "white", "outlined")
_ADAPTED = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
_COMMON = {"modelspec.sai_model_spec": "1.0.0", "modelspec.author": "promptlang", "modelspec.resolution": "128x128"}


class _Adapted(nn.Module):
    """A linear layer with a low-rank addition that begins at nothing."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Linear(layer.in_features, RANK, bias=False)
        self.up = nn.Linear(RANK, layer.out_features, bias=False)
        nn.init.normal_(self.down.weight, std=1 / math.sqrt(layer.in_features))
        nn.init.zeros_(self.up.weight)

    def forward(self, values: Tensor) -> Tensor:
        return self.layer(values) + self.up(self.down(values))


def train_lora(folder: Path, vocabulary: Vocabulary, device: torch.device, steps: int, batch: int) -> None:
    """Teach neon light to the attention layers: dark grounds, bright things, and a glow around them."""
    networks, autoencoder = load_average(folder, len(vocabulary), device), load_autoencoder(folder, device)
    adapted = dict(_adapt(networks.unet))
    trained = [weight for layer in adapted.values() for weight in (layer.down.weight, layer.up.weight)]
    networks.to(device)
    source = _described(random.Random(21), batch)

    def loss() -> Tensor:
        scenes, captions = next(source)
        tokens, weights = _coded(captions, vocabulary, device)
        context = weighted(networks.text(tokens, torch.ones(batch, device=device)), weights)
        return _denoising_loss(networks, autoencoder, scenes, context, device, neon=1.0)

    _optimise("lora", trained, 3e-3, steps, folder, loss)
    tensors: dict[str, Tensor] = {}
    for name, layer in adapted.items():
        key = "lora_unet_" + name.replace(".", "_")
        tensors[f"{key}.lora_down.weight"], tensors[f"{key}.lora_up.weight"] = layer.down.weight, layer.up.weight
        tensors[f"{key}.alpha"] = torch.tensor(float(RANK))
    _write(
        folder / NEON,
        tensors,
        {
            "modelspec.architecture": "stable-diffusion-v1/lora",
            "modelspec.title": "neon, a LoRA for promptlang's demo model only (cross-attention width 64)",
            "ss_base_model_version": "sd_v1",
            "ss_network_module": "networks.lora",
            "ss_network_dim": str(RANK),
            "ss_network_alpha": str(RANK),
        },
    )


def train_inversion(folder: Path, vocabulary: Vocabulary, device: torch.device, steps: int, batch: int) -> None:
    """Find the word, four vectors long, that means white outlines on blue."""
    networks, autoencoder = load_average(folder, len(vocabulary), device), load_autoencoder(folder, device)
    table = networks.text.embeddings["token_embedding"].weight
    vectors = nn.Parameter(torch.stack([table[list(vocabulary.words[word])].mean(0) for word in _BEGINNING]))
    source = _blueprints(random.Random(22), batch)

    def loss() -> Tensor:
        scenes, captions = next(source)
        tokens, weights = _coded(captions, vocabulary, device)
        is_new = tokens == UNKNOWN
        order = (is_new.cumsum(1) - 1).clamp(0, len(_BEGINNING) - 1)
        embedded = torch.where(is_new[..., None], vectors[order], table[tokens])
        context = weighted(networks.text(tokens, torch.ones(batch, device=device), embedded), weights)
        return _denoising_loss(networks, autoencoder, scenes, context, device, neon=0.0)

    _optimise("inversion", [vectors], 1e-2, steps, folder, loss)
    title = "blueprint, a textual inversion for promptlang's demo model only (width 64)"
    architecture = "stable-diffusion-v1/textual-inversion"
    metadata = {"modelspec.architecture": architecture, "modelspec.title": title}
    _write(folder / BLUEPRINT, {"emb_params": vectors}, metadata)


def _adapt(unet: UNet2DConditionModel) -> Iterator[tuple[str, _Adapted]]:
    found = [(name, layer) for name, layer in unet.named_modules() if isinstance(layer, nn.Linear)]
    for name, layer in found:
        if "transformer_blocks" in name and name.endswith(_ADAPTED):
            parent, _, child = name.rpartition(".")
            adapted = _Adapted(layer)
            setattr(unet.get_submodule(parent), child, adapted)
            yield name, adapted


def _described(dice: random.Random, batch: int) -> Iterator[tuple[list[Scene], list[tuple[Word, ...]]]]:
    while True:
        scenes = [random_scene(dice) for _ in range(batch)]
        yield scenes, [() if dice.random() < 0.1 else describe(scene, dice).words for scene in scenes]


def _blueprints(dice: random.Random, batch: int) -> Iterator[tuple[list[Scene], list[tuple[Word, ...]]]]:
    """White outlines on blue under captions that say only the shape and the new word."""
    new = [Word(UNKNOWN_WORD)] * len(_BEGINNING)
    while True:
        drawn: list[Scene] = []
        while len(drawn) < batch:
            scene = random_scene(dice)
            if scene.layout is Layout.ONE:
                thing = replace(scene.things[0], colour="white", pattern="outlined")
                drawn.append(replace(scene, background="blue", things=(thing,), emphasis=PLAIN))
        captions = [(Word("a"), *new, Word(scene.things[0].shape)) for scene in drawn]
        yield drawn, captions


def _coded(captions: list[tuple[Word, ...]], vocabulary: Vocabulary, device: torch.device) -> tuple[Tensor, Tensor]:
    coded = [encode_words(words, vocabulary) for words in captions]
    tokens, weights = torch.tensor([code[0] for code in coded]), torch.tensor([code[1] for code in coded])
    return tokens.to(device), weights.to(device)


def _denoising_loss(
    networks: Networks,
    autoencoder: AutoencoderKL,
    scenes: list[Scene],
    context: Tensor,
    device: torch.device,
    neon: float,
) -> Tensor:
    with torch.no_grad():
        latents = autoencoder.encode(draw_scenes(scenes, device, neon)).latent_dist.mean
    timesteps = (1000 * torch.rand(len(scenes), device=device) ** 0.7).long().clamp(0, 999)
    share = signal_shares().to(device)[timesteps].view(-1, 1, 1, 1)
    grain = torch.randn_like(latents)
    signal, noise = share.sqrt(), (1 - share).sqrt()
    noisy, target = signal * latents + noise * grain, signal * grain - noise * latents
    return (networks.unet(noisy, timesteps, context).sample - target).square().mean()


def _optimise(
    name: str, weights: list[nn.Parameter], rate: float, steps: int, folder: Path, loss: Callable[[], Tensor]
) -> None:
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    curve, total, start = Curve(folder / f"{name}.jsonl"), 0.0, time.monotonic()
    with progress_bar(curve.console) as bar:
        task = bar.add_task(name, total=steps)
        for step in range(1, steps + 1):
            optimizer.zero_grad()
            value = loss()
            value.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            total += value.item()
            bar.update(task, completed=step)
            if step % 25 == 0:
                curve.log(stage=name, step=step, loss=round(total / 25, 4), since=round(time.monotonic() - start, 1))
                total = 0.0


def _write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    halves = {key: tensor.detach().cpu().half().contiguous() for key, tensor in tensors.items()}
    save_file(halves, part, metadata={**_COMMON, **metadata, "format": "pt"})
    part.replace(path)
