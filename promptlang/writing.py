"""Files out: written whole or not at all, never over what somebody else wrote meanwhile; the one way to write any."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from time import time
from typing import BinaryIO

from promptlang.files import TextFile, encoded

_LEFTOVER = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)\.[^.]{8}\.part")
_LONGEST_NAME = 100  # bytes of a file's name in that of its temporary one: 255 are the limit of most systems
_HOUR = 3600


class LeftAlone(OSError):
    """A file that is not written, and why, in one clause; it lies there as it was."""

    def __init__(self, why: str, path: Path) -> None:
        super().__init__(0, why, str(path))


def write_text(path: Path, text: str, *, mark: bool = False, before: TextFile | None = None) -> None:
    """Replace a file's content in one step, keeping its permissions, its owner and a symbolic link to it.

    `before` is the file as it was read: a file that has changed since is left alone. So is one that is read-only or in
    such a folder, that has further names (hard links), or that belongs to somebody whom the new file could not belong
    to.
    Raises `LeftAlone`, and `OSError` as the system does; the old content stands then.
    """
    target = path.resolve()  # a symbolic link stays one
    old = _status(target)
    if old is not None:
        _may_be_replaced(target, old)
    data = encoded(text, mark=mark)
    with beside(target, lambda file: file.write(data)) as temporary:
        if old is not None:
            _belongs_like(temporary, target, old)
        if before is not None and target.read_bytes() != before.data:
            raise LeftAlone("it changed while it was worked on, so it is left as it is now", path)
        os.replace(temporary, target)


def create_text(path: Path, text: str) -> None:
    """Write a file that does not exist yet; raises FileExistsError where it does."""
    with beside(path, lambda file: file.write(encoded(text, mark=False))) as temporary:
        if not named(temporary, path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


@contextmanager
def beside(target: Path, content: Callable[[BinaryIO], object], *, lasting: bool = True) -> Generator[str]:
    """The path of a temporary file in the target's folder, filled by `content`; on the disk for sure where `lasting`.

    It is for the block to give it the target's name; if it does not, the file is gone afterwards. Where the process
    is killed instead, the next one that writes into the folder, or is asked to `sweep` it, removes the file.
    """
    from tempfile import mkstemp

    _swept(target.parent.absolute())
    handle, temporary = mkstemp(dir=target.parent, prefix=prefix(target.name, os.getpid()), suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            content(file)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_mask())
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def prefix(name: str, process: int) -> str:
    """What the temporary file for a name begins with that a process of this machine writes."""
    return f".{os.fsdecode(os.fsencode(name)[:_LONGEST_NAME])}.{_machine()}-{process}."


def named(temporary: str, target: Path) -> bool:
    """Give the file its name; False where another file has it. A link fails there, where a rename would overwrite."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if target.exists():  # a file system without links
            return False
        os.rename(temporary, target)
    return True


def sweep(folders: Iterable[Path]) -> None:
    """Remove what runs that were killed left in the folders; what a living run is writing stays."""
    for folder in dict.fromkeys(folders):
        try:
            entries = [entry for entry in os.scandir(folder) if _LEFTOVER.fullmatch(entry.name)]
        except OSError:
            continue
        for entry in entries:
            try:
                if _is_left(entry):
                    os.unlink(entry.path)
            except OSError:
                continue  # gone already, or not ours to remove


@cache
def _swept(folder: Path) -> None:
    """Sweep a folder before this process first writes there."""
    sweep([folder])


def _is_left(entry: os.DirEntry[str]) -> bool:
    """Whether nobody is writing a temporary file any more: its process is gone, or it is an hour old.

    Of the processes of other machines that write into a shared folder nobody here knows.
    """
    if not entry.is_file(follow_symlinks=False):
        return False
    found = _LEFTOVER.fullmatch(entry.name)
    if os.name == "posix" and found and found[1] == _machine() and not _is_alive(int(found[2])):
        return True
    return time() - entry.stat(follow_symlinks=False).st_mtime > _HOUR


@cache
def _machine() -> str:
    """What tells this machine, or container, from others that a folder is shared with."""
    from zlib import crc32

    return f"{crc32(os.fsencode(os.uname().nodename)) if hasattr(os, 'uname') else 0:08x}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # somebody else's
    return True


def _status(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _may_be_replaced(target: Path, old: os.stat_result) -> None:
    if not stat.S_ISREG(old.st_mode):
        raise LeftAlone("it is no regular file", target)
    if not old.st_mode & 0o222 or not os.access(target, os.W_OK):  # the superuser may write everything
        raise LeftAlone("it is read-only", target)
    if not os.access(target.parent, os.W_OK):
        raise LeftAlone("a new file takes its place, and its folder is read-only", target)
    if old.st_nlink > 1:
        raise LeftAlone(f"it has {old.st_nlink} names (hard links), and replacing it would part them", target)


def _belongs_like(temporary: str, target: Path, old: os.stat_result) -> None:
    """Give the new file the permissions and the owner of the old one."""
    new = os.stat(temporary)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid) and hasattr(os, "chown"):
        try:
            os.chown(temporary, old.st_uid, old.st_gid)
        except OSError:
            raise LeftAlone("it belongs to somebody else, and a new file would be yours", target) from None
    os.chmod(temporary, old.st_mode & 0o7777)


def _mask() -> int:
    """The permissions that new files do not get; the system only tells when it is set."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
