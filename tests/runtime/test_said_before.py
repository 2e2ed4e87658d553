"""What `render` refuses of a statement, `check` and a dry run say before, in the same words."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path

import diffusers
import pytest

import promptlang
from promptlang.config.chain import load
from promptlang.tables.arithmetics import DEFAULT, samplers
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.reading import refuse_unread
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
    },
    "unet/config.json": {"cross_attention_dim": 768, "in_channels": 4},
    "text_encoder/config.json": {"model_type": "clip_text_model", "num_hidden_layers": 12, "hidden_size": 768},
    "scheduler/scheduler_config.json": {"prediction_type": "v_prediction"},
    "vae/config.json": {"latent_channels": 4},
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
        "/remix /image:cow.png /mask:cow.png /arithmetic:comfy a cow <plain>",
        "`/mask` is not drawn as ComfyUI draws it yet",
    ),
    ("/remix /image:no.png a cow <plain>", "there is no image `no.png`"),
    ("/render /vae:no.safetensors a cow <plain>", "there is no VAE at `no.safetensors`"),
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
    write_model(tmp_path / "scaled.safetensors", {**shapes, "model.diffusion_model.out.2.scale_weight": (1,)})
    for name, more in (("packed", PACKED), ("deep", DEEP), ("foreign", FOREIGN)):
        for file, record in (FOLDER | more).items():
            place = tmp_path / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(record), encoding="utf-8")
        write_model(tmp_path / name / "vae/diffusion_pytorch_model.safetensors", {"odd": (1,)})
    return tmp_path


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


@pytest.mark.parametrize("row", samplers(DEFAULT), ids=lambda row: row.name)
def test_a_row_says_whether_its_class_can_be_told_of_such_noise(row) -> None:
    takes = signature(getattr(diffusers, row.scheduler)).parameters
    assert row.zero_snr == ("rescale_betas_zero_snr" in takes)
