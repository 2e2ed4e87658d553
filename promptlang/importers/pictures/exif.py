"""EXIF, XMP and comments: the texts of JPEG and WebP files, read without a library for pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO, Literal

from promptlang.importers.pictures.packed import inflated
from promptlang.importers.pictures.written import LONGEST, OWN, OWN_NAME, Texts, decoded
from promptlang.values import dataclass

TAGS = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x9286: "UserComment",
    0x9C9C: "XPComment",
    0x927C: "MakerNote",
}
"""The tags that programs keep text in, by the names of the standard."""

_POINTER = 0x8769  # to the block of EXIF's own tags
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}  # bytes of a value, by its type
_MOST_ENTRIES = 1000
_MARK = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_DESCRIPTION = re.compile(
    r"<(?:exif:UserComment|dc:description)\b[^>]*>\s*(?:<rdf:\w+>\s*<rdf:li[^>]*>)?(.*?)</(?:rdf:li|exif:UserComment)>",
    re.DOTALL,
)


def jpeg_texts(file: BinaryIO) -> Texts:
    """What the segments of an open JPEG say."""
    found: list[tuple[str, str]] = []
    remarks: list[str] = []
    file.seek(2)
    while True:
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            remarks.append("the file is cut off" if len(head) < 4 else "its segments are damaged")
            break
        kind, size = head[1], int.from_bytes(head[2:]) - 2
        if kind in (0xD9, 0xDA) or size < 0:  # pixels follow
            break
        body = file.read(size) if kind in (0xE1, 0xFE) else b""
        if kind == 0xE1 and body.startswith(_MARK):
            texts = exif_texts(body[len(_MARK) :])
            found += texts.found
            remarks += texts.remarks
        elif kind == 0xE1 and body.startswith(_XMP):
            found += _of_xmp(body[len(_XMP) :])
        elif kind == 0xFE:
            found.append(("Comment", decoded(body, "utf-8", "latin-1")))
        elif not body:
            file.seek(size, os.SEEK_CUR)
    return Texts(tuple(found), tuple(dict.fromkeys(remarks)))


def webp_texts(file: BinaryIO) -> Texts:
    """What the chunks of an open WebP say; its pixels may have an alpha channel, which says nothing."""
    found: list[tuple[str, str]] = []
    remarks: list[str] = []
    file.seek(8)
    whole = file.read(4) == b"WEBP"
    while whole and (head := file.read(8)):
        kind, size = head[:4], int.from_bytes(head[4:8], "little")
        if len(head) < 8:
            remarks.append("the file is cut off")
            break
        if kind not in (b"EXIF", b"XMP ") or size > LONGEST:
            file.seek(size + size % 2, os.SEEK_CUR)
            continue
        body = file.read(size)
        file.seek(size % 2, os.SEEK_CUR)
        if len(body) < size:
            remarks.append("the file is cut off")
        if kind == b"EXIF":
            texts = exif_texts(body.removeprefix(_MARK))
            found += texts.found
            remarks += texts.remarks
        else:
            found += _of_xmp(body)
    return Texts(tuple(found), tuple(dict.fromkeys(remarks)))


def _of_xmp(body: bytes) -> Iterator[tuple[str, str]]:
    for match in _DESCRIPTION.finditer(decoded(body, "utf-8")):
        yield "XMP", unescape(match[1]).strip()


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of EXIF, which counts its places from its own beginning."""

    data: bytes
    order: Literal["little", "big"]

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.data[at : at + size], self.order)


def exif_texts(data: bytes) -> Texts:
    """What a block of EXIF says."""
    mark = data[:4]
    if mark not in (b"II*\0", b"MM\0*"):
        return Texts(remarks=("its EXIF block is damaged",) if data else ())
    block = _Block(data, "little" if mark[:2] == b"II" else "big")
    found: list[tuple[str, str]] = []
    remarks: list[str] = []
    waiting, seen = [block.number(4, 4)], set[int]()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        for tag, value in _entries(block, at):
            if tag == _POINTER:
                waiting.append(value if isinstance(value, int) else 0)
            elif isinstance(value, bytes) and (name := TAGS.get(tag)):
                if value.startswith(OWN):
                    name, (text, remark) = OWN_NAME, _unpacked(value)
                else:
                    text, remark = _text(value, name, block.order)
                found.append((name, text))
                remarks += [remark] if remark else []
    return Texts(tuple(found), tuple(remarks))


def _entries(block: _Block, at: int) -> Iterator[tuple[int, int | bytes]]:
    """The tags of one directory that are of interest."""
    for number in range(min(block.number(at, 2), _MOST_ENTRIES)):
        place = at + 2 + 12 * number
        if place + 12 > len(block.data):
            return
        tag, kind, count = block.number(place, 2), block.number(place + 2, 2), block.number(place + 4, 4)
        if tag == _POINTER:
            yield tag, block.number(place + 8, 4)
        elif tag in TAGS and kind in _SIZES:
            size = count * _SIZES[kind]
            start = place + 8 if size <= 4 else block.number(place + 8, 4)
            yield tag, block.data[start : start + size]


def _text(value: bytes, name: str, order: Literal["little", "big"]) -> tuple[str, str]:
    """The text of a tag, and what is wrong with it."""
    if name == "XPComment":
        return decoded(value, "utf-16-le").rstrip("\0"), ""
    mark, body = value[:8], value[8:]
    if name != "UserComment" or mark not in (b"UNICODE\0", b"ASCII\0\0\0", b"JIS\0\0\0\0\0", b"\0" * 8):
        return _said(value.rstrip(b"\0"), name)
    if mark == b"UNICODE\0":
        return _of_utf16(body, order)
    return _said(body.rstrip(b"\0"), name)


def _unpacked(value: bytes) -> tuple[str, str]:
    text, remark = inflated(value[len(OWN) :], OWN_NAME)
    return decoded(text, "utf-8"), remark


def _said(body: bytes, name: str) -> tuple[str, str]:
    text = decoded(body, "utf-8")
    return text, f"the text `{name}` is not UTF-8 and is read in part" if "\ufffd" in text else ""


def _of_utf16(body: bytes, order: Literal["little", "big"]) -> tuple[str, str]:
    """UTF-16 in the order of its mark, else in that which gives more of the letters that settings are written in.

    Writers disagree on the order, and some write the mark of UTF-16 above UTF-8.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = decoded(body, "utf-16")
    else:
        first, second = ("utf-16-le", "utf-16-be") if order == "little" else ("utf-16-be", "utf-16-le")
        text = max((body.decode(each, "replace") for each in (first, second)), key=_plain_letters)
        if _plain_letters(text) < _plain_letters(body.decode("latin-1")) // 4 and b"\0" not in body.rstrip(b"\0"):
            text = decoded(body, "utf-8")
    return text.rstrip("\0"), "the text `UserComment` is damaged" if "\ufffd" in text else ""


def _plain_letters(text: str) -> int:
    return sum(" " <= letter <= "~" for letter in text)
