"""LoHa, LoKr, DoRA and LoRAs with a middle convolution, as their owners' formulas have them; files are read once."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from shutil import copytree

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from promptlang.plans.plan import Model, Network
from promptlang.tables.models.families import FAMILIES
from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors import loading
from promptlang_runtime.executors.loading import load
from promptlang_runtime.models import tensors as files
from promptlang_runtime.models.places import DEMO_FOLDER
from promptlang_runtime.networks.attached import Attached
from promptlang_runtime.networks.changes import Difference, change_of
from promptlang_runtime.networks.transformer import transformer_network
from tests.runtime import tiny_language
from tests.runtime.language import small
from tests.runtime.pictures import draw, latents, opened
from tests.runtime.test_abilities import BUILDERS, VARIANTS
from tests.thorough import is_thorough

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONV = "down_blocks.1.resnets.0.conv1"
RANK, ALPHA = 4, 2.0


@pytest.fixture
def layers(demo):
    """A matrix and a convolution of the bundled model."""
    return {name: demo.pipeline.unet.get_submodule(name) for name in (LINEAR, CONV)}


def loha(out, into):
    w1_a, w1_b, w2_a, w2_b = (torch.randn(*each) for each in ((out, RANK), (RANK, into), (out, RANK), (RANK, into)))
    pieces = {"hada_w1_a": w1_a, "hada_w1_b": w1_b, "hada_w2_a": w2_a, "hada_w2_b": w2_b, "alpha": torch.tensor(ALPHA)}
    return pieces, ALPHA / RANK * (w1_a @ w1_b) * (w2_a @ w2_b)


def loha_with_cores(out, into):
    """As LyCORIS trains convolutions: the rank lies in front, and a core has the kernel."""
    reads = into // 9
    w1_a, w1_b, w2_a, w2_b = (torch.randn(RANK, each) for each in (out, reads, out, reads))
    t1, t2 = torch.randn(RANK, RANK, 3, 3), torch.randn(RANK, RANK, 3, 3)
    first = torch.einsum("ijkl,jr,ip->prkl", t1, w1_b, w1_a)
    second = torch.einsum("ijkl,jr,ip->prkl", t2, w2_b, w2_a)
    pieces = {"hada_w1_a": w1_a, "hada_w1_b": w1_b, "hada_w2_a": w2_a, "hada_w2_b": w2_b, "hada_t1": t1, "hada_t2": t2}
    return pieces, first * second


def lokr(out, into):
    w1, w2 = torch.randn(2, 4), torch.randn(out // 2, into // 4)
    # Two whole factors: alpha means nothing.
    return {"lokr_w1": w1, "lokr_w2": w2, "alpha": torch.tensor(64.0)}, torch.kron(w1, w2)


def lokr_of_low_rank(out, into):
    w1, w2_a, w2_b = torch.randn(2, 4), torch.randn(out // 2, RANK), torch.randn(RANK, into // 4)
    pieces = {"lokr_w1": w1, "lokr_w2_a": w2_a, "lokr_w2_b": w2_b, "alpha": torch.tensor(ALPHA)}
    return pieces, torch.kron(w1, w2_a @ w2_b) * ALPHA / RANK


def with_a_middle(out, into):
    down, mid, up = torch.randn(RANK, into // 9, 1, 1), torch.randn(RANK, RANK, 3, 3), torch.randn(out, RANK, 1, 1)
    pieces = {"lora_down.weight": down, "lora_mid.weight": mid, "lora_up.weight": up, "alpha": torch.tensor(ALPHA)}
    return pieces, torch.einsum("oa,abkl,bi->oikl", up[:, :, 0, 0], mid, down[:, :, 0, 0]) * ALPHA / RANK


def convolution(out, into):
    """A plain LoRA of a convolution: the first matrix has the kernel."""
    down, up = torch.randn(RANK, into // 9, 3, 3), torch.randn(out, RANK, 1, 1)
    pieces = {"lora_down.weight": down, "lora_up.weight": up, "alpha": torch.tensor(ALPHA)}
    return pieces, (up.flatten(1) @ down.flatten(1)) * ALPHA / RANK


KINDS = [
    (loha, LINEAR),
    (loha, CONV),
    (loha_with_cores, CONV),
    (lokr, LINEAR),
    (lokr, CONV),
    (lokr_of_low_rank, LINEAR),
    (with_a_middle, CONV),
    (convolution, CONV),
]


def written(path, layer, pieces):
    """A file of one layer under the name that trainers give it."""
    name = f"lora_unet_{layer.replace('.', '_')}"
    save_file({f"{name}.{role}": tensor.contiguous() for role, tensor in pieces.items()}, path)
    return Network(name="ink", kind="lora", weight=1.0, path=str(path))


def seen(kind, layer):
    """Tensors of that kind and what they add: enough to be seen, and no more."""
    pieces, added = kind(layer.weight.shape[0], layer.weight[0].numel())
    share, first = 2.0 * layer.weight.std() / added.std(), next(iter(pieces))
    return {**pieces, first: pieces[first] * share}, added.reshape(layer.weight.shape) * share


def is_near(found, expected, before):
    """Whether latents differ by rounding alone, and are not those without a network; sums come in another order."""
    return np.abs(found - expected).max() < 1e-4 < np.abs(found - before).max()


def merged_by_hand(layer, weight, plan):
    """The latents of the model with another weight in a layer."""
    own = layer.weight.data
    layer.weight.data = weight
    try:
        return latents(plan)
    finally:
        layer.weight.data = own


@pytest.mark.parametrize(("kind", "name"), KINDS, ids=lambda each: getattr(each, "__name__", each))
@pytest.mark.parametrize("strength", [1.0, -0.4])
def test_a_network_is_the_merged_model(layers, make_plan, tmp_path, kind, name, strength):
    torch.manual_seed(3)
    layer, plan = layers[name], make_plan()
    pieces, added = seen(kind, layer)
    network = replace(written(tmp_path / "ink.safetensors", name, pieces), weight=strength)
    before, found = latents(plan), latents(replace(plan, networks=(network,)))
    expected = merged_by_hand(layer, layer.weight.data + strength * added, plan)
    assert is_near(found, expected, before)
    assert np.array_equal(latents(plan), before)


@pytest.mark.parametrize("by_column", [False, True])
@pytest.mark.parametrize("strength", [1.0, 0.5])
@pytest.mark.parametrize("name", [LINEAR, CONV])
def test_dora_brings_the_changed_weight_to_learnt_lengths(layers, make_plan, tmp_path, name, strength, by_column):
    torch.manual_seed(3)
    layer, plan = layers[name], make_plan()
    own = layer.weight.data
    down, up = torch.randn(RANK, own[0].numel()) * 0.1, torch.randn(own.shape[0], RANK) * 0.1
    changed = own + (up @ down).reshape(own.shape)
    others = [side for side in range(own.dim()) if side != int(by_column)]
    norms = changed.square().sum(dim=others, keepdim=True).sqrt()
    lengths = norms * (1 + 2 * torch.rand(norms.shape))
    wanted = own + strength * (changed / norms * lengths - own)
    pieces = {
        "lora_down.weight": down.reshape(RANK, *own.shape[1:]),
        "lora_up.weight": up.reshape(*up.shape, *[1] * (own.dim() - 2)),
        "dora_scale": lengths,
    }
    network = replace(written(tmp_path / "ink.safetensors", name, pieces), weight=strength)
    found = latents(replace(plan, networks=(network,)))
    assert is_near(found, merged_by_hand(layer, wanted, plan), latents(plan))


KINDS_OF_ALL = (loha, lokr, lokr_of_low_rank)
TRANSFORMERS = [row.name for row in FAMILIES if row.rendered and not row.is_unet]


@pytest.mark.parametrize("number", range(len(TRANSFORMERS)), ids=TRANSFORMERS)
def test_every_family_draws_networks_of_every_kind_as_the_merged_model(make_plan, tmp_path, number):
    """A kind a family in every run; with DoRA, whose lengths are the rows', behind it."""
    name = TRANSFORMERS[number]
    BUILDERS[name]().save_pretrained(tmp_path / "model")
    model = Model(name="tiny", family=name, path=str(tmp_path / "model"), variant=VARIANTS.get(name, ""))
    plan = small(make_plan, model, size=(32, 32))
    torch.manual_seed(3)
    transformer = opened(plan).pipeline.transformer
    *_, layer_name = (each.removesuffix(".weight") for each in transformer.state_dict() if "to_q.weight" in each)
    layer = transformer.get_submodule(layer_name)
    own, before = layer.weight.data, latents(plan)
    for kind in KINDS_OF_ALL if is_thorough() else (KINDS_OF_ALL[number % len(KINDS_OF_ALL)],):
        pieces, added = seen(kind, layer)
        network = replace(written(tmp_path / "ink.safetensors", layer_name, pieces), weight=-0.6)
        found = latents(replace(plan, networks=(network,)))
        assert is_near(found, merged_by_hand(layer, own - 0.6 * added, plan), before)
    down, up = torch.randn(RANK, own.shape[1]) * 0.1, torch.randn(own.shape[0], RANK) * 0.1
    changed = own + up @ down
    lengths = changed.norm(dim=1, keepdim=True) * (1 + 2 * torch.rand(len(own), 1))
    pieces = {"lora_down.weight": down, "lora_up.weight": up, "dora_scale": lengths}
    network = written(tmp_path / "dora.safetensors", layer_name, pieces)
    found = latents(replace(plan, networks=(network,)))
    wanted = changed / changed.norm(dim=1, keepdim=True) * lengths
    assert is_near(found, merged_by_hand(layer, wanted, plan), before)
    assert np.array_equal(latents(plan), before)


