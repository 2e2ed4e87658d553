"""What a plan calls for is known to be missing before anything is loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import promptlang
from promptlang.config.chain import load
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.places import find_all


@pytest.mark.parametrize("text", ["a cow <demo>", "a cow <neon:0.5> <blueprint>"])
def test_the_bundled_files_are_found(text: str) -> None:
    find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a cow <unknown-thing>", "nothing is known of the model <unknown-thing>"),
        ("a cow <unknown-thing:0.7>", "nothing is known of <unknown-thing>"),
    ],
)
def test_a_name_without_a_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        find_all(promptlang.compile(f"/render /parser:new {text}").plans[0])


CONFIG = """[concepts.names]
gone = { path = "gone.safetensors" }
torn = { path = "torn.safetensors" }
bare = { path = "bare.safetensors" }
"""


@pytest.mark.parametrize(
    ("called", "message"),
    [
        ("<gone>", "nothing is known of <gone>: its file is missing"),
        ("<torn>", "nothing is known of <torn>: its file is missing, cannot be read"),
        ("<torn:0.5>", "the file of <torn> is missing or cannot be read"),
        ("<bare>", "<bare> is of the family z-image, which cannot be rendered yet"),
        ("<bare:0.5>", "<bare> is a denoiser, which cannot be rendered yet"),
    ],
)
def test_no_other_model_takes_the_place_of_the_one_named(tmp_path: Path, called: str, message: str) -> None:
    keys = {"cap_embedder.1.weight": (3840, 8), "noise_refiner.0.attention.k_norm.weight": (8,)}
    weights = {
        name: torch.zeros(shape) for name, shape in {**keys, "layers.0.adaLN_modulation.0.weight": (8, 8)}.items()
    }
    save_file(weights, tmp_path / "bare.safetensors")
    (tmp_path / "torn.safetensors").write_bytes(b"\xff" * 300)
    (tmp_path / "promptlang.toml").write_text(CONFIG, encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    (plan,) = promptlang.compile(f"/render /parser:new a cow {called}", project=project).plans
    with pytest.raises(RenderError, match=re.escape(message)):
        find_all(plan)
