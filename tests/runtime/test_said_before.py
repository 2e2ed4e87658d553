"""What `render` refuses of a statement, `check` and a dry run say before, in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from math import prod
from pathlib import Path
from shutil import rmtree

import diffusers
import pytest
import torch

import promptlang
from promptlang.config.chain import load
from promptlang.models.evidence.records import Record
from promptlang.models.fitting.configurations.described import number_of
from promptlang.models.fitting.tokenizers import TEMPLATE, TOKENS
from promptlang.models.names import SETTINGS
from promptlang.tables.arithmetics import DEFAULT, samplers
from promptlang.tables.configurations.table import DESCRIBED
from promptlang.tables.models.folders import FOLDERS, Folder
from promptlang.tables.samplers import Sampler
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.reading import refuse_unread
from promptlang_runtime.families.table import FAMILIES
from promptlang_runtime.models.folders import open_pipeline
from promptlang_runtime.models.places import find_all
from promptlang_runtime.planning.jobs import placed
from tests.models.conftest import CHECKPOINTS, write_model

CONFIG = """[concepts.names]
plain = { path = "plain.safetensors" }
dark = { path = "dark.safetensors" }
scaled = { path = "scaled.safetensors" }
packed = { path = "packed" }
deep = { path = "deep" }
foreign = { path = "foreign" }
hyper = { path = "hyper.safetensors", kind = "hypernet", family = "sd1" }
"""
FOLDER = {
    "model_index.json": {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "vae": ["diffusers", "AutoencoderKL"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "text_encoder": ["transformers", "CLIPTextModel"],
    },
    "unet/config.json": {"cross_attention_dim": 768, "in_channels": 4},
    "text_encoder/config.json": {"model_type": "clip_text_model", "num_hidden_layers": 12, "hidden_size": 768},
    "scheduler/scheduler_config.json": {"prediction_type": "v_prediction"},
    "vae/config.json": {"latent_channels": 4, "use_quant_conv": False, "use_post_quant_conv": False},
}
PACKED = {"unet/config.json": FOLDER["unet/config.json"] | {"quantization_config": {"quant_method": "bitsandbytes"}}}
DEEP = {"scheduler/scheduler_config.json": {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}}
FOREIGN = {"model_index.json": FOLDER["model_index.json"] | {"vae": ["own_code", "AutoencoderKL"]}}

REFUSED = (
    ("/render a cow <foreign>", "<foreign> cannot be drawn with: `model_index.json` names `own_code.AutoencoderKL`"),
    ("/render a cow <dark> /sampler:heun", "the sampler `heun` knows no noise that ends at zero signal"),
    ("/render a cow <deep> /sampler:ddim|deis /seed:1", "the sampler `deis` knows no noise that ends at zero signal"),
    ("/set <dark> /sampler:k_dpm2\n/render a cow", "the sampler `k_dpm2` knows no noise that ends at zero signal"),
    ("/render a cow <scaled>", "<scaled> cannot be rendered yet: "),
    ("/render a cow <packed>", "<packed> cannot be rendered yet: "),
    ("/render a cow <plain> <hyper:0.5>", "<hyper> is a hypernet, which cannot be rendered yet"),
    ("/render /parser:a1111 a cow <hypernet:hyper:1>", "<hyper> is a hypernet, which cannot be rendered yet"),
    (
        "/remix /image:cow.png /mask:cow.png /hires:2 a cow <plain>",
        "what `/mask` keeps would be drawn over by the hires",
    ),
    ("/remix /image:no.png a cow <plain>", "there is no image `no.png`"),
    ("/render /vae:no.safetensors a cow <plain>", "there is no VAE at `no.safetensors`"),
    (
        "/render /vae:hyper.safetensors a cow <plain>",
        "`hyper.safetensors` is no VAE for Stable Diffusion 1.x: it has no decoder",
    ),
    (
        "/render /vae:owner__name|wide /seed:1 a cow <plain>",
        "`wide` is no VAE for Stable Diffusion 1.x: it decodes 16 channels, as those of Stable Diffusion 3 have",
    ),
    (
        "/render /vae:half.safetensors a cow <plain>",
        "`half.safetensors` is no VAE for Stable Diffusion 1.x: it has no encoder",
    ),
    (
        "/render /vae:wide.safetensors a cow <plain>",
        "`wide.safetensors` is no VAE for Stable Diffusion 1.x: it decodes 16 channels, ",
    ),
    (
        "/render /vae:wide a cow <plain>",
        "`wide` is no VAE for Stable Diffusion 1.x: it decodes 16 channels, as those of Stable Diffusion 3 have",
    ),
    (
        "/render /vae:film a cow <plain>",
        "`film` is no VAE for Stable Diffusion 1.x: it is of the class AutoencoderKLWan, and not AutoencoderKL",
    ),
    ("/remix /image:cow.png /strength:0.01 /steps:20 a cow <plain>", "strength 0.01 leaves none of 20 steps"),
    ("/remix /image:cow.png /guidance:0.5 a cow <plain>", "`/remix` cannot pull in several directions yet"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a model for each reason not to draw."""
    (tmp_path / "promptlang.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "cow.png").write_bytes(b"")
    _, shapes = CHECKPOINTS["sd1"]
    _, velocity = CHECKPOINTS["sdxl v-prediction"]
    write_model(tmp_path / "plain.safetensors", shapes)
    write_model(tmp_path / "dark.safetensors", velocity)
    write_model(tmp_path / "hyper.safetensors", {"odd": (1,)})
    ends = {"decoder.conv_in.weight": (8, 16, 3, 3), "decoder.conv_out.weight": (3, 8, 3, 3)}
    write_model(tmp_path / "half.safetensors", ends)
    write_model(tmp_path / "wide.safetensors", {**ends, "encoder.conv_in.weight": (8, 3, 3, 3)})
    for name, config in (("wide", {"latent_channels": 16}), ("film", {"_class_name": "AutoencoderKLWan", "z_dim": 16})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_model(tmp_path / "scaled.safetensors", {**shapes, "model.diffusion_model.out.2.scale_weight": (1,)})
    for name, more in (("packed", PACKED), ("deep", DEEP), ("foreign", FOREIGN)):
        for file, record in (FOLDER | more).items():
            place = tmp_path / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(record), encoding="utf-8")
        for part in ("vae", "unet", "text_encoder"):
            kind, config = FOLDER["model_index.json"][part][1], Record(FOLDER[f"{part}/config.json"])
            write_model(tmp_path / name / part / "model.safetensors", compared(kind, config))
    return tmp_path


def compared(kind: str, config: Record) -> dict[str, tuple[int, ...]]:
    """The shapes of those tensors whose sizes a configuration says."""
    axes: dict[str, dict[int, int]] = {}
    for side in (side for side in DESCRIBED[kind].sides if side.needed):
        if size := prod(number_of(kind, config, key) for key in side.keys):
            axes.setdefault(side.tensor, {})[side.axis] = size
    return {name: tuple(sizes.get(axis, 1) for axis in range(max(sizes) + 1)) for name, sizes in axes.items()}


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_refusal_is_said_before(root: Path, text: str, message: str) -> None:
    """By the check and by what a dry run asks."""
    project = load(root / "promptlang.toml").project
    found = promptlang.compile(text, project=project)
    refused: list[str] = []
    for plan in found.plans:
        try:
            refuse_unread(plan)
            find_all(placed(plan, root))
        except RenderError as error:
            refused.append(error.message.replace(f"{root}/", ""))
    assert len(refused) == 1
    assert refused[0].startswith(message)
    assert refused[0] in [each.message.replace(f"{root}/", "") for each in found.diagnostics]


def whole(place: Path, row: Folder) -> dict[str, list[str]]:
    """A folder that holds what the row lists, as far as anybody looks before it is opened; its index."""
    index: dict[str, list[str]] = {}
    for part, classes in row.parts.items():
        index[part] = min(classes).split(".")
        (place / part).mkdir(parents=True)
        settings = SETTINGS.get(part.partition("_")[0], "config.json")
        (place / part / settings).write_text("{}", encoding="utf-8")
        if settings == SETTINGS["tokenizer"] or "Processor" in index[part][1]:
            (place / part / TOKENS[0]).write_text(
                '{"added_tokens": [], "model": {"vocab": {"a": 0}}}', encoding="utf-8"
            )
            (place / part / TEMPLATE).write_text("{{ messages }}", encoding="utf-8")
        if settings == "config.json":
            write_model(place / part / "model.safetensors", {"odd": (1,)})
    return index


def without(place: Path, index: dict[str, list[str]], part: str) -> None:
    del index[part]


def lost(place: Path, index: dict[str, list[str]], part: str) -> None:
    rmtree(place / part)


def emptied(place: Path, index: dict[str, list[str]], part: str) -> None:
    (place / part / "model.safetensors").unlink()


def pickled(place: Path, index: dict[str, list[str]], part: str) -> None:
    (place / part / "model.safetensors").rename(place / part / "model.bin")


def of(kind: str) -> Callable[[Path, dict[str, list[str]], str], None]:
    return lambda place, index, part: index.update({part: kind.split(".")})


FAULTS = (
    (of("own_code.Denoiser"), "`model_index.json` names `own_code.Denoiser` as its {part}, which is not loaded"),
    (of("diffusers.DiTTransformer2DModel"), "`model_index.json` names `diffusers.DiTTransformer2DModel` as its {part}"),
    (without, "`model_index.json` names no {part}"),
    (lost, "it has no `{part}`, which `model_index.json` names"),
    (emptied, "its `{part}` has no weights"),
    (pickled, "its `{part}` has pickled weights alone (`model.bin`), which could run code and are not opened"),
)


@pytest.mark.parametrize("name", FOLDERS)
def test_what_keeps_a_folder_from_being_opened_is_said_before(tmp_path: Path, name: str) -> None:
    """By the check, for each family and each fault of its denoiser, in the words of what opens it."""
    row = FOLDERS[name]
    told: dict[str, str] = {}
    entries: list[str] = []
    for number, (break_, words) in enumerate(FAULTS):
        place = tmp_path / str(number)
        index = whole(place, row)
        break_(place, index, row.denoiser)
        head = {"_class_name": row.pipeline, "text_encoder": [None, None]}  # as the refiner's says that it has no first
        (place / "model_index.json").write_text(json.dumps(head | index), encoding="utf-8")
        with pytest.raises(RenderError) as caught:
            open_pipeline(str(place), row, stand_ins={}, dtype=torch.float32, hub=False)
        told[f"m{number}"] = caught.value.message.partition(" cannot be drawn with: ")[2]
        assert told[f"m{number}"].startswith(words.format(part=row.denoiser))
        entries.append(f'm{number} = {{ path = "{number}", kind = "checkpoint", family = "{name}" }}\n')
    (tmp_path / "promptlang.toml").write_text("[concepts.names]\n" + "".join(entries), encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    begun = "<sdxl> " if name not in FAMILIES else ""
    for model, words in told.items():
        found = promptlang.check(f"/render {begun}a cow <{model}>", project=project)
        assert f"<{model}> cannot be drawn with: {words}" in [each.message for each in found]


@pytest.mark.parametrize("row", samplers(DEFAULT), ids=lambda row: row.name)
def test_a_row_says_whether_its_class_can_be_told_of_such_noise(row: Sampler) -> None:
    takes = signature(getattr(diffusers, row.scheduler)).parameters
    assert row.zero_snr == ("rescale_betas_zero_snr" in takes)
