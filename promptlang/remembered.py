"""What is kept for the next run: small files in the folder that the system has for what may be deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from promptlang.writing import beside


def place(name: str) -> Path:
    """Where the file of that name lies."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(folder) if folder else Path.home() / ".cache") / "promptlang" / f"{name}.json"


def recalled(path: Path, form: str, field: str) -> dict[str, object]:
    """What an earlier run kept in a field; nothing where the file is cut short, foreign or of another form."""
    try:
        data = cast(object, json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}
    fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    rows = fields.get(field) if fields.get("format") == form else None
    return cast("dict[str, object]", rows) if isinstance(rows, dict) else {}


def keep(path: Path, form: str, field: str, rows: Mapping[str, object]) -> None:
    """Keep rows for the next run; where that is not possible, the next one works them out again."""
    data = json.dumps({"format": form, field: rows}).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside(path, lambda file: file.write(data), lasting=False) as temporary:
            os.replace(temporary, path)
