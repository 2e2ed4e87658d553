"""What lies finished in a folder, noted line by line beside the pictures, so that nobody opens each of them to know.

The pictures say it all themselves: the journal may be cut short, foreign or gone, and is then made anew from them. A
note counts only while its file has the size and the time that were noted, whatever the clock does in between.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field
from io import FileIO
from pathlib import Path

from promptlang.files import Unfit

NAME = ".promptlang-journal"
_LONGEST = 1 << 28  # bytes: the notes of more than a million pictures
# No link is followed, no pipe waited for, no line end changed, on systems that know such flags.
_AS_IT_IS = sum(getattr(os, each, 0) for each in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_HEAD = b'["promptlang journal", 1]\n'
_LONGEST_HEAD = 64  # bytes, of any version


@dataclass(frozen=True, slots=True)
class Note:
    """A file, its size and the nanosecond of its last change, and what it is a picture or a page of, if of anything."""

    file: str
    size: int
    time: int
    picture: str = ""
    seed: int | None = None
    page: str = ""

    def is_of(self, status: os.stat_result) -> bool:
        """Whether the file is still the one that was noted."""
        return (self.size, self.time) == (status.st_size, status.st_mtime_ns)


@dataclass(slots=True)
class Journal:
    """What is noted of a folder, and what is wrong with the file that says it, in a clause; `note` adds to both."""

    notes: dict[str, Note] = field(default_factory=dict[str, Note])
    fault: str = ""
    file: FileIO | None = None

    def note(self, path: Path, *, picture: str = "", seed: int | None = None, page: str = "") -> None:
        """Note what a file is; where the disk takes no note, the picture says it."""
        with suppress(OSError):
            status = path.stat()
            made = Note(path.name, status.st_size, status.st_mtime_ns, picture, seed, page)
            self.notes[made.file] = made
            if self.file and not self.fault:
                self.file.write(_line(made))  # in one piece, for others may write as well

    def make_anew(self, notes: Sequence[Note]) -> None:
        """Replace all that is noted."""
        self.notes = {each.file: each for each in notes}
        if self.file:
            with suppress(OSError):
                self.file.truncate(0)
                self.file.write(b"".join((_HEAD, *map(_line, notes))))
                self.fault = ""


def read(folder: Path) -> Journal:
    """The journal of a folder, only to look at."""
    try:
        with _opened(folder / NAME, os.O_RDONLY) as file:
            return _read(file.readall())
    except OSError:
        return Journal()


@contextmanager
def opened(folder: Path, *, alone: Callable[[], None] | None = None) -> Generator[Journal]:
    """The journal of a folder, to read and to add to; where the folder takes no file it is as if it were empty.

    With `alone` no other run draws into the folder meanwhile, which would be to draw twice what is missing: it is
    called before the others are waited for. Without it nobody asks what is noted, so that only the head is read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _opened(folder / NAME, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    except OSError:
        yield Journal()
        return
    with file:
        _claim(file, alone)
        file.seek(0)
        data = file.readall() if alone else b"".join(file.read(_LONGEST_HEAD).partition(b"\n")[:2])
        with suppress(OSError):
            if not data:
                file.write(_HEAD)
            elif not _ends_line(file):
                file.write(b"\n")  # of a run that was killed as it wrote
        journal = _read(data)
        journal.file = file
        yield journal


def _opened(place: Path, flags: int) -> FileIO:
    """A regular file of its own, not longer than a journal may be; raises Unfit for links, pipes and devices.

    Whoever made the folder may have put a link there, and what is behind it would be written over.
    """
    if place.is_symlink():  # for systems that know no such flag
        raise Unfit("it is a link", place)
    handle = os.open(place, flags | _AS_IT_IS, 0o666)
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
        os.close(handle)
        raise Unfit("it is no journal", place)
    return FileIO(handle, "rb" if flags == os.O_RDONLY else "ab+")


def _ends_line(file: FileIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _claim(file: FileIO, alone: Callable[[], None] | None) -> None:
    """Take a part in the folder, or all of it; systems without such claims take no care."""
    try:
        import fcntl
    except ImportError:
        return
    with suppress(OSError):
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if alone:  # else what is drawn is asked for once more, whatever the others draw
                alone()
                fcntl.flock(file, kind)


def _read(data: bytes) -> Journal:
    """What a journal says, of two notes about a file the later one."""
    if not data:
        return Journal()
    head, *lines = data.split(b"\n")
    match _values(head):
        case ["promptlang journal", 1]:
            notes = [_note(each) for each in lines if each]
            fault = "" if all(notes) and lines[-1:] == [b""] else "is cut short or damaged"
            return Journal({each.file: each for each in notes if each}, fault)
        case ["promptlang journal", int(version)]:
            return Journal(fault=f"is of version {version}, which is not read here")
        case _:
            return Journal(fault="is no journal of pictures")


def _note(line: bytes) -> Note | None:
    match _values(line):
        case [str(file), int(size), int(time), str(picture), int() | None as seed, str(page)]:
            return Note(file, size, time, picture, seed, page)
        case _:
            return None


def _values(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _line(note: Note) -> bytes:
    return json.dumps(astuple(note)).encode() + b"\n"
