"""Samplers of our own against loops written by hand, in batches, over images, and where they are refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import count, pairwise
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from promptlang import compile
from promptlang.tables.arithmetics import COMFY, WEBUI, samplers
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import drawn, render
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.sampling.levels import discrete
from promptlang_runtime.sampling.schedules import COMFY as SCHEDULES
from tests.conformance.sampling import apart, opened
from tests.conformance.sampling import drawn as latents_of
from tests.thorough import sampled

RED, BLUE = "a red circle", "a blue square"
OURS = [(row, each.name) for each in (COMFY, WEBUI) for row in samplers(each.name)]


def plan_of(text: str):
    (plan,) = compile(text).plans
    return plan


Parts = Callable[[int], Sequence[tuple[str, float]]]
"""The texts that pull at a call, and how strongly."""


def by_hand(model, plan, at: Parts) -> torch.Tensor:
    """webui's arithmetic: fractional moments, one generator for all noise, and prompts by the calls of the denoiser.

    Over a picture, a share of the steps and one more.
    """
    from promptlang_runtime.families.sd1.encode import encoder_of

    levels = discrete(model.scheduler_config, whole=False)
    sigmas = [*SCHEDULES["normal"](levels, plan.steps).tolist(), 0.0]
    begun: torch.Tensor | float = 0.0
    if plan.image:
        begun, sigmas = latents_in(plan.image, model), sigmas[plan.steps - 1 - int(plan.strength * plan.steps) :]
    generator = torch.Generator().manual_seed(plan.seed)
    x = begun + torch.randn((1, 4, plan.size[1] // 8, plan.size[0] // 8), generator=generator) * sigmas[0]
    embed = encoder_of(model, plan).reader.embed
    segments = [segment for branch in plan.positive.branches for segment in branch.segments]
    runs = {segment.runs[0].text.strip(): segment.runs for segment in segments}
    below = embed(plan.negative.branches[0].segments[0].runs).states
    calls = count()

    def slope(x: torch.Tensor, sigma: float) -> torch.Tensor:
        moment = levels.moment(torch.tensor([sigma]))[0]
        pulling = at(next(calls))
        states = torch.cat([below, *(embed(runs[text]).states for text, _ in pulling)])
        sample = x.repeat(len(states), 1, 1, 1) / sqrt(sigma**2 + 1)
        with torch.no_grad():
            low, *high = model.pipeline.unet(sample, moment, encoder_hidden_states=states).sample.split(1)
        pulls = zip(high, pulling, strict=True)
        velocity = low + plan.guidance * sum(weight * (each - low) for each, (_, weight) in pulls)
        return (x - x / (sigma**2 + 1) + velocity * sigma / sqrt(sigma**2 + 1)) / sigma

    for sigma, after in pairwise(sigmas):
        first = slope(x, sigma)
        up = 0.0
        if plan.sampler == "k_euler_a":
            up = min(after, sqrt(after**2 * (sigma**2 - after**2) / sigma**2))
        if plan.sampler == "heun" and after:
            first = (first + slope(x + (after - sigma) * first, after)) / 2
        x = x + (sqrt(after**2 - up**2) - sigma) * first
        if up:
            x = x + up * torch.randn(x.shape, generator=generator)
    return x


@pytest.mark.parametrize("sampler", ["k_euler", "k_euler_a"])
@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("a red circle", lambda call: [(RED, 1)]),
        ("[a red circle:a blue square:3]", lambda call: [(RED if call <= 3 else BLUE, 1)]),
        ("[a red circle|a blue square]", lambda call: [(BLUE if call and not call % 2 else RED, 1)]),
        ("a red circle AND a blue square :0.6", lambda call: [(RED, 1), (BLUE, 0.6)]),
        (
            "[a red circle:a blue square:3] AND a star :-0.4",
            lambda call: [(RED if call <= 3 else BLUE, 1), ("a star", -0.4)],
        ),
    ],
)
def test_webui_draws_as_a_loop_by_hand_does(sampler, words, at) -> None:
    """Switches count calls as webui does: the first two show the first step."""
    assert far_from_hand(sampler, words, at) < 1e-4


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("[a red circle:a blue square:0.5]", lambda call: [(RED if call <= 6 else BLUE, 1)]),
        ("[a red circle:a blue square:3]", lambda call: [(RED if call <= 3 else BLUE, 1)]),
        ("[a red circle|a blue square]", lambda call: [(BLUE if call and not call % 2 else RED, 1)]),
    ],
)
def test_webui_counts_both_calls_of_a_sampler_of_second_order(words, at) -> None:
    """A fraction is of twice the steps, and a whole number is reached in half of its steps."""
    assert far_from_hand("heun", words, at) < 1e-4


@pytest.mark.parametrize(
    ("sampler", "words", "at"),
    [
        ("k_euler", "a red circle", lambda call: [(RED, 1)]),
        ("k_euler", "[a red circle:a blue square:3]", lambda call: [(RED if call <= 3 else BLUE, 1)]),
        ("k_euler_a", "[a red circle|a blue square]", lambda call: [(BLUE if call and not call % 2 else RED, 1)]),
        ("k_euler", "a red circle AND a blue square :0.6", lambda call: [(RED, 1), (BLUE, 0.6)]),
        ("heun", "[a red circle:a blue square:0.5]", lambda call: [(RED if call <= 6 else BLUE, 1)]),
    ],
)
def test_over_a_picture_webui_counts_calls_from_its_first_and_fractions_of_all_steps(
    sampler, words, at, tmp_path: Path
) -> None:
    """`sd_samplers_kdiffusion.sample_img2img` and `StableDiffusionProcessing.setup_conds`, whose steps are all."""
    file = tmp_path / "start.png"
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(file)
    assert far_from_hand(sampler, words, at, file) < 1e-4


def far_from_hand(sampler: str, words: str, at: Parts, picture: Path | None = None) -> float:
    begun = "/remix /image:start.png /strength:0.7" if picture else "/render"
    text = f"{begun} /parser:a1111 /schedule:normal /sampler:{sampler} /seed:9 /steps:6 /size:64x64 {words}"
    plan = replace(plan_of(f"{text} /negative blue"), image=picture and str(picture))
    model = opened(plan.model)
    return apart(latents_of(plan, model), by_hand(model, plan, at))


@torch.no_grad()
def latents_in(file: str, model) -> torch.Tensor:
    """The likeliest latents of a picture."""
    with Image.open(file) as picture:
        pixels = torch.from_numpy(np.asarray(picture, dtype=np.float32)) / 127.5 - 1
    vae = model.pipeline.vae
    return vae.encode(pixels.permute(2, 0, 1)[None]).latent_dist.mode() * vae.config.scaling_factor


@pytest.mark.parametrize(("said", "steps"), [("/strength:1", 5), ("/strength:0.6", 8), ("/strength:0.25", 20)])
def test_comfyui_draws_a_picture_over_as_a_loop_by_hand_does(said: str, steps: int, tmp_path: Path) -> None:
    """`KSampler.set_steps`: the last steps of so many more; the noise is scaled otherwise where all of it is there."""
    file = tmp_path / "start.png"
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(file)
    text = f"/remix /parser:comfy /image:start.png {said} /sampler:k_euler /seed:9 /steps:5 /size:64x64 a (red:1.2) cow"
    plan = replace(plan_of(text), image=str(file))
    model = opened(plan.model)
    sigmas = [*SCHEDULES["normal"](discrete(model.scheduler_config, whole=True), steps).tolist(), 0.0][-6:]
    largest = sqrt(1 + sigmas[0] ** 2) if steps == 5 else sigmas[0]
    x = latents_in(plan.image or "", model) + largest * first_noise(plan, plan.size)
    assert apart(latents_of(plan, model), by_euler(model, plan, sigmas, x)) < 1e-5


def test_comfyui_draws_a_second_pass_as_a_loop_by_hand_does() -> None:
    """Latents enlarged by the nearest place, and noise of the same seed over them."""
    said = "/hires:2 /hires-steps:3 /hires-strength:0.5 /hires-upscaler:latent-nearest-exact"
    plan = plan_of(f"/render /parser:comfy {said} /sampler:k_euler /seed:9 /steps:5 /size:64x64 a red cow")
    model = opened(plan.model)
    levels = discrete(model.scheduler_config, whole=True)
    first, again = ([*SCHEDULES["normal"](levels, steps).tolist(), 0.0] for steps in (5, 6))
    small = by_euler(model, plan, first, sqrt(1 + first[0] ** 2) * first_noise(plan, plan.size))
    large = torch.nn.functional.interpolate(small, scale_factor=2, mode="nearest-exact")
    x = large + again[-4] * first_noise(plan, (128, 128))
    assert apart(latents_of(plan, model), by_euler(model, plan, again[-4:], x)) < 1e-5


def first_noise(plan, size: tuple[int, int]) -> torch.Tensor:
    return torch.randn((1, 4, size[1] // 8, size[0] // 8), generator=torch.Generator().manual_seed(plan.seed))


@torch.no_grad()
def by_euler(model, plan, sigmas: Sequence[float], x: torch.Tensor) -> torch.Tensor:
    """Euler's method as ComfyUI has it: of guesses at the picture from velocities, told whole steps of the training."""
    from promptlang_runtime.families.sd1.encode import encoder_of

    levels, embed = discrete(model.scheduler_config, whole=True), encoder_of(model, plan).reader.embed
    sides = [side.branches[0].segments[0].runs for side in (plan.negative, plan.positive)]
    states = torch.cat([embed(runs).states for runs in sides])
    for sigma, after in pairwise(sigmas):
        scale = sqrt(sigma**2 + 1)
        shown = torch.cat([x / scale] * 2)
        said = model.pipeline.unet(shown, levels.moment(torch.tensor([sigma]))[0], encoder_hidden_states=states).sample
        low, high = (x / scale**2 - each * sigma / scale for each in said.split(1))
        guess = low + plan.guidance * (high - low)
        x = x + (x - guess) / sigma * (after - sigma)
    return x