def test_dora_is_what_diffusers_makes_of_it(demo, make_plan, tmp_path):
    torch.manual_seed(3)
    layer, plan = demo.pipeline.unet.get_submodule(LINEAR), make_plan()
    own = layer.weight.data
    down, up = torch.randn(RANK, own.shape[1]) * 0.1, torch.randn(own.shape[0], RANK) * 0.1
    lengths = (own + up @ down).norm(dim=1) * (1 + 2 * torch.rand(len(own)))
    tensors = {f"unet.{LINEAR}.lora_A.weight": down, f"unet.{LINEAR}.lora_B.weight": up}
    tensors[f"unet.{LINEAR}.lora_magnitude_vector"] = lengths
    save_file(tensors, tmp_path / "ink.safetensors")
    network = Network(name="ink", kind="lora", weight=1.0, path=str(tmp_path / "ink.safetensors"))
    found = latents(replace(plan, networks=(network,)))
    demo.pipeline.load_lora_weights(dict(tensors), adapter_name="ink")
    try:
        expected = latents(plan)
    finally:
        demo.pipeline.unload_lora_weights()
    assert is_near(found, expected, latents(plan))


def test_several_kinds_count_together_in_their_order(layers, make_plan, tmp_path):
    torch.manual_seed(3)
    layer, plan = layers[LINEAR], make_plan()
    own, total, files = layer.weight.data, 0.0, []
    for number, kind in enumerate((loha, lokr)):
        pieces, added = seen(kind, layer)
        total = total + added
        files.append(replace(written(tmp_path / f"{number}.safetensors", LINEAR, pieces), name=f"ink{number}"))
    found = latents(replace(plan, networks=tuple(files)))
    assert is_near(found, merged_by_hand(layer, own + total, plan), latents(plan))


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"oft_blocks": torch.zeros(2, 2, 2)}, "<ink> is a network of the kind OFT, which cannot be rendered yet"),
        ({"hada_w1_a": torch.zeros(2, 2)}, "has no `hada_w1_b`"),
        ({"lokr_w1": torch.zeros(2, 2)}, "has no `lokr_w2_a`"),
        ({"lora_down.weight": torch.zeros(2, 2)}, "has no `lora_up`|has no `up`"),
        ({"lokr_w1": torch.zeros(2, 2), "lokr_w2": torch.zeros(3, 3)}, "the LoRA <ink> does not fit the layer"),
        ({"something": torch.zeros(2)}, "holds `lora_unet.*something`, which is no part of a network that is drawn"),
    ],
)
def test_what_is_not_drawn_is_named_and_changes_nothing(make_plan, tmp_path, tensors, message):
    before = draw(make_plan())
    network = written(tmp_path / "ink.safetensors", LINEAR, tensors)
    with pytest.raises(RenderError, match=message):
        draw(make_plan(networks=(network,)))
    assert np.array_equal(draw(make_plan()), before)


