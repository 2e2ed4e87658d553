"""What a person can set in the editor: one tree of dataclasses, whose fields are the settings and their defaults.

The editor sends it with `initialize` or as the section `promptlang`; what belongs to the prompts stands in
`promptlang.toml` instead, where every tool reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from promptlang_lsp.protocol.words import Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """`workspace` checks files that are not open too; `limit` is how many findings of one file are shown."""

    workspace: bool = True
    limit: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """`tags` are CSV files of words; `spaces` writes `long hair` where the file says `long_hair`, `comma`
    a comma behind each word that is accepted, `remember` puts first what this person writes often.
    """

    limit: int = 150
    tags: tuple[str, ...] = ()
    spaces: bool = True
    comma: bool = False
    remember: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much one step of "increase weight" is, for words and for `<concepts>`."""

    step: float = 0.1
    concept: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Which inlay hints are shown."""

    chunks: bool = True
    weights: bool = True
    values: bool = True
    images: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """`lens` shows the commands above each statement; `command` starts the renderer, the file is appended."""

    lens: bool = True
    command: tuple[str, ...] = ()
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything; `fix_all` says whether unsafe fixes take part in "fix all"."""

    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    completion: Completion = field(default_factory=Completion)
    weights: Weights = field(default_factory=Weights)
    hints: Hints = field(default_factory=Hints)
    render: Render = field(default_factory=Render)
    unsafe_fixes: bool = False


Tree = TypeVar("Tree", bound="DataclassInstance")

LIMITS = {"limit": (1, 10_000), "step": (0.001, 1.0), "concept": (0.001, 1.0)}


def configured(settings: Json, base: Configuration | None = None) -> tuple[Configuration, tuple[str, ...]]:
    """The configuration that editor settings ask for, and what was wrong with them; wrong values keep their default."""
    complaints: list[str] = []
    result = _read(base or Configuration(), settings, "promptlang", complaints)
    return result, tuple(complaints)


def _read(current: Tree, settings: Json, path: str, complaints: list[str]) -> Tree:
    if settings is None:
        return current
    if not isinstance(settings, Mapping):
        complaints.append(f"`{path}` must be an object")
        return current
    names = {each.name: each.name for each in fields(current)}
    names |= {_camel(name): name for name in names}
    changed: dict[str, object] = {}
    for written, value in settings.items():
        name = names.get(written)
        if name is None:
            complaints.append(f"`{path}.{written[:40]}` is not a setting")
            continue
        here = f"{path}.{written}"
        present = getattr(current, name)
        changed[name] = (
            _read(present, value, here, complaints)
            if is_dataclass(present) and not isinstance(present, type)
            else _value(present, value, name, here, complaints)
        )
    return replace(current, **changed) if changed else current


def _value(present: object, value: Json, name: str, path: str, complaints: list[str]) -> object:
    """A single value, of the kind that the default has."""
    match present, value:
        case bool(), bool():
            return value
        case (bool(), _):
            complaints.append(f"`{path}` must be true or false")
        case (int() | float(), int() | float()) if not isinstance(value, bool):
            low, high = LIMITS[name]
            if low <= value <= high and not (isinstance(present, int) and value != int(value)):
                return type(present)(value)
            complaints.append(f"`{path}` must be {low} to {high}")
        case (int() | float(), _):
            complaints.append(f"`{path}` must be a number")
        case (tuple(), list()) if all(isinstance(each, str) for each in value):
            return tuple(value)
        case _:
            complaints.append(f"`{path}` must be a list of texts")
    return present


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def settings_rows(tree: DataclassInstance | None = None, path: str = "promptlang") -> Iterator[tuple[str, object]]:
    """Every setting by its dotted name with its default, as documentation and editors list them."""
    current = tree or Configuration()
    for each in fields(current):
        value = getattr(current, each.name)
        here = f"{path}.{_camel(each.name)}"
        if is_dataclass(value) and not isinstance(value, type):
            yield from settings_rows(value, here)
        else:
            yield here, value
