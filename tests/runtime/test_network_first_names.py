"""LoRAs under the names of the first publications: each is the checkpoint that it was merged into, whatever the family.

The merged weights go through diffusers' conversion of checkpoints, so the names of layers and the order of what lies
joined in them are not ours.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from promptlang.plans.plan import Network
from tests.runtime import tiny_files
from tests.runtime.language import small
from tests.runtime.pictures import draw
from tests.runtime.test_network_kinds import is_near
from tests.runtime.tiny_read_files import FAMILIES

ROOM = "model.diffusion_model."
BLOCK = re.compile(
    r"(?:joint_blocks|transformer_blocks|double_blocks|single_blocks|blocks|layers|noise_refiner)\.[01]\."
)
# Modulation is joined in another order by some, and few trainers change it. Of FLUX.1's joined layers diffusers' loader
# has the published widths written into it.
LEFT_OUT = re.compile(r"adaLN|_mod|\.mod\.|modulation|single_blocks\.\d+\.linear1$")
RANK, ALPHA = 4, 2.0
WAYS = {
    "kohya": ("lora_unet_{flat}.lora_down.weight", "lora_unet_{flat}.lora_up.weight"),
    "ComfyUI": ("diffusion_model.{name}.lora_A.weight", "diffusion_model.{name}.lora_B.weight"),
}


@pytest.fixture(scope="module", params=FAMILIES)
def written(request, tmp_path_factory):
    return FAMILIES[request.param]().written(tmp_path_factory.mktemp("model"))


@pytest.fixture
def plan(written, make_plan):
    return small(make_plan, written.whole)


@pytest.mark.parametrize(("way", "strength"), [("kohya", 1.0), ("ComfyUI", -0.5)])
def test_a_lora_is_the_merged_checkpoint(written, plan, tmp_path, way, strength):
    torch.manual_seed(5)
    whole = load_file(written.root / "whole.safetensors")
    pieces, merged = {}, dict(whole)
    for key, weight in whole.items():
        name = key.removeprefix(ROOM).removesuffix(".weight")
        is_matrix = key.startswith(ROOM) and key.endswith(".weight") and weight.dim() == 2
        if not is_matrix or not BLOCK.match(name) or LEFT_OUT.search(name):
            continue
        down, up = torch.randn(RANK, weight.shape[1]), torch.randn(weight.shape[0], RANK)
        up = up * 0.5 * weight.std() / (up @ down).std()
        for form, each in zip(WAYS[way], (down, up), strict=True):
            pieces[form.format(name=name, flat=name.replace(".", "_"))] = each
        share = strength * (ALPHA / RANK if way == "kohya" else 1.0)
        if way == "kohya":
            pieces[f"lora_unet_{name.replace('.', '_')}.alpha"] = torch.tensor(ALPHA)
        merged[key] = weight + share * (up @ down).to(weight)
    assert len(pieces) > 4
    save_file(pieces, tmp_path / "ink.safetensors")
    tiny_files.save(merged, tmp_path / "merged.safetensors")
    (tmp_path / "merged.tokenizer.json").write_bytes((written.root / "whole.tokenizer.json").read_bytes())
    network = Network(name="ink", kind="lora", weight=strength, path=str(tmp_path / "ink.safetensors"))
    before, found = draw(plan), draw(replace(plan, networks=(network,)))
    expected = draw(replace(plan, model=written.model(tmp_path / "merged.safetensors")))
    assert not np.array_equal(found, before)
    assert is_near(found, expected, before)
    assert np.array_equal(draw(plan), before)
