"""Text files in: UTF-8 with or without a mark, read without changing a byte. `promptlang.writing` writes them back."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.source import Source, Span
from promptlang.values import dataclass

NOT_UTF8 = Rule(
    name="file/not-utf8",
    severity=Severity.ERROR,
    summary="a file is not UTF-8 text",
    why=(
        "Prompt files are UTF-8. Bytes of another encoding have no certain meaning, so they are not guessed: "
        "what is drawn would depend on the guess."
    ),
    example="a café, saved as Latin-1",
    source="LANGUAGE.md, section 1",
)
RULES = (NOT_UTF8,)

LARGEST = 64 * 1024**2  # bytes of a text
_UNHURRIED = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe opens at once, and is refused then

_SAMPLE = 4096  # bytes that show an encoding
MARK = b"\xef\xbb\xbf"  # the byte order mark that some editors put first


@dataclass(frozen=True, slots=True)
class Report:
    """A text and what was found in it."""

    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file as read: `mark` says whether it began with a byte order mark, `problem` why it is no text."""

    source: Source
    mark: bool = False
    problem: Diagnostic | None = None

    @property
    def data(self) -> bytes:
        """The bytes that were read; only a file without a problem has them."""
        return encoded(self.source.text, mark=self.mark)


def shown(path: Path | str) -> str:
    """The path as people would type it: from the current folder where it lies inside, else whole.

    What a terminal would obey or swallow is spelled out.
    """
    written = os.fspath(path)
    if not os.path.isabs(written) and not os.path.splitdrive(written)[0] and ".." not in written:
        # It lies inside: to ask the system where takes longer than to read it.
        return visible(os.path.normpath(written))
    absolute = os.path.abspath(path)
    here = os.getcwd()
    inside = absolute.startswith(here.rstrip(os.sep) + os.sep)
    return visible(os.path.relpath(absolute, here) if inside else str(path))


def visible(text: str) -> str:
    """The text with control characters spelled out, such as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def reason(error: OSError) -> str:
    """The system's words for an error, without its number."""
    words = error.strerror or type(error).__name__
    return words[:1].lower() + words[1:]


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether what lies in a folder is a folder, or a link to one; a link that leads in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


class Unfit(OSError):
    """A path that is not read, and why, in one clause: a device or a pipe, or a file over a limit."""

    def __init__(self, why: str, path: Path | str) -> None:
        super().__init__(0, why, str(path))


def read_bytes(path: Path | str, largest: int = LARGEST) -> bytes:
    """The content of a regular file of at most `largest` bytes; the one way to open what a project or a prompt names.

    Neither a pipe without a writer nor a device without an end holds it up. Raises `Unfit`, and `OSError` as the
    system does.
    """
    handle = os.open(path, os.O_RDONLY | _UNHURRIED)
    try:
        status = os.fstat(handle)
        if not S_ISREG(status.st_mode):
            raise Unfit("it is no regular file", path)
        data = _content(handle, status.st_size, largest) if status.st_size <= largest else b""
    finally:
        os.close(handle)
    if status.st_size > largest or len(data) > largest:  # it may grow while it is read
        raise Unfit(f"it is larger than {largest // 1024**2:,} MiB", path)
    return data


def head(path: Path | str, size: int = 4096) -> bytes:
    """The first bytes of a file that is too large to be read; none of what is no regular file."""
    try:
        handle = os.open(path, os.O_RDONLY | _UNHURRIED)
    except OSError:
        return b""
    try:
        return os.read(handle, size) if S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)


def _content(handle: int, size: int, largest: int) -> bytes:
    """What is in an open file of about that size, and of more than `largest` bytes at least so many.

    A file object would ask the system five times more, which is half of the time that a folder of small files takes.
    """
    data = os.read(handle, size + 1)
    while len(data) != size and len(data) <= largest and (more := os.read(handle, 1024**2)):
        data += more
    return data


def read_text(path: Path, name: str | None = None) -> TextFile:
    """Read a file; raises OSError where the system refuses."""
    return decoded(read_bytes(path), name or shown(path))


def decoded(data: bytes, name: str) -> TextFile:
    """Bytes as text; bytes that are not UTF-8 give a problem at the first of them."""
    mark = data.startswith(MARK)
    body = data[len(MARK) :] if mark else data
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        place = len(body[: error.start].decode())
        text = body.decode(errors="replace")
        problem = finding(
            NOT_UTF8,
            f"not UTF-8: byte 0x{body[error.start]:02X} at offset {error.start + len(data) - len(body)}",
            Span(place, place + 1),
            "not a character in UTF-8",
            help=_encoding_help(body),
        )
        return TextFile(Source(text, name), mark, problem)
    problem = _utf16(body) if b"\0" in body else None
    return TextFile(Source(text, name), mark, problem)


def encoded(text: str, *, mark: bool) -> bytes:
    """A text as it lies on disk."""
    return (MARK if mark else b"") + text.encode()


def _utf16(body: bytes) -> Diagnostic | None:
    """What there is to say about bytes that are UTF-8 as well: letters of Latin with a zero before or behind each."""
    if not (order := _order_of_utf16(body)):
        return None
    return finding(
        NOT_UTF8,
        "not UTF-8: every other byte is 0, as in UTF-16",
        Span(0, 1),
        "UTF-16 without a byte order mark",
        help=_help_for_utf16(order),
    )


def _order_of_utf16(body: bytes) -> str:
    """`le` or `be` where the bytes are those of UTF-16 without a mark, as most letters and signs of Latin show."""
    low, high = (body[parity:_SAMPLE:2].count(0) for parity in (0, 1))
    fewest, most = sorted((low, high))
    if most < 2 or most * 4 < len(body[:_SAMPLE]) or fewest * 8 > most:
        return ""
    return "le" if high > low else "be"


def _help_for_utf16(order: str) -> str:
    return f"save the file as UTF-8; `iconv -f utf-16{order} -t utf-8` converts it"


def _encoding_help(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "save the file as UTF-8; it begins like UTF-16"
    if order := _order_of_utf16(body):
        return _help_for_utf16(order)
    return "save the file as UTF-8; `iconv -f latin1 -t utf-8` converts Latin-1"
