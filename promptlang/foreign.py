"""Files of other kinds, told apart by what is in them: pictures, models, tables, workflows and code are no prompts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is, and what to do with it; `lists` where a list of prompts may be written in it."""

    what: str
    help: str
    lists: bool = False


_PICTURE = "`promptlang import` writes what it was drawn by as a statement"
_NO_PROMPT = "name a .prompt file"
_UNPACK = "unpack it, and name the .prompt files in it"
_INSPECT = "`promptlang inspect` says what is in a model file"
_COPY = "copy its prompt into a .prompt file"
_JSON = "`promptlang import` reads what other programs write; put `/render` above it if it is the prompt itself"
_WORKFLOW = "`promptlang import` writes what it draws as statements"
_CODE = "`promptlang import` makes statements of calls that draw"
_ENTRIES = "`promptlang import` makes statements of its prompts"
_LISTED = "`promptlang import` makes statements of a list of prompts; copy others into a .prompt file"
_TABLE = "`promptlang import` makes recipes of webui's styles; put other prompts into a .prompt file"

# How files of other formats begin: more than letters that a prompt may begin with, wherever the format has more.
_SIGNS: tuple[tuple[bytes, Foreign], ...] = (
    (rb"\x89PNG", Foreign("a PNG picture", _PICTURE)),
    (rb"\xff\xd8\xff", Foreign("a JPEG picture", _PICTURE)),
    (rb"RIFF....WEBP", Foreign("a WebP picture", _PICTURE)),
    (rb"GIF8[79]a", Foreign("a GIF picture", _PICTURE)),
    (rb"\0...ftypavif", Foreign("an AVIF picture", _PICTURE)),
    (rb"\0...ftyp", Foreign("a video", _NO_PROMPT)),
    (rb"II\*\0|MM\0\*", Foreign("a TIFF picture", _NO_PROMPT)),
    (rb"BM....\0{4}", Foreign("a BMP picture", _NO_PROMPT)),
    (rb"\x80[\x02-\x05][\x95c(}\]]|PK\x03\x04.{26}[^\n]{0,200}?data\.pkl", Foreign("a pickled model", _INSPECT)),
    (rb"PK\x03\x04", Foreign("a ZIP archive", _UNPACK)),
    (rb"7z\xbc\xaf|Rar!\x1a\x07", Foreign("an archive", _UNPACK)),
    (rb"(?i:\s*<!DOCTYPE html\b)", Foreign("a page for a browser", _COPY)),
    (rb"\{\\rtf1", Foreign("a document (RTF)", _COPY)),
    (rb"\x1f\x8b", Foreign("a gzip archive", _UNPACK)),
    (rb"%PDF-", Foreign("a PDF document", _COPY)),
    (rb"GGUF...\0", Foreign("a GGUF model", _INSPECT)),
)
_SIGN = re.compile(b"|".join(b"(%s)" % sign for sign, _ in _SIGNS), re.DOTALL)
# Of what Pillow opens, which names formats by how they begin; these endings are of those that begin like nothing else.
_PICTURES = re.compile(
    rb"\x89PNG|\xff\xd8\xff|RIFF....WEBP|GIF8[79]a|....ftyp(?:avi[fs]|mif1|msf1)|BM|[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"
    rb"|II[*+]\0|MM\0[*+]|II\0\*|MM\*\0|P[0-6f]\s|Py|P7 332|8BPS|qoif|DDS |BLP[12]|FTEX|\0\0[\x01\x02]\0|icns"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51|\n[\0\x02\x03\x05]|\xb1\x68\xde\x3a|%!PS|\xc5\xd0\xd3\xc6|SIMPLE"
    rb"|....[\x11\x12]\xaf|....\0\0\0[\x01\x02]|\0{7}\x04|\0\0\x01\xb3|DanM|LinS|\x80\xe8\0\0|\x01\xda|\x59\xa6\x6a\x95"
    rb"|\xd7\xcd\xc6\x9a\0\0|\x01\0\0\0|Image type|\n?#define|/\*",
    re.DOTALL,
)
# Texts in a language of others: endings of names, and how a line begins that is in it, after blanks.
_LANGUAGES: tuple[tuple[str, bytes, Foreign], ...] = (
    (
        ".py .pyw",
        rb"(?:import|from)[ \t]+[\w.]+|(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*[(:]|#!|@\w|[\w.]+[ \t]*=|[\w.]+\(",
        Foreign("Python code", _CODE),
    ),
    (
        ".sh .bash .zsh .fish .bat .cmd .ps1",
        rb"#!|@echo\b|(?:set|export|call|cd|echo|source|rem|curl|param|[\w./-]*python3?)\b|\$?\w+[ \t]*=",
        Foreign("a script for a shell", _CODE),
    ),
    (".yaml .yml", rb"---|%YAML|-[ \t]+\S|[\"']?[\w.-]+[\"']?[ \t]*:(?:\s|\Z)", Foreign("YAML", _ENTRIES, lists=True)),
    (
        ".md .markdown",
        rb"#{1,6}[ \t]\S|```|~~~|[-*+][ \t]|={3}|-{3}|!?\[.*\]\(|<!--",
        Foreign("Markdown", _LISTED, lists=True),
    ),
    (".ini .cfg .conf", rb"\[[^\[\]\r\n]+\][ \t]*\r?$|[\w.-]+[ \t]*=", Foreign("a file of settings", _NO_PROMPT)),
    (".xml .svg .xmp .html .htm", rb"<[?!\w]", Foreign("XML", _COPY)),
    (
        ".js .mjs .ts .jsx .tsx",
        rb"(?:import|export|const|let|var|function|class|async)\b|//|/\*|[\w.]+\(",
        Foreign("JavaScript", _CODE),
    ),
)
_MOST_READ = 20_000  # bytes of a text among which such a line is looked for
_UNMARKED = (".im", ".imt", ".iim", ".pcd", ".spi", ".spider", ".tga", ".icb", ".vda", ".vst")
_SAFETENSORS = Foreign("a safetensors model", _INSPECT)
_CELLS = frozenset({b"prompt", b"negative_prompt"})  # in the first line of webui's `styles.csv`
_FEWEST_ROWS, _MOST_ROWS = 2, 20


