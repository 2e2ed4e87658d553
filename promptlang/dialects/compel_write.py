"""A tree as Compel text; reading the result again means the same."""

from __future__ import annotations

from promptlang.nodes import Parts


def write(parts: Parts) -> str:
    return ""
