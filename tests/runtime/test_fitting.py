"""Networks that do not fit a model: the check says it from headers as the renderer does from what is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import promptlang
from promptlang.config.chain import load as project_of
from promptlang.models.fitting.misfits import by_first_name, transformer_misfit
from promptlang.models.fitting.shapes import shapes_of, tensor_shapes, transformer_shapes
from promptlang.plans.plan import Model, Network
from promptlang.refusals.named_files import fit_refusal
from promptlang.tables.models.families import family
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import load
from promptlang_runtime.executors.networks import applied
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.libraries import text_encoder_of
from tests.runtime import tiny, tiny_files, tiny_read_files
from tests.runtime.test_abilities import BUILDERS, of

MADE = {
    "sd1": (tiny.tiny_pipeline, tiny.original_layout),
    "sd2": (tiny.tiny_sd2, tiny.sd2_layout),
    "sdxl": (tiny.tiny_sdxl, tiny.sdxl_layout),
}
LAYER = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"


@dataclass(frozen=True)
class Made:
    """A model of a family as a folder and as a single file, both opened."""

    family: str
    folder: Path
    file: Path
    model: object

    @property
    def width(self) -> int:
        """Of the first text encoder."""
        return text_encoder_of(self.model.pipeline, "text_encoder").config.hidden_size


@pytest.fixture(scope="module", params=MADE)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    make, layout = MADE[request.param]
    root = tmp_path_factory.mktemp(request.param)
    pipeline = make()
    pipeline.save_pretrained(root / "folder")
    tiny_files.save(layout(pipeline), root / "file.safetensors")
    model = Model(name="own", family=request.param, path=str(root / "folder"))
    opened = load(model, device=torch.device("cpu"), dtype=torch.float32)
    return Made(request.param, root / "folder", root / "file.safetensors", opened)


def test_headers_name_the_layers_that_are_loaded(made: Made) -> None:
    """Of a folder and of a file in the layout of the first publications: names, shapes and widths."""
    of_folder, of_file = shapes_of(made.folder, made.family), shapes_of(made.file, made.family)
    assert of_folder == of_file
    parts = {"unet": made.model.pipeline.unet}
    parts |= {each.part: core(text_encoder_of(made.model.pipeline, each.part)) for each in TEXT_PARTS[made.family]}
    loaded = {
        (name, tuple(module.weight.shape))
        for part in parts.values()
        for name, module in part.named_modules()
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)
    }
    assert set(of_folder.known.values()) == loaded
    assert not of_folder.unseen


def lora(layer: str, reads: int, writes: int) -> dict[str, torch.Tensor]:
    down, up = torch.ones(2, reads), torch.ones(writes, 2)
    return {f"{layer}.lora_down.weight": down, f"{layer}.lora_up.weight": up}


def faults(made: Made) -> dict[str, tuple[str, dict[str, torch.Tensor], str]]:
    """A network for each thing that does not fit, its kind, and the words for it."""
    layer = made.model.pipeline.unet.get_submodule("mid_block.attentions.0.transformer_blocks.0.attn2.to_k")
    reads, writes, wide = layer.in_features, layer.out_features, made.width + 1
    lost = lora("lora_unet_mid_block_attentions_7_proj_in", 4, 4)
    deep = lora(f"{TEXT_PARTS[made.family][0].trained}text_model_encoder_layers_99_mlp_fc1", 4, 4)
    vectors = {each.vectors: torch.ones(2, wide) for each in TEXT_PARTS[made.family]}
    uneven = {"clip_l": torch.ones(2, made.width), "clip_g": torch.ones(3, made.width)}
    several = {"one": torch.ones(1, 4), "two": torch.ones(1, 4)}
    return {
        "none": ("lora", lost | deep, "does not fit: the model has none of its 2 layers, as `lora_"),
        "some": ("lora", lora(LAYER, reads, writes) | deep, "does not fit: the model has no layer for `lora_te"),
        "wide": ("lora", lora(LAYER, reads + 1, writes), f", which is {writes}×{reads}, not {writes}×{reads + 1}"),
        "factors": (
            "lora",
            {f"{LAYER}.lokr_w1": torch.ones(2, 2), f"{LAYER}.lokr_w2": torch.ones(1, 1)},
            f", which is {writes}×{reads}, not 2×2",
        ),
        "vectors": ("inversion", vectors, f"is for text encoders of width {wide}, and <own> has one of width"),
        "several": ("inversion", several, "is not a textual inversion for "),
        "uneven": ("inversion", uneven, "is not a textual inversion"),
        "alone": ("inversion", {"clip_g": torch.ones(2, wide)}, "textual inversion"),
    }


def test_what_does_not_fit_is_said_before_and_in_the_same_words(made: Made, tmp_path: Path, make_plan) -> None:
    entries = [f'own = {{ path = "{made.folder}", kind = "checkpoint", family = "{made.family}" }}\n']
    entries += [f'one = {{ path = "{made.file}", kind = "checkpoint", family = "{made.family}" }}\n']
    wrong = faults(made)
    for name, (kind, tensors, _) in wrong.items():
        save_file(tensors, tmp_path / f"{name}.safetensors")
        entries.append(f'{name} = {{ path = "{name}.safetensors", kind = "{kind}", family = "{made.family}" }}\n')
    (tmp_path / "promptlang.toml").write_text("[concepts.names]\n" + "".join(entries), encoding="utf-8")
    project = project_of(tmp_path / "promptlang.toml").project
    for name, (kind, _, words) in wrong.items():
        network = Network(name=name, kind=kind, weight=1.0, path=str(tmp_path / f"{name}.safetensors"))
        with pytest.raises(RenderError) as caught, applied(made.model, make_plan(networks=(network,))):
            pass
        assert words in caught.value.message
        for model in ("own", "one"):
            found = promptlang.check(f"/render a cow <{model}> <{name}>", project=project)
            message = caught.value.message.replace("<own>", f"<{model}>")
            assert message in [each.message for each in found], (name, model)


TRANSFORMERS = [name for name in BUILDERS if name == of(name) and not family(name).is_unet]


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_what_does_not_fit_a_transformer_is_said_before(tmp_path: Path, name: str) -> None:
    """As far as a file keeps to the names of diffusers: of the model's layers, and of a UNet's."""
    row, pipeline = FAMILIES[name], BUILDERS[name]()
    denoiser = getattr(pipeline, row.folder.denoiser)
    denoiser.save_pretrained(tmp_path / row.folder.denoiser)
    layers = {at: each for at, each in denoiser.named_modules() if isinstance(each, torch.nn.Linear)}
    blocks = [at for at in layers if re.search(r"\.\d+\..*to_q$", at)]
    layer, own = blocks[0], layers[blocks[0]]
    written = f"transformer.{layer}"
    beyond = re.sub(r"(?<=\.)\d+(?=\.)", "77", written, count=1)
    wrong = {
        "beyond": (peft(beyond, own.in_features, own.out_features), f"no layer for `{beyond}`"),
        "wide": (peft(written, own.in_features + 1, own.out_features), f"does not fit the layer `{layer}`, which is "),
        "unet": (lora(LAYER, 4, 4), f"no layer for `{LAYER}`"),
    }
    for kind, (tensors, words) in wrong.items():
        file = tmp_path / f"{kind}.safetensors"
        save_file(tensors, file)
        with pytest.raises(RenderError) as caught:
            row.network(tensors, pipeline, kind)
        network = Network(name=kind, kind="lora", weight=1.0, path=str(file))
        refusal = fit_refusal(network, Model(name="own", family=name, path=str(tmp_path)))
        assert refusal is not None
        assert refusal.message == caught.value.message
        assert words in refusal.message


FIRST = {
    "flux": "diffusion_model.double_blocks.{}.img_attn.qkv",
    "chroma": "lora_unet_double_blocks_{}_txt_attn_proj",
    "flux2": "base_model.model.single_blocks.{}.linear1",
    "sd3": "lora_unet_joint_blocks_{}_x_block_attn_qkv",
    "lumina2": "diffusion_model.layers.{}.attention.qkv",
    "z-image": "diffusion_model.layers.{}.attention.out",
    "sana": "diffusion_model.blocks.{}.cross_attn.kv_linear",
    "krea2": "diffusion_model.blocks.{}.attn.wq",
}
"""A layer of each family as its first publication names it, and as trainers begin such names."""


@pytest.mark.parametrize("name", FIRST)
def test_names_of_first_publications_are_compared_as_well(tmp_path: Path, name: str) -> None:
    """Layers of several rows here too: a number that the model has not, another width, and other families' layers."""
    row, pipeline, written = FAMILIES[name], BUILDERS[name](), FIRST[name].format(0)
    denoiser = getattr(pipeline, row.folder.denoiser)
    denoiser.save_pretrained(tmp_path / row.folder.denoiser)
    model = Model(name="own", family=name, path=str(tmp_path))
    known = transformer_shapes(tmp_path, row.folder.denoiser, name)
    label, (writes, reads) = by_first_name(known, written)
    beyond = FIRST[name].format(77)
    wrong = {
        "fits": (peft(written, reads, writes), ""),
        "beyond": (peft(beyond, reads, writes), f"no layer for `{beyond}`"),
        "wide": (peft(written, reads + 1, writes), f"does not fit the layer `{label}`, which is {writes}×{reads}, "),
    }
    for kind, (tensors, words) in wrong.items():
        file = tmp_path / f"{kind}.safetensors"
        save_file(tensors, file)
        refusal = fit_refusal(Network(name=kind, kind="lora", weight=1.0, path=str(file)), model)
        if not words:
            assert refusal is None
            assert row.network(tensors, pipeline, kind)
            continue
        with pytest.raises(RenderError) as caught:
            row.network(tensors, pipeline, kind)
        assert refusal is not None
        assert refusal.message == caught.value.message
        assert words in refusal.message
    for other in FIRST.keys() - {name}:
        tensors = {at: each for number in (0, 1) for at, each in peft(FIRST[other].format(number), 7, 7).items()}
        file = tmp_path / f"{other}.safetensors"
        save_file(tensors, file)
        refusal = fit_refusal(Network(name="ink", kind="lora", weight=1.0, path=str(file)), model)
        with pytest.raises(RenderError) as caught:
            row.network(tensors, pipeline, "ink")
        assert refusal is not None, other
        assert refusal.message == caught.value.message
        if other == "sana":  # which alone has layers of that name, here and there
            none = f"the model has none of its 2 layers, as `{FIRST[other].format(0)}"
            assert refusal.message.startswith(f"the LoRA <ink> does not fit: {none}")
            assert refusal.message.endswith("; they are of Sana")


