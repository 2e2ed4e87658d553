"""`/mask` in the arithmetic of ComfyUI and webui against loops written by hand, with models made for it and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from promptlang import compile
from promptlang.plans.plan import Model, Plan
from promptlang_runtime.executors.here import render
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sd1.encode import encoder_of
from promptlang_runtime.sampling.levels import discrete
from tests.conformance.sampling import apart, drawn, opened
from tests.runtime import tiny
from tests.runtime.test_masks import shown_what_is_kept

SIDE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture, a mask whose edge lies within a latent, and a model made for inpainting."""
    root = tmp_path_factory.mktemp("masks")
    Image.effect_mandelbrot((SIDE, SIDE), (-2, -1, 1, 1), 40).convert("RGB").save(root / "start.png")
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).rectangle((28, 0, SIDE, SIDE), fill="white")
    ImageDraw.Draw(mask).rectangle((28, 0, 34, SIDE), fill="#909090")
    mask.save(root / "mask.png")
    shown_what_is_kept(tiny.tiny_pipeline()).save_pretrained(root / "made")
    return root


@pytest.fixture(params=["", "inpaint"], ids=["plain", "made for it"])
def ready(request: pytest.FixtureRequest, folder: Path) -> Callable[[str], Plan]:
    """From options to the plan that draws over the picture with either kind of model."""

    def plan(said: str) -> Plan:
        (found,) = compile(
            f"/remix /image:start.png /mask:mask.png /seed:9 /steps:3 /guidance:3 /size:{SIDE}x{SIDE} {said} a cow"
        ).plans
        made = Model(name="made", family="sd1", path=str(folder / "made"), variant="inpaint")
        paths = {"image": str(folder / "start.png"), "mask": str(folder / "mask.png")}
        return replace(found, model=made if request.param else found.model, **paths)

    return plan


@torch.no_grad()
def latents(model: LoadedModel, pixels: np.ndarray) -> torch.Tensor:
    """Of pixels from -1 to 1."""
    vae = model.pipeline.vae
    given = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    return vae.encode(given).latent_dist.mode() * vae.config.scaling_factor


