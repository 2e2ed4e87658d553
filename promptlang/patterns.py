"""Rule names with a `*`: one pattern language for project files, suppression comments and the command line."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.suggest import nearest


def matching(pattern: str, names: Iterable[str]) -> frozenset[str]:
    """The names a pattern means: `clipskip/high` itself, `clipskip/*` or `clipskip` a whole subject, `*` all."""
    if pattern in {"*", "all"}:
        return frozenset(names)
    subject = pattern.removesuffix("/*")
    return frozenset(name for name in names if name == pattern or name.startswith(f"{subject}/"))


def nearest_pattern(pattern: str, names: Iterable[str]) -> str | None:
    """The known rule name that is spelt most like a pattern, or None where none is close."""
    names = tuple(names)
    subjects = {f"{name.partition('/')[0]}/*" for name in names}
    return nearest(pattern.lower(), (*names, *sorted(subjects)))
