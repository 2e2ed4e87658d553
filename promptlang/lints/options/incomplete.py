"""Options that cannot be drawn without others."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.lints.places import option_span
from promptlang.meaning.view import View
from promptlang.sentences import listed
from promptlang.tables.options.kinds import FilePath, sample
from promptlang.tables.options.table import OPTIONS, ROWS

RULE = Rule(
    name="option/incomplete",
    severity=Severity.ERROR,
    summary="the option cannot be drawn without another one, which is not given",
    why="Nothing stands in for what it needs.",
    example="/render /control:map a cow",
    source=OURS,
)
RULES = (RULE,)
ABOUT = frozenset(row.name for row in ROWS if row.needs)


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding for each that lacks something, which names all of it."""
    for setting in seen.settings.values():
        if not setting.row.needs:
            continue
        lacks = [name for name in setting.row.needs if name not in seen.settings]
        if lacks:
            written = " ".join(f"/{name}:{_sample(name)}" for name in lacks)
            message = f"`/{setting.row.name}` needs {listed(f'`/{name}`' for name in lacks)}"
            yield finding(RULE, message, option_span(seen, setting), help=f"write `{written}` with paths of your own")


def _sample(name: str) -> str:
    kind = OPTIONS[name].kind
    return sample(kind) if isinstance(kind, FilePath) else f"{OPTIONS[name].words.lower()}.safetensors"
