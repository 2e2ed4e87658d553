"""How much one may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field


def _limit(most: int, value: str, docs: str) -> int:
    return field(default=most, metadata={"value": value, "docs": docs})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A field for each limit, with what the command line says of it; its default holds where nothing is said."""

    body: int = _limit(32, "MIB", "The largest request.")
    text: int = _limit(20_000, "N", "The most characters of a prompt, or of a text of several statements.")
    side: int = _limit(2048, "PIXELS", "The longest side of a picture, enlarged or not.")
    steps: int = _limit(150, "N", "The most steps of a picture, those of its second pass counted in.")
    images: int = _limit(16, "N", "The most pictures of one request.")
    queue: int = _limit(
        64, "N", "The most requests that wait or are drawn; what comes then is told when to come again."
    )
    seconds: int = _limit(600, "N", "How long a request may take, the waiting counted in.")
