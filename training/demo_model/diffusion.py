"""Trains the denoiser and the text encoder together on drawings made on the fly; resumable at any batch."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional

from training.demo_model.autoencoder import load_autoencoder
from training.demo_model.batches import Batch
from training.demo_model.checkpoints import (
    SAVED_EVERY,
    Curve,
    Saved,
    load_tensors,
    nothing_more,
    progress_bar,
    save_tensors,
    under,
)
from training.demo_model.drawing import draw
from training.demo_model.graphs import Step, forget_moments, recorded
from training.demo_model.networks import WIDTH, TextEncoder, make_unet, signal_shares, weighted
from training.demo_model.world import COLOURS, PATTERNS, RADII, SHAPES

PEAK_RATE, TEXT_RATE, WARM_UP = 1.2e-3, 0.5, 400
AVERAGE_FROM, AVERAGE_DECAY = 400, 0.998
# The things' share of every picture's loss: by area alone, shapes would be learned last.
THING_SHARE = 0.5
NOUN_LOSS = 0.02
CHECKPOINT = "diffusion"


class Inputs(NamedTuple):
    """What one step reads, in device memory. N samples."""

    latents: Tensor  # (N, 4, 16, 16), the picture to reach
    canvas: Tensor  # (N, 4, 16, 16), the picture under the noise
    tokens: Tensor  # (N, C, 77)
    weights: Tensor  # (N, C, 77)
    clip_skips: Tensor  # (N)
    timesteps: Tensor  # (N)
    noun_places: Tensor  # (N, 2)
    noun_labels: Tensor  # (N, 2, 4)


class Networks(nn.Module):
    """Everything that is trained here; the noun heads are thrown away afterwards."""

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.text = TextEncoder(vocabulary_size)
        self.unet: UNet2DConditionModel = make_unet()
        labels = (len(COLOURS), len(SHAPES), len(PATTERNS), len(RADII))
        self.nouns = nn.ModuleList(nn.Linear(WIDTH, count) for count in labels)


@dataclass(slots=True)
class Training:
    """The state of a run: what is trained, its running average, and how far it is."""

    networks: Networks
    average: Networks
    optimizer: torch.optim.Optimizer
    step: int = 0

    def rate(self, value: float) -> None:
        """Set the learning rate, in place: a captured graph reads it from memory."""
        for group in self.optimizer.param_groups:
            group["lr"].fill_(value * group["share"])


def begin(vocabulary_size: int, device: torch.device) -> Training:
    """Untrained networks and their optimizer."""
    networks = Networks(vocabulary_size).to(device)
    networks.unet.to(memory_format=torch.channels_last)
    words = [parameter for parameter in networks.text.parameters() if parameter.requires_grad]
    groups = [
        {"params": list(networks.unet.parameters()), "lr": torch.tensor(0.0, device=device), "share": 1.0},
        {"params": words, "lr": torch.tensor(0.0, device=device), "share": TEXT_RATE},
        {"params": list(networks.nouns.parameters()), "lr": torch.tensor(0.0, device=device), "share": TEXT_RATE},
    ]
    is_cuda = device.type == "cuda"
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.01, fused=True, capturable=is_cuda)
    return Training(networks, copy.deepcopy(networks).requires_grad_(False), optimizer)


def train_diffusion(
    folder: Path,
    source: Iterator[Batch],
    device: torch.device,
    vocabulary_size: int,
    *,
    steps: int,
    seconds: float,
    peak: float = PEAK_RATE,
    keep_text: bool = False,
    finishes: bool = False,
    saved: Saved = nothing_more,
) -> None:
    """Train towards `steps` batches in all, for at most `seconds` now; begins where the folder's checkpoint ends.

    `keep_text` leaves the text encoder as it is: a fifth less work where only the drawings have changed. The rate falls
    from `peak` over the steps; where the run `finishes`, over its time, should that be over sooner.
    """
    autoencoder = load_autoencoder(folder, device).to(memory_format=torch.channels_last)
    training, start = begin(vocabulary_size, device), time.monotonic()
    if keep_text:
        training.networks.text.requires_grad_(False)
    advance = _advance(training, device, autoencoder, source)
    restore(folder, training)
    curve, losses = Curve(folder / "diffusion.jsonl"), torch.zeros(6, device=device)
    first, last_save = training.step, start
    with progress_bar(curve.console) as bar:
        task = bar.add_task("diffusion", total=steps, completed=training.step)
        while training.step < steps and (spent := time.monotonic() - start) < seconds:
            share = max(training.step / steps, spent / seconds if finishes else 0.0)
            training.rate(peak * falling_rate(share, step=training.step, since_start=training.step - first))
            losses += advance(inputs(next(source), autoencoder, device))
            training.step += 1
            if training.step == AVERAGE_FROM:
                training.average.load_state_dict(training.networks.state_dict())
            bar.update(task, completed=training.step)
            if training.step % 250 == 0:
                _log(curve, training.step, losses / min(250, training.step - first))
                losses.zero_()
            if time.monotonic() - last_save > SAVED_EVERY:
                save(folder, training)
                saved()
                last_save = time.monotonic()
    curve.log(
        stage=CHECKPOINT,
        step=training.step,
        steps_a_second=round((training.step - first) / (time.monotonic() - start), 2),
    )
    save(folder, training)
    saved()


def falling_rate(share: float, *, step: int, since_start: int) -> float:
    """The part of the peak rate when `share` of the training is done."""
    cosine = 0.02 + 0.98 * (1 + math.cos(math.pi * min(1.0, share))) / 2
    return cosine * min(1.0, (step + 1) / WARM_UP, (since_start + 1) / 100)


def _log(curve: Curve, step: int, losses: Tensor) -> None:
    total, nouns, *by_noise = (round(value, 4) for value in losses.tolist())
    if not math.isfinite(total):
        raise FloatingPointError(f"the loss is not a number at step {step}")
    curve.log(stage=CHECKPOINT, step=step, loss=total, nouns=nouns, by_noise=by_noise)


def inputs(batch: Batch, autoencoder: AutoencoderKL, device: torch.device) -> Inputs:
    """Draw the batch's scenes and encode them."""
    moved = Batch(*(tensor.to(device, non_blocking=True) for tensor in batch))
    scenes, stale_scenes = len(moved.things), len(moved.stale_things)
    things = torch.cat((moved.things, moved.stale_things))
    grounds = torch.cat((moved.grounds, moved.grounds[:stale_scenes]))
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        drawings = draw(things, grounds, torch.zeros(len(things), device=device))
        latents = autoencoder.encode(drawings.contiguous(memory_format=torch.channels_last)).latent_dist.mean.float()
    captions = len(moved.tokens) // scenes
    true = latents[:scenes].repeat_interleave(captions, 0)
    other = torch.cat((latents[scenes:], latents[stale_scenes:scenes])).repeat_interleave(captions, 0)
    canvas = torch.where(moved.is_stale[:, None, None, None], other, true)
    return Inputs(
        true,
        canvas,
        moved.tokens.long(),
        moved.weights,
        moved.clip_skips,
        moved.timesteps,
        moved.noun_places,
        moved.noun_labels,
    )


