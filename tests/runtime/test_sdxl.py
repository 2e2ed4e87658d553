"""Stable Diffusion XL from folders and single files, noise and velocity, as diffusers draws it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline
from PIL import Image
from safetensors.torch import save_file

from promptlang.plans.plan import Conditioned, Conditioning, Model, Network, Run, Segment
from promptlang.tokens.ids import token_ids
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.sdxl.encode import reader_of
from promptlang_runtime.models.schedulers import scheduler_of
from tests.runtime import tiny
from tests.runtime.pictures import draw, edited, low_rank, merged, opened, saying, with_alpha, without_alpha

START, END = 49406, 49407
RED = "a red circle"
ZERO_SNR = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
LAYERS = {  # of the model, by how trainers begin the names of its part
    "lora_unet_": ("unet", "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"),
    "lora_te1_text_model_": ("text_encoder", "encoder.layers.3.self_attn.q_proj"),
    "lora_te2_text_model_": ("text_encoder_2", "encoder.layers.20.self_attn.v_proj"),
}


@pytest.fixture(scope="module")
def pipeline():
    return tiny.tiny_sdxl()


@pytest.fixture(scope="module")
def places(pipeline, tmp_path_factory):
    return tiny.written(pipeline, tiny.sdxl_layout, tmp_path_factory.mktemp("sdxl"))


@pytest.fixture(scope="module", params=["folder", "file"])
def place(request, places):
    return places[request.param]


@pytest.fixture
def sdxl_plan(make_plan):
    """A small plan for a place, with changes."""

    def make(place, *, variant="", **changes):
        model = Model(name="tiny", family="sdxl", path=str(place), variant=variant)
        plain = {"clip_skip": None, "sampler": "k_euler", "steps": 2, "positive": saying((RED, 1.0))}
        return make_plan(**{"model": model, **plain, **changes})

    return make


def chunk(text, fill):
    ids = token_ids(text)
    return torch.tensor([[START, *ids, END, *(fill,) * (75 - len(ids))]])


def encoded_by_hand(pipeline, text, clip_skip=2):
    """What diffusers makes of a short prompt."""
    with torch.no_grad():
        first = pipeline.text_encoder(chunk(text, END), output_hidden_states=True)
        second = pipeline.text_encoder_2(chunk(text, 0), output_hidden_states=True)
    states = [each.hidden_states[-clip_skip] for each in (first, second)]
    return torch.cat(states, dim=-1), second.text_embeds


def embeds(pipeline, positive, negative, **settings):
    """The arguments of a call; None leaves the negative prompt out, as `negative_prompt=None` does."""
    states, pooled = encoded_by_hand(pipeline, positive, **settings)
    against = [torch.zeros_like(states), torch.zeros_like(pooled)]
    if negative is not None:
        against = encoded_by_hand(pipeline, negative, **settings)
    return {
        "prompt_embeds": states,
        "pooled_prompt_embeds": pooled,
        "negative_prompt_embeds": against[0],
        "negative_pooled_prompt_embeds": against[1],
    }


def by_hand(plan, *, clip_skip=2, negative="blue", positive=RED, **settings):
    """The call of diffusers, its embeddings made by transformers."""
    model = opened(plan)
    pipeline = model.pipeline
    pipeline.scheduler = scheduler_of(plan.sampler, schedule=plan.schedule, config=model.scheduler_config)
    return np.asarray(
        pipeline(
            **embeds(pipeline, positive, negative, clip_skip=clip_skip),
            num_inference_steps=plan.steps,
            guidance_scale=plan.guidance,
            width=plan.size[0],
            height=plan.size[1],
            generator=torch.Generator("cpu").manual_seed(plan.seed),
            **settings,
        ).images[0],
        dtype=np.int16,
    )


@pytest.mark.parametrize(("written", "layer"), [(None, 2), (1, 2), (2, 2), (3, 3), (13, 13)])
def test_a_plain_plan_is_the_picture_of_diffusers_bit_for_bit(place, sdxl_plan, written, layer):
    plan = sdxl_plan(place, clip_skip=written)
    assert np.array_equal(draw(plan), by_hand(plan, clip_skip=layer))
    odd, words = replace(plan, size=(72, 136), steps=1), "a bird on a hill " * 3
    found = draw(replace(odd, positive=saying((words, 1.0))))
    assert np.array_equal(found, by_hand(odd, clip_skip=layer, positive=words))


@pytest.mark.parametrize("sampler", ["dpm2m", "heun", "ddim"])
def test_every_sampler_draws_what_diffusers_draws(places, sdxl_plan, sampler):
    plan = sdxl_plan(places["folder"], sampler=sampler, steps=3)
    assert np.array_equal(draw(plan), by_hand(plan))


def test_pictures_of_other_shapes_and_without_guidance(places, sdxl_plan):
    for changes in ({"size": (96, 64)}, {"guidance": 1.0}):
        plan = sdxl_plan(places["folder"], **changes)
        assert np.array_equal(draw(plan), by_hand(plan)), changes


def test_an_empty_negative_prompt_is_zeros_where_the_model_says_so(places, sdxl_plan):
    plan = sdxl_plan(places["folder"], negative=saying(), guidance=9.0)
    assert np.array_equal(draw(plan), by_hand(plan, negative=None))
    assert np.array_equal(draw(replace(plan, weighting="comfy")), by_hand(plan, negative=""))
    long = replace(plan, positive=saying(("cow " * 100, 1.0)))
    assert draw(long).shape == (64, 64, 3)


def test_weights_act_on_the_states_and_not_on_the_summary(places, sdxl_plan):
    plan = sdxl_plan(places["folder"])
    plain, weighted = (reader_of(opened(plan), plan).embed((Run("a "), Run("cow", each))) for each in (1.0, 1.5))
    assert not torch.equal(plain.states, weighted.states)
    assert torch.equal(plain.pooled, weighted.pooled)


def test_both_encoders_are_weighted_for_themselves(places, sdxl_plan):
    """The mean that webui restores is that of one encoder."""
    plan = sdxl_plan(places["folder"])
    said = reader_of(opened(plan), plan).embed((Run(RED, 1.3),))
    states, _ = encoded_by_hand(opened(plan).pipeline, RED)
    weights = torch.ones(1, 77, 1)
    weights[:, 1:4] = 1.3
    for ours, plain in zip(said.states.split([32, 64], dim=-1), states.split([32, 64], dim=-1), strict=True):
        expected = plain * weights
        assert torch.allclose(ours, expected * (plain.mean() / expected.mean()), atol=1e-5)


def test_long_prompts_and_breaks_are_chunks_and_the_summary_is_the_first_ones(places, sdxl_plan):
    plan = sdxl_plan(places["folder"])
    reader = reader_of(opened(plan), plan)
    both = reader.embed((Run("a cow", ends_chunk=True), Run("a field")))
    cow, field = reader.embed((Run("a cow"),)), reader.embed((Run("a field"),))
    assert torch.equal(both.states, torch.cat([cow.states, field.states], dim=1))
    assert torch.equal(both.pooled, cow.pooled)
    assert reader.embed((Run("cow " * 200),)).states.shape == (1, 231, 96)


def test_skipped_layers_are_not_computed_where_nothing_needs_them(places, sdxl_plan):
    plan = sdxl_plan(places["folder"], clip_skip=12)
    model = opened(plan)
    model.encoded.clear()
    counts = {"text_encoder": 0, "text_encoder_2": 0}

    def counting(part):
        def hook(*_):
            counts[part] += 1

        return hook

    layers = [(part, core(getattr(model.pipeline, part)).encoder.layers) for part in counts]
    hooks = [layer.register_forward_hook(counting(part)) for part, modules in layers for layer in modules]
    reader_of(model, plan).embed((Run("cow " * 100),))
    for hook in hooks:
        hook.remove()
    assert counts == {"text_encoder": 2 * 1, "text_encoder_2": 32 + 21}  # the first chunk of the second is summed up


def test_loop_and_pipeline_draw_the_same(places, sdxl_plan):
    plan = sdxl_plan(places["folder"], steps=3)
    halves = Conditioning(branches=tuple(Conditioned((Segment(99, (Run(RED),)),), 0.5) for _ in range(2)))
    assert np.abs(draw(replace(plan, positive=halves)) - draw(plan)).max() <= 1
    away = Conditioning(branches=(*plan.positive.branches, Conditioned((Segment(99, (Run("a cow"),)),), -0.7)))
    assert np.abs(draw(replace(plan, positive=away)) - draw(plan)).max() > 0


def test_an_edit_swaps_states_and_summary_at_its_call(places, sdxl_plan):
    plan = sdxl_plan(places["folder"], steps=3, positive=edited((1, RED), (99, "a blue square")))
    pipeline = opened(plan).pipeline
    later = embeds(pipeline, "a blue square", "blue")

    def swap(pipe, call, moment, tensors):
        if call < 1:
            return {}
        pairs = (("negative_prompt_embeds", "prompt_embeds"), ("negative_pooled_prompt_embeds", "pooled_prompt_embeds"))
        states, pooled = (torch.cat([later[each] for each in pair]) for pair in pairs)
        return {"prompt_embeds": states, "add_text_embeds": pooled}

    names = ["prompt_embeds", "add_text_embeds"]
    expected = by_hand(plan, callback_on_step_end=swap, callback_on_step_end_tensor_inputs=names)
    assert np.array_equal(draw(plan), expected)


@pytest.mark.parametrize("rescale", [None, 0.7])
def test_velocity_with_noise_that_ends_at_zero_signal(tmp_path, sdxl_plan, rescale):
    model = tiny.tiny_sdxl(**ZERO_SNR)
    model.save_pretrained(tmp_path / "folder")
    marked = {**tiny.sdxl_layout(model), "v_pred": torch.tensor([]), "ztsnr": torch.tensor([])}
    save_file(marked, tmp_path / "file.safetensors")
    for place, variant in (("folder", ""), ("file.safetensors", "v-prediction")):
        plan = sdxl_plan(tmp_path / place, variant=variant, rescale=rescale, guidance=9.0)
        assert ZERO_SNR.items() <= opened(plan).scheduler_config.items()
        assert np.array_equal(draw(plan), by_hand(plan, guidance_rescale=rescale or 0.0))
    with pytest.raises(RenderError, match="`heun` knows no noise that ends at zero signal"):
        draw(replace(plan, sampler="heun"))


def test_a_remix_is_the_picture_of_diffusers(places, sdxl_plan, tmp_path):
    Image.new("RGB", (64, 64), "orange").save(tmp_path / "start.png")
    plan = sdxl_plan(places["folder"], command="remix", image=str(tmp_path / "start.png"), strength=0.5, steps=4)
    model = opened(plan)
    remix = StableDiffusionXLImg2ImgPipeline(**model.pipeline.components, add_watermarker=False)
    remix.set_progress_bar_config(disable=True)
    remix.scheduler = scheduler_of(plan.sampler, schedule=None, config=model.scheduler_config)
    expected = remix(
        **embeds(model.pipeline, RED, "blue"),
        image=Image.open(plan.image),
        strength=0.5,
        num_inference_steps=4,
        guidance_scale=plan.guidance,
        generator=torch.Generator("cpu").manual_seed(plan.seed),
    ).images[0]
    assert np.array_equal(draw(plan), np.asarray(expected, dtype=np.int16))


def test_an_inversion_is_its_vectors_in_both_encoders(places, sdxl_plan, tmp_path):
    plan = sdxl_plan(places["folder"], positive=saying(("a <ink> here", 1.0)))
    ids = list(token_ids("blue square"))
    tables = {
        key: core(getattr(opened(plan).pipeline, part)).embeddings.token_embedding.weight[ids].detach().clone()
        for key, part in (("clip_l", "text_encoder"), ("clip_g", "text_encoder_2"))
    }
    save_file(tables, tmp_path / "ink.safetensors")
    ink = Network(name="ink", kind="inversion", weight=1.0, path=str(tmp_path / "ink.safetensors"))
    spelled = replace(plan, positive=saying(("a blue square here", 1.0)))
    assert np.array_equal(draw(replace(plan, networks=(ink,))), draw(spelled))
    save_file({"emb_params": torch.zeros(2, 32)}, tmp_path / "ink.safetensors")
    with pytest.raises(RenderError, match="not a textual inversion for 2 text encoders"):
        draw(replace(plan, networks=(ink,)))


def kohya(pairs):
    return written(pairs, {"lora_unet_": "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"})


def first_names(pairs):
    """As trainers write it that keep the names of the first publications for the denoiser."""
    return written(pairs, {"lora_unet_": "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"})


def written(pairs, names):
    return with_alpha(
        {names.get(begin, begin + LAYERS[begin][1].replace(".", "_")): pair for begin, pair in pairs.items()}
    )


def diffusers_names(pairs):
    named = {}
    for begin, pair in pairs.items():
        part, layer = LAYERS[begin]
        named[f"unet.{layer}" if part == "unet" else f"{part}.text_model.{layer}"] = pair
    return without_alpha(named)


@pytest.mark.parametrize("layout", [kohya, first_names, diffusers_names])
def test_a_lora_is_the_merged_model(places, sdxl_plan, tmp_path, layout):
    plan = sdxl_plan(places["folder"])
    model = opened(plan)
    layers = {
        begin: (model.pipeline.unet if part == "unet" else core(getattr(model.pipeline, part))).get_submodule(name)
        for begin, (part, name) in LAYERS.items()
    }
    pairs = low_rank(layers)
    save_file(layout(pairs), tmp_path / "ink.safetensors")
    before = draw(plan)
    lora = Network(name="ink", kind="lora", weight=0.8, path=str(tmp_path / "ink.safetensors"))
    found = draw(replace(plan, networks=(lora,)))
    assert np.array_equal(draw(plan), before)
    with merged(layers, {begin: 0.8 * 0.5 * up @ down for begin, (down, up) in pairs.items()}):
        model.encoded.clear()  # the text encoders were changed behind its back
        expected = draw(plan)
    model.encoded.clear()
    assert np.abs(found - before).mean() > 0.5
    assert np.abs(found - expected).max() <= 2


def test_the_strength_of_the_text_encoders_is_their_own(places, sdxl_plan, tmp_path):
    plan = sdxl_plan(places["folder"])
    torch.manual_seed(5)
    save_file(
        written({"lora_te2_text_model_": (torch.randn(4, 64), torch.randn(64, 4))}, {}), tmp_path / "ink.safetensors"
    )
    lora = Network(name="ink", kind="lora", weight=1.0, text_weight=0.0, path=str(tmp_path / "ink.safetensors"))
    assert np.array_equal(draw(replace(plan, networks=(lora,))), draw(plan))
    assert not np.array_equal(draw(replace(plan, networks=(replace(lora, text_weight=1.0),))), draw(plan))


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("conditioner.embedders.0.", "the checkpoint has no text encoder CLIP ViT-L"),
        ("conditioner.embedders.1.", "the checkpoint has no text encoder OpenCLIP bigG"),
        ("first_stage_model.", "the checkpoint has no VAE"),
        ("model.diffusion_model.label_emb.0.0.weight", "its denoiser lacks `model.diffusion_model.label_emb"),
        ("model.diffusion_model.middle_block.1.transformer_blocks.1.", "its denoiser lacks"),
    ],
)
def test_incomplete_checkpoints_say_what_is_missing(pipeline, sdxl_plan, tmp_path, prefix, message):
    tensors = {name: each for name, each in tiny.sdxl_layout(pipeline).items() if not name.startswith(prefix)}
    save_file(tensors, tmp_path / "part.safetensors")
    with pytest.raises(RenderError, match=message):
        opened(sdxl_plan(tmp_path / "part.safetensors"))
