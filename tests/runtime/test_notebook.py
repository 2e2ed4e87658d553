"""`%%prompt` in a notebook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import promptlang_notebook
from promptlang_notebook.findings import Findings
from promptlang_notebook.magic import USAGE
from tests.thorough import is_thorough

CELL = "/set /steps:1 <demo>\n/render /parser:new /clipskip:2.9 /seed:7 a circle\n/render /no such\n"


@dataclass
class Shell:
    """What IPython is to the magic."""

    shown: list[object] = field(default_factory=list)
    user_ns: dict[str, object] = field(default_factory=dict)
    magics: dict[str, Any] = field(default_factory=dict)

    @property
    def display_formatter(self) -> Shell:
        return self

    @property
    def display_pub(self) -> Shell:
        return self

    def format(self, obj: object) -> tuple[Mapping[str, object], Mapping[str, object]]:
        return {"": obj}, {}

    def publish(self, *, data: Mapping[str, object], metadata: Mapping[str, object]) -> None:
        self.shown.append(data[""])

    def register_magic_function(self, func: Any, *, magic_kind: str, magic_name: str) -> None:
        self.magics[magic_kind, magic_name] = func

    def prompt(self, line: str, cell: str) -> None:
        """Run a cell."""
        promptlang_notebook.load_ipython_extension(self)
        self.magics["cell", "prompt"](line, cell)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell()


def test_findings_are_a_table(shell: Shell) -> None:
    shell.prompt("--check", CELL)
    (found,) = shell.shown
    assert isinstance(found, Findings)
    assert "cell.prompt:2:31: warning[clipskip/fraction-ignored]" in repr(found)
    assert "<td style=text-align:left>2:31</td>" in found._repr_html_()
    assert "<td style=text-align:left>clipskip/fraction-ignored</td>" in found._repr_html_()


def test_words_of_a_prompt_are_no_markup() -> None:
    found = Findings.of("/render /<img>:1 /sampler:<script>x a cow", None, "cell.prompt")
    assert "<img" not in found._repr_html_()
    assert "<script" not in found._repr_html_()


def test_pictures_are_shown_and_kept(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    import promptlang_runtime

    def pictures(plan: Any) -> list[str]:
        if plan.seed == 8:
            raise promptlang_runtime.RenderError("there is no such model", "write another")
        return [f"picture {plan.seed}"]

    monkeypatch.setitem(vars(promptlang_runtime), "pictures", pictures)  # to ask for the real one loads torch
    shell.prompt("cows", CELL + "/render /parser:new /seed:8 a cow\n/render /parser:new /seed:9 a cow\n")
    assert shell.shown[1:] == shell.user_ns["cows"] == ["picture 7", "picture 9"]
    assert capsys.readouterr().err == "error: there is no such model\n  = help: write another\n"


@pytest.mark.parametrize("line", ["a b", "--chek", "2cows"])
def test_a_line_that_makes_no_sense(shell: Shell, line: str, capsys: pytest.CaptureFixture) -> None:
    shell.prompt(line, CELL)
    assert not shell.shown
    assert capsys.readouterr().err == f"{USAGE}\n"


def test_loading_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, promptlang_notebook; promptlang_notebook.load_ipython_extension\n"
        "print([name for name in ('torch', 'diffusers', 'PIL', 'numpy', 'IPython') if name in sys.modules])"
    )
    folder = str(Path(promptlang_notebook.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({folder!r})\n{code}"], capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.slow
def test_in_a_kernel(tmp_path: Path) -> None:
    if not is_thorough():
        pytest.skip("starts a kernel and draws: `make test-notebooks`")
    for name in ("nbclient", "ipykernel", "torch"):
        pytest.importorskip(name)
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    cells = ["%load_ext promptlang_notebook", f"%%prompt cows\n{CELL}", "len(cows), cows[0].size"]
    book = new_notebook(cells=[new_code_cell(each) for each in cells])
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    table, picture = book.cells[1].outputs
    assert "<td style=text-align:left>clipskip/fraction-ignored</td>" in table.data["text/html"]
    assert "image/png" in picture.data
    assert book.cells[2].outputs[0].data["text/plain"] == "(1, (128, 128))"
