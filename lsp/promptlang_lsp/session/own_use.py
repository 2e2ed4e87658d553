"""What somebody writes often: words of the lists, options, and in how many saves; nothing else of a prompt is kept."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

from promptlang.files import read_bytes
from promptlang.tables.options.table import option
from promptlang.writing import beside
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece, Snapshot
from promptlang_lsp.texts.word_lists import is_listed, phrases

FORMAT = "promptlang-own-use-1"
MOST = 2_000  # words that are kept; beyond it all count half, and the rarest go
MOST_STATEMENTS = 100  # of a text that are looked at when it is saved: more were pasted
LARGEST_FILE = 1_000_000  # bytes


def place() -> Path:
    """The file, in the folder that the system has for what programs remember."""
    folder = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(folder) if folder else Path.home() / ".local" / "state") / "promptlang" / "own-use.json"


class OwnUse:
    """How often each word and option was written; `counts` stays the same object while it grows."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saved: dict[str, Snapshot] = {}
        self.counts: dict[str, int] = _read(file)

    def opened(self, text: Snapshot) -> None:
        """A text is shown: what stands in it already was counted once, or was written by somebody else."""
        self._saved[text.uri] = text

    def closed(self, uri: str) -> None:
        """A text is shown no more."""
        self._saved.pop(uri, None)

    def saved(self, page: Page) -> None:
        """Count what statements have now that they had not when the text was opened or last saved."""
        text = page.snapshot
        before = self._saved.get(text.uri)
        self._saved[text.uri] = text
        if before is None:
            return
        head, tail = text.shared_with(before)
        new, old = (each.pieces[head : len(each.pieces) - tail] for each in (text, before))
        if len(new) > MOST_STATEMENTS:
            return
        written = Counter(_names(new)) - Counter(_names(old))
        if known := {name for name in written if name.startswith("/") or is_listed(page.word_files, name)}:
            self._count(known)

    def _count(self, names: set[str]) -> None:
        """Add to what the file says now: other editors count as well."""
        counts = Counter(_read(self._file))
        counts.update(names)
        while len(counts) > MOST:
            counts = Counter({name: number // 2 for name, number in counts.most_common(MOST) if number > 1})
        self.counts.clear()
        self.counts.update(counts)
        text = json.dumps({"format": FORMAT, "words": self.counts}, ensure_ascii=False, indent=0)
        data = text.encode("utf-8", "surrogatepass")
        with suppress(OSError):  # then it is known until the session ends
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with beside(self._file, lambda file: file.write(data), lasting=False) as temporary:
                os.replace(temporary, self._file)


def _names(pieces: list[Piece]) -> Iterator[str]:
    for piece in pieces:
        if piece.is_too_long:
            continue
        yield from {f"/{row.name}" for use in piece.scan.options if (row := option(use.name))}
        yield from {each for side in (piece.scan.positive, piece.scan.negative) for each in phrases(side.text)}


def _read(file: Path) -> dict[str, int]:
    """What the file says; nothing where it is not there, cut short, or somebody else's."""
    try:
        data = cast(object, json.loads(read_bytes(file, LARGEST_FILE)))
    except (OSError, ValueError, RecursionError):
        return {}
    fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    rows = fields.get("words") if fields.get("format") == FORMAT else None
    counts = cast("dict[str, object]", rows) if isinstance(rows, dict) else {}
    return {
        name: number
        for name, number in counts.items()
        if isinstance(number, int) and not isinstance(number, bool) and number > 0
    }
