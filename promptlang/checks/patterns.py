"""Rule names with a `*`: one pattern language for project files, suppression comments and the command line."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.suggest import nearest


def normal(pattern: str) -> str:
    """The one way to write a pattern: `*`, `subject/*`, or the name of a rule."""
    if pattern in {"*", "all"}:
        return "*"
    return pattern if "/" in pattern else f"{pattern}/*"


def matching(pattern: str, names: Iterable[str]) -> frozenset[str]:
    """The names a pattern means: `clipskip/high` itself, `clipskip/*` or `clipskip` a whole subject, `*` all."""
    pattern = normal(pattern)
    if pattern == "*":
        return frozenset(names)
    if pattern.endswith("/*"):
        return frozenset(name for name in names if name.startswith(pattern[:-1]))
    return frozenset(name for name in names if name == pattern)


def instead(close: str | None) -> str:
    """What to do about a pattern that names no rule, where `close` is spelt most like it."""
    return f"write `{close}`" if close else "`promptlang rule --all` lists the rules"


def nearest_pattern(pattern: str, names: Iterable[str]) -> str | None:
    """The known rule name that is spelt most like a pattern, or None where none is close."""
    names = tuple(names)
    subjects = {f"{name.partition('/')[0]}/*" for name in names}
    return nearest(pattern.lower(), (*names, *sorted(subjects)))
