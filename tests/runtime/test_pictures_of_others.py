"""Pictures of other programs as a user has them: read, checked, drawn, written for their program and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

import promptlang
from promptlang.cli.main import main
from promptlang.exporters.targets import written
from promptlang.importers.reading import of_text, read_file
from promptlang.importers.retold import told
from promptlang.plans.json import content_hash
from promptlang.plans.plan import Plan
from promptlang_runtime.command.command import main as render
from tests.importers.twenty import FOLDER, PICTURES

NAMES = sorted(PICTURES)
BACK_TO = {"comfyui": "comfyui", "invokeai": "invokeai", "swarmui": "swarmui", "novelai": "novelai"}
"""What each picture is written for again, by the beginning of its name; the others have webui's parameters."""
REMARKS = "its styles wrote the prompt out longer than it was typed, and what was typed is taken"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The picture of ours that each became, with the bundled model for theirs."""
    folder = tmp_path_factory.mktemp("drawn")
    prompt = folder / "seen.prompt"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["import", "--isolated", str(FOLDER), "-o", str(prompt)]) == 0
        lines = prompt.read_text(encoding="utf-8").splitlines()
        models = ("/set <demo>" if line.startswith("/set <") else line for line in lines)
        prompt.write_text("\n".join(models) + "\n", encoding="utf-8")
        assert main(["check", "--isolated", str(prompt)]) == 0
        assert render([str(prompt), "--isolated", "--device", "cpu", "--no-sheet"]) == 0
        found = sorted((folder / "out").glob("*.png"))
    return dict(zip(NAMES, found, strict=True))


def named(name: str) -> str:
    return name.removesuffix(".safetensors")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_drawn_again_and_told_its_own_program(name: str, drawn: dict[str, Path]) -> None:
    plan = read_file(drawn[name]).plan
    assert isinstance(plan, Plan)
    made = written(plan, BACK_TO.get(name.split(".")[0].split("-")[0], "a1111"))
    assert [each for each in made.remarks if "in a way of its own" not in each] == []
    (statement,) = told(of_text(made.text), plan.dialect, named).statements
    (again,) = promptlang.compile(statement).plans
    assert content_hash(again) == content_hash(plan)


def test_what_is_kept_is_what_their_writers_write(tmp_path: Path) -> None:
    assert sorted(each.name for each in FOLDER.iterdir()) == NAMES
    for name, making in PICTURES.items():
        assert read_file(FOLDER / name) == read_file(making(tmp_path / name))


def test_one_word_is_said_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "--isolated", str(FOLDER)]) == 0
    assert capsys.readouterr().err == f"warning: {FOLDER}/fooocus-1.png: {REMARKS}\n"
