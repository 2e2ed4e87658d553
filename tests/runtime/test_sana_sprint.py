"""Sana Sprint, which draws by consistency sampling with noise levels of its own, as diffusers draws it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import SCMScheduler
from safetensors.torch import save_file

import promptlang
from promptlang.config.chain import load as load_project
from promptlang.models.identify import identify
from promptlang.plans.plan import Model, Network
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.models.places import find_all
from tests.runtime import tiny_language as tiny
from tests.runtime.language import BAD, BLUE, RED, call, saying
from tests.runtime.pictures import draw, low_rank, merged, opened, without_alpha


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("sprint") / "sana"
    tiny.sana_sprint().save_pretrained(root)
    return root


@pytest.fixture
def plan_of(folder, make_plan):
    """A small plan, with changes."""

    def make(**changes):
        model = Model(name="tiny", family="sana", path=str(folder), variant="sprint")
        plain = {"clip_skip": None, "sampler": "lcm", "steps": 2, "guidance": 4.5, "size": (64, 32)}
        return make_plan(**{"model": model, "positive": saying(RED), "negative": saying(""), **plain, **changes})

    return make


def called(plan, words=RED):
    """The pictures of diffusers, which would choose another size, and a moment between any but two steps."""
    more = {} if plan.steps == 2 else {"intermediate_timesteps": None}
    settings = {"guidance_scale": plan.guidance, "use_resolution_binning": False, **more}
    found = call(plan, scheduler=SCMScheduler, prompt=words, **settings)
    return [np.asarray(each, dtype=np.int16) for each in found]


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (RED, {}),
        (RED, {"steps": 1, "guidance": 7.0}),
        (RED, {"steps": 4, "images": 2}),
        ("a red cow " * 9, {"size": (32, 96), "guidance": 1.0, "seed": 2**31}),
        ("", {"steps": 3}),
    ],
)
def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(plan_of, words, changes):
    plan = plan_of(positive=saying(words), **changes)
    for ours, theirs in zip(render(plan, device="cpu"), called(plan, words), strict=True):
        assert np.array_equal(np.asarray(ours, dtype=np.int16), theirs)


def test_guidance_is_an_input_and_no_negative_prompt_is_read(plan_of):
    plan = plan_of()
    assert not np.array_equal(draw(plan), draw(replace(plan, guidance=1.5)))
    assert np.array_equal(draw(plan), draw(replace(plan, negative=saying(BAD))))
    assert not np.array_equal(draw(plan), draw(replace(plan, positive=saying(BLUE))))


@pytest.mark.parametrize(
    ("changes", "message", "help"),
    [
        ({"sampler": "k_euler"}, "the sampler `k_euler` cannot draw with Sana sprint", "write `/sampler:lcm`"),
        ({"schedule": "simple"}, "schedule `simple`", ""),
        (
            {"arithmetic": "comfy"},
            "models of Sana are not drawn as ComfyUI draws them",
            "write `/arithmetic:diffusers`",
        ),
    ],
)
def test_no_other_sampler_draws_it(plan_of, changes, message, help):
    for look in (find_all, draw):
        with pytest.raises(RenderError, match=message) as caught:
            look(plan_of(**changes))
        assert caught.value.help.startswith(help)


def test_a_lora_is_the_merged_model(plan_of, tmp_path):
    plan, layer = plan_of(), "transformer_blocks.0.attn1.to_q"
    layers = {f"transformer.{layer}": opened(plan).pipeline.transformer.get_submodule(layer)}
    pairs = low_rank(layers)
    save_file(without_alpha(pairs, strength=1), tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="lora", weight=0.5, path=str(tmp_path / "ink.safetensors"))
    found = draw(replace(plan, networks=(ink,)))
    with merged(layers, {name: 0.5 * up @ down for name, (down, up) in pairs.items()}):
        assert np.abs(found - draw(plan)).max() <= 1
    assert not np.array_equal(found, draw(plan))


def test_a_statement_takes_its_sampler_steps_and_guidance_from_the_model(folder, tmp_path):
    found = identify(folder)
    assert (found.family, found.variant) == ("sana", "sprint")
    (tmp_path / "promptlang.toml").write_text(f'[concepts.names]\ntiny = {{ path = "{folder}" }}\n')
    project = load_project(tmp_path / "promptlang.toml").project
    compiled = promptlang.compile("/render /size:64x32 /seed:7 a red cow <tiny>", project=project)
    (plan,) = compiled.plans
    assert (plan.sampler, plan.steps, plan.guidance) == ("lcm", 2, 4.5)
    find_all(plan)
    assert np.array_equal(draw(plan), called(plan)[0])
    other = promptlang.compile("/render /size:64x32 /sampler:k_euler a red cow <tiny>", project=project)
    assert "the sampler `k_euler` cannot draw with Sana sprint, which is made for `lcm` alone" in [
        each.message for each in other.diagnostics
    ]


def test_a_single_file_is_refused_before_it_is_opened(plan_of, tmp_path):
    shapes = {
        "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
        "blocks.0.cross_attn.kv_linear.weight": (4480, 2240),
        "cfg_embedder.mlp.0.weight": (2240, 256),
    }
    save_file({name: torch.zeros(shape) for name, shape in shapes.items()}, tmp_path / "sprint.safetensors")
    model = Model(name="tiny", family="sana", path=str(tmp_path / "sprint.safetensors"), variant="sprint")
    with pytest.raises(RenderError, match="<tiny> is a denoiser alone of Sana"):
        find_all(plan_of(model=model))
