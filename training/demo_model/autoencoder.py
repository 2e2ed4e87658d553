"""Trains the autoencoder on fresh drawings: first both halves, then the decoder alone on slightly noisy latents."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from training.demo_model.batches import Batch
from training.demo_model.checkpoints import Curve, load_tensors, progress_bar, save_tensors
from training.demo_model.drawing import draw
from training.demo_model.graphs import Step, forget_moments, recorded
from training.demo_model.networks import make_autoencoder
from training.demo_model.sheets import pictures, sheet
from training.demo_model.world import CANVAS

PEAK_RATE = 1.0e-3
# A denoiser's latents are never exact: at the end the decoder learns to draw crisply from slightly wrong ones.
LATENT_NOISE = 0.06
CHECKPOINT = "autoencoder"


def load_autoencoder(folder: Path, device: torch.device) -> AutoencoderKL:
    """The trained autoencoder, ready to use."""
    model = make_autoencoder()
    model.load_state_dict(load_tensors(folder, CHECKPOINT))
    return model.to(device).eval().requires_grad_(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phase:
    """A stretch of the training: until which share of it, on how many pictures, crops or whole ones."""

    until: float
    pictures: int
    is_cropped: bool
    is_joint: bool


_PHASES = (
    _Phase(until=0.5, pictures=96, is_cropped=True, is_joint=True),
    _Phase(until=0.72, pictures=32, is_cropped=False, is_joint=True),
    _Phase(until=1.0, pictures=24, is_cropped=False, is_joint=False),
)


def train_autoencoder(folder: Path, source: Iterator[Batch], device: torch.device, steps: int, seconds: float) -> None:
    """Train for `steps` batches or `seconds`, whichever ends first; begins with what the folder holds, if anything."""
    model = make_autoencoder()
    if begun := load_tensors(folder, CHECKPOINT):
        model.load_state_dict(begun)
    model = model.to(device, memory_format=torch.channels_last)
    curve, start = Curve(folder / "autoencoder.jsonl"), time.monotonic()
    step, done = 0, 0.0
    with progress_bar(curve.console) as bar:
        task = bar.add_task("autoencoder", total=1.0)
        for phase in _PHASES:
            if not phase.is_joint:
                _standardise(model, sketches(next(source), device))
            parameters = list(model.parameters()) if phase.is_joint else decoder_weights(model)
            optimizer = make_optimizer(parameters, device)
            advance = recorded(_step(model, optimizer, phase, parameters), (_pictures(source, device, phase),))
            forget_moments(optimizer)
            first, since = done, step
            while done < phase.until:
                share = (done - first) / max(1e-6, phase.until - first)
                set_rate(optimizer, share if not phase.is_joint else done / _PHASES[1].until, step - since)
                loss = advance((_pictures(source, device, phase),))
                step += 1
                done = max(step / steps, (time.monotonic() - start) / seconds)
                bar.update(task, completed=done)
                if step % 250 == 0:
                    curve.log(stage=CHECKPOINT, step=step, done=round(done, 3), loss=round(loss.item(), 4))
    save_tensors(folder, CHECKPOINT, model.state_dict())
    _report(model.eval(), sketches(next(source), device)[:64], curve, folder, step)


def make_optimizer(parameters: Sequence[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
    """An optimizer whose rate `set_rate` sets, in place: a captured graph reads it from memory."""
    rate = torch.tensor(0.0, device=device)
    is_cuda = device.type == "cuda"
    return torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True, capturable=is_cuda)


def set_rate(
    optimizer: torch.optim.Optimizer, share: float, since_start: int, *, peak: float = PEAK_RATE, warm_up: int = 100
) -> None:
    """The rate when `share` of a stretch is done: up in the first `warm_up` batches, then down along a cosine."""
    cosine = 0.03 + 0.97 * (1 + math.cos(math.pi * min(1.0, share))) / 2
    for group in optimizer.param_groups:
        group["lr"].fill_(peak * cosine * min(1.0, (since_start + 1) / warm_up))


def decoder_weights(model: AutoencoderKL) -> list[nn.Parameter]:
    """What is trained when the latents must stay as they are."""
    return [*model.decoder.parameters(), *model.post_quant_conv.parameters()]


def _step(
    model: AutoencoderKL, optimizer: torch.optim.Optimizer, phase: _Phase, parameters: Sequence[nn.Parameter]
) -> Step:
    def step(values: Sequence[Tensor]) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = _loss(model, values[0], phase.is_joint)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.detach()

    return step


def _pictures(source: Iterator[Batch], device: torch.device, phase: _Phase) -> Tensor:
    """Fresh drawings, or crops of half their width around things: flat ground teaches nothing."""
    batch = next(source)
    drawings = sketches(batch, device)[: phase.pictures]
    if not phase.is_cropped:
        return drawings.contiguous(memory_format=torch.channels_last)
    half = CANVAS // 2
    centres = batch.things[: phase.pictures, 0, 3:5].to(device)
    shifts = torch.randint(-20, 21, centres.shape, device=device)
    corners = (centres.long() + shifts - half // 2).clamp(0, half)
    line = torch.arange(half, device=device)
    rows, columns = corners[:, 1, None] + line, corners[:, 0, None] + line
    number = torch.arange(len(drawings), device=device)[:, None, None]
    crops = drawings.permute(0, 2, 3, 1)[number, rows[:, :, None], columns[:, None, :]]
    return crops.permute(0, 3, 1, 2)


def sketches(batch: Batch, device: torch.device) -> Tensor:
    """The batch's pictures; some glow, some have any colours at all, so that styles can be learned later."""
    things, grounds = batch.things.to(device), batch.grounds.to(device)
    count = len(things)
    is_odd = torch.rand(count, device=device) < 0.2
    things[..., 7:10] = torch.where(is_odd[:, None, None], torch.rand_like(things[..., 7:10]), things[..., 7:10])
    grounds = torch.where(is_odd[:, None], torch.rand_like(grounds), grounds)
    neon = torch.rand(count, device=device) * (torch.rand(count, device=device) < 0.15)
    return draw(things, grounds, neon)


