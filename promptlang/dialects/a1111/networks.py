"""The first pass of stable-diffusion-webui: `<kind:name:arguments>` is cut out of the text, whatever its kind."""

from __future__ import annotations

import re
from functools import lru_cache

from promptlang.dialects.a1111.calls import Network
from promptlang.dialects.a1111.lexemes import terminal


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