def test_a_layer_that_its_own_family_may_call_so_is_no_fault() -> None:
    known = {"transformer_x_embedder": ("x_embedder", (32, 16))}
    layers = {"diffusion_model.img_in": {"down": (4, 16), "up": (32, 4)}}
    assert transformer_misfit("ink", layers, known, {"flux"}) == ""
    assert transformer_misfit("ink", layers, known, {"sana"}).endswith("no layer for `diffusion_model.img_in`")


def xlabs(number: int, reads: int, writes: int) -> dict[str, torch.Tensor]:
    begin = f"double_blocks.{number}.processor.qkv_lora1"
    return {f"{begin}.down.weight": torch.ones(2, reads), f"{begin}.up.weight": torch.ones(writes, 2)}


@pytest.mark.parametrize("name", tiny_read_files.FAMILIES)
def test_a_single_file_is_compared_by_the_names_that_it_is_opened_under(tmp_path: Path, make_plan, name: str) -> None:
    """LoRAs in the names of diffusers, of the first publication, and of XLabs, as what is drawn with says it."""
    model = tiny_read_files.FAMILIES[name]().written(tmp_path).model("whole.safetensors")
    opened = load(model, device=torch.device("cpu"), dtype=torch.float32)
    denoiser = getattr(opened.pipeline, opened.family.folder.denoiser)
    layers = {at: each for at, each in denoiser.named_modules() if isinstance(each, torch.nn.Linear)}
    reading = [at for at in layers if re.search(r"\.0\..*(to_q|linear_1|proj_mlp|to_qkv_mlp_proj)$", at)]
    tried: dict[str, tuple[dict[str, torch.Tensor], bool]] = {}
    for number, at in enumerate(reading[:3]):
        reads, writes, beyond = layers[at].in_features, layers[at].out_features, re.sub(r"\.0\.", ".77.", at, count=1)
        tried[f"fits{number}"] = peft(f"transformer.{at}", reads, writes), True
        tried[f"wide{number}"] = peft(f"transformer.{at}", reads + 1, writes), False
        tried[f"beyond{number}"] = peft(f"transformer.{beyond}", reads, writes), False
    if model.family in FIRST:
        written, own = FIRST[model.family].format(0), tensor_shapes(tmp_path / "denoiser.safetensors")
        flat = {at.removesuffix(".weight").replace(".", "_"): shape for at, shape in own.items()}
        writes, reads = next(shape for at, shape in flat.items() if written.replace(".", "_").endswith(f"_{at}"))
        tried["first"], tried["tall"] = (peft(written, reads, writes), True), (peft(written, reads, writes + 3), False)
    if model.family == "flux":
        tried["beside"] = xlabs(0, 32, 96), True
        tried["besides"] = xlabs(0, 33, 96), False
        tried["far"] = xlabs(77, 32, 96), False
    for kind, (tensors, fits) in tried.items():
        file = tmp_path / f"{kind}.lora.safetensors"
        save_file(tensors, file)
        network = Network(name=kind, kind="lora", weight=1.0, path=str(file))
        refusal = fit_refusal(network, model)
        assert (refusal is None) is fits, kind
        if refusal is None:
            with applied(opened, make_plan(networks=(network,))):
                continue
        with pytest.raises(RenderError) as caught, applied(opened, make_plan(networks=(network,))):
            pass
        assert caught.value.message == refusal.message


def peft(layer: str, reads: int, writes: int) -> dict[str, torch.Tensor]:
    return {f"{layer}.lora_A.weight": torch.ones(2, reads), f"{layer}.lora_B.weight": torch.ones(writes, 2)}
