"""Commands that other packages bring: found by name among the installed entry points, and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from promptlang.cli.arguments import UsageError
from promptlang.cli.table import EXTRAS

GROUP = "promptlang.commands"
DISTRIBUTION = "promptlang-diffusion"


def run_extra(name: str, words: Sequence[str]) -> int:
    """Hand the words to the command's own package; raises UsageError where it is not installed."""
    from importlib.metadata import entry_points

    summary, extra = EXTRAS[name]
    point = next(iter(entry_points(group=GROUP, name=name)), None)
    if point is None:
        raise UsageError(f"`promptlang {name}` is not installed ({summary.rstrip('.').lower()})", _install(extra))
    try:
        run: Callable[[Sequence[str]], int | None] = point.load()
        return run(words) or 0
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("promptlang"):
            raise  # a mistake of ours, not a missing extra
        raise UsageError(
            f"`promptlang {name}` needs the extra `{extra}`, of which `{error.name}` is not installed", _install(extra)
        ) from error


def _install(extra: str) -> str:
    return f'run `pip install "{DISTRIBUTION}[{extra}]"`'
