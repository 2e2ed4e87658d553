"""`promptlang inspect`: panels for people, JSON for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from promptlang.cli.arguments import Given
from promptlang.cli.commands.inspect import run as inspect_command
from promptlang.models.inspection import inspections_of
from promptlang.reports.inspection import show

Shapes = Mapping[str, tuple[int, ...]]
Write = Callable[..., Path]
LORA = {
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 768),
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight": (320, 8),
}


def panels(*paths: Path, width: int = 100) -> str:
    """What the command prints about some paths, without colour."""
    stream = io.StringIO()
    show(inspections_of(paths), colour=False, width=width, stream=stream)
    return stream.getvalue()


def test_a_checkpoint_shows_what_it_is_and_how_that_is_known(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]
) -> None:
    text = panels(write(checkpoints["sd1 inpaint"][1], "cow"))
    for part in (
        "Stable Diffusion 1.x · checkpoint · inpaint",
        "CLIP ViT-L/14, 12 layers",
        "1 to 13, default 1",
        "attn2.to_k.weight",
        "(320×768) reads text of width 768",
        "takes 9 channels: inpaint",
        "/clipskip:2",
    ):
        assert part in text


def test_a_lora_shows_its_base_and_its_training(write: Write) -> None:
    text = panels(write(LORA, "cow", metadata={"ss_base_model_version": "sd_v1", "ss_clip_skip": "2"}))
    assert "Stable Diffusion 1.x · LoRA" in text
    assert "fits Stable Diffusion 1.x checkpoints only" in text
    assert "trained with clip skip 2" in text


def test_stable_diffusion_2_is_told_to_leave_clip_skip_out(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]
) -> None:
    text = panels(write(checkpoints["sd2"][1]))
    assert "no effect by language rule" in text
    assert "leave /clipskip out" in text


@pytest.mark.parametrize("width", [40, 60, 100, 300])
def test_panels_keep_to_the_width(write: Write, checkpoints: Mapping[str, tuple[str, Shapes]], width: int) -> None:
    text = panels(write(checkpoints["sdxl"][1]), width=width)
    assert max(map(len, text.splitlines())) == min(width, 100)


def test_a_folder_shows_every_file_and_what_it_passes_over(tmp_path: Path, write: Write) -> None:
    write(LORA, "cow")
    (tmp_path / "old.ckpt").write_bytes(b"PK\x03\x04")
    text = panels(tmp_path)
    assert "cow.safetensors" in text
    assert "old.ckpt" in text
    assert "can run code" in text


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert "no model files in this folder" in panels(tmp_path)


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(tmp_path: Path, write: Write) -> None:
    path = write({"<\x1b[2J>": (768,)}, "a\x1b[2Jb", metadata={"modelspec.title": "\x1b]0;x\x07[red]t[/red]"})
    (tmp_path / "a\x1b[2Jb.json").write_text(json.dumps({"activation text": "\x1b[31mred"}))
    text = panels(path)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]t[/red]" in text


def test_json_is_plain_data(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(LORA, "cow")
    (tmp_path / "broken.safetensors").write_bytes(b"no header")
    arguments = Given({"paths": [str(path), str(tmp_path / "broken.safetensors")], "json": []})
    assert inspect_command(arguments) == 1
    found, broken = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["family"], found["variant"]) == ("lora", "sd1", "LoRA")
    assert found["clip_skip"] == {"lowest": 1, "highest": 13, "default": 1}
    assert found["error"] is None
    assert broken["error"]


def test_a_path_that_cannot_be_read_is_said_as_elsewhere(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.safetensors"
    assert inspect_command(Given({"paths": [str(missing), str(write(LORA))]})) == 2
    printed = capsys.readouterr()
    assert printed.err == f"error: cannot read `{missing}`: no such file or directory\n"
    assert "LoRA" in printed.out


def test_a_folder_that_cannot_be_listed_is_said_as_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("promptlang.cli.commands.inspect.os.scandir", refused)  # the superuser may list everything
    assert inspect_command(Given({"paths": [str(tmp_path)]})) == 2
    assert capsys.readouterr().err == f"error: cannot read `{tmp_path}`: permission denied\n"


def test_the_status_is_zero_where_everything_could_be_read(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect_command(Given({"paths": [str(write(LORA))]})) == 0
    assert "Stable Diffusion 1.x · LoRA" in capsys.readouterr().out
