"""What one service is: its project, its limits, who draws, and the pictures that wait to be fetched."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from promptlang.meaning.project import Project
from promptlang.tables.models.concepts import BUILT_IN, BUNDLED
from promptlang.tables.models.known import MODELS, KnownConcept
from promptlang_serve.drawer import Drawer
from promptlang_serve.limits import Limits

KEPT = 256 * 1024**2
"""Bytes of pictures that are kept for those who asked for their addresses; the oldest go first."""


@dataclass(slots=True)
class Shelf:
    """Pictures by names that nobody guesses."""

    _pictures: OrderedDict[str, bytes] = field(default_factory=OrderedDict[str, bytes])
    _lock: Lock = field(default_factory=Lock)

    def put(self, data: bytes, ending: str) -> str:
        """Keep a picture; its name."""
        name = f"{secrets.token_urlsafe(16)}.{ending}"
        with self._lock:
            self._pictures[name] = data
            while len(self._pictures) > 1 and sum(map(len, self._pictures.values())) > KEPT:
                self._pictures.popitem(last=False)
        return name

    def get(self, name: str) -> bytes | None:
        """The picture of a name, while it is kept."""
        with self._lock:
            return self._pictures.get(name)


@dataclass(slots=True, kw_only=True)
class Site:
    """One service; `model` is the one that clients of webui chose last."""

    project: Project
    limits: Limits
    drawer: Drawer
    shelf: Shelf = field(default_factory=Shelf)
    model: str = ""

    def concepts(self) -> Iterator[KnownConcept]:
        """Everything that the project names or finds in its folders, and what comes with the renderer."""
        names = dict.fromkeys(each.name for each in self.project.concepts)
        names |= dict.fromkeys(map(self.project.files.name, self.project.files.by_name.values()))
        names |= dict.fromkeys(each.name for each in BUILT_IN if each.name in BUNDLED)
        for name in names:
            if (known := self.project.known(name)) and (known.path or name in BUNDLED):
                yield known

    def models(self) -> tuple[KnownConcept, ...]:
        """What draws, that of the project first."""
        found = [each for each in self.concepts() if each.kind in MODELS]
        return tuple(sorted(found, key=lambda each: each.name.lower() != self.project.concept.lower()))

    def of_kind(self, kind: str) -> tuple[KnownConcept, ...]:
        """What the project has of a kind."""
        return tuple(each for each in self.concepts() if each.kind == kind)
