"""JSON that somebody else wrote, read with a size limit and checked types: headers, configurations, side files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeGuard

from promptlang.files import Unfit, read_bytes, reason

NAME_LIMIT = 120  # code points of a name in a message


class BadHeader(Exception):
    """A file that cannot be read as what it claims to be; the message is one clause that says what was found."""


class Record(dict[str, object]):
    """A JSON object."""

    def text(self, key: str) -> str:
        """The string at a key; empty where there is none."""
        value = self.get(key)
        return value if isinstance(value, str) else ""

    def whole(self, key: str) -> int | None:
        """The whole number at a key."""
        value = self.get(key)
        return value if is_whole(value) else None

    def record(self, key: str) -> Record:
        """The object at a key; empty where there is none."""
        value = self.get(key)
        return value if isinstance(value, Record) else Record()

    def counts(self, key: str) -> tuple[int, ...]:
        """The whole numbers of the list at a key; none where it is no list of such."""
        value = self.get(key)
        return tuple(value) if are_counts(value) else ()

    def items_of(self, key: str) -> list[object]:
        """The list at a key; empty where there is none."""
        value = self.get(key)
        return value if is_list(value) else []

    def records_of(self, key: str) -> list[Record]:
        """The objects in the list at a key."""
        return [each for each in self.items_of(key) if isinstance(each, Record)]


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a JSON value is a whole number; `true` is not."""
    return type(value) is int


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a JSON value is a number; `true` is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def are_counts(value: object) -> TypeGuard[list[int]]:
    """Whether a JSON value is a list of whole numbers from 0 up."""
    if not is_list(value):
        return False
    for each in value:  # noqa: SIM110 -- a generator takes three times as long, and every tensor passes here twice
        if type(each) is not int or each < 0:
            return False
    return True


def _without_repeats(pairs: list[tuple[str, object]]) -> Record:
    record = Record(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        repeated = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise BadHeader(f"the key {quoted(repeated)} stands there twice")
    return record


def parse_record(data: bytes, what: str) -> Record:
    """The JSON object in `data`; `what` names it in the message of the `BadHeader` that anything else raises."""
    try:
        value: object = json.loads(data.decode("utf-8"), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError as error:
        raise BadHeader(f"{what} is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise BadHeader(f"{what} is not JSON: {error.msg.lower()} at character {error.pos}") from None
    except RecursionError:
        raise BadHeader(f"{what} nests too deeply") from None
    except ValueError:  # a number of more digits than Python converts
        raise BadHeader(f"{what} holds a number with thousands of digits") from None
    if not isinstance(value, Record):
        raise BadHeader(f"{what} is JSON but no object")
    return value


def read_record(path: Path, limit: int = 4_000_000, *, what: str = "") -> Record:
    """The JSON object in a file of at most `limit` bytes; `BadHeader` otherwise, `OSError` as the system raises it.

    `what` is how messages call the file, where its name does not tell it from others.
    """
    what = what or path.name
    try:
        data = read_bytes(path, limit)
    except Unfit as error:
        raise BadHeader(f"{what} is not read: {reason(error)}") from None
    return parse_record(data.removeprefix(b"\xef\xbb\xbf"), what)


def printable(text: str) -> str:
    """Text from a file in one line, without anything a terminal could take for a command."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "�" for letter in text)


def quoted(name: str) -> str:
    """A name from a file, shortened and made printable, in backticks."""
    shown = name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - 1] + "…"
    return f"`{printable(shown)}`"
