"""`promptlang fmt`: what it changes and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

ROUGH = "/render   a cow /STEPS:30\n"
NEAT = "/render /steps:30 a cow\n"


def test_a_file_is_rewritten_once(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_bytes(b"\xef\xbb\xbf" + ROUGH.encode())
    assert run("fmt", "cow.prompt") == Outcome(0, "", "1 file formatted, 0 as they were\n")
    assert path.read_bytes() == b"\xef\xbb\xbf" + NEAT.encode()
    assert run("fmt") == Outcome(0, "", "0 files formatted, 1 as it was\n")


def test_looking_changes_nothing(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_text(ROUGH)
    assert run("fmt", "--check") == Outcome(1, "would format cow.prompt\n", "1 file would change, 0 as they were\n")
    outcome = run("fmt", "--diff", "-q")
    assert (outcome.code, outcome.err) == (1, "")
    assert f"-{ROUGH}+{NEAT}" in outcome.out
    assert path.read_text() == ROUGH


def test_standard_input(run: Run) -> None:
    assert run("fmt", "-", "-q", given=ROUGH.encode()) == Outcome(0, NEAT, "")
    assert run("fmt", "-", "--check", "-q", given=NEAT.encode()).code == 0


def test_what_cannot_be_read(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_bytes(b"caf\xe9")
    (folder / "dog.prompt").write_text(ROUGH)
    outcome = run("fmt", "cow.prompt", "no-such.prompt", "dog.prompt")
    assert outcome.code == 2
    assert "`cow.prompt` is not UTF-8: byte 0xE9 at offset 3" in outcome.err
    assert "cannot read `no-such.prompt`" in outcome.err
    assert (folder / "cow.prompt").read_bytes() == b"caf\xe9"
    assert (folder / "dog.prompt").read_text() == NEAT
