"""Pictures of the bundled model: as diffusers draws them where it can, and as the formula says elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from promptlang.plans.plan import Conditioned, Conditioning, Model, Network, Run, Segment
from promptlang.tables.arithmetics import DEFAULT, samplers
from promptlang_runtime.conditioning.encode import prompt_encoder
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.choosing import chosen
from promptlang_runtime.executors.here import pictures, render
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime.pictures import edited

MISSING = [row.name for row in samplers(DEFAULT) if row.package]


def draw(plan, **settings):
    return render(plan, device="cpu", **settings)


def pixels(picture):
    return np.asarray(picture, dtype=np.int16)


def difference(first, second):
    return int(np.abs(pixels(first) - pixels(second)).max())


def by_hand(demo, plan, *, seed, guidance=None, **settings):
    """The same call of diffusers with embeddings of our encoder."""
    pipeline = demo.pipeline
    encoder = prompt_encoder(pipeline.text_encoder, weighting=plan.weighting, clip_skip=plan.clip_skip)
    pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=demo.scheduler_config)
    (positive,), (negative,) = ([b.segments[0].runs for b in side.branches] for side in (plan.positive, plan.negative))
    return pipeline(
        prompt_embeds=encoder.embed(positive),
        negative_prompt_embeds=encoder.embed(negative),
        num_inference_steps=plan.steps,
        guidance_scale=plan.guidance if guidance is None else guidance,
        width=plan.size[0],
        height=plan.size[1],
        generator=torch.Generator("cpu").manual_seed(seed),
        **settings,
    ).images[0]


@pytest.mark.parametrize("clip_skip", [1, 2, 13])
def test_a_plain_plan_is_the_diffusers_picture_bit_for_bit(demo, make_plan, clip_skip):
    plan = make_plan(clip_skip=clip_skip)
    (picture,) = draw(plan)
    assert picture.size == (64, 64)
    assert difference(picture, by_hand(demo, plan, seed=7)) == 0


def test_rescaled_guidance_is_that_of_diffusers(demo, make_plan, conditioning):
    plan = make_plan(rescale=0.7, guidance=9.0)
    (picture,) = draw(plan)
    assert difference(picture, by_hand(demo, plan, seed=7, guidance_rescale=0.7)) == 0
    assert difference(picture, draw(replace(plan, rescale=None))[0]) > 0
    (looped,) = draw(replace(plan, positive=conditioning(*[("a red circle on a white background", 0.5)] * 2)))
    assert difference(looped, picture) <= 1
    remix = replace(plan, command="remix", image="any.png")
    with pytest.raises(RenderError, match="does not rescale guidance"):
        draw(remix)


def test_the_same_plan_gives_the_same_bits_and_another_seed_others(make_plan):
    (first,), (again,), (other,) = draw(make_plan()), draw(make_plan()), draw(make_plan(seed=8))
    assert difference(first, again) == 0
    assert difference(first, other) > 0


def test_picture_i_of_a_batch_has_seed_plus_i(make_plan):
    batch = draw(make_plan(images=3))
    assert [each.info["seed"] for each in batch] == [7, 8, 9]
    for place, picture in enumerate(batch):
        (alone,) = draw(make_plan(seed=7 + place))
        assert difference(picture, alone) <= 1


def test_exact_gives_the_bits_of_single_pictures(make_plan):
    batch = draw(make_plan(images=2), exact=True)
    assert [difference(each, *draw(make_plan(seed=7 + place))) for place, each in enumerate(batch)] == [0, 0]


def test_the_seed_after_the_largest_is_zero(make_plan):
    assert [each.info["seed"] for each in draw(make_plan(images=2, seed=2**64 - 1, steps=1))] == [2**64 - 1, 0]


def test_a_seed_is_drawn_and_told_where_the_plan_has_none(make_plan):
    (picture,) = draw(make_plan(seed=None))
    assert difference(picture, *draw(make_plan(seed=picture.info["seed"]))) == 0


def test_clip_skip_acts_on_the_negative_side_as_well(demo, make_plan):
    plan = make_plan(clip_skip=3)
    one_sided = by_hand(demo, replace(plan, clip_skip=3, negative=make_plan().negative), seed=7)
    assert difference(*draw(plan), one_sided) == 0


def test_words_weights_and_negatives_change_the_picture(make_plan, conditioning):
    (plain,) = draw(make_plan())
    weighted = Conditioning(branches=(Conditioned((Segment(9, (Run("a "), Run("red circle", 1.6))),)),))
    for changed in (
        make_plan(positive=conditioning("a blue square on a black background")),
        make_plan(positive=weighted),
        make_plan(negative=conditioning("a red circle on a white background")),
        make_plan(clip_skip=6),
        make_plan(guidance=7.0),
        make_plan(schedule="karras"),
        make_plan(freeu=(0.9, 0.2, 1.4, 1.6)),
    ):
        assert difference(plain, *draw(changed)) > 0


def test_free_u_ends_with_its_plan(make_plan):
    (before,) = draw(make_plan())
    draw(make_plan(freeu=(0.9, 0.2, 1.4, 1.6)))
    assert difference(before, *draw(make_plan())) == 0


def test_guidance_zero_ignores_the_prompt(make_plan, conditioning):
    (first,) = draw(make_plan(guidance=0.0))
    (second,) = draw(make_plan(guidance=0.0, positive=conditioning("a green star")))
    (unguided,) = draw(make_plan(guidance=1.0, positive=make_plan().negative))
    assert difference(first, second) == 0
    assert difference(first, unguided) == 0


def test_guidance_between_zero_and_one_lies_between(demo, make_plan):
    """Guidance just under 1 goes through the loop, 1 through the pipeline: they must nearly meet."""
    (almost,) = draw(make_plan(guidance=0.9999))
    (one,) = draw(make_plan(guidance=1.0))
    (half,) = draw(make_plan(guidance=0.5))
    assert difference(almost, one) <= 2
    assert difference(half, one) > 2


@pytest.mark.parametrize("sampler", ["dpm2m", "k_euler_a", "heun"])
def test_loop_and_pipeline_draw_the_same(make_plan, conditioning, sampler):
    text = "a red circle on a white background"
    (one,) = draw(make_plan(sampler=sampler))
    (halves,) = draw(make_plan(sampler=sampler, positive=conditioning((text, 0.5), (text, 0.5))))
    assert difference(one, halves) <= 1


def test_the_weight_of_a_single_branch_multiplies_guidance(make_plan, conditioning):
    text = "a red circle on a white background"
    (weighted,) = draw(make_plan(guidance=2.0, positive=conditioning((text, 2.0))))
    assert difference(weighted, *draw(make_plan(guidance=4.0))) == 0


def test_a_direction_of_negative_weight_pulls_away(make_plan, conditioning):
    text = "a red circle on a white background"
    (away,) = draw(make_plan(positive=conditioning((text, 1.0), ("a blue square", -0.7))))
    assert difference(away, *draw(make_plan())) > 0


def test_a_direction_of_weight_zero_changes_nothing(make_plan, conditioning):
    text = "a red circle on a white background"
    (same,) = draw(make_plan(positive=conditioning((text, 1.0), ("a blue square", 0.0))))
    assert difference(same, *draw(make_plan())) <= 1


@pytest.mark.parametrize("sampler", ["dpm2m", "heun"])
def test_an_edit_swaps_the_prompt_at_its_call(demo, make_plan, sampler):
    plan = make_plan(sampler=sampler, steps=4, positive=edited((1, "a red circle"), (99, "a blue square")))
    (picture,) = draw(plan)
    assert difference(picture, manual_edit(demo, plan, "a red circle", "a blue square", 1)) == 0


def manual_edit(demo, plan, first, second, until):
    """A denoising loop that looks the prompt up before every call."""
    pipeline = demo.pipeline
    encoder = prompt_encoder(pipeline.text_encoder, weighting="a1111", clip_skip=1)
    scheduler = scheduler_of(plan.sampler, schedule=None, config=demo.scheduler_config)
    scheduler.set_timesteps(plan.steps)
    generator = torch.Generator("cpu").manual_seed(plan.seed)
    latents = torch.randn(1, 4, 8, 8, generator=generator) * scheduler.init_noise_sigma
    negative = encoder.embed((Run("blue"),))
    with torch.no_grad():
        for call, moment in enumerate(scheduler.timesteps):
            states = torch.cat([negative, encoder.embed((Run(first if call <= until else second),))])
            batch = scheduler.scale_model_input(torch.cat([latents] * 2), moment)
            unconditional, conditional = pipeline.unet(batch, moment, encoder_hidden_states=states).sample.chunk(2)
            noise = unconditional + plan.guidance * (conditional - unconditional)
            latents = scheduler.step(noise, moment, latents).prev_sample
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
    return pipeline.image_processor.postprocess(decoded, output_type="pil")[0]


def test_an_edit_after_the_last_call_is_never_seen(make_plan):
    (plain,) = draw(make_plan())
    (late,) = draw(make_plan(positive=edited((99, "a red circle on a white background"), (100, "a blue square"))))
    assert difference(plain, late) == 0


def test_an_edit_may_change_the_number_of_chunks_and_the_negative_side_too(make_plan):
    long = "a blue square " * 30
    (picture,) = draw(make_plan(positive=edited((0, "a red circle"), (9, long)), images=1))
    assert picture.size == (64, 64)
    (both,) = draw(make_plan(negative=edited((0, "red"), (9, long)), positive=edited((1, long), (9, "a cow"))))
    assert difference(picture, both) > 0


def test_sides_of_different_length_are_padded(make_plan, conditioning):
    for positive, negative in (("a red circle " * 40, "blue"), ("a red circle", "blue " * 200), ("", "")):
        (picture,) = draw(make_plan(positive=conditioning(positive), negative=conditioning(negative), steps=1))
        assert picture.size == (64, 64)


@pytest.mark.parametrize("row", samplers(DEFAULT), ids=lambda row: row.name)
def test_every_sampler_runs_as_often_as_its_row_says(make_plan, row):
    if row.package:
        pytest.importorskip(row.package, reason=f"{row.name} needs {row.package}")
    told = []
    draw(
        make_plan(sampler=row.name, schedule="karras" if "karras" in row.schedules else None, steps=4),
        on_step=lambda *step: told.append(step),
    )
    calls = row.calls(4)
    assert told == [(0, done, calls) for done in range(1, calls + 1)]


@pytest.mark.parametrize("name", MISSING)
def test_a_sampler_without_its_package_says_what_to_install(make_plan, monkeypatch, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda package: None)
    with pytest.raises(RenderError, match="which is not installed") as caught:
        draw(make_plan(sampler=name))
    assert caught.value.help.startswith("run `pip install ")


def test_batches_are_as_large_as_memory_takes(make_plan, monkeypatch):
    monkeypatch.setattr("promptlang_runtime.executors.limits.BATCH_PIXELS", {"cpu": 2 * 64 * 64})
    told = []
    draw(make_plan(images=3, steps=1), on_step=lambda *step: told.append(step))
    assert told == [(0, 1, 1), (2, 1, 1)]


def test_pictures_come_one_batch_after_the_other(make_plan, monkeypatch):
    monkeypatch.setattr("promptlang_runtime.executors.limits.BATCH_PIXELS", {"cpu": 64 * 64})
    coming = pictures(make_plan(images=50, steps=1), device="cpu")
    assert next(coming).info["seed"] == 7
    coming.close()


def test_a_remix_stays_near_its_image_at_low_strength(make_plan, tmp_path):
    Image.new("RGB", (100, 80), "#2040d0").save(tmp_path / "start.png")
    plan = make_plan(command="remix", image=str(tmp_path / "start.png"), steps=10, images=2)
    distances = []
    for strength in (0.1, 1.0):
        first, second = draw(replace(plan, strength=strength))
        assert first.size == (64, 64)
        assert difference(first, second) > 0
        distances.append(np.abs(pixels(first) - np.array([0x20, 0x40, 0xD0])).mean())
    assert distances[0] < distances[1]


@pytest.mark.parametrize(("dialect", "steps", "strength", "calls"), [
    ("a1111", 10, 0.5, 6), ("a1111", 10, 0.75, 8), ("a1111", 7, 1.0, 7), ("a1111", 3, 0.1, 1),
    ("new", 10, 0.5, 5), ("new", 10, 0.75, 7), ("new", 7, 1.0, 7),
])  # fmt: skip
def test_a_remix_draws_as_many_steps_as_the_owner(make_plan, tmp_path, dialect, steps, strength, calls):
    """stable-diffusion-webui: `int(min(strength, 0.999) * steps) + 1`."""
    Image.new("RGB", (64, 64), "#2040d0").save(tmp_path / "start.png")
    plan = make_plan(command="remix", image=str(tmp_path / "start.png"), steps=steps, strength=strength)
    counted: list[int] = []
    list(
        pictures(replace(plan, dialect=dialect), device="cpu", on_step=lambda start, done, total: counted.append(total))
    )
    assert set(counted) == {calls}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": "/nowhere.png", "strength": 0.5}, "there is no image `/nowhere.png`"),
        ({"image": __file__, "strength": 0.5}, "is not an image that can be read"),
        ({"image": "/nowhere.png", "strength": 0.0}, "strength 0 leaves none of 3 steps"),
        ({"image": "/nowhere.png", "strength": 0.5, "guidance": 0.5}, "`/remix` cannot pull in several directions yet"),
    ],
)
def test_a_remix_that_cannot_start_says_why(make_plan, changes, message):
    with pytest.raises(RenderError) as caught:
        draw(make_plan(command="remix", **changes))
    assert message in caught.value.message


def test_other_sizes_than_squares_in_one_step_are_those_of_diffusers_too(demo, make_plan, conditioning):
    plan = make_plan(size=(72, 136), steps=1, positive=conditioning("a red cow on a hill " * 3), seed=2**31)
    (picture,) = draw(plan)
    assert picture.size == (72, 136)
    assert difference(picture, by_hand(demo, plan, seed=2**31)) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": Model(name="yak", family="kolors")}, "<yak> is of the family kolors, which cannot be rendered yet"),
        ({"model": Model(name="who", family="unknown")}, "nothing is known of the model <who>"),
        ({"model": Model(name="who", family="sd1")}, "the file of <who> is not on this computer"),
        ({"model": Model(name="a", family="sd1", path="/nowhere/at/all")}, "there is no model at `/nowhere/at/all`"),
        ({"model": Model(name="owner/name", family="sd1")}, "`owner/name` is not on this computer"),
        ({"clip_skip": 14}, "clip skip must be 1 to 13 for a text encoder of 12 layers, found 14"),
        ({"steps": 0}, "not a valid plan: steps: must be at least 1, found 0"),
        ({"networks": (Network(name="ink", kind="unknown", weight=1.0),)}, "nothing is known of <ink>"),
        ({"networks": (Network(name="ink", kind="hypernet", weight=1.0, path="x"),)}, "<ink> is a hypernet"),
    ],
)
def test_what_cannot_be_drawn_is_said_clearly(make_plan, changes, message):
    with pytest.raises(RenderError) as caught:
        draw(make_plan(**changes))
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("name", ["npu", "CPU", "cpu:x", "cpu:", "cpu:-1", "cpu:1", "cpu:" + "9" * 5000, "cuda:2"])
def test_an_unknown_device_names_the_known_ones(make_plan, name):
    with pytest.raises(RenderError, match=f"there is no device `{name}` here") as caught:
        render(make_plan(), device=name)
    assert "cpu" in caught.value.help


@pytest.mark.parametrize(
    ("count", "name", "jobs", "devices"),
    [
        (1, "auto", 0, None),
        (3, "auto", 0, ["cuda:0", "cuda:1", "cuda:2"]),
        (3, "auto", 1, None),
        (2, "cuda", 3, ["cuda:0", "cuda:1", "cuda:0"]),
        (2, "cuda:1", 2, ["cuda:1", "cuda:1"]),
    ],
)
def test_processes_take_the_devices_in_turn(monkeypatch, count, name, jobs, devices):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    executor, kind = chosen(Settings(device=name), jobs=jobs)
    assert (getattr(executor, "devices", None), kind) == (devices, "cuda")
    with pytest.raises(RenderError, match="there is no device `cuda:9` here"):
        chosen(Settings(device="cuda:9"))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_gpu_draws_the_same_picture_to_its_precision(make_plan, conditioning, dtype):
    plan = make_plan(steps=8, images=2, size=(128, 128))
    for positive in (plan.positive, conditioning("a red circle", ("a white background", 0.6))):
        on_cpu = draw(replace(plan, positive=positive))
        on_gpu = render(replace(plan, positive=positive), device="cuda", dtype=dtype)
        far = max(np.abs(pixels(one) - pixels(two)).mean() for one, two in zip(on_cpu, on_gpu, strict=True))
        assert far < (0.5 if dtype == "float32" else 6)
