"""Trains the autoencoder on fresh drawings: first both halves, then the decoder alone on slightly noisy latents."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from training.demo_model.batches import Batch
from training.demo_model.checkpoints import Curve, load_tensors, progress_bar, save_tensors
from training.demo_model.drawing import draw
from training.demo_model.networks import make_autoencoder
from training.demo_model.sheets import pictures, sheet

PEAK_RATE = 1.0e-3
# The decoder's own share of the time. A denoiser's latents are never exact: it learns to draw crisply from those.
JOINT_SHARE, LATENT_NOISE = 0.7, 0.1
_NAME = "autoencoder"


def load_autoencoder(folder: Path, device: torch.device) -> AutoencoderKL:
    """The trained autoencoder, ready to use."""
    model = make_autoencoder()
    model.load_state_dict(load_tensors(folder, _NAME))
    return model.to(device).eval().requires_grad_(False)


def train_autoencoder(folder: Path, source: Iterator[Batch], device: torch.device, steps: int, seconds: float) -> None:
    """Train for `steps` batches or `seconds`, whichever ends first, and save into the folder."""
    model = make_autoencoder().to(device, memory_format=torch.channels_last)
    curve, start = Curve(folder / "autoencoder.jsonl"), time.monotonic()
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    is_joint = True
    with progress_bar(curve.console) as bar:
        task = bar.add_task("autoencoder", total=1.0)
        step, done = 0, 0.0
        while done < 1:
            if is_joint and done > JOINT_SHARE:
                is_joint = False
                model.zero_grad()
                _standardise(model, _drawings(next(source), device))
                optimizer = torch.optim.AdamW(_decoder(model), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)
            _set_rate(optimizer, step, done)
            loss = _loss(model, _drawings(next(source), device), is_joint, step)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            done = max(step / steps, (time.monotonic() - start) / seconds)
            bar.update(task, completed=done)
            if step % 200 == 0:
                curve.log(stage=_NAME, step=step, done=round(done, 3), loss=round(loss.item(), 4))
    save_tensors(folder, _NAME, model.state_dict())
    _report(model.eval(), _drawings(next(source), device)[:64], curve, folder, step)


def _set_rate(optimizer: torch.optim.Optimizer, step: int, done: float) -> None:
    share = done / JOINT_SHARE if done <= JOINT_SHARE else (done - JOINT_SHARE) / (1 - JOINT_SHARE)
    peak = PEAK_RATE if done <= JOINT_SHARE else 0.7 * PEAK_RATE
    for group in optimizer.param_groups:
        group["lr"] = peak * min(1.0, (step + 1) / 100) * (0.03 + 0.97 * (1 + math.cos(math.pi * min(1.0, share))) / 2)


def _decoder(model: AutoencoderKL) -> list[nn.Parameter]:
    return [*model.decoder.parameters(), *model.post_quant_conv.parameters()]


def _drawings(batch: Batch, device: torch.device) -> Tensor:
    """The batch's pictures; some glow, some have any colours at all, so that styles can be learned later."""
    things, grounds = batch.things.to(device), batch.grounds.to(device)
    count = len(things)
    is_odd = torch.rand(count, device=device) < 0.2
    things[..., 7:10] = torch.where(is_odd[:, None, None], torch.rand_like(things[..., 7:10]), things[..., 7:10])
    grounds = torch.where(is_odd[:, None], torch.rand_like(grounds), grounds)
    neon = torch.rand(count, device=device) * (torch.rand(count, device=device) < 0.15)
    return draw(things, grounds, neon)


def _loss(model: AutoencoderKL, drawings: Tensor, is_joint: bool, step: int) -> Tensor:
    # bf16 at first for speed; the decoder's last polish is exact.
    with torch.autocast(drawings.device.type, torch.bfloat16, enabled=is_joint and drawings.is_cuda):
        if not is_joint:
            with torch.no_grad():
                latents = model.encode(drawings).latent_dist.mean
            return _difference(model.decode(latents + LATENT_NOISE * torch.randn_like(latents)).sample, drawings)
        posterior = model.encode(drawings).latent_dist
        redrawn = model.decode(posterior.sample()).sample
    divergence = posterior.kl().float().mean() / posterior.mean[0].numel()
    return _difference(redrawn.float(), drawings) + 3e-4 * divergence


def _difference(redrawn: Tensor, drawings: Tensor) -> Tensor:
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
        stage=_NAME,
        step=step,
        error=round(error.item(), 4),
        decibels=round(noise_ratio.mean().item(), 2),
        spread=[round(value, 2) for value in posterior.mean.std((0, 2, 3)).tolist()],
        posterior_noise=round(posterior.std.mean().item(), 3),
    )
    pairs = torch.stack((drawings[:32], redrawn[:32]), 1).flatten(0, 1)
    sheet(pictures(pairs), columns=16).save(folder / "autoencoder.png")