class Hand:
    """What both loops have in common: the picture, its mask and the denoiser of a plan."""

    def __init__(self, plan: Plan, model: LoadedModel) -> None:
        self.plan, self.model, self.is_comfy = plan, model, plan.arithmetic == "comfy"
        with Image.open(plan.image) as picture, Image.open(plan.mask) as mask:
            pixels = np.asarray(picture, dtype=np.float32) / 127.5 - 1
            grey = torch.from_numpy(np.asarray(mask, dtype=np.float32) / 255)[None, None]
            small = mask.resize((SIDE // 8, SIDE // 8), Image.Resampling.BICUBIC)
        self.image, hidden = latents(model, pixels), grey.round()
        self.share = torch.nn.functional.interpolate(grey, (SIDE // 8, SIDE // 8), mode="bilinear")
        self.beside = [self.share.round() if self.is_comfy else hidden[..., ::8, ::8]]
        self.beside.append(latents(model, pixels * (1 - hidden[0, 0].numpy()[..., None])))
        if not self.is_comfy:
            self.share = torch.from_numpy(np.asarray(small, dtype=np.float32) / 255)[None, None].round()
        embed = encoder_of(model, plan).reader.embed
        sides = (plan.negative, plan.positive)
        self.states = torch.cat([embed(side.branches[0].segments[0].runs).states for side in sides])
        self.noise = torch.randn(self.image.shape, generator=torch.Generator().manual_seed(plan.seed))

    def mixed(self, drawn: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        return self.share * drawn + (1 - self.share) * kept

    @torch.no_grad()
    def output(self, shown: torch.Tensor, moment: torch.Tensor) -> torch.Tensor:
        """Of latents at the size that the denoiser knows."""
        given = torch.cat([shown, *(self.beside if self.plan.model.variant == "inpaint" else ())], dim=1)
        unet = self.model.pipeline.unet
        low, high = unet(torch.cat([given] * 2), moment, encoder_hidden_states=self.states).sample.split(1)
        return low + self.plan.guidance * (high - low)

    @property
    def is_velocity(self) -> bool:
        return self.model.scheduler_config["prediction_type"] == "v_prediction"


def by_euler(plan: Plan, model: LoadedModel, sigmas: list[float], start: float) -> torch.Tensor:
    """Euler's method over the picture, whose noise is multiplied by `start`."""
    hand, levels = Hand(plan, model), discrete(model.scheduler_config, whole=plan.arithmetic == "comfy")
    x = hand.image + start * hand.noise
    for sigma, after in pairwise(sigmas):
        scale = sqrt(sigma**2 + 1)
        shown = hand.mixed(x, hand.image + sigma * hand.noise) if hand.is_comfy else x
        output = hand.output(shown / scale, levels.moment(torch.tensor([sigma]))[0])
        guess = shown / scale**2 - output * sigma / scale if hand.is_velocity else shown - sigma * output
        x = x + (after - sigma) * (x - hand.mixed(guess, hand.image)) / sigma
    return x if hand.is_comfy else hand.mixed(x, hand.image)


def by_ddim(plan: Plan, model: LoadedModel, left: int) -> torch.Tensor:
    """DDIM as its authors count: pictures whose noise is scaled down, at every so manieth step of the training."""
    hand, levels = Hand(plan, model), discrete(model.scheduler_config, whole=False)
    signal = 1 / (levels.sigmas.square() + 1)
    moments = torch.arange(0, 1000, 1000 // plan.steps) + 1
    above = signal[moments[left]]
    x = above.sqrt() * hand.image + (1 - above).sqrt() * hand.noise
    for moment, below in pairwise(reversed(moments[:left])):
        now, after = signal[moment], signal[below]
        shown = hand.mixed(x, hand.image)
        output = hand.output(shown, moment)
        noise = now.sqrt() * output + (1 - now).sqrt() * shown if hand.is_velocity else output
        x = after.sqrt() * (x - (1 - now).sqrt() * noise) / now.sqrt() + (1 - after).sqrt() * noise
    return hand.mixed(x, hand.image)


def test_comfyui_shows_the_denoiser_the_picture_with_its_noise(ready: Callable[[str], Plan]) -> None:
    for strength in (1, 0.5):
        plan = ready(f"/parser:comfy /sampler:k_euler /strength:{strength}")
        assert plan.arithmetic == "comfy"
        model = opened(plan.model)
        levels = discrete(model.scheduler_config, whole=True)
        steps = int(plan.steps / strength)
        sigmas = [*levels.sigma(torch.linspace(999, 0, steps)).tolist(), 0.0][-plan.steps - 1 :]
        start = sqrt(1 + sigmas[0] ** 2) if strength == 1 else sigmas[0]
        assert apart(drawn(plan, model), by_euler(plan, model, sigmas, start)) < 1e-5


def test_webui_mixes_the_picture_into_every_guess(ready: Callable[[str], Plan]) -> None:
    plan = ready("/parser:a1111 /sampler:k_euler /schedule:normal /strength:0.5")
    assert plan.arithmetic == "webui"
    model = opened(plan.model)
    levels = discrete(model.scheduler_config, whole=False)
    sigmas = [*levels.sigma(torch.linspace(999, 0, plan.steps)).tolist(), 0.0][-3:]
    assert apart(drawn(plan, model), by_euler(plan, model, sigmas, sigmas[0])) < 1e-5


def test_webui_shows_ddim_the_picture_without_noise(ready: Callable[[str], Plan]) -> None:
    plan = replace(ready("/parser:a1111 /sampler:ddim /strength:0.7"), steps=6)
    model = opened(plan.model)
    assert apart(drawn(plan, model), by_ddim(plan, model, 4)) < 1e-3  # moments are found from levels, to some digits


def test_what_is_kept_stays_to_the_pixel_where_webui_draws(ready: Callable[[str], Plan]) -> None:
    plan = ready("/parser:a1111 /sampler:dpm2s_a /strength:1")
    (picture,) = render(plan, device="cpu")
    with Image.open(plan.image) as start:
        same = (np.asarray(picture) == np.asarray(start)).all(axis=-1)
    assert same[:, :28].all()
    assert not same[:, 35:].all()
