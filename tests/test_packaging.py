"""The house keeps its shape: every package is listed, the layers hold, and what is imported stays light."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptlang.version import VERSION

ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = ("torch", "transformers", "diffusers", "pygls", "lsprotocol", "numpy", "PIL", "tokenizers")


def packages_on_disk() -> set[str]:
    """Import names of every folder with an `__init__.py` that is meant to be installed."""
    found = {"promptlang.docs", "promptlang.editors", "promptlang.grammars"}
    for base in (ROOT, ROOT / "lsp", ROOT / "runtime"):
        for folder in base.glob("promptlang*/"):
            for init in folder.rglob("__init__.py"):
                found.add(".".join(init.parent.relative_to(base).parts))
    return found


def test_every_package_is_listed() -> None:
    """`packages` in pyproject.toml is the tree."""
    assert set(CONFIG["tool"]["setuptools"]["packages"]) == packages_on_disk()


def modules(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    """Every module below a folder with the top-level names it imports."""
    for path in folder.rglob("*.py"):
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
        yield path, names


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        (
            "promptlang",
            {"promptlang_lsp", "promptlang_runtime", "promptlang_play", "promptlang_mcp", "promptlang_serve"}
            | {"torch", "diffusers", "pygls", "lsprotocol", "mcp", "pydantic", "starlette", "uvicorn"},
        ),
        ("grammars", {"promptlang", "promptlang_lsp", "promptlang_runtime"}),
        ("lsp", {"promptlang_runtime", "promptlang_serve", "torch", "diffusers", "transformers"}),
        ("runtime", {"promptlang_lsp", "promptlang_play", "promptlang_mcp", "pygls", "lsprotocol"}),
        ("runtime/promptlang_runtime", {"promptlang_serve", "starlette", "uvicorn"}),
    ],
)
def test_layers_hold(folder: str, forbidden: set[str]) -> None:
    """Nothing is imported against the direction of the house."""
    for path, names in modules(ROOT / folder):
        assert not names & forbidden, f"{path.relative_to(ROOT)} imports {sorted(names & forbidden)}"


def test_a_check_imports_nothing_heavy(tmp_path: Path) -> None:
    """A check of one file loads neither torch nor the server, nor anything of their weight."""
    prompt = tmp_path / "cow.prompt"
    prompt.write_text("/render /parser:new /clipskip:1.9 a (cow:1.2) [blurry]\n", encoding="utf-8")
    code = (
        f"import sys; sys.argv = ['promptlang', 'check', {str(prompt)!r}]\n"
        "from promptlang.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} + ('rich', 'importlib.metadata') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "clipskip/fraction-ignored" in done.stdout


def test_grammar_machines_are_current() -> None:
    """The generated machines are those of today's grammars."""
    from promptlang.syntax.grammar import GRAMMARS, current

    for name in GRAMMARS:
        assert current(name), f"run `make docs`: {name}"


def test_every_data_file_is_packaged() -> None:
    """Grammars, tables, vocabulary and the bundled model lie in the wheel."""
    data = CONFIG["tool"]["setuptools"]["package-data"]
    folders = {name: ROOT / path for name, path in CONFIG["tool"]["setuptools"]["package-dir"].items()}
    for package, folder in {"promptlang.tokens": ROOT / "promptlang" / "tokens", **folders}.items():
        files = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".typed")}
        packed = {path for pattern in data.get(package, ()) for path in folder.glob(pattern)}
        if package == "promptlang.editors":
            made = ("vscode", "play")  # of these the extension and the page are shipped, which are made of them
            files = {path for path in files if path.relative_to(folder).parts[0] not in made}
        built = {path for path in files if "dist" in path.parts}
        if package == "promptlang.docs":
            files = {path for path in files if path.suffix == ".md"}  # what links and `doctor` lead to; no pictures
        assert files - built <= packed, f"{package}: {sorted(map(str, files - built - packed))}"


def test_the_distribution_is_named_and_licensed() -> None:
    """The short name is taken on the package index."""
    assert CONFIG["project"]["name"] == "promptlang-diffusion"
    assert CONFIG["project"]["license"] == "MIT"
    assert set(CONFIG["project"]["optional-dependencies"]) == {"lsp", "runtime", "mcp", "ray", "serve", "all"}


def test_the_extension_has_the_same_version() -> None:
    """Both are published together."""
    package = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == VERSION


def test_public_names_are_there() -> None:
    """Each is fetched when it is first asked for, so that a home which has moved shows only here."""
    import promptlang

    assert {name for name in promptlang.__all__ if getattr(promptlang, name, None) is None} == set()
