"""Stable Diffusion 2 from folders and single files, noise and velocity, as diffusers draws it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint
from safetensors.torch import save_file

from promptlang.plans.plan import Model, Network, Run
from promptlang.tokens.ids import token_ids
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.sd2.checkpoint import TELLING, predicts_velocity
from promptlang_runtime.families.sd2.encode import encoder_of
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import tiny
from tests.runtime.pictures import draw, low_rank, merged, opened, saying, with_alpha, without_alpha

START, END, FILL = 49406, 49407, 0
TEXT_LAYER = "encoder.layers.20.self_attn.q_proj"
UNET_LAYER = "down_blocks.1.attentions.0.proj_in"  # a linear layer here, a convolution in Stable Diffusion 1
RED = "a red circle"


@pytest.fixture(scope="module")
def pipeline():
    return tiny.tiny_sd2()


@pytest.fixture(scope="module")
def places(pipeline, tmp_path_factory):
    return tiny.written(pipeline, tiny.sd2_layout, tmp_path_factory.mktemp("sd2"))


@pytest.fixture(scope="module", params=["folder", "file"])
def place(request, places):
    return places[request.param]


@pytest.fixture
def sd2_plan(make_plan):
    """A small plan for a place, with changes."""

    def make(place, *, variant="", **changes):
        model = Model(name="tiny", family="sd2", path=str(place), variant=variant)
        return make_plan(**{"model": model, "clip_skip": None, "sampler": "ddim", "steps": 2, **changes})

    return make


def encoded_by_hand(pipeline, text):
    """What diffusers gives for a short prompt: OpenCLIP's tokenizer fills up with zeros."""
    ids = [START, *token_ids(text), END]
    with torch.no_grad():
        return pipeline.text_encoder(torch.tensor([[*ids, *[FILL] * (77 - len(ids))]])).last_hidden_state


def by_hand(plan):
    """The same call of diffusers, its own encoder included."""
    pipeline = opened(plan).pipeline
    pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=opened(plan).scheduler_config)
    texts = ["".join(run.text for run in side.branches[0].segments[0].runs) for side in (plan.positive, plan.negative)]
    positive, negative = (encoded_by_hand(pipeline, text) for text in texts)
    picture = pipeline(
        prompt_embeds=positive,
        negative_prompt_embeds=negative,
        num_inference_steps=plan.steps,
        guidance_scale=plan.guidance,
        width=plan.size[0],
        height=plan.size[1],
        generator=torch.Generator("cpu").manual_seed(plan.seed),
    ).images[0]
    return np.asarray(picture, dtype=np.int16)


def test_a_plain_plan_is_the_diffusers_picture_bit_for_bit(sd2_plan, place):
    plan = sd2_plan(place)
    assert np.array_equal(draw(plan), by_hand(plan))
    odd = replace(plan, size=(72, 136), steps=1, negative=saying(("a bird on a hill " * 3, 1.0)))
    assert np.array_equal(draw(odd), by_hand(odd))


def test_a_single_file_is_the_model_it_was_made_from(pipeline, places, sd2_plan):
    found = opened(sd2_plan(places["file"])).pipeline
    for part in ("unet", "vae", "text_encoder"):
        expected = getattr(pipeline, part).state_dict()
        tensors = getattr(found, part).state_dict()
        assert tensors.keys() == expected.keys()
        assert all(torch.equal(tensors[name], expected[name]) for name in expected), part


def test_the_text_encoder_is_what_diffusers_makes_of_the_file(pipeline, places, sd2_plan):
    encoder = opened(sd2_plan(places["file"])).pipeline.text_encoder
    expected = convert_open_clip_checkpoint(encoder, tiny.sd2_layout(pipeline))
    found = core(encoder).state_dict()
    assert len(core(encoder).encoder.layers) == 23
    assert all(torch.equal(value, expected[f"text_model.{name}"]) for name, value in found.items())


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_velocity_and_noise_are_told_apart(kind, tmp_path, sd2_plan):
    pipeline = tiny.tiny_sd2(seed=2, prediction="v_prediction")
    plan = sd2_plan(tmp_path / kind, variant="v-prediction" if kind == "file" else "")
    if kind == "folder":
        pipeline.save_pretrained(tmp_path / kind)
    else:
        save_file(tiny.sd2_layout(pipeline), tmp_path / kind)
    assert opened(plan).scheduler_config["prediction_type"] == "v_prediction"
    velocity = draw(plan)
    assert np.array_equal(velocity, by_hand(plan))
    opened(plan).pipeline.scheduler.register_to_config(prediction_type="epsilon")
    noise = replace(opened(plan), scheduler_config={**opened(plan).scheduler_config, "prediction_type": "epsilon"})
    (picture,) = noise.family.draw(noise, [Wanted(plan, plan.seed)], on_call=lambda done, total: None)
    assert not np.array_equal(velocity, np.asarray(picture, dtype=np.int16))


