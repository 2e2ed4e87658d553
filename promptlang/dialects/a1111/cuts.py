"""What stable-diffusion-webui cuts out before it reads a prompt: comments, then `<kind:name:arguments>` of any kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from promptlang.dialects.a1111.calls import Network
from promptlang.dialects.a1111.lexemes import terminal
from promptlang.source import Passage

_COMMENT = re.compile(r"(?<!\\)#[^\r\n]*")  # `\#` is a sign of the text, as everywhere in a prompt file


def comments(passage: Passage) -> Iterator[tuple[int, int]]:
    """Where comments stand in the text."""
    if "#" in passage.text:
        yield from (match.span() for match in _COMMENT.finditer(passage.text))


def without_comments(passage: Passage) -> Passage:
    """The passage as the program goes on to read it."""
    places = tuple(comments(passage))
    if not places:
        return passage
    kept: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    done = length = 0
    for begin, end in (*places, (len(passage.text), len(passage.text))):
        marks = [done, *(start for start in passage.starts if done < start < begin)]
        for at, stop in zip(marks, [*marks[1:], begin], strict=True):
            if at < stop:
                starts.append(length)
                origins.append(passage.at(at))
                kept.append(passage.text[at:stop])
                length += stop - at
        done = end
    return Passage("".join(kept), tuple(starts) or (0,), tuple(origins) or (passage.at(0),))


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
