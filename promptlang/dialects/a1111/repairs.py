"""What stable-diffusion-webui's tokenizer does to a text first: the repairs of ftfy that change tokens.

Straight quotes, ligatures and wide letters taken apart, HTML entities decoded, control characters dropped. ftfy's guess
at text that was decoded wrongly (`Ã©` for `é`) is left out: see `docs/dialects.md`.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import normalize

# Facts of ftfy 6: its tables of quotes, ligatures, widths and control characters.
_LIGATURES = "ĲĳǄǅǆǇǈǉǊǋǌǱǲǳﬀﬁﬂﬃﬄﬆ"
_SINGLE_QUOTES = (0x2BC, *range(0x2018, 0x201C))
_DOUBLE_QUOTES = tuple(range(0x201C, 0x2020))
_WIDE = range(0xFF01, 0xFFF0)
_DROPPED = (
    *range(0x09),
    0x0B,
    *range(0x0E, 0x20),
    0x7F,
    *range(0x206A, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFD),
)
_ENTITY = re.compile(r"&#?[0-9A-Za-z]{1,24};")


@cache
def _table() -> dict[int, str]:
    return {
        **dict.fromkeys(_DROPPED, ""),
        **{code: normalize("NFKC", chr(code)) for code in _WIDE},
        **{ord(letter): normalize("NFKC", letter) for letter in _LIGATURES},
        0x149: "'n",
        0xFB05: "ſt",
        0x3000: " ",
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    }


@cache
def _to_repair() -> re.Pattern[str]:
    """Any letter of the table: few texts have one, and looking for it takes a tenth of a translation."""
    return re.compile(f"[{re.escape(''.join(map(chr, _table())))}]")


def repaired(text: str) -> str:
    """The text as the tokenizer sees it; text in plain ASCII without entities stays as it is."""
    if "&" in text:
        text = _with_entities(text)
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_table()) if _to_repair().search(text) else text


def _with_entities(text: str) -> str:
    """The text with its HTML entities decoded, line by line up to the first line that holds a `<`."""
    until = text.rfind("\n", 0, text.find("<")) + 1 if "<" in text else len(text)
    plain = text[:until]
    while (decoded := _ENTITY.sub(_decoded, plain)) != plain:
        plain = decoded
    return plain + text[until:]


def _decoded(entity: re.Match[str]) -> str:
    """The character of an entity; a name that HTML does not know stays, and so does a number of no character."""
    from html import unescape  # its table of names is large and hardly ever needed
    from html.entities import html5

    name = entity[0][1:]
    if name[0] == "#":
        character = unescape(entity[0])
        return entity[0] if ";" in character else character
    if name in html5:
        return html5[name]
    # ftfy knows the names in capitals as well, where HTML does not: `&EACUTE;`
    small = html5.get(name.lower()) if name == name.upper() else None
    return small.upper() if small and unescape(entity[0]) == entity[0] else entity[0]
