"""Prompts that stand on the command line itself, or come by standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from promptlang.cli.arguments import UsageError
from promptlang_runtime.command.command import main
from promptlang_runtime.command.words import typed

SMALL = "/steps:1 /size:64x64 /seed:3"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("a red circle",), "a-red-circle.prompt"),
        (("a", "red", "circle"), "a-red-circle.prompt"),
        (("/render /seed:7 a red circle",), "a-red-circle.prompt"),
        (("/clipskip:2",), "picture.prompt"),
        (("a ../../(cow:1.2), “barn”?",), "a-cow-1-2-barn.prompt"),
        ((" ".join(["barn"] * 40),), "barn-barn-barn-barn-barn-barn-barn-barn.prompt"),
        (("b" * 300 + " c",), "b" * 40 + ".prompt"),
    ],
)
def test_a_name_of_its_words(words: tuple[str, ...], name: str) -> None:
    given = typed(words)
    assert given is not None
    assert given.where == name
    assert given.file.source.text == " ".join(words)


def test_files_stay_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "red barn").mkdir()
    for words in (("red barn",), ("gone.prompt",), ("a b/",), ("red barn", "a cow")):
        assert typed(words) is None
    with pytest.raises(UsageError, match="there is no `promts` to read"):
        typed(("promts",))
    with pytest.raises(UsageError, match="standard input"):
        typed(("-", "cow.prompt"))


def test_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([f"a red circle {SMALL}", "--device", "cpu"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"/render {SMALL} a red circle".encode())))
    assert main(["-", "--device", "cpu"]) == 0
    first, second = (Image.open(tmp_path / "out" / f"a-red-circle-00{number}.png") for number in (1, 2))
    assert first.tobytes() == second.tobytes()
    assert main([f"a /guidance:x circle {SMALL}"]) == 1
    assert "prompt:1:" in capsys.readouterr().err
