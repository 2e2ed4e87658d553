"""What is the same for all variants of a statement is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the test is the one that is worked in, so that names are short in the table."""
    monkeypatch.chdir(tmp_path)


def dry_run(text: str) -> int:
    """The exit code of a dry run over one file."""
    Path("cow.prompt").write_text(text, "utf-8")
    return main(["cow.prompt", "--dry-run", "--isolated"])


def test_what_all_variants_lack_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One name is unknown, however many variants call it."""
    assert dry_run("/render /parser:comfy /variants:all a {red|blue|green} embedding:nobody\n") == 1
    assert capsys.readouterr().err.count("no model called `nobody`") == 1


def test_a_dry_run_lists_variants_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Points of a sweep, which differ in what the table shows, have lines of their own."""
    text = "/render /variants:all /seed:3 a {red|blue|green} cow\n/render /seed:3 /steps:2|3 a cow\n"
    assert dry_run(text) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "cow.prompt:" in line]
    assert [(row[1].rpartition(":")[2], row[-1]) for row in rows] == [("1", "3"), ("2", "1"), ("2", "1")]


REFUSED = (
    ("/render a cow /vae:none.safetensors", "there is no VAE at `none.safetensors`"),
    ("/remix /image:no.png a cow", "there is no image `no.png`"),
    ("/set /vae:none.safetensors\n/render a cow", "there is no VAE at `none.safetensors`"),
    ("/render a cow <lost>", "lost.safetensors cannot be read"),
)


@pytest.mark.parametrize("folder", [".", "below"])
@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_why_a_statement_is_not_drawn_is_said_once(
    capsys: pytest.CaptureFixture[str], text: str, message: str, folder: str
) -> None:
    """As an error with the line that asks for it, and not as a finding as well; from another folder too."""
    entry = '[concepts.names]\nlost = { path = "lost.safetensors", kind = "checkpoint", family = "sd1" }\n'
    Path(folder).mkdir(exist_ok=True)
    Path(folder, "promptlang.toml").write_text(entry, "utf-8")
    Path(folder, "cow.prompt").write_text(f"{text}\n/render a ((dog\n", "utf-8")
    assert main([str(Path(folder, "cow.prompt")), "--dry-run"]) == 1
    said = capsys.readouterr().err
    if folder != ".":
        said = said.replace(f"{folder}/", "")
    statements = 2 if text.startswith("/set") else 1
    assert said.count(message) == statements
    assert said.count("error: ") == statements
    assert said.count("warning[prompt/unclosed]") > 0
    assert said.count("\n1 | " if statements == 1 else "\n2 | ") == 1


def test_a_finding_that_costs_no_picture_stays(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """Of two statements with the same finding the one that is drawn has it printed."""
    monkeypatch.setattr("promptlang_runtime.command.jobs.refusal_of", lambda job, run: refusal(job.line))
    Path("cow.prompt").write_text("/render a cow /vae:none.safetensors\n/render a dog /vae:none.safetensors\n", "utf-8")
    assert main(["cow.prompt", "--dry-run", "--isolated"]) == 1
    said = capsys.readouterr().err
    assert said.count("error: cow.prompt:1: there is no VAE at `none.safetensors`") == 1
    assert said.count("warning[option/unusable-file]: there is no VAE at `none.safetensors`\n --> cow.prompt:2:15") == 1


def refusal(line: int) -> RenderError | None:
    return RenderError("there is no VAE at `none.safetensors`") if line == 1 else None
