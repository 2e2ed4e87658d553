"""Teaches the decoder to draw cleanly from what the denoiser really makes, which is never quite a true drawing."""

from __future__ import annotations

import math
import random
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from training.demo_model.autoencoder import difference, load_autoencoder
from training.demo_model.batches import encode_words
from training.demo_model.captions import describe
from training.demo_model.checkpoints import Curve, save_tensors
from training.demo_model.diffusion import Networks, load_average
from training.demo_model.drawing import draw_scenes
from training.demo_model.networks import condition, signal_shares
from training.demo_model.scenes import random_scene
from training.demo_model.vocabulary import Vocabulary
from training.demo_model.world import Scene

PEAK_RATE = 4e-4
# The denoiser's guesses from this much noise wobble about as much as finished pictures do.
NOISE_FROM, NOISE_TO = 200, 620


def polish(folder: Path, vocabulary: Vocabulary, device: torch.device, steps: int, seconds: float) -> None:
    """Train the decoder alone, half of every batch on the denoiser's guesses, half on true latents; saves in place."""
    networks, autoencoder = load_average(folder, len(vocabulary), device), load_autoencoder(folder, device)
    trained = [*autoencoder.decoder.parameters(), *autoencoder.post_quant_conv.parameters()]
    for parameter in trained:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(trained, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.0)
    curve, dice, start, total = Curve(folder / "polish.jsonl"), random.Random(31), time.monotonic(), 0.0
    step, done = 0, 0.0
    while done < 1:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * min(1.0, (step + 1) / 20) * (0.03 + 0.97 * (1 + math.cos(math.pi * done)) / 2)
        scenes = [random_scene(dice) for _ in range(8)]
        drawings = draw_scenes(scenes, device)
        latents = _guessed(networks, vocabulary, scenes, autoencoder.encode(drawings).latent_dist.mean.detach(), dice)
        loss = difference(autoencoder.decode(latents).sample, drawings)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        step, total = step + 1, total + loss.item()
        done = max(step / steps, (time.monotonic() - start) / seconds)
        if step % 25 == 0:
            curve.log(stage="polish", step=step, loss=round(total / 25, 4))
            total = 0.0
    save_tensors(folder, "autoencoder", autoencoder.state_dict())


@torch.no_grad()
def _guessed(
    networks: Networks, vocabulary: Vocabulary, scenes: list[Scene], latents: Tensor, dice: random.Random
) -> Tensor:
    """The denoiser's guess at the latents of the first half of the scenes; the other half only a little noisy."""
    half = len(scenes) // 2
    device = latents.device
    coded = [encode_words(describe(scene, dice).words, vocabulary) for scene in scenes[:half]]
    tokens, weights = (torch.tensor([code[part] for code in coded], device=device)[:, None] for part in (0, 1))
    context = condition(networks.text, tokens, weights, torch.ones(half, device=device))
    timesteps = torch.randint(NOISE_FROM, NOISE_TO, (half,), device=device)
    share = signal_shares().to(device)[timesteps].view(-1, 1, 1, 1)
    noisy = share.sqrt() * latents[:half] + (1 - share).sqrt() * torch.randn_like(latents[:half])
    guess = share.sqrt() * noisy - (1 - share).sqrt() * networks.unet(noisy, timesteps, context).sample
    return torch.cat((guess, latents[half:] + 0.05 * torch.randn_like(latents[half:])))
