"""What a rule may be about besides options and kinds of nodes: the command, and that an option has several values."""

from __future__ import annotations

from functools import lru_cache

from promptlang.meaning.settings import Settings, swept

SEVERAL = "several values"


def under(command: str) -> str:
    """That a statement has this command."""
    return f"/{command}"


@lru_cache(maxsize=256)
def given(settings: Settings, command: str) -> frozenset[str]:
    """What rules may be about in a statement with these settings, apart from its words."""
    return frozenset((*settings, under(command), *((SEVERAL,) if swept(settings) else ())))