def reconstruction_loss(model: AutoencoderKL, drawings: Tensor) -> Tensor:
    """How far the drawings are from what the decoder makes of their slightly noisy latents."""
    with torch.no_grad():
        latents = model.encode(drawings).latent_dist.mean
    return difference(model.decode(latents + LATENT_NOISE * torch.randn_like(latents)).sample, drawings)


def _loss(model: AutoencoderKL, drawings: Tensor, is_joint: bool) -> Tensor:
    # bf16 at first for speed; the decoder's last polish is exact.
    if not is_joint:
        return reconstruction_loss(model, drawings)
    with torch.autocast(drawings.device.type, torch.bfloat16, enabled=drawings.is_cuda, cache_enabled=False):
        posterior = model.encode(drawings).latent_dist
        redrawn = model.decode(posterior.sample()).sample
    divergence = posterior.kl().float().mean() / posterior.mean[0].numel()
    return difference(redrawn.float(), drawings) + 3e-4 * divergence


def difference(redrawn: Tensor, drawings: Tensor) -> Tensor:
    """Mean error plus error of the steps between neighbouring pixels, which is where edges live."""
    error = redrawn - drawings
    across, down = error.diff(dim=-1), error.diff(dim=-2)
    return error.abs().mean() + error.square().mean() + 0.6 * (across.abs().mean() + down.abs().mean())


@torch.no_grad()
def _standardise(model: AutoencoderKL, drawings: Tensor) -> None:
    """Fold the latents' mean and spread into the two 1x1 convolutions: the pipeline's scaling factor is then 1."""
    latents = model.encode(drawings).latent_dist.mean
    mean, spread = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    into, out_of = model.quant_conv, model.post_quant_conv
    out_of.bias += out_of.weight[:, :, 0, 0] @ mean
    out_of.weight *= spread.view(1, -1, 1, 1)
    into.weight[:4] /= spread.view(-1, 1, 1, 1)
    into.bias[:4] = (into.bias[:4] - mean) / spread
    into.bias[4:] -= 2 * spread.log()


@torch.no_grad()
def _report(model: AutoencoderKL, drawings: Tensor, curve: Curve, folder: Path, step: int) -> None:
    posterior = model.encode(drawings).latent_dist
    redrawn = model.decode(posterior.mean).sample.clamp(-1, 1)
    noise_ratio = 10 * torch.log10(4 / (redrawn - drawings).square().mean((1, 2, 3)))
    error = functional.l1_loss(redrawn, drawings)
    curve.log(
        stage=CHECKPOINT,
        step=step,
        error=round(error.item(), 4),
        decibels=round(noise_ratio.mean().item(), 2),
        spread=[round(value, 2) for value in posterior.mean.std((0, 2, 3)).tolist()],
        posterior_noise=round(posterior.std.mean().item(), 3),
    )
    pairs = torch.stack((drawings[:32], redrawn[:32]), 1).flatten(0, 1)
    sheet(pictures(pairs), columns=16).save(folder / "autoencoder.png")
