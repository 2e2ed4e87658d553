"""The first pass of stable-diffusion-webui: `<kind:name:arguments>` is cut out of the text, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.dialects.a1111.calls import Network
from promptlang.dialects.a1111.lexemes import terminal


def found(text: str) -> Iterator[Network]:
    """The calls in a text, in order."""
    # Nothing after the last `>` can be a call; looking there would cost the square of the length.
    for match in terminal("NETWORK").finditer(text, 0, text.rfind(">") + 1):
        kind, *items = match[0][1:-1].split(":")
        yield Network(kind, tuple(items), match.start(), match.end())


def networks(text: str) -> tuple[str, tuple[Network, ...]]:
    """The text without its network calls, and the calls."""
    if "<" not in text:
        return text, ()
    calls = tuple(found(text))
    kept: list[str] = []
    done = 0
    for call in calls:
        kept.append(text[done : call.start])
        done = call.end
    return "".join((*kept, text[done:])), calls
