"""Plans for programs that have words and numbers rather than a text: a statement is written of them, and compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptlang.diagnostics import Diagnostic
from promptlang.dialects.dialect import decimal
from promptlang.importers.imported import Call, Imported
from promptlang.importers.statement import as_statement, with_networks
from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans.plan import Plan
from promptlang.suggest import nearest
from promptlang.tables.dialects import DEFAULT, dialect_row
from promptlang.tables.options.kinds import Value, written
from promptlang.tables.options.table import DECIDING, OPTIONS
from promptlang.values import dataclass

Given = Value | None | list[str] | list[int] | list[float]
"""A value of an option: `True` for a flag, a pair for a size, a list for a sweep; None and False leave it out."""
Strength = float | tuple[float, float]
"""How strong a LoRA is: everywhere, or on the denoiser and on the text encoder."""

_OWN = frozenset({DECIDING["dialect"].name, DECIDING["side"].name})  # which are parameters


@dataclass(frozen=True, slots=True)
class Built:
    """The statement as a text, its plans, and what there is to say about it, with spans in that text."""

    text: str
    plans: tuple[Plan, ...]
    diagnostics: tuple[Diagnostic, ...]


def build(
    prompt: str,
    negative: str = "",
    *,
    parser: str = DEFAULT,
    model: str = "",
    loras: Mapping[str, Strength] | None = None,
    command: str = "render",
    project: Project | None = None,
    **options: Given,
) -> Built:
    """The plans of one statement that is made of its parts; what is not given is filled as in any statement.

    `prompt` and `negative` are read by the dialect `parser`; nothing in them is taken for an option or a comment.
    Options have the names of the language, with `_` for `-`. A value that an option does not take is a finding; a name
    that is no option is a TypeError, and words that no statement can hold are a ValueError.

    Example: `build("a (cow:1.2)", parser="new", clipskip=2, steps=[10, 20]).plans` are two.
    """
    text = _statement(prompt, negative, parser, model, loras or {}, command, _written(options))
    compiled = compile(text, project=project)
    return Built(text, compiled.plans, compiled.diagnostics)


def _statement(
    prompt: str,
    negative: str,
    parser: str,
    model: str,
    loras: Mapping[str, Strength],
    command: str,
    own: Sequence[str],
) -> str:
    if dialect_row(parser).name != parser:
        raise ValueError(f"no dialect is called `{parser}`")
    calls = tuple(
        Call(name, *strength) if isinstance(strength, tuple) else Call(name, strength)
        for name, strength in loras.items()
    )
    given = Imported(positive=prompt, negative=negative, dialect=parser, model=model, networks=calls)
    found = as_statement(with_networks(given), command, own)
    if found is None:
        raise ValueError(f"no statement can hold these words: {prompt[:60]!r}")
    return found


def _written(options: Mapping[str, Given]) -> tuple[str, ...]:
    """Each option as the language writes it."""
    found: list[str] = []
    for key, value in options.items():
        name = key.replace("_", "-")
        if name not in OPTIONS or OPTIONS[name].name in _OWN:
            near = nearest(name, [each for each in OPTIONS if each not in _OWN])
            help = f"; write `{near.replace('-', '_')}`" if near else ""
            raise TypeError(f"build() knows no option `{key}`{help}")
        if value is None or value is False:
            continue
        said = "|".join(map(_value, value)) if isinstance(value, list) else _value(value)
        found.append(f"/{name}:{said}" if said else f"/{name}")
    return tuple(found)


def _value(value: Value) -> str:
    return decimal(value) if isinstance(value, float) else written(value)
