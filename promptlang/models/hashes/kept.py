"""The hashes of files that were read: each is worked out once, and kept for the next run under the mark of its file,
which is another one as soon as size, time of change or header are.
"""

from __future__ import annotations

from functools import lru_cache

from promptlang.models.hashes.digests import Digest
from promptlang.models.hashes.marks import mark
from promptlang.remembered import keep, place, recalled

FORMAT = "promptlang hashes 1"
KEPT = 10_000  # the last files that were asked for


def kept(path: str, digest: Digest) -> str | None:
    """The hash of a file as an earlier run has kept it; None where the file has to be read."""
    known = _all().get(_key(mark((path,)), digest))
    return known if isinstance(known, str) else None


def hash_of(path: str, digest: Digest) -> str:
    """The hash of a file in its present state; raises OSError."""
    return _hash(path, mark((path,)), digest)


@lru_cache(1024)
def _hash(path: str, state: str, digest: Digest) -> str:
    known, key = _all(), _key(state, digest)
    found = known.get(key)
    if not isinstance(found, str):
        found = digest(path)
        keep(place("hashes"), FORMAT, "hashes", dict([*known.items(), (key, found)][-KEPT:]))
    return found


def _all() -> dict[str, object]:
    return recalled(place("hashes"), FORMAT, "hashes")


def _key(state: str, digest: Digest) -> str:
    return f"{digest.__name__} {state}"
