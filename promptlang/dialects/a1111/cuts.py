"""What stable-diffusion-webui cuts out before it reads a prompt: comments, then `<kind:name:arguments>` of any kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from promptlang.dialects.a1111.calls import Network
from promptlang.dialects.a1111.lexemes import terminal
from promptlang.source import Passage, joined

_COMMENT = re.compile(r"(?<!\\)#[^\r\n]*")  # `\#` is a sign of the text, as everywhere in a prompt file


def comments(passage: Passage) -> Iterator[tuple[int, int]]:
    """Where comments stand in the text."""
    if "#" in passage.text:
        yield from (match.span() for match in _COMMENT.finditer(passage.text))


def without_comments(passage: Passage) -> Passage:
    """The passage as the program goes on to read it."""
    return passage if "#" not in passage.text else without(passage, comments(passage))[0]


def without(passage: Passage, holes: Iterable[tuple[int, int]]) -> tuple[Passage, tuple[int, ...]]:
    """The passage with stretches cut out, and where in what is left each of them stood."""
    kept: list[Passage] = []
    placed: list[int] = []
    done = length = 0
    for begin, end in holes:
        kept.append(passage.part(done, begin))
        length += begin - done
        placed.append(length)
        done = end
    if not placed:
        return passage, ()
    return joined([*kept, passage.part(done, len(passage.text))]), tuple(placed)


@lru_cache(maxsize=4)
def found(text: str) -> tuple[Network, ...]:
    """The calls in a text, in order; kept, because the tree and the conditioning each ask for them."""
    # Nothing after the last `>` can be a call; looking there would cost the square of the length.
    return tuple(map(_network, terminal("NETWORK").finditer(text, 0, text.rfind(">") + 1)))


def _network(match: re.Match[str]) -> Network:
    kind, *items = match[0][1:-1].split(":")
    return Network(kind, tuple(items), match.start(), match.end())


def networks(text: str) -> tuple[str, tuple[Network, ...]]:
    """The text without its network calls, and the calls."""
    if "<" not in text:
        return text, ()
    calls = found(text)
    kept: list[str] = []
    done = 0
    for call in calls:
        kept.append(text[done : call.start])
        done = call.end
    return "".join((*kept, text[done:])), calls