def loss_parts(networks: Networks, given: Inputs, grain: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """The loss under unit noise `grain`, and (loss, noun loss, loss in four bands of noise) for the curve."""
    count, chunks, _ = given.tokens.shape
    hidden = networks.text(given.tokens.flatten(0, 1), given.clip_skips.repeat_interleave(chunks)).float()
    context = weighted(hidden, given.weights.flatten(0, 1)).view(count, -1, WIDTH)
    signal, noise = shares[given.timesteps].sqrt(), (1 - shares[given.timesteps]).sqrt()
    signal, noise = signal.view(-1, 1, 1, 1), noise.view(-1, 1, 1, 1)
    noisy = signal * given.canvas + noise * grain
    # v as it must be for the denoised picture to be `latents`, whatever the canvas showed.
    target = (signal * noisy - given.latents) / noise
    predicted = networks.unet(noisy, given.timesteps, context).sample.float()
    is_stale = (given.canvas != given.latents).flatten(1).any(1).view(-1, 1, 1, 1)
    error = (predicted - target).square() * torch.where(is_stale, noise.square(), 1.0)
    per_sample = (error * _thing_weights(given.latents)).mean((1, 2, 3))
    nouns = _noun_loss(networks, hidden.view(count, -1, WIDTH), given)
    bands = (given.timesteps[:, None] // 250 == torch.arange(4, device=shares.device)).float()
    plain = error.mean((1, 2, 3)).detach()
    by_noise = (bands * plain[:, None]).sum(0) / bands.sum(0).clamp_min(1)
    loss = per_sample.mean()
    curve = torch.cat((torch.stack((loss, nouns)).detach(), by_noise))
    return loss + NOUN_LOSS * nouns, curve


def _noun_loss(networks: Networks, hidden: Tensor, given: Inputs) -> Tensor:
    """A noun's hidden state should know the colour, pattern and size of its own thing: this binds adjectives."""
    nouns = hidden.gather(1, given.noun_places[..., None].expand(-1, -1, WIDTH))
    losses = [
        functional.cross_entropy(
            head(nouns).float().flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum"
        )
        for head, labels in zip(networks.nouns, given.noun_labels.unbind(-1), strict=True)
    ]
    return torch.stack(losses).sum() / (given.noun_labels >= 0).sum().clamp_min(1)


def _thing_weights(latents: Tensor) -> Tensor:
    """Loss weights (N, 1, 16, 16) that give the cells of things their share of each picture's loss."""
    border = torch.cat((latents[:, :, 0], latents[:, :, -1], latents[..., 0], latents[..., -1]), -1)
    ground = border.median(-1).values[..., None, None]
    is_thing = functional.max_pool2d(((latents - ground).abs().sum(1, keepdim=True) > 1).float(), 3, 1, 1)
    area = is_thing.mean((1, 2, 3), keepdim=True).clamp(1e-3, 0.999)
    inside = (THING_SHARE / area).clamp(1, 6)
    outside = ((1 - area * inside) / (1 - area)).clamp_min(0.2)
    return is_thing * inside + (1 - is_thing) * outside


def _step(training: Training, given: Inputs, shares: Tensor) -> Tensor:
    training.optimizer.zero_grad(set_to_none=True)
    grain = torch.randn_like(given.canvas)
    with torch.autocast(shares.device.type, torch.bfloat16, enabled=shares.is_cuda, cache_enabled=False):
        loss, curve = loss_parts(training.networks, given, grain, shares)
    loss.backward()
    parameters = [parameter for parameter in training.networks.parameters() if parameter.requires_grad]
    nn.utils.clip_grad_norm_(parameters, 1.0)
    training.optimizer.step()
    with torch.no_grad():
        averages = list(training.average.parameters())
        torch._foreach_lerp_(averages, list(training.networks.parameters()), 1 - AVERAGE_DECAY)
    return curve


def _advance(
    training: Training, device: torch.device, autoencoder: AutoencoderKL, source: Iterator[Batch]
) -> Callable[[Inputs], Tensor]:
    """One training step as a function, recorded once for each prompt length."""
    shares = signal_shares().to(device)

    def step(values: Sequence[Tensor]) -> Tensor:
        return _step(training, Inputs(*values), shares)

    if device.type != "cuda":
        return step
    steps: dict[int, Step] = {}
    while len(steps) < 2:
        given = inputs(next(source), autoencoder, device)
        chunks = given.tokens.shape[1]
        if chunks not in steps:
            steps[chunks] = recorded(step, given)
    forget_moments(training.optimizer)
    return lambda given: steps[given.tokens.shape[1]](given)


def save(folder: Path, training: Training) -> None:
    """Everything a later run needs; 16 bits are enough for the averages and for Adam's moments."""
    tensors = {f"now.{key}": value for key, value in training.networks.state_dict().items()}
    tensors |= {f"average.{key}": value.half() for key, value in training.average.state_dict().items()}
    for number, parameter in enumerate(_trained(training)):
        for key, value in training.optimizer.state[parameter].items():
            tensors[f"adam.{number}.{key}"] = value.float() if key == "step" else value.to(torch.bfloat16)
    tensors["step"] = torch.tensor(training.step)
    save_tensors(folder, CHECKPOINT, tensors)


def restore(folder: Path, training: Training) -> None:
    """Continue from the folder's checkpoint, if there is one."""
    tensors = load_tensors(folder, CHECKPOINT)
    if not tensors:
        return
    training.networks.load_state_dict(under("now.", tensors))
    training.average.load_state_dict(under("average.", tensors))
    training.step = int(tensors["step"])
    for number, parameter in enumerate(_trained(training)):
        saved = under(f"adam.{number}.", tensors)
        state = training.optimizer.state[parameter]
        for key, value in saved.items():
            if key in state:
                state[key].copy_(value)
            else:
                state[key] = value.to(torch.float32).to(parameter.device)


def _trained(training: Training) -> list[nn.Parameter]:
    return [parameter for group in training.optimizer.param_groups for parameter in group["params"]]


def load_average(folder: Path, vocabulary_size: int, device: torch.device) -> Networks:
    """The averaged networks of the folder's checkpoint, ready to use."""
    networks = Networks(vocabulary_size)
    networks.load_state_dict(under("average.", load_tensors(folder, CHECKPOINT)))
    return networks.to(device).eval().requires_grad_(False)
