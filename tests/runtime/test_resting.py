"""Parts of a model that rest while they are not at work: what is drawn with them, where resting they are no numbers."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from diffusers.hooks.group_offloading import ModuleGroup

from promptlang import compile
from promptlang.plans.plan import Model
from promptlang_runtime.drawing import resting
from promptlang_runtime.executors import loading
from promptlang_runtime.executors.limits import MEMORY
from promptlang_runtime.executors.loading import load
from promptlang_runtime.models import libraries
from tests.runtime import tiny, tiny_language
from tests.runtime.language import small
from tests.runtime.pictures import draw, opened
from tests.thorough import is_thorough

CPU = torch.device("cpu")
LONG = "a red circle on a white background, " * 12
BUILT = {
    "sdxl": tiny.tiny_sdxl,
    "sd3": tiny_language.sd3,
    "flux": tiny_language.flux,
    "chroma": tiny_language.chroma,
    "flux2": tiny_language.klein,
    "z-image": tiny_language.z_image,
    "qwen-image": tiny_language.qwen_image,
    "lumina2": tiny_language.lumina2,
    "krea2": tiny_language.krea2,
    "sana": tiny_language.sana,
}
VARIANTS = {"flux2": "klein 4B"}
QUICK = ("sdxl", "qwen-image")  # two encoders and a UNet, a language model and a transformer


@contextmanager
def away(pipeline, folder, monkeypatch):
    """A pipeline whose text encoders and layers hold no numbers while they rest, on whatever they are left."""
    true = {}

    def take_away(tensors):
        for tensor in tensors:
            true[id(tensor)] = tensor.data
            if tensor.is_floating_point():
                tensor.data = torch.full_like(tensor.data, torch.nan)

    def give_back(tensors):
        for tensor in tensors:
            tensor.data = true[id(tensor)]

    def held(group):
        inside = [each for module in group.modules for each in (*module.parameters(), *module.buffers())]
        return [*inside, *group.parameters, *group.buffers]

    monkeypatch.setattr(ModuleGroup, "offload_", lambda group: take_away(held(group)))
    monkeypatch.setattr(ModuleGroup, "onload_", lambda group: give_back(held(group)))
    resting.rest(pipeline, folder.text_encoders, folder.denoiser, CPU, by_layer=True)
    parts = libraries.parts_of(pipeline)
    readers = [parts[name] for name in folder.text_encoders if name in parts]
    encoders = {id(each): each for part in readers for each in (*part.parameters(), *part.buffers())}
    take_away(encoders.values())
    by_data = {each.data.data_ptr(): true[key] for key, each in encoders.items() if each.is_floating_point()}
    monkeypatch.setattr(resting, "brought", lambda found, device: by_data.get(found.data_ptr(), found))
    yield [*encoders.values(), *parts[folder.denoiser].parameters()]


def as_without(plan, monkeypatch):
    """Draw a plan with everything at hand, and again with a model whose parts rest."""
    wanted = draw(plan)
    loading._latest.clear()
    model = opened(plan)
    with away(model.pipeline, model.family.folder, monkeypatch) as tensors:
        found = draw(plan)
        assert all(torch.isnan(each).all() for each in tensors if each.is_floating_point())
    loading._latest.clear()
    assert wanted.std() > 1
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("name", BUILT if is_thorough() else QUICK)
def test_a_family_draws_with_parts_that_rest(make_plan, tmp_path, monkeypatch, name):
    BUILT[name]().save_pretrained(tmp_path)
    model = Model(name="tiny", family=name, path=str(tmp_path), variant=VARIANTS.get(name, ""))
    as_without(small(make_plan, model), monkeypatch)


@pytest.mark.parametrize(
    "words",
    [
        "/parser:a1111 a [red|blue] circle AND a blue square :0.6",
        f"/parser:a1111 {LONG} [[a star:a heart:0.5]]",
        f"/parser:comfy {LONG}",
        '/parser:compel ("a red circle", "a blue star").blend(1, 0.6)',
        "/parser:new /clipskip:4 a (red:1.4) circle <neon:0.7> <blueprint>",
        "/parser:a1111 /hires:1.5 /hires-steps:1 a red circle",
    ],
)
def test_a_statement_draws_with_parts_that_rest(monkeypatch, words):
    (plan,) = compile(f"/render /seed:3 /steps:2 /size:64x64 /sampler:k_euler <demo> {words} [blue]").plans
    as_without(plan, monkeypatch)


def test_nothing_rests_on_the_cpu(make_plan):
    plan = make_plan(steps=1)
    model = opened(plan)
    assert all(load(plan.model, device=CPU, dtype=torch.float32, memory=each) is model for each in MEMORY)


def test_text_encoders_stay_where_diffusers_looks_for_the_device_among_them(monkeypatch):
    pipeline = tiny.tiny_pipeline()
    monkeypatch.setattr(type(pipeline), "device", torch.device("meta"))
    resting.rest(pipeline, ["text_encoder"], "unet", CPU, by_layer=False)
    monkeypatch.setattr(resting, "brought", lambda tensor, device: pytest.fail("it does not rest"))
    with resting.awake(pipeline):
        assert not torch.isnan(next(pipeline.text_encoder.parameters())).any()


def test_attention_is_divided_where_it_is_held_whole(monkeypatch):
    pipeline = tiny.tiny_pipeline()
    kinds = lambda: {type(each).__name__ for each in pipeline.unet.attn_processors.values()}  # noqa: E731
    whole = kinds()
    resting.rest(pipeline, ["text_encoder"], "unet", CPU, by_layer=True)
    assert kinds() == whole == {"AttnProcessor2_0"}
    monkeypatch.setattr(resting, "SLICED", {"cpu"})
    resting.rest(pipeline, ["text_encoder"], "unet", CPU, by_layer=True)
    assert kinds() == {"SlicedAttnProcessor"}