@pytest.mark.slow
def test_each_picture_of_a_batch_is_drawn_as_alone(make_plan, conditioning) -> None:
    for row, whose in sampled(OURS):
        if row.along_path and not find_spec("torchsde"):
            continue
        plan = make_plan(sampler=row.name, arithmetic=whose, steps=4)
        plans = [plan, replace(plan, seed=9, guidance=7.5, positive=conditioning("a blue square"))]
        batch = drawn([Wanted(each, each.seed) for each in plans], Settings(device="cpu"), _silent)
        for picture, each in zip(batch, plans, strict=True):
            (alone,) = render(each, device="cpu")
            apart = np.asarray(picture, dtype=np.int16) - np.asarray(alone, dtype=np.int16)
            assert np.abs(apart).max() <= 1, (row.name, whose)


def test_over_an_image_comfyui_draws_all_steps_and_webui_a_share(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.png")
    told: dict[str, int] = {}
    for whose in ("comfy", "webui"):
        plan = plan_of(f"/remix /arithmetic:{whose} /image:red.png /strength:0.5 /steps:8 /seed:1 /size:64x64 a cow")
        (picture,) = render(
            replace(plan, image=str(tmp_path / "red.png")),
            device="cpu",
            on_step=lambda _, done, __, whose=whose: told.update({whose: done}),
        )
        assert picture.size == (64, 64)
    assert told == {"comfy": 8, "webui": 5}


@pytest.mark.parametrize("said", ["/arithmetic:diffusers", "/arithmetic:comfy", "/arithmetic:webui", "/hires:1.5"])
def test_numbers_that_end_in_the_middle_are_said_and_the_next_picture_is_drawn(said: str) -> None:
    plan = plan_of(f"/render {said} /sampler:dpm2m /seed:1 /steps:4 /size:64x64 a cow")
    calls = count()

    def broken(module, given, said):
        return tuple(each * torch.nan for each in said) if next(calls) == 2 else said

    hook = opened(plan.model).pipeline.unet.register_forward_hook(broken)
    try:
        with pytest.raises(RenderError, match=r"is not a number \(NaN\)"):
            render(plan, device="cpu")
        (picture,) = render(plan, device="cpu")
    finally:
        hook.remove()
    assert np.asarray(picture).std() > 1


def test_what_an_arithmetic_lacks_is_refused(make_plan) -> None:
    with pytest.raises(RenderError, match="ComfyUI has no sampler `plms`"):
        render(make_plan(sampler="plms", arithmetic="comfy"), device="cpu")
    with pytest.raises(RenderError, match="`ddim` has no schedule `karras` in stable-diffusion-webui"):
        render(make_plan(sampler="ddim", schedule="karras", arithmetic="webui"), device="cpu")


@pytest.mark.parametrize(
    "text",
    [
        "/render /sampler:dpm2m /steps:999 /size:64x64 a cow",
        "/render /sampler:upms /steps:1000 /size:64x64 a cow",
        "/render /sampler:deis /schedule:simple /steps:998 /size:64x64 a cow",
        "/render /hires:2 /hires-strength:0.02 /steps:20 /sampler:dpm2m /size:64x64 a cow",
        "/remix /arithmetic:comfy /sampler:dpm2m /schedule:simple /strength:0.01 /image:red.png a cow",
        "/remix /arithmetic:comfy /sampler:er_sde /schedule:simple /strength:0.01 /image:red.png a cow",
        "/remix /arithmetic:comfy /sampler:sa_solver /schedule:simple /strength:0.01 /image:red.png a cow",
    ],
)
def test_steps_of_one_noise_level_are_refused_before_anything_is_drawn(text, tmp_path: Path) -> None:
    """The sampler would divide by 0, and what is drawn would be no number."""
    plan = plan_of(text)
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.png")
    calls: list[int] = []
    with pytest.raises(RenderError, match="two steps have one of the model's 1000 noise levels"):
        render(
            replace(plan, image=plan.image and str(tmp_path / "red.png")),
            device="cpu",
            on_step=lambda _, done, __: calls.append(done),
        )
    assert not calls


def _silent(done: int, total: int) -> None:
    """Nobody asks."""
