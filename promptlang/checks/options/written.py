"""Where an option is written in a text, read or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS


@lru_cache(maxsize=64)
def is_written(text: str, name: str) -> bool:
    """Whether the option stands somewhere in a statement, by its own name; kept, because each word for it asks."""
    return any(True for _ in places(text, OPTIONS[name]))


def places(text: str, row: Option) -> Iterator[re.Match[str]]:
    """The option wherever it stands, by any of its own names, and its value."""
    names = "|".join((row.name, *row.aliases))
    return re.finditer(rf"/(?:{names})(?![\w-])(?::(?P<value>\"[^\"]*\"|\S*))?", text, re.IGNORECASE)
