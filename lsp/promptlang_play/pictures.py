"""The pictures of a session: the folder they are drawn in, and the addresses they may be asked for by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from promptlang.tables.endings import DRAWN


@dataclass(frozen=True, slots=True)
class Pictures:
    """`published` holds every picture that may be asked for, by its address below the word."""

    folder: Path
    published: dict[str, Path] = field(default_factory=dict[str, Path])
    lock: Lock = field(default_factory=Lock)

    def drawn(self) -> Iterator[Path]:
        """The pictures that lie in the folder."""
        return (path for path in self.folder.iterdir() if path.suffix in DRAWN and path.is_file())

    def publish(self, picture: Path) -> str:
        """Make a picture askable; returns its address, relative to the page."""
        with self.lock:
            name = f"picture/{len(self.published) + 1}{picture.suffix}"
            self.published[name] = picture
        return name
