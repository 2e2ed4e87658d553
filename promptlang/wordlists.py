"""Lists of words as they are passed around for completion: `long_hair,0,4350743,"/lh,longhair"`, a word a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

LARGEST_FILE = 64_000_000  # bytes
MOST_WORDS = 500_000

Row = tuple[str, str, int, tuple[str, ...]]
"""A word, its category, how often it is used, and the other names that it is found by."""


def read_words(text: str) -> Iterator[Row]:
    """Rows `name,category,count,"alias,alias"` of a CSV text; a header and lines that are no words are skipped.

    Raises `csv.Error` where the text is no CSV.
    """
    for number, row in enumerate(csv.reader(StringIO(text))):
        if number >= MOST_WORDS:
            return
        name = row[0].strip().lower() if row else ""
        count = row[2].strip() if len(row) > 2 else "0"
        if not name or len(name) > 200 or not count.isdecimal() or min(name) < " ":
            continue
        aliases = tuple(
            alias for each in (row[3].split(",") if len(row) > 3 else ()) if (alias := each.strip().lower())
        )
        yield name, row[1].strip() if len(row) > 1 else "", int(count[:12]), aliases
