"""Markdown around words that strangers wrote: names, metadata and pictures of files must stay what they are.

An editor that shows Markdown fetches the pictures in it, so no text of a workspace may become one.
"""

from __future__ import annotations

import re
from pathlib import Path

from promptlang_lsp.protocol.boundary import uri_of

LONGEST = 60  # code points of quoted words
LONGEST_BLOCK = 1500
LARGEST_PICTURE = 4_000_000  # bytes
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_MARKS = re.compile(r"(?<=[!\]])(?=[\[(])|(?<=\])(?=:)")


def code(words: str, longest: int = LONGEST) -> str:
    """Words as code, on one line and not too long."""
    flat = " ".join(words.split()).replace("`", "'")
    return f"`{flat[:longest]}{'…' if len(flat) > longest else ''}`" if flat else "nothing"


def plain(words: str) -> str:
    """Words on one line in which no link and no picture begins."""
    return _MARKS.sub(" ", " ".join(words.split()))


def block(text: str) -> str:
    """A piece of a prompt file as it stands, behind a fence that it cannot climb."""
    body = text.strip()
    shown = body if len(body) <= LONGEST_BLOCK else f"{body[:LONGEST_BLOCK]}…"
    fence = "`" * max(4, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}promptlang\n{shown}\n{fence}"


def picture(title: str, path: Path) -> str:
    """A picture that lies on this computer, empty where the file is none."""
    try:
        real = path.resolve()
        if not real.is_file() or real.stat().st_size > LARGEST_PICTURE:
            return ""
        with real.open("rb") as file:
            head = file.read(12)
    except (OSError, RuntimeError):  # not there, or links that lead in a circle
        return ""
    is_webp = head[:4] == b"RIFF" and head[8:] == b"WEBP"
    return f"![{title}]({uri_of(real)})" if is_webp or head.startswith(SIGNATURES) else ""