def test_a_file_without_a_variant_is_told_by_its_tensors():
    name = f"model.diffusion_model.{TELLING}"
    wide, narrow = torch.tensor([0.2, -0.2] * 8), torch.tensor([0.03, -0.03] * 8)
    assert predicts_velocity({name: wide}, "")
    assert not predicts_velocity({name: narrow}, "")
    assert predicts_velocity({name: narrow}, "v-prediction")
    assert not predicts_velocity({}, "")


@pytest.mark.parametrize("weighting", ["a1111", "a1111-no-norm", "comfy", "compel"])
def test_weights_and_long_prompts_act(places, sd2_plan, weighting):
    plan = sd2_plan(places["folder"], weighting=weighting)
    encoder = encoder_of(opened(plan), plan)
    plain = encoder.embed((Run(RED),))
    assert torch.equal(plain, encoded_by_hand(opened(plan).pipeline, RED))
    assert not torch.equal(plain, encoder.embed((Run("a "), Run("red circle", 1.5))))
    assert encoder.embed((Run("cow " * 100),)).shape == (1, 154, 32)
    strong = replace(plan, positive=saying(("a ", 1.0), ("red circle", 1.6)))
    assert not np.array_equal(draw(replace(plan, positive=saying((RED, 1.0)))), draw(strong))


def test_a_forced_clip_skip_counts_from_the_layer_that_ships(places, sd2_plan):
    plan = sd2_plan(places["folder"], clip_skip=2)
    pipeline = opened(plan).pipeline
    ids = torch.tensor([[START, *token_ids(RED), END, *[FILL] * 72]])
    with torch.no_grad():
        hidden = pipeline.text_encoder(ids, output_hidden_states=True).hidden_states[-2]
        expected = core(pipeline.text_encoder).final_layer_norm(hidden)
    assert torch.equal(encoder_of(opened(plan), plan).embed((Run(RED),)), expected)
    with pytest.raises(RenderError, match="1 to 24 for a text encoder of 23 layers"):
        draw(replace(plan, clip_skip=25))


def test_an_inversion_is_its_vectors(place, sd2_plan, tmp_path):
    plan = sd2_plan(place, positive=saying(("a <ink> here", 1.0)))
    table = core(opened(plan).pipeline.text_encoder).embeddings.token_embedding.weight
    save_file({"emb_params": table[list(token_ids("blue square"))].detach().clone()}, tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="inversion", weight=1.0, path=str(tmp_path / "ink.safetensors"))
    spelled = replace(plan, positive=saying(("a blue square here", 1.0)))
    assert np.array_equal(draw(replace(plan, networks=(ink,))), draw(spelled))


def kohya(pairs):
    names = {"unet": f"lora_unet_{UNET_LAYER}", "te": f"lora_te_text_model_{TEXT_LAYER}"}
    return with_alpha({names[part].replace(".", "_"): pair for part, pair in pairs.items()})


def diffusers_names(pairs):
    names = {"unet": f"unet.{UNET_LAYER}", "te": f"text_encoder.text_model.{TEXT_LAYER}"}
    return without_alpha({names[part]: pair for part, pair in pairs.items()})


@pytest.mark.parametrize("layout", [kohya, diffusers_names])
def test_a_lora_is_the_merged_model(place, sd2_plan, tmp_path, layout):
    plan = sd2_plan(place)
    model = opened(plan)
    layers = {
        "unet": model.pipeline.unet.get_submodule(UNET_LAYER),
        "te": core(model.pipeline.text_encoder).get_submodule(TEXT_LAYER),
    }
    pairs = low_rank(layers)
    save_file(layout(pairs), tmp_path / "ink.safetensors")
    before = draw(plan)
    lora = Network(name="ink", kind="lora", weight=0.8, path=str(tmp_path / "ink.safetensors"))
    found = draw(replace(plan, networks=(lora,)))
    assert np.array_equal(draw(plan), before)
    with merged(layers, {part: 0.8 * 0.5 * up @ down for part, (down, up) in pairs.items()}):
        model.encoded.clear()  # the text encoder was changed behind its back
        expected = draw(plan)
    model.encoded.clear()
    assert np.abs(found - before).mean() > 0.5
    assert np.abs(found - expected).max() <= 2


def test_a_network_of_the_other_family_does_not_fit(places, sd2_plan, tmp_path):
    save_file({"emb_params": torch.zeros(2, 768)}, tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="inversion", weight=1.0, path=str(tmp_path / "ink.safetensors"))
    with pytest.raises(RenderError, match="of width 768, and <tiny> has one of width 32"):
        draw(sd2_plan(places["folder"], networks=(ink,)))


def test_a_file_of_the_other_family_is_refused_with_its_missing_part(pipeline, tmp_path, sd2_plan):
    save_file(tiny.original_layout(tiny.tiny_pipeline()), tmp_path / "sd1.safetensors")
    with pytest.raises(RenderError, match="the checkpoint has no text encoder"):
        draw(sd2_plan(tmp_path / "sd1.safetensors"))
