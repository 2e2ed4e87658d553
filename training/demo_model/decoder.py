"""Trains the decoder again, alone, on latents as the denoiser leaves them: a wobbly edge is to be drawn straight.

The encoder stays as it is, and so do the latents: what the denoiser has learned stays true.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from training.demo_model.autoencoder import (
    CHECKPOINT,
    decoder_weights,
    difference,
    load_autoencoder,
    make_optimizer,
    reconstruction_loss,
    set_rate,
    sketches,
)
from training.demo_model.batches import CHUNK, Batch
from training.demo_model.checkpoints import SAVED_EVERY, Curve, Saved, nothing_more, progress_bar, save_tensors
from training.demo_model.diffusion import Inputs, Networks, inputs, load_average
from training.demo_model.drawing import draw
from training.demo_model.networks import condition, signal_shares
from training.demo_model.vocabulary import END, START

PEAK_RATE = 4e-4
# So little noise that the things stay where they are, and enough that their edges are the denoiser's own.
_NOISE_FROM, _NOISE_TO, _STEPS, _GUIDANCE = 120, 360, 4, 4.0


def train_decoder(
    folder: Path,
    source: Iterator[Batch],
    device: torch.device,
    vocabulary_size: int,
    *,
    steps: int,
    seconds: float,
    saved: Saved = nothing_more,
) -> None:
    """Train for `steps` batches or `seconds`, whichever ends first; the folder's autoencoder is replaced as it goes."""
    model, networks = load_autoencoder(folder, device), load_average(folder, vocabulary_size, device)
    weights = [weight.requires_grad_(True) for weight in decoder_weights(model)]
    optimizer = make_optimizer(weights, device)
    curve, start, total, step, done = Curve(folder / "decoder.jsonl"), time.monotonic(), 0.0, 0, 0.0
    last_save = start
    with progress_bar(curve.console) as bar:
        task = bar.add_task("decoder", total=1.0)
        while done < 1.0:
            set_rate(optimizer, done, step, peak=PEAK_RATE, warm_up=20)
            optimizer.zero_grad()
            loss = _loss(model, networks, next(source), next(source), device)
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            total, step = total + loss.item(), step + 1
            done = max(step / steps, (time.monotonic() - start) / seconds)
            bar.update(task, completed=done)
            if step % 25 == 0:
                curve.log(stage="decoder", step=step, done=round(done, 3), loss=round(total / 25, 4))
                total = 0.0
            if time.monotonic() - last_save > SAVED_EVERY:
                save_tensors(folder, CHECKPOINT, model.state_dict())
                saved()
                last_save = time.monotonic()
    save_tensors(folder, CHECKPOINT, model.state_dict())
    saved()


def _loss(model: AutoencoderKL, networks: Networks, drawn: Batch, plain: Batch, device: torch.device) -> Tensor:
    """Half of the pictures come from the denoiser; the others, exact and in any colour, keep what is known."""
    given = inputs(plain, model, device)
    things, grounds = plain.things.to(device), plain.grounds.to(device)
    drawings = draw(things, grounds, torch.zeros(len(things), device=device))
    redrawn = model.decode(redenoised(networks, given)).sample
    return difference(redrawn, drawings) + 0.5 * reconstruction_loss(model, sketches(drawn, device))


@torch.no_grad()
def redenoised(networks: Networks, given: Inputs) -> Tensor:
    """The pictures' latents (N, 4, 16, 16) after a little noise and its removal, as a render ends."""
    count, device = len(given.latents), given.latents.device
    told = condition(networks.text, given.tokens, given.weights, given.clip_skips)
    untold = torch.tensor([START] + [END] * (CHUNK - 1), device=device).expand_as(given.tokens)
    context = torch.cat((condition(networks.text, untold, torch.ones_like(given.weights), given.clip_skips), told))
    start = torch.randint(_NOISE_FROM, _NOISE_TO, (count,), device=device)
    shares = signal_shares().to(device)
    latents = _mixed(shares[start], given.latents, torch.randn_like(given.latents))
    for number in range(_STEPS):
        now, after = start * (_STEPS - number) // _STEPS, start * (_STEPS - number - 1) // _STEPS
        without, with_prompt = networks.unet(latents.repeat(2, 1, 1, 1), now.repeat(2), context).sample.chunk(2)
        velocity = without + _GUIDANCE * (with_prompt - without)
        picture, grain = _mixed(shares[now], latents, -velocity), _mixed(shares[now], velocity, latents)
        latents = picture if number == _STEPS - 1 else _mixed(shares[after], picture, grain)
    return latents


def _mixed(share: Tensor, picture: Tensor, grain: Tensor) -> Tensor:
    """The picture and the grain at a noise level that leaves `share` (N) of the picture's variance."""
    share = share.view(-1, 1, 1, 1)
    return share.sqrt() * picture + (1 - share).sqrt() * grain
