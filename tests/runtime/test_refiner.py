"""Pictures that Stable Diffusion XL begins and its refiner finishes, as the two pipelines of diffusers draw them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline
from PIL import Image
from safetensors.torch import load_file, save_file

import promptlang
from promptlang.config.chain import load as load_project
from promptlang.plans.plan import Conditioning, Model
from promptlang.plans.remixing import calls_of
from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import pictures, render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.table import refiner_of
from promptlang_runtime.models.places import find_all
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import tiny
from tests.runtime.pictures import draw, edited, opened, saying
from tests.runtime.test_sdxl import RED, chunk, embeds

BEGUN = 0.8


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    root = tmp_path_factory.mktemp("refiner")
    base = tiny.written(tiny.tiny_sdxl(), tiny.sdxl_layout, root / "base")
    return base, tiny.written(tiny.tiny_refiner(), tiny.refiner_layout, root / "refiner")


@pytest.fixture
def plan_of(places, make_plan):
    """A small plan with a refiner, with changes."""

    def make(place="folder", **changes):
        base, refiner = places
        plain = {
            "model": Model(name="tiny", family="sdxl", path=str(base["folder"])),
            "refiner": Model(name="fine", family="sdxl-refiner", path=str(refiner[place])),
            "positive": saying((RED, 1.0)),
            "clip_skip": None,
            "sampler": "k_euler",
            "steps": 10,
        }
        return make_plan(**{**plain, **changes})

    return make


def encoded(pipeline, text, clip_skip=2):
    with torch.no_grad():
        said = pipeline.text_encoder_2(chunk(text, 0), output_hidden_states=True)
    return said.hidden_states[-clip_skip], said.text_embeds


def by_hand(plan, *, negative="blue", clip_skip=2, seeds=None):
    """What is written everywhere about base and refiner, one generator for both."""
    base, model = opened(plan).pipeline, opened(plan)
    row = refiner_of(plan.refiner)
    fine = load(plan.refiner, device=torch.device("cpu"), dtype=torch.float32, family=row)
    parts = {**fine.pipeline.components, "vae": base.vae}
    refiner = StableDiffusionXLImg2ImgPipeline(**parts, requires_aesthetics_score=True, add_watermarker=False)
    base.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    refiner.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=fine.scheduler_config)
    seeds = seeds or [plan.seed]
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    common = {
        "num_inference_steps": plan.steps,
        "guidance_scale": plan.guidance,
        "generator": generators,
        "num_images_per_prompt": len(seeds),
    }
    latents = base(
        **embeds(base, RED, negative, clip_skip=clip_skip),
        **common,
        width=plan.size[0],
        height=plan.size[1],
        denoising_end=BEGUN,
        output_type="latent",
    ).images
    states, pooled = encoded(refiner, RED, clip_skip)
    against = encoded(refiner, negative, clip_skip)
    found = refiner(
        prompt_embeds=states,
        pooled_prompt_embeds=pooled,
        negative_prompt_embeds=against[0],
        negative_pooled_prompt_embeds=against[1],
        **common,
        image=latents,
        denoising_start=BEGUN,
    ).images
    return [np.asarray(each, dtype=np.int16) for each in found]


@pytest.mark.parametrize("sampler", ["k_euler", "k_euler_a", "dpm2m", "heun"])
def test_a_plain_plan_is_the_picture_of_both_pipelines_bit_for_bit(plan_of, sampler):
    plan = plan_of(sampler=sampler)
    (expected,) = by_hand(plan)
    assert np.array_equal(draw(plan), expected)


def test_a_refiner_of_a_single_file_is_the_one_of_the_folder(plan_of):
    assert np.array_equal(draw(plan_of("file")), draw(plan_of("folder")))


def test_a_refiner_needs_no_vae_of_its_own(plan_of, places, tmp_path):
    plan, (_, refiner) = plan_of(), places
    folder, file = shutil.copytree(refiner["folder"], tmp_path / "fine"), tmp_path / "fine.safetensors"
    shutil.rmtree(folder / "vae")
    tensors = load_file(refiner["file"])
    save_file({key: each for key, each in tensors.items() if not key.startswith("first_stage_model.")}, file)
    for place in (folder, file):
        lighter = replace(plan, refiner=replace(plan.refiner, path=str(place)))
        find_all(lighter)
        assert np.array_equal(draw(lighter), draw(plan))


def test_a_vae_of_its_own_may_be_any(plan_of, places, tmp_path):
    folder = shutil.copytree(places[1]["folder"], tmp_path / "fine")
    (folder / "vae").mkdir(exist_ok=True)
    (folder / "vae" / "config.json").write_text("[1]")
    find_all(plan_of(refiner=Model(name="fine", family="sdxl-refiner", path=str(folder))))


def test_a_file_that_lacks_a_tensor_is_known_before_it_is_opened(plan_of, places, tmp_path):
    tensors = load_file(places[1]["file"])
    del tensors["conditioner.embedders.0.model.ln_final.weight"]
    save_file(tensors, tmp_path / "fine.safetensors")
    plan = plan_of()
    with pytest.raises(RenderError, match=r"`fine\.safetensors` lacks `conditioner\S+ln_final\.weight`"):
        find_all(replace(plan, refiner=replace(plan.refiner, path=str(tmp_path / "fine.safetensors"))))


def test_clip_skip_moves_the_layer_of_both(plan_of):
    plan = plan_of(clip_skip=3)
    (expected,) = by_hand(plan, clip_skip=3)
    assert np.array_equal(draw(plan), expected)


def test_several_pictures_each_have_their_seed(plan_of):
    plan = plan_of(images=2)
    found = [np.asarray(each, dtype=np.int16) for each in render(plan, device="cpu")]
    for ours, theirs in zip(found, by_hand(plan, seeds=[plan.seed, plan.seed + 1]), strict=True):
        assert np.array_equal(ours, theirs)


def test_it_changes_the_picture_and_leaves_the_model_as_it_was(plan_of):
    plan = plan_of()
    without = draw(replace(plan, refiner=None))
    assert not np.array_equal(draw(plan), without)
    assert np.array_equal(draw(replace(plan, refiner=None)), without)


def test_both_models_are_kept_for_the_next_plan(plan_of):
    plan = plan_of()
    draw(plan)
    row = refiner_of(plan.refiner)
    first = opened(plan), load(plan.refiner, device=torch.device("cpu"), dtype=torch.float32, family=row)
    draw(replace(plan, seed=9))
    assert first == (opened(plan), load(plan.refiner, device=torch.device("cpu"), dtype=torch.float32, family=row))


def test_words_change_between_steps_of_either(plan_of):
    plan = plan_of()
    early, late = (draw(replace(plan, positive=edited((at, RED), (99, "a blue cow")))) for at in (2, 8))
    assert not np.array_equal(early, draw(plan))
    assert not np.array_equal(late, draw(plan))
    assert not np.array_equal(early, late)
    assert np.array_equal(draw(replace(plan, positive=edited((9, RED), (99, "a blue cow")))), draw(plan))


@pytest.mark.parametrize(
    ("sampler", "steps", "calls", "most"),
    [
        ("k_euler", 10, 10, 10),
        ("heun", 10, 20, 20),
        ("heun", 7, 14, 14),
        ("k_dpm2", 6, 11, 12),
        ("k_dpm2", 10, 20, 20),
        ("k_dpm2_a", 7, 14, 14),
    ],
)
def test_every_call_is_told_of_once(plan_of, sampler, steps, calls, most):
    plan, told = plan_of(sampler=sampler, steps=steps), []
    list(pictures(plan, device="cpu", on_step=lambda before, done, total: told.append((done, total))))
    assert told == [(call, calls) for call in range(1, calls + 1)]
    assert calls_of(plan) == most


@pytest.mark.parametrize(("sampler", "said"), [("k_euler", "in 6 denoiser calls"), ("heun", "in at most 12 denoiser")])
def test_a_dry_run_says_how_many_calls_there_will_be_at_most(places, tmp_path, capsys, sampler, said):
    base, refiner = places
    (tmp_path / "promptlang.toml").write_text(
        f'[concepts.names]\nplain = "{base["folder"]}"\nfine = "{refiner["folder"]}"\n'
    )
    asked = f"/render /parser:new /seed:7 /steps:6 /size:64x64 /sampler:{sampler} a red circle <plain> <fine>\n"
    (tmp_path / "one.prompt").write_text(asked)
    main([str(tmp_path / "one.prompt"), "--dry-run"])
    assert said in capsys.readouterr().out


def test_the_calls_of_a_picture_that_starts_from_another_are_told_as_they_will_be(plan_of, tmp_path):
    Image.new("RGB", (64, 64), "#2040d0").save(tmp_path / "start.png")
    plan, told = plan_of(image=str(tmp_path / "start.png"), strength=0.6, command="remix"), []
    list(pictures(plan, device="cpu", on_step=lambda before, done, total: told.append((done, total))))
    assert told == [(call, 6) for call in range(1, 7)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"guidance": 0.5}, "a refiner cannot pull in several directions yet"),
        ({"positive": Conditioning(branches=saying((RED, 1.0)).branches * 2)}, "a refiner cannot pull in several"),
    ],
)
def test_what_is_not_finished_is_said(plan_of, changes, message):
    with pytest.raises(RenderError, match=message):
        draw(plan_of(**changes))


def test_a_picture_that_starts_from_another_is_finished_where_something_was_begun(plan_of, tmp_path):
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40).convert("RGB").save(tmp_path / "start.png")
    plan = plan_of(image=str(tmp_path / "start.png"), strength=0.6, command="remix")
    assert not np.array_equal(draw(plan), draw(replace(plan, refiner=None)))
    with pytest.raises(RenderError, match=r"strength 0\.2 leaves nothing to draw before the refiner"):
        draw(replace(plan, strength=0.2))


def test_a_model_that_is_no_refiner_is_refused(plan_of, places):
    base, _ = places
    plan = plan_of(refiner=Model(name="tiny", family="sdxl", path=str(base["folder"])))
    with pytest.raises(RenderError, match="<tiny> is Stable Diffusion XL, and no refiner"):
        find_all(plan)
    with pytest.raises(RenderError, match="<tiny> is no refiner"):
        draw(plan)


def test_the_project_names_it_or_the_statement_calls_it(places, plan_of, tmp_path):
    base, refiner = places
    (tmp_path / "promptlang.toml").write_text(
        f'[concepts.names]\nfine = "{refiner["folder"]}"\nplain = "{base["folder"]}"\n'
        f'whole = {{ path = "{base["folder"]}", refiner = "fine" }}\n'
    )
    project = load_project(tmp_path / "promptlang.toml").project
    options = "/parser:new /seed:7 /steps:10 /size:64x64 /sampler:k_euler /guidance:7.5 a red circle [blue]"
    asked = {
        words: promptlang.compile(f"/render {options} {words}", project=project).plans[0]
        for words in ("<whole>", "<plain> <fine>", "<whole> /nofix", "<plain>")
    }
    finished, alone = draw(asked["<whole>"]), draw(asked["<plain>"])
    assert np.array_equal(draw(asked["<plain> <fine>"]), finished)
    assert np.array_equal(draw(asked["<whole> /nofix"]), alone)
    assert not np.array_equal(finished, alone)
