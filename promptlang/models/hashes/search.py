"""The files that another program means by the hashes it writes, as far as reading them is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from promptlang.models.discover import concept
from promptlang.models.hashes.digests import Digest, cost, piece, tensors, whole
from promptlang.models.hashes.kept import hash_of, kept
from promptlang.tables.models.known import MODELS
from promptlang.values import dataclass

Sort = Literal["model", "LoRA", "VAE"]
KINDS: Mapping[Sort, frozenset[str]] = MappingProxyType(
    {"model": MODELS, "LoRA": frozenset({"lora"}), "VAE": frozenset({"vae"})}
)
"""The sorts of files that hashes are written of, and the kinds that such files have here."""
File = tuple[str, Path, str]
"""What a file is called, where it lies, and its kind, `unknown` where only the file says it."""
LIMIT = 8 * 1024**3
"""Bytes that are read for hashes where nobody asks for more: about ten seconds of it."""
LARGE = 256 * 1024**2  # bytes; who reads fewer is done before anybody wonders

_WRITTEN = re.compile(r"(0x|sha256:|)([0-9a-f]{8,64})")  # SwarmUI and InvokeAI write what it is before it
_UNKNOWN = "unknown"
_OF_TENSORS, _OF_PIECE = 12, 8  # the digits that webui writes of either


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a hash: the `name` of the file that has it, or else the hash of the one that was named
    (`other`, in as many digits), and how many files were not read for it (`unread`).
    """

    name: str = ""
    other: str = ""
    unread: int = 0


class Search:
    """The files of a project by their hashes.

    `files` gives them when they are first needed. At most `limit` bytes are read, in the order of
    the questions, beside hashes that are kept; `tell` hears of each large file before.
    """

    def __init__(
        self,
        files: Callable[[], Iterable[File]],
        limit: float = LIMIT,
        tell: Callable[[Path], None] = lambda path: None,
    ) -> None:
        self._files = files
        self._left = limit
        self._tell = tell
        self._answers: dict[tuple[str, Sort, str], Answer | None] = {}

    def asked(self, written: str, sort: Sort, name: str | None) -> Answer | None:
        """What is known of a hash as a program wrote it, of a file that is called `name` here, where that is; None
        where nothing can be compared with it.
        """
        asked = (written.lower(), sort, name or "")
        if asked not in self._answers:
            self._answers[asked] = self._answer(*asked)
        return self._answers[asked]

    def _answer(self, written: str, sort: Sort, name: str) -> Answer | None:
        parts = _WRITTEN.fullmatch(written)
        if parts is None:
            return None
        digits, digest = parts[2], _digest_of(parts[1], parts[2], sort)
        named = self._by_name.get(name.lower())
        if name and (named is None or not named.is_file()):
            return None  # a model in a folder, or one that is fetched
        other = ""
        if named:
            found = self._hash(named, digest)
            if found is None or found.startswith(digits):
                return Answer(name, unread=int(found is None))
            other = found[: len(digits)]
        unread = 0
        for each, path in self._like(sort):
            if path == named:
                continue
            found = self._hash(path, digest)
            if found and found.startswith(digits):
                return Answer(each)
            unread += found is None
        return Answer(other=other, unread=unread)

    def _like(self, sort: Sort) -> Iterator[tuple[str, Path]]:
        """The files of a sort and those that nothing tells the sort of, small ones first."""
        for name, path, said in self._by_size:
            kind = concept(path).kind if said == _UNKNOWN else said
            if kind in KINDS[sort] or kind == _UNKNOWN:
                yield name, path

    def _hash(self, path: Path, digest: Digest) -> str | None:
        """The hash of a file; None where it is not read."""
        try:
            if found := kept(str(path), digest):
                return found
            bytes = cost(str(path), digest)
            if bytes > self._left:
                return None
            self._left -= bytes
            if bytes >= LARGE:
                self._tell(path)
            return hash_of(str(path), digest)
        except OSError:
            return None

    @cached_property
    def _by_name(self) -> Mapping[str, Path]:
        return {name.lower(): path for name, path, _ in self._files()}

    @cached_property
    def _by_size(self) -> tuple[File, ...]:
        files = (file for file in self._files() if file[1].is_file())
        return tuple(sorted(files, key=lambda file: file[1].stat().st_size))


def _digest_of(sign: str, digits: str, sort: Sort) -> Digest:
    """Which hash of a file is meant, by how it is written."""
    if sign == "0x" or (sort == "LoRA" and len(digits) == _OF_TENSORS):
        return tensors
    return piece if len(digits) == _OF_PIECE else whole
