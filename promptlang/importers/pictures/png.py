"""The text chunks of a PNG, read without its pixels: `tEXt`, `zTXt`, `iTXt`, and `eXIf`."""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO

from promptlang.importers.pictures.exif import exif_texts
from promptlang.importers.pictures.packed import inflated
from promptlang.importers.pictures.written import LONGEST, Texts, decoded

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ALPHA_KINDS = frozenset({4, 6})  # of colour: grey and RGB with alpha
_MOST_TEXTS = 1000


def png_texts(file: BinaryIO) -> Texts:
    """What the text chunks of an open PNG say; a broken file gives what stands before the break."""
    found: list[tuple[str, str]] = []
    remarks: list[str] = []
    has_alpha = False
    file.seek(len(SIGNATURE))
    while True:
        head = file.read(8)
        if not head and found:
            remarks.append("the file ends before its end mark")
            break
        if len(head) < 8:
            remarks.append("the file is cut off")
            break
        size, kind = int.from_bytes(head[:4]), head[4:]
        if kind == b"IEND":
            break
        if kind not in _READERS and kind != b"IHDR":
            file.seek(size + 4, os.SEEK_CUR)
            continue
        if size > LONGEST:
            remarks.append(
                f"a text of {size / 1024**2:,.0f} MiB is not read: more than {LONGEST // 1024**2} are no text"
            )
            file.seek(size + 4, os.SEEK_CUR)
            continue
        body, sum = file.read(size), file.read(4)
        if len(body) < size:
            remarks.append(f"the file is cut off inside a {kind.decode()} chunk")
        elif int.from_bytes(sum) != zlib.crc32(kind + body):
            remarks.append(f"the checksum of a {kind.decode()} chunk is wrong, so its text may be damaged")
        if kind == b"IHDR":
            has_alpha = body[9:10] != b"" and body[9] in _ALPHA_KINDS
            continue
        texts, remark = _READERS[kind](body)
        found += texts
        remarks += [remark] if remark else []
        if len(found) > _MOST_TEXTS:
            remarks.append(f"only the first {_MOST_TEXTS:,} texts are read")
            break
    return Texts(tuple(found), tuple(dict.fromkeys(remarks)), has_alpha)


Read = tuple[list[tuple[str, str]], str]


def _plain(body: bytes) -> Read:
    """`tEXt`: Latin-1 by the standard, UTF-8 by those who do not know it."""
    key, _, text = body.partition(b"\0")
    return [(key.decode("latin-1"), decoded(text, "utf-8", "latin-1"))], ""


def _packed(body: bytes) -> Read:
    key, _, rest = body.partition(b"\0")
    name = key.decode("latin-1")
    text, remark = inflated(rest[1:], name)
    return [(name, decoded(text, "utf-8", "latin-1"))] if text else [], remark


def _international(body: bytes) -> Read:
    key, _, rest = body.partition(b"\0")
    name = key.decode("latin-1")
    flag, rest = rest[:1], rest[2:]
    _, _, rest = rest.partition(b"\0")  # language
    _, _, text = rest.partition(b"\0")  # translated name
    if flag != b"\1":
        return [(name, decoded(text, "utf-8"))], "" if _is_utf8(text) else f"the text `{name}` is not UTF-8"
    text, remark = inflated(text, name)
    return [(name, decoded(text, "utf-8"))] if text else [], remark


def _exif(body: bytes) -> Read:
    texts = exif_texts(body)
    return [*texts.found], "; ".join(texts.remarks)


_READERS = {b"tEXt": _plain, b"zTXt": _packed, b"iTXt": _international, b"eXIf": _exif}


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
