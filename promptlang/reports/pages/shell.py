"""What every page has: its head, its data and its script in one file that asks nobody for anything."""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from promptlang.plans.json import Json

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; img-src data: file: 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def page(kind: str, title: str, data: Json) -> str:
    """The page of that kind, whose script makes everything out of the data, as text and never as HTML."""
    style, script = _asset("common.css") + _asset(f"{kind}.css"), _asset("common.js") + _asset(f"{kind}.js")
    written = compact(data).translate(_IN_SCRIPT)
    return (
        "<!doctype html>\n"
        f'{mark(kind)}\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>\n<body>\n'
        f"<noscript>This page needs JavaScript, which it brings along.</noscript>\n"
        f'<script type="application/json" id="data">{written}</script>\n<script>\n{script}</script>\n</body>\n</html>\n'
    )


def compact(data: Json) -> str:
    """Data as JSON in one line without blanks, in ASCII."""
    return json.dumps(data, separators=(",", ":"))


def address(file: str) -> str:
    """The address of a file from the page; its name may hold bytes that are no text."""
    return quote(os.fsencode(file))


def mark(kind: str) -> str:
    """The comment in its second line by which a page of ours is known."""
    return f"<!-- {kind} of promptlang -->"


def script_size(kind: str) -> int:
    """How many bytes of script a page has."""
    return len((_asset("common.js") + _asset(f"{kind}.js")).encode())


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
