"""Findings of an earlier run and what it made of them, by what they depend on.

They are safe to delete, to share between runs, and to leave unwritten: `.promptlang-cache/` holds one file for each
stamp, JSON, replaced whole. Of two runs at once the later one wins, and the other's findings are worked out again. A
file that is cut short, foreign or of another version is as good as none.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

from promptlang.files import read_bytes
from promptlang.many.forms import Findings, Form, Text
from promptlang.many.packing import Data, Unreadable
from promptlang.many.stamps import digest, stamp
from promptlang.meaning.project import Project

FOLDER = ".promptlang-cache"
FILES = 8  # the newest; each project and each state of what it names has one of its own
TEXTS = 100_000  # in a file; those of the last run come first
LARGEST = 128 * 1024**2
_FORMAT = "promptlang findings 2"

Answer = TypeVar("Answer")


class Memory:
    """What is known of the texts of one project."""

    def __init__(self, project: Project | None) -> None:
        root = project.root if project and project.root else Path.cwd()
        self._project, self._stamp = project, stamp(project)
        self._folder = root / FOLDER
        self._by_path = bool(project and project.ignores)
        self._known = _read(self._path) if self._stamp else {}
        self._used: dict[str, object] = {}
        self._changed = False

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._stamp}.json"

    def recalled(self, text: Text, form: Form[Answer]) -> Answer | None:
        """What an earlier run made of a text, or what its findings of it give in another form."""
        key = self._key(text)
        known = self._known.get(key)
        try:
            answer = form.unpacked(known, text)
        except Unreadable:
            try:
                known = form.packed(text, Findings().unpacked(known, text))
            except Unreadable:
                return None
            answer = form.unpacked(known, text)
            self._changed = True
        self._used[key] = known
        return answer

    def keep(self, text: Text, data: Data) -> None:
        """Note for the next run what was made of a text."""
        self._used[self._key(text)] = data
        self._changed = True

    def save(self) -> None:
        """Write what has been added; where that is not possible the next run works it out again."""
        if not self._changed or self._stamp is None or self._stamp != stamp(self._project):
            return  # what the findings depend on changed while they were worked out, before or after: who can say
        texts = {**self._used, **{key: value for key, value in self._known.items() if key not in self._used}}
        data = {"format": _FORMAT, "stamp": self._stamp, "texts": dict(list(texts.items())[:TEXTS])}
        found = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        with suppress(OSError):
            from promptlang.writing import beside, create_text

            self._folder.mkdir(exist_ok=True)
            with suppress(FileExistsError):
                create_text(self._folder / ".gitignore", "*\n")
            with beside(self._path, lambda file: file.write(found), lasting=False) as temporary:
                os.replace(temporary, self._path)
            _keep_newest(self._folder)

    def _key(self, text: Text) -> str:
        return digest(text.text, os.path.abspath(text.path) if self._by_path else "")


def _read(path: Path) -> dict[str, object]:
    try:
        data = cast(object, json.loads(read_bytes(path, LARGEST)))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    found = cast(dict[str, object], data)
    texts = found.get("texts")
    if found.get("format") != _FORMAT or found.get("stamp") != path.stem or not isinstance(texts, dict):
        return {}
    return cast(dict[str, object], texts)


def _keep_newest(folder: Path) -> None:
    """Remove all but the newest files; what other runs remove meanwhile is gone as well."""
    found: list[tuple[float, Path]] = []
    for path in folder.iterdir():
        if path.suffix == ".json":
            with suppress(OSError):
                found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True)[FILES:]:
        with suppress(OSError):
            path.unlink()