def foreign(data: bytes, *, is_named_prompt: bool) -> Foreign | None:
    """What a file is that is no prompt; one whose name promises a prompt (`is_named_prompt`) is no table."""
    if sign := _SIGN.match(data):
        return _SIGNS[(sign.lastindex or 1) - 1][1]
    if data[8:9] == b"{" and b"\0" in data[:8] and int.from_bytes(data[:8], "little") < 2**32:
        return _SAFETENSORS
    body = data.removeprefix(b"\xef\xbb\xbf").strip()
    if body[:1] + body[-1:] in (b"{}", b"[]"):
        return _of_json(body)
    return None if is_named_prompt else _of_table(body)


def language(data: bytes, name: str) -> Foreign | None:
    """The language of others that a text is in: the ending of its name promises it, and a line keeps the promise."""
    ending = f".{name.lower().rpartition('.')[2]}" if "." in name else ""
    for endings, begins, found in _LANGUAGES:
        if ending in endings.split() and re.search(
            rb"^[ \t]*(?:%s)" % begins, data[:_MOST_READ], re.MULTILINE | re.IGNORECASE
        ):
            return found
    return None


def may_be_picture(data: bytes, name: str) -> bool:
    """Whether a file of that name that begins with `data` may be a picture in a format that is read."""
    return _PICTURES.match(data) is not None or name.lower().endswith(_UNMARKED)


def _of_json(body: bytes) -> Foreign | None:
    import json  # few files begin and end like it

    try:
        read: object = json.loads(body)
    except (ValueError, RecursionError):
        return None  # `{a|b}` and `[x]` are prompts
    match read:
        case {"nodes": list(), "links": list()}:
            return Foreign("a workflow of ComfyUI", _WORKFLOW)
        case dict() if any(isinstance(each, Mapping) and "class_type" in each for each in read.values()):  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
            return Foreign("a workflow of ComfyUI", _WORKFLOW)
        case dict():
            return Foreign("JSON", _JSON)
        case _:
            return Foreign("JSON", _JSON) if body[1:].lstrip()[:1] == b"{" else None


def _of_table(body: bytes) -> Foreign | None:
    """A table has as many cells in each line, and a heading of prompts or a column of numbers."""
    rows = [line.split(b",") for line in body.splitlines()[:_MOST_ROWS] if line.strip()]
    if len(rows) < _FEWEST_ROWS or len(rows[0]) < 2:
        return None
    heading = {cell.strip().strip(b'"').lower() for cell in rows[0]}
    counted = [row[1].strip().isdigit() for row in rows[1:] if len(row) > 1]
    if heading & _CELLS or (len(counted) == len(rows) - 1 and all(counted)):
        return Foreign("a table (CSV)", _TABLE)
    return None