def test_a_difference_of_a_joined_layer_goes_to_each_of_its_pieces():
    """Trainers that keep to FLUX's own code change query, key and value at once, which diffusers keeps apart."""
    torch.manual_seed(3)
    pipeline = tiny_language.flux()
    pieces, added = loha(96, 32)
    tensors = {f"lora_unet_double_blocks_0_img_attn_qkv.{role}": each for role, each in pieces.items()}
    changes = transformer_network(tensors, pipeline, "ink", "transformer", ("text_encoder",))
    attention = pipeline.transformer.transformer_blocks[0].attn
    before = [layer.weight.clone() for layer in (attention.to_q, attention.to_k, attention.to_v)]
    attached = Attached([("ink", changes)])
    attached.set([{"transformer": 0.5, "text_encoder": 0.0}])
    for layer, own, part in zip((attention.to_q, attention.to_k, attention.to_v), before, added.split(32), strict=True):
        assert torch.allclose(layer.weight, own + 0.5 * part, atol=1e-4)
    attached.rest()
    assert torch.equal(attention.to_v.weight, before[2])


@pytest.mark.parametrize(
    "begin", ["lycoris_transformer_blocks_0_attn_to_q", "transformer.transformer_blocks.0.attn.to_q"]
)
def test_lycoris_keeps_to_the_names_of_diffusers(begin):
    pipeline = tiny_language.qwen_image()
    pieces, _ = lokr(48, 48)
    changes = transformer_network(
        {f"{begin}.{role}": each for role, each in pieces.items()}, pipeline, "ink", "transformer", ()
    )
    assert [each.layer.name for each in changes] == ["transformer_blocks.0.attn.to_q"]
    assert isinstance(changes[0].change, Difference)


