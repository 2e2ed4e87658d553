"""Completion in shells: the offers, and each shell that is installed here typed in on a terminal of its own."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from promptlang.checks.rules import RULES
from promptlang.cli.table import COMMANDS, EXTRAS
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]


def offered(run: Run, *words: str) -> list[str]:
    outcome = run("completions", "bash", "--", *words)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.splitlines()


def test_commands_are_offered_first(run: Run) -> None:
    assert offered(run, "") == [*COMMANDS, *EXTRAS, "--help", "--version"]
    assert offered(run, "ch") == ["check"]
    assert offered(run, "no-such", "") == []
    assert run("completions", "powershell", "--", '""') == run("completions", "powershell", "--", "")


def test_options_of_every_package(run: Run) -> None:
    assert "--select" in offered(run, "check", "--s")
    assert "--dry-run" in offered(run, "render", "--d")
    assert "--port" in offered(run, "play", "x.prompt", "--")
    assert offered(run, "check", "--fix", "--fi") == []  # it is there already
    assert "--ignore" in offered(run, "check", "--ignore", "x", "--i")  # may be repeated


def test_values_of_options(run: Run) -> None:
    assert offered(run, "check", "--output-format", "j") == ["json", "json-lines"]
    assert offered(run, "check", "--output-format=j") == ["--output-format=json", "--output-format=json-lines"]
    assert offered(run, "check", "--config", "") == []  # a file: the shell knows those
    assert offered(run, "check", "") == []


def test_rules_one_or_several(run: Run) -> None:
    assert offered(run, "rule", "") == sorted(RULES)
    assert offered(run, "rule", "clipskip/high", "clipskip/extr") == ["clipskip/extreme"]
    several = offered(run, "check", "--select", "clipskip/high,clipskip/")
    assert "clipskip/high,clipskip/extreme" in several
    assert "clipskip/high,clipskip/high" not in several


def test_words_of_a_prompt(run: Run, folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "red barn.safetensors").touch()
    (folder / "models" / "two\nlines.safetensors").touch()
    (folder / "promptlang.toml").write_text('[concepts]\nfolders = ["models"]\n[concepts.names]\ncow = {}\n')
    assert offered(run, "explain", "/clips") == ["/clipskip:"]
    assert "/sampler:k_euler" in offered(run, "explain", "/sampler:k_e")
    assert "/sampler:k_euler" in offered(run, "explain", "--parser", "new", "a", "/sampler:k_e")
    assert "a cow <cow>" in offered(run, "explain", "a cow <co")
    assert "<red barn>" in offered(run, "explain", "<red")
    assert offered(run, "explain", "<two") == []


def test_a_few_words_where_the_shell_shows_them(run: Run) -> None:
    outcome = run("completions", "fish", "--", "check", "--fi")
    assert outcome.out == "--fix\tMend what has a safe answer: one that leaves the picture as it is.\n"


SHELLS = {
    "bash": (["--norc", "-i"], 'eval "$(promptlang completions bash)"'),
    "zsh": (["-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$(promptlang completions zsh)"'),
    "fish": (["--no-config", "-i"], "promptlang completions fish | source"),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("promptlang chec\t--output-format g\t", "promptlang check --output-format github"),
        ('promptlang explain "a cow <dem\t', 'promptlang explain "a cow <demo>'),
        ("promptlang explain /sampler:upm\t", "promptlang explain /sampler:upms"),
        ("promptlang fmt my\t", "promptlang fmt my-only.prompt"),
    ],
)
def test_typed_in_a_shell(folder: Path, shell: str, typed: str, shown: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    (folder / "my-only.prompt").touch()
    words, setup = SHELLS[shell]
    child, terminal = pty.fork()
    if child == 0:
        folder_of_command = str(Path(sys.executable).parent)
        here = {"PATH": f"{folder_of_command}:{os.environ['PATH']}", "TERM": "xterm", "HOME": str(folder)}
        os.execvpe(shell, [shell, *words], {**os.environ, **here})
    try:
        os.write(terminal, f"{setup}; echo is-\\set\n".encode())
        assert "is-set" in _read(terminal, "is-set")
        os.write(terminal, typed.encode())
        assert shown in _read(terminal, shown)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _read(terminal: int, wanted: str) -> str:
    """What the terminal shows until the words stand there, or for half a minute; movements of the cursor left out."""
    shown = b""
    end = monotonic() + 30
    while monotonic() < end and wanted not in _plain(shown):
        if select.select([terminal], [], [], 0.1)[0]:
            shown += (more := os.read(terminal, 65536))
            if b"\x1b[c" in more or b"\x1b[0c" in more:  # fish asks what the terminal is
                os.write(terminal, b"\x1b[?62;c")
    return _plain(shown)


def _plain(shown: bytes) -> str:
    text = re.sub(r"\x1b[\[\]][0-9;?]*[a-zA-Z]", "", shown.decode("utf-8", "replace"))
    return re.sub(r".\x08", "", text)
