"""Flow-matching models in ComfyUI's arithmetic: against the scheduler of diffusers, and against loops by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp

import numpy as np
import pytest
import torch

from promptlang import compile
from promptlang.config.chain import load as load_project
from promptlang.plans.plan import Model
from promptlang.tables.arithmetics import COMFY, samplers
from promptlang.tables.models.abilities import flow_of
from promptlang.tables.models.families import family
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.models.schedulers import flow_sampler_of
from promptlang_runtime.sampling.flow import TokenNoise
from promptlang_runtime.sampling.methods import FLOW
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, RED, call, saying

STEPS = 4
DRAWN = [row.name for row in samplers(COMFY.name) if row.comfy_flow]


@dataclass(frozen=True)
class Kind:
    """A family, the shift that it has in ComfyUI, its tiny model, and what a call by hand is told."""

    name: str
    shift: float
    build: Callable[[], object]
    guided: Mapping[str, object]
    variant: str = ""


KINDS = (
    Kind("sd3", 3.0, tiny.sd3, {"guidance_scale": 4.0, "negative_prompt": BAD}),
    Kind("flux", exp(1.15), tiny.flux, {"guidance_scale": 4.0}),
    Kind("flux", 1.0, lambda: tiny.flux(is_guided=False), {}, "schnell"),
    Kind("chroma", exp(1.15), tiny.chroma, {"guidance_scale": 4.0, "negative_prompt": BAD}),
    Kind("qwen-image", exp(1.15), tiny.qwen_image, {"true_cfg_scale": 4.0, "negative_prompt": BAD}),
    Kind("qwen-image-2.1", exp(0.69), tiny.qwen_image_21, {"true_cfg_scale": 4.0, "negative_prompt": BAD}),
    Kind("z-image", 3.0, tiny.z_image, {"guidance_scale": 3.0, "negative_prompt": BAD}),
    Kind("lumina2", 6.0, tiny.lumina2, {"guidance_scale": 4.0, "negative_prompt": BAD}),
    Kind("flux2", exp(2.02), tiny.klein, {"guidance_scale": 4.0}, "klein 4B"),
    Kind("krea2", exp(1.15), tiny.krea2, {"guidance_scale": 3.0, "negative_prompt": BAD}),
)


def plan_of(make_plan, kind: Kind, **changes: object):
    side = family(kind.name).multiple
    plain = {
        "model": Model(name="tiny", family=kind.name, variant=kind.variant),
        "positive": saying(RED),
        "negative": saying(BAD),
        "sampler": "k_euler",
        "arithmetic": "comfy",
        "steps": STEPS,
        "size": (2 * side, side),
    }
    return make_plan(**{**plain, **changes})


def latents(plan, kind: Kind, scheduler: Callable[[], object], **settings: object) -> torch.Tensor:
    return call(
        plan, pipeline=kind.build(), scheduler=scheduler, output_type="latent", **{**kind.guided, **settings}
    ).float()


def ours(plan):
    return lambda: flow_sampler_of(plan, [plan.seed], tiny.flow().config, patch=0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name} {kind.variant}".rstrip())
def test_euler_and_simple_draw_as_the_scheduler_of_diffusers_with_the_shift_of_comfyui(make_plan, kind) -> None:
    plan = plan_of(make_plan, kind)
    even = list(np.linspace(1, 1 / STEPS, STEPS))
    drawn = latents(plan, kind, ours(plan))
    wanted = latents(plan, kind, lambda: tiny.flow(shift=kind.shift), sigmas=even)
    assert float((drawn - wanted).norm() / wanted.norm()) < 1e-5


def test_normal_is_what_diffusers_draws_sd3_by(make_plan) -> None:
    """Both move their levels to noise twice."""
    kind = KINDS[0]
    plan = plan_of(make_plan, kind, schedule="normal")
    drawn, wanted = latents(plan, kind, ours(plan)), latents(plan, kind, tiny.flow)
    assert float((drawn - wanted).norm() / wanted.norm()) < 1e-5


def velocity(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """What a denoiser might say."""
    return torch.sin(3 * x) + sigma * x


def driven(make_plan, **changes: object) -> tuple[torch.Tensor, torch.Tensor, list[float], int]:
    """The first picture, the last one, the levels, and the number of calls, with that denoiser."""
    plan = plan_of(make_plan, KINDS[0], **changes)
    scheduler = flow_sampler_of(plan, [plan.seed], tiny.flow().config, patch=0)
    scheduler.set_timesteps(plan.steps, device=torch.device("cpu"))
    x = first = torch.randn((1, 16, 4, 4), generator=torch.Generator().manual_seed(1))
    for moment in scheduler.timesteps:
        x = scheduler.step(velocity(x, float(moment) / 1000), moment, x, return_dict=False)[0]
    return first, x, list(scheduler.sigmas), len(scheduler.timesteps)


def test_heun_goes_by_the_mean_of_two_slopes(make_plan) -> None:
    x, drawn, sigmas, calls = driven(make_plan, sampler="heun", schedule="karras")
    for sigma, after in pairwise(sigmas):
        first = velocity(x, sigma)
        second = velocity(x + (after - sigma) * first, after) if after else first
        x = x + (after - sigma) * (first + second) / 2
    assert (calls, len(sigmas)) == (2 * STEPS - 1, STEPS + 1)
    assert torch.allclose(drawn, x, atol=1e-5)


@pytest.mark.parametrize("sampler", ["k_euler_a", "lcm", "k_dpm2_a", "dpm2s_a"])
def test_fresh_noise_keeps_the_shares_of_picture_and_noise(make_plan, sampler) -> None:
    """By hand: down to a lower level, then as much picture away as noise comes."""
    x, drawn, sigmas, _ = driven(make_plan, sampler=sampler, seed=7)
    generator = torch.Generator().manual_seed(8)
    for sigma, after in pairwise(sigmas):
        guess = x - sigma * velocity(x, sigma)
        if not after:
            x = guess
            break
        noise = torch.randn(x.shape[1:], generator=generator)[None]
        if sampler == "lcm":
            x = (1 - after) * guess + after * noise
            continue
        down = after * after / sigma
        if sampler == "k_euler_a":
            x = x + (down - sigma) * (x - guess) / sigma
        elif sampler == "k_dpm2_a":
            middle = (sigma * down) ** 0.5
            x = x + (down - sigma) * velocity(x + (middle - sigma) * (x - guess) / sigma, middle)
        else:
            logs = [np.log((1 - each) / each) if each < 1 else None for each in (sigma, down)]
            middle = 0.9999 if logs[0] is None else 1 / (1 + exp((logs[0] + logs[1]) / 2))
            between = middle / sigma * x + (1 - middle / sigma) * guess
            there = between - middle * velocity(between, middle)
            x = down / sigma * x + (1 - down / sigma) * there
        share = (1 - after) / (1 - down)
        x = share * x + (after**2 - (down * share) ** 2) ** 0.5 * noise
    assert torch.allclose(drawn, x, atol=1e-4)


@pytest.mark.parametrize("sampler", DRAWN)
def test_every_sampler_ends_near_the_exact_path(make_plan, sampler) -> None:
    """Of a denoiser that always guesses one picture; those that make noise anew end there too."""
    plan = plan_of(make_plan, KINDS[0], sampler=sampler, steps=12)
    scheduler = flow_sampler_of(plan, [plan.seed], tiny.flow().config, patch=0)
    scheduler.set_timesteps(plan.steps, device=torch.device("cpu"))
    wanted, x = torch.full((1, 16, 4, 4), 0.5), torch.randn((1, 16, 4, 4))
    for moment in scheduler.timesteps:
        x = scheduler.step((x - wanted) / (moment / 1000), moment, x, return_dict=False)[0]
    assert float((x - wanted).abs().max()) < 1e-3


def test_samplers_and_their_functions_are_the_same() -> None:
    assert set(DRAWN) <= set(FLOW)


def test_step_noise_is_laid_out_as_the_pipeline_lays_out_the_first() -> None:
    pipeline, like = tiny.flux(), torch.zeros(1, 6, 16)
    noise = TokenNoise([torch.Generator().manual_seed(3)], like, 2, 2 / 3)(1.0, 0.5)
    drawn = torch.randn((1, 4, 4, 6), generator=torch.Generator().manual_seed(3))
    assert torch.equal(noise, pipeline._pack_latents(drawn, 1, 4, 4, 6))


def test_a_statement_is_drawn_so_from_a_folder(tmp_path) -> None:
    tiny.flux().save_pretrained(tmp_path / "tiny")
    (tmp_path / "promptlang.toml").write_text(
        '[concepts.names]\ntiny = { path = "tiny", family = "flux", variant = "dev" }\n'
    )
    project = load_project(tmp_path / "promptlang.toml").project
    text = "/set <tiny>\n/render /parser:comfy /sampler:{} /steps:3 /seed:5 /size:32x32 a red cow"
    pictures = []
    for sampler in ("euler", "euler_ancestral", "dpmpp_2m"):
        (plan,) = compile(text.format(sampler), project=project).plans
        assert plan.arithmetic == "comfy"
        plan = replace(plan, model=replace(plan.model, path=str(tmp_path / "tiny")))
        calls: list[int] = []
        (picture,) = render(plan, device="cpu", on_step=lambda _, done, __, calls=calls: calls.append(done))
        pictures.append(np.asarray(picture).tobytes())
        assert calls[-1] == 3
    assert len(set(pictures)) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampler": "upms"}, "the sampler `upms` is not drawn as ComfyUI draws it with a flow-matching model"),
        ({"schedule": "ddim_uniform"}, "the schedule `ddim_uniform` begins below full noise"),
    ],
)
def test_what_has_no_meaning_there_is_refused(make_plan, changes, message) -> None:
    with pytest.raises(RenderError, match=message):
        flow_sampler_of(plan_of(make_plan, KINDS[0], **changes), [1], {}, patch=0)


def test_schnell_has_a_shift_of_its_own() -> None:
    row = family("flux")
    assert [flow_of(row, each).shift for each in ("dev", "schnell")] == [exp(1.15), 1.0]
