"""Text files in and out: UTF-8 with or without a mark, read without changing a byte, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

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


def shown(path: Path) -> str:
    """The path as people would type it: from the current folder where it lies inside, else whole."""
    absolute = os.path.abspath(path)
    here = os.getcwd()
    return os.path.relpath(absolute, here) if absolute.startswith(here.rstrip(os.sep) + os.sep) else str(path)


def reason(error: OSError) -> str:
    """The system's words for an error, without its number."""
    return (error.strerror or type(error).__name__).lower()


def read_text(path: Path, name: str | None = None) -> TextFile:
    """Read a file; raises OSError where the system refuses."""
    return decoded(path.read_bytes(), name or shown(path))


def decoded(data: bytes, name: str) -> TextFile:
    """Bytes as text; bytes that are not UTF-8 give a problem at the first of them."""
    mark = data.startswith(MARK)
    body = data[len(MARK) :] if mark else data
    try:
        return TextFile(Source(body.decode(), name), mark)
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


def _encoding_help(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "save the file as UTF-8; it begins like UTF-16"
    return "save the file as UTF-8; `iconv -f latin1 -t utf-8` converts Latin-1"


def write_text(path: Path, text: str, *, mark: bool = False) -> None:
    """Replace a file's content in one step, keeping its permissions; raises OSError and leaves the old file then."""
    from tempfile import mkstemp

    target = path.resolve()  # a symbolic link stays one
    handle, temporary = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write((MARK if mark else b"") + text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_mask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def create_text(path: Path, text: str) -> None:
    """Write a file that does not exist yet; raises FileExistsError where it does."""
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(text)


def _mask() -> int:
    """The permissions that new files do not get; the system only tells when it is set."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