@pytest.mark.parametrize("begin", ["lycoris_", "lora_transformer_", "lora_unet_", "", "diffusion_model_"])
@pytest.mark.parametrize("name", ["flux", "krea2", "qwen_image", "klein"])
def test_names_of_the_model_are_enough(name, begin):
    """Also where the loader of the family takes other names only."""
    pipeline = getattr(tiny_language, name)()
    width = pipeline.transformer.transformer_blocks[0].attn.to_q.in_features
    layer = f"{begin}transformer_blocks_0_attn_to_q"
    tensors = {f"{layer}.lora_down.weight": torch.ones(2, width), f"{layer}.lora_up.weight": torch.ones(width, 2)}
    changes = transformer_network(tensors, pipeline, "ink", "transformer", ())
    assert [each.layer.name for each in changes] == ["transformer_blocks.0.attn.to_q"]


def test_half_a_change_is_no_change():
    with pytest.raises(KeyError):
        change_of({"up": torch.zeros(2, 2)})


@pytest.fixture
def reads(monkeypatch):
    """The files that were read."""
    found = []
    whole = files.load_tensors
    monkeypatch.setattr(files, "load_tensors", lambda path: (found.append(path.name), whole(path))[1])
    return found


def test_a_sweep_reads_a_file_once(demo, make_plan, tmp_path, reads, layers):
    torch.manual_seed(3)
    network = written(tmp_path / "ink.safetensors", LINEAR, seen(loha, layers[LINEAR])[0])
    again = replace(network, weight=0.2)
    plan = make_plan(networks=(network, again), steps=1)
    drawn = [draw(replace(plan, clip_skip=skip)) for skip in range(1, 6)]
    drawn += [draw(replace(plan, networks=(replace(network, weight=share / 10), again))) for share in range(8)]
    assert reads == ["ink.safetensors"]
    assert len({each.tobytes() for each in drawn}) > 10


def test_another_file_is_read_anew(demo, make_plan, tmp_path, reads, layers):
    torch.manual_seed(3)
    path = tmp_path / "ink.safetensors"
    network = written(path, LINEAR, seen(loha, layers[LINEAR])[0])
    plan = make_plan(networks=(network,), steps=1)
    first = draw(plan)
    other = written(tmp_path / "other.safetensors", LINEAR, seen(lokr, layers[LINEAR])[0])
    draw(replace(plan, networks=(other,)))
    assert np.array_equal(draw(plan), first)
    written(path, LINEAR, seen(lokr_of_low_rank, layers[LINEAR])[0])
    assert not np.array_equal(draw(plan), first)
    assert reads == ["ink.safetensors", "other.safetensors", "ink.safetensors"]


def test_models_are_opened_and_files_are_read_once_in_whatever_order_statements_ask_for_them(
    tmp_path, reads, layers, monkeypatch
):
    opened, whole = [], loading.open_pipeline
    monkeypatch.setattr(loading, "open_pipeline", lambda place, *a, **k: opened.append(place) or whole(place, *a, **k))
    named = [f'm{number} = {{ path = "m{number}" }}' for number in range(3)]
    for number in range(3):
        copytree(DEMO_FOLDER, tmp_path / f"m{number}", copy_function=os.link)
    for name, kind in (("ink", loha), ("oak", lokr)):
        written(tmp_path / f"{name}.safetensors", LINEAR, seen(kind, layers[LINEAR])[0])
        named.append(f'{name} = {{ path = "{name}.safetensors" }}')
    (tmp_path / "promptlang.toml").write_text("\n".join(("[concepts.names]", *named)), encoding="utf-8")
    sets = ("<ink:0.3>", "<oak:0.2>", "", "<ink:0.1> <oak:0.4>")
    lines = [f"/render /parser:new /seed:{n} /steps:1 /size:64x64 <m{n % 3}> a {sets[n % 4]}" for n in range(20)]
    Random(1).shuffle(lines)
    (tmp_path / "all.prompt").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["all.prompt", "--device", "cpu", "--no-sheet"]) == 0
    assert len(list((tmp_path / "out").glob("*.png"))) == 20
    assert sorted(opened) == [str(tmp_path / f"m{number}") for number in range(3)]
    assert sorted(reads) == ["ink.safetensors", "oak.safetensors"]


def test_what_is_kept_does_not_stay_in_the_model(demo, make_plan, tmp_path, layers):
    """Somebody who takes the model by hand after a plan has it as it was."""
    torch.manual_seed(3)
    own = layers[LINEAR].weight.data.clone()
    network = written(tmp_path / "ink.safetensors", LINEAR, seen(loha, layers[LINEAR])[0])
    draw(make_plan(networks=(network,), steps=1))
    model = load(Model(name="demo", family="sd1"), device=torch.device("cpu"), dtype=torch.float32)
    assert torch.equal(model.pipeline.unet.get_submodule(LINEAR).weight, own)
