"""The rooms of the house: every import runs down the order that is drawn, and no modules import each other in a circle.

An import counts wherever it stands: inside a function, for type checkers only, relative, or by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOMES = {
    "promptlang": ROOT / "promptlang",
    "promptlang_lsp": ROOT / "lsp" / "promptlang_lsp",
    "promptlang_mcp": ROOT / "lsp" / "promptlang_mcp",
    "promptlang_notebook": ROOT / "runtime" / "promptlang_notebook",
    "promptlang_play": ROOT / "lsp" / "promptlang_play",
    "promptlang_runtime": ROOT / "runtime" / "promptlang_runtime",
    "promptlang_serve": ROOT / "runtime" / "promptlang_serve",
}
DRAWING = ROOT / "docs" / "architecture.md"

# What the packages beside the compiler take from its upper rooms: commands share how a command line is read, and the
# service says findings as it prints them for programs.
COMMAND_LINES = (
    "promptlang_lsp.features.display.plans",
    "promptlang_mcp",
    "promptlang_notebook",
    "promptlang_play.command",
    "promptlang_play.explaining",
    "promptlang_play.renders",
    "promptlang_play.runs",
    "promptlang_runtime.command",
    "promptlang_serve.command",
    "promptlang_serve.findings",
)
UPPER = ("promptlang.reference", "promptlang.cli", "promptlang.reports")

FEWEST, MOST = 3, 13  # modules and inner folders of a folder


@cache
def order() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The rooms of each package, line by line from the top, as `docs/architecture.md` draws them.

    A name is a folder or a module; `__init__` is the public names of the package itself.
    """
    drawing = DRAWING.read_text(encoding="utf-8").partition("## The order of the rooms")[2].split("```")[1]
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in drawing.splitlines()[1:]:
        if line.startswith(" "):
            names = line.strip().partition("  ")[0].split(" | ")
            found[list(found)[-1]].append(tuple(names))
        elif line:
            found[line] = []
    return {package: tuple(lines) for package, lines in found.items()}


@cache
def modules() -> Mapping[str, Path]:
    """Every module by its import name; a package has the name of its folder."""
    found: dict[str, Path] = {}
    for package, folder in HOMES.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *(part for part in parts if part != "__init__")))] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    """The parsed text of a module."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imported(name: str) -> Iterator[str]:
    """The names that a module imports, of modules and of what is in them."""
    package = name if modules()[name].stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(tree(name)):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                start = ".".join((*above, *([module] if module else [])))
                yield from (f"{start}.{each.name}" for each in names)
            case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(target))]):
                yield target
            case _:
                pass


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """Which module imports which: the longest name of a module that an import spells out."""
    known = modules()
    return frozenset(
        (name, target)
        for name in known
        for full in imported(name)
        for target in (full if full in known else full.rpartition(".")[0],)
        if target in known and target != name
    )


@cache
def floors(package: str) -> Mapping[str, int]:
    """The line that each room of a package stands on, by its full name."""
    return {f"{package}.{name}": number for number, line in enumerate(order()[package]) for name in line}


def room_of(module: str) -> str | None:
    """The room of a module: the name in the order that it is, or lies below."""
    package = module.partition(".")[0]
    known = floors(package)
    if module == package:
        return f"{package}.__init__" if f"{package}.__init__" in known else None
    parts = module.split(".")
    return next((room for size in range(len(parts), 1, -1) if (room := ".".join(parts[:size])) in known), None)


def test_every_module_has_a_room() -> None:
    """Nothing lies flat in a package but what the order names; packages that hold nothing need no place."""
    assert order().keys() == HOMES.keys()
    assert all(room in modules() or room.endswith(".__init__") for package in HOMES for room in floors(package))
    empty = {name for name in modules() if is_docstring(name)}
    assert sorted(name for name in modules() if room_of(name) is None and name not in empty) == []


@pytest.mark.parametrize("package", HOMES)
def test_imports_run_down(package: str) -> None:
    """A room imports from the lines below its own, never from its own line or from above."""
    known = floors(package)
    wrong = {
        (source, "->", target)
        for source, target in arrows()
        for above, below in ((room_of(source), room_of(target)),)
        if above in known and below in known and above != below and known[below] <= known[above]
    }
    assert wrong == set()


def test_commands_alone_use_the_command_line() -> None:
    """Server and renderer take the language from the compiler; only their commands take its command line."""
    wrong = {
        (source, target)
        for source, target in arrows()
        if not source.startswith("promptlang.") and target.startswith(UPPER) and not source.startswith(COMMAND_LINES)
    }
    assert not wrong


def test_no_modules_import_each_other() -> None:
    """The modules of the whole house have an order."""
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for source, target in arrows():
        graph[source].add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other: {' <- '.join(error.args[1])}")


@cache
def sizes() -> Mapping[str, int]:
    """How many modules and inner folders each folder has, the packages themselves left out."""
    folders = [name for name, path in modules().items() if path.stem == "__init__" and name not in HOMES]
    return {folder: sum(name.rpartition(".")[0] == folder for name in modules()) for folder in folders}


def test_folders_are_neither_drawers_nor_heaps() -> None:
    """A folder has 3 to 13 modules."""
    assert {folder for folder, size in sizes().items() if not FEWEST <= size <= MOST} == set()


def is_docstring(name: str) -> bool:
    """Whether a module says what lies beside it and nothing more."""
    return len(tree(name).body) == 1 and isinstance(tree(name).body[0], ast.Expr)


def is_lean(name: str) -> bool:
    """Whether importing a package loads none of its modules: a docstring, or names that are fetched when asked for."""
    for node in tree(name).body:
        match node:
            case ast.ImportFrom(module=module) if module and module.partition(".")[0] not in HOMES and not node.level:
                continue
            case ast.Expr(ast.Constant(str())) | ast.Assign() | ast.If(test=ast.Name("TYPE_CHECKING")):
                continue
            case ast.FunctionDef(name="__getattr__"):
                continue
            case _:
                return False
    return True


def test_packages_are_lean() -> None:
    """To import a package costs nothing but what is asked for: an eager one made a check 30 ms slower."""
    packages = {name for name, path in modules().items() if path.stem == "__init__"}
    assert {name for name in packages if not is_lean(name)} == set()


FILE = re.compile(r"`((?:[a-z_0-9]+/)*\w+\.(?:py|lark))`")
OF_OTHERS = frozenset({"SwarmTextHandling.py", "latent_formats.py", "model_detection.py"})


def words_about(name: str) -> Iterator[str]:
    """What a module says of itself, and of what is in it."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def test_files_that_are_named_in_words_are_there() -> None:
    """Where a module moves, the words about it move along."""
    beside = (*(ROOT / "grammars").glob("*.lark"), *(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tests").rglob("*.py"))
    there = [f"/{path.relative_to(ROOT).as_posix()}" for path in (*modules().values(), *beside)]
    texts = [(name, words) for name in modules() for words in words_about(name)]
    texts += [(page.name, page.read_text(encoding="utf-8")) for page in (DRAWING, ROOT / "CONTRIBUTING.md")]
    named = {(place, file) for place, words in texts for file in FILE.findall(words) if file not in OF_OTHERS}
    assert {(place, file) for place, file in named if not any(path.endswith(f"/{file}") for path in there)} == set()
