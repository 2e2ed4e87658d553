"""LoRAs and textual inversions act for one plan, as if they had been merged by hand, and leave no trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from promptlang.plans.plan import Conditioned, Conditioning, Network, Run, Segment
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.networks import applied
from promptlang_runtime.families.family import LoadedModel
from tests.runtime.pictures import ALPHA, RANK, draw, merged, with_alpha, without_alpha

UNET_LAYER = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
TEXT_LAYER = "encoder.layers.3.self_attn.q_proj"


def layers_of(demo: LoadedModel):
    """One layer of the denoiser and one of the text encoder, which LoRAs change here."""
    return {
        "unet": demo.pipeline.unet.get_submodule(UNET_LAYER),
        "te": core(demo.pipeline.text_encoder).get_submodule(TEXT_LAYER),
    }


@pytest.fixture
def matrices(demo: LoadedModel):
    """Low-rank pairs for both layers."""
    torch.manual_seed(3)
    return {
        part: (torch.randn(RANK, layer.in_features) * 0.6, torch.randn(layer.out_features, RANK) * 0.6)
        for part, layer in layers_of(demo).items()
    }


def kohya(matrices):
    names = {"unet": f"lora_unet_{UNET_LAYER}", "te": f"lora_te_text_model_{TEXT_LAYER}"}
    return with_alpha({names[part].replace(".", "_"): pair for part, pair in matrices.items()})


def peft(matrices):
    names = {"unet": f"unet.{UNET_LAYER}", "te": f"text_encoder.text_model.{TEXT_LAYER}"}
    return without_alpha({names[part]: pair for part, pair in matrices.items()})


def drawn_merged(demo, matrices, plan, **strengths):
    """The picture of the model with the matrices added to its tensors for a moment."""
    added = {part: strengths[part] * ALPHA / RANK * up @ down for part, (down, up) in matrices.items()}
    try:
        with merged(layers_of(demo), added):
            demo.encoded.clear()  # the text encoder was changed behind its back
            return draw(plan)
    finally:
        demo.encoded.clear()


def far(first, second):
    """The mean difference of two pictures, in steps of 255; sums in another order alone stay below 0.5."""
    return float(np.abs(first - second).mean())


def lora(path, weight=1.0, text_weight=None):
    return Network(name="ink", kind="lora", weight=weight, path=str(path), text_weight=text_weight)


@pytest.mark.parametrize("layout", [kohya, peft])
@pytest.mark.parametrize(("weight", "text_weight"), [(1.0, None), (0.6, None), (-0.5, None), (0.8, 0.0)])
def test_a_lora_is_the_merged_model(demo, make_plan, matrices, tmp_path, layout, weight, text_weight):
    save_file(layout(matrices), tmp_path / "ink.safetensors")
    plan = make_plan(clip_skip=2)
    found = draw(replace(plan, networks=(lora(tmp_path / "ink.safetensors", weight, text_weight),)))
    expected = drawn_merged(demo, matrices, plan, unet=weight, te=weight if text_weight is None else text_weight)
    assert far(found, draw(plan)) > 0.8
    assert far(found, expected) < 0.5


def test_two_loras_add_up(demo, make_plan, matrices, tmp_path):
    save_file(kohya(matrices), tmp_path / "ink.safetensors")
    both = (lora(tmp_path / "ink.safetensors", 0.7), lora(tmp_path / "ink.safetensors", 0.3))
    found = draw(make_plan(networks=both))
    assert far(found, drawn_merged(demo, matrices, make_plan(), unet=1.0, te=1.0)) < 0.5


def test_networks_leave_no_trace(demo, make_plan, matrices, tmp_path):
    save_file(kohya(matrices), tmp_path / "ink.safetensors")
    before = draw(make_plan())
    names = [name for name, _ in demo.pipeline.unet.named_modules()]
    draw(make_plan(networks=(lora(tmp_path / "ink.safetensors"),)))
    assert [name for name, _ in demo.pipeline.unet.named_modules()] == names
    assert np.array_equal(draw(make_plan()), before)


def test_networks_leave_when_the_plan_fails(demo, make_plan, matrices, tmp_path):
    save_file(kohya(matrices), tmp_path / "ink.safetensors")
    before = draw(make_plan())
    with pytest.raises(RenderError, match="clip skip"):
        draw(make_plan(clip_skip=14, networks=(lora(tmp_path / "ink.safetensors"),)))
    assert np.array_equal(draw(make_plan()), before)


def test_a_lora_of_another_shape_or_of_nothing_does_not_fit(make_plan, matrices, tmp_path):
    down, up = matrices["unet"]
    save_file(kohya({"unet": (torch.randn(RANK, down.shape[1] + 8), up)}), tmp_path / "wide.safetensors")
    save_file({"something.else": torch.zeros(3)}, tmp_path / "none.safetensors")
    before = draw(make_plan())
    for name in ("wide", "none"):
        with pytest.raises(RenderError, match="the LoRA <ink>"):
            draw(make_plan(networks=(lora(tmp_path / f"{name}.safetensors"),)))
        assert np.array_equal(draw(make_plan()), before)


def test_the_rank_counts_where_there_is_no_alpha(demo, make_plan, matrices, tmp_path):
    tensors = {name: value for name, value in kohya(matrices).items() if not name.endswith("alpha")}
    save_file(tensors, tmp_path / "ink.safetensors")
    found = draw(make_plan(networks=(lora(tmp_path / "ink.safetensors", 0.5),)))
    assert far(found, drawn_merged(demo, matrices, make_plan(), unet=1.0, te=1.0)) < 0.5


def inversion(path, name="Ink", **settings):
    return Network(name=name, kind="inversion", weight=1.0, path=str(path), **settings)


def saying(text):
    return Conditioning(branches=(Conditioned((Segment(99, (Run(text),)),)),))


@pytest.mark.parametrize("key", ["emb_params", "<ink>"])
def test_an_inversion_is_its_vectors(demo, make_plan, tmp_path, key):
    table = core(demo.pipeline.text_encoder).embeddings.token_embedding.weight
    from promptlang.tokens.ids import token_ids

    save_file({key: table[list(token_ids("blue square"))].detach().clone()}, tmp_path / "ink.safetensors")
    called = make_plan(positive=saying("a <ink> on white"), networks=(inversion(tmp_path / "ink.safetensors"),))
    assert np.array_equal(draw(called), draw(make_plan(positive=saying("a blue square on white"))))


def test_an_inversion_of_one_vector_and_one_on_both_sides(demo, make_plan, tmp_path):
    torch.manual_seed(1)
    save_file({"emb_params": torch.randn(64)}, tmp_path / "ink.safetensors")
    path = tmp_path / "ink.safetensors"
    networks = (inversion(path), inversion(path, side="negative"))
    plan = make_plan(positive=saying("a <ink>"), negative=saying("<ink>"), networks=networks)
    with applied(demo, plan) as model:
        assert dict(model.inversions.ids) == {"<ink>": (49408,)}
        assert model.inversions.vectors["text_encoder"].shape == (1, 64)
    assert demo.inversions.ids == {}
    assert draw(plan).shape == (64, 64, 3)


def test_an_inversion_of_another_width_is_refused(make_plan, tmp_path):
    save_file({"emb_params": torch.zeros(2, 768)}, tmp_path / "ink.safetensors")
    with pytest.raises(RenderError, match="of width 768, and <demo> has one of width 64"):
        draw(make_plan(networks=(inversion(tmp_path / "ink.safetensors"),)))


def test_an_inversion_for_two_encoders_is_refused(make_plan, tmp_path):
    save_file({"clip_l": torch.zeros(2, 64), "clip_g": torch.zeros(2, 64)}, tmp_path / "ink.safetensors")
    with pytest.raises(RenderError, match="not a textual inversion for a single text encoder"):
        draw(make_plan(networks=(inversion(tmp_path / "ink.safetensors"),)))
