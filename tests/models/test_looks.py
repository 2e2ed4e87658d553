"""A text's model files are looked at once, however many statements name them, and anew for the next text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import promptlang
from promptlang.config.chain import load
from promptlang.meaning.project import Project
from promptlang.models import discover
from promptlang.models.fitting import wholeness

INDEX = {
    "_class_name": "ZImagePipeline",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "vae": ["diffusers", "AutoencoderKL"],
    "transformer": ["diffusers", "ZImageTransformer2DModel"],
    "text_encoder": ["transformers", "Qwen3Model"],
    "tokenizer": ["transformers", "Qwen2Tokenizer"],
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose model is a folder that lacks its parts."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model_index.json").write_text(json.dumps(INDEX))
    (tmp_path / "promptlang.toml").write_text('[concepts.names]\nz = { path = "model" }\n')
    return load(tmp_path / "promptlang.toml").project


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is asked of the file system: the state of a model, and those of the files in its folder."""
    asked: list[object] = []

    def noting(ask: Callable[..., object]) -> Callable[..., object]:
        def noted(*arguments: object) -> object:
            asked.append(arguments)
            return ask(*arguments)

        return noted

    for module, name in ((discover, "state_of"), (wholeness, "_states")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
    return asked


def statements(count: int, words: str) -> str:
    return "".join(f"/render /steps:8 {words} {number} <z>\n" for number in range(count))


@pytest.mark.parametrize("answer", [promptlang.check, promptlang.compile])
def test_many_statements_ask_the_disk_what_one_does(
    project: Project, looked: list[object], answer: Callable[..., object]
) -> None:
    answer(statements(1, f"a cow of {answer.__name__}"), project=project)
    of_one = len(looked)
    assert of_one
    answer(statements(20, f"a horse of {answer.__name__}"), project=project)
    assert len(looked) == 2 * of_one


def test_the_next_text_sees_what_has_changed(tmp_path: Path, project: Project) -> None:
    def said(words: str) -> set[str]:
        return {each.message for each in promptlang.check(statements(2, words), project=project)}

    assert any("`scheduler`" in each for each in said("a cow"))
    (tmp_path / "model" / "scheduler").mkdir()
    (tmp_path / "model" / "scheduler" / "scheduler_config.json").write_text("{}")
    assert not any("`scheduler`" in each for each in said("a horse"))
    assert any("`vae`" in each for each in said("a goat"))
