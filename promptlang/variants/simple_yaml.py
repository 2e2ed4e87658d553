"""The part of YAML that wildcard files use: indented mappings and lists of texts, with quotes and comments.

Anchors, tags, block texts and other documents are refused by name; nothing is ever constructed but text and numbers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

Yaml = str | int | float | bool | None | list["Yaml"] | dict[str, "Yaml"]


class Unreadable(ValueError):
    """The file uses more of YAML than is read here."""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str


_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'\-\[{#&*!|>%@`,][^#]*?|-[^\s#][^#]*?)\s*:(?:\s+|$)(.*)""")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_WHOLE = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[0-7_]*|[1-9][0-9_]*(?::[0-5]?[0-9])*)")
_DECIMAL = re.compile(r"[-+]?(?:(?:[0-9][0-9_]*)?\.[0-9_]+(?:[eE][-+][0-9]+)?|[0-9][0-9_]*\.)")
DEEPEST = 40


def read_yaml(text: str) -> Yaml:
    """The data of a document; raises `Unreadable` with the line at fault."""
    lines = [line for line in map(_line, enumerate(text.lstrip("\ufeff").splitlines(), 1)) if line]
    if not lines:
        return None
    value, after = _block(lines, 0, 0)
    if after < len(lines):
        raise Unreadable(f"line {lines[after].number} is indented in no way that fits")
    return value


def _line(numbered: tuple[int, str]) -> _Line | None:
    number, written = numbered
    text = _uncommented(written).rstrip()
    if not text.strip() or text in {"---", "..."}:
        return None
    stripped = text.lstrip(" ")
    if stripped.startswith("\t"):
        raise Unreadable(f"line {number} is indented with a tab")
    return _Line(number, len(text) - len(stripped), stripped)


def _uncommented(written: str) -> str:
    """The line without its comment; a `#` inside quotes begins none."""
    for match in re.finditer(r"(?:^|\s)#", written):
        before = written[: match.start()]
        if not _is_open_quote(before):
            return before
    return written


def _is_open_quote(before: str) -> bool:
    quote = ""
    for at, letter in enumerate(before):
        if quote:
            quote = "" if letter == quote and not (quote == '"' and before[at - 1] == "\\") else quote
        elif letter in "\"'" and (at == 0 or before[at - 1] in " [,{:-"):
            quote = letter
    return bool(quote)


def _block(lines: list[_Line], at: int, depth: int) -> tuple[Yaml, int]:
    if depth > DEEPEST:
        raise Unreadable(f"line {lines[at].number} is nested more than {DEEPEST} deep")
    first = lines[at]
    if first.text == "-" or first.text.startswith("- "):
        return _items(lines, at, first.indent, depth)
    if _KEY.fullmatch(first.text):
        return _mapping(lines, at, first.indent, depth)
    return _scalar(first.text, first.number), at + 1


def _items(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[list[Yaml], int]:
    result: list[Yaml] = []
    while at < len(lines) and lines[at].indent == indent and (lines[at].text + " ").startswith("- "):
        line = lines[at]
        rest = line.text[1:].lstrip(" ")
        if not rest:
            value, at = _below(lines, at + 1, indent, depth)
        elif _KEY.fullmatch(rest) or (rest + " ").startswith("- "):
            inside = _Line(line.number, indent + len(line.text) - len(rest), rest)
            lines[at] = inside
            value, at = _block(lines, at, depth + 1)
        else:
            value, at = _scalar(rest, line.number), at + 1
        result.append(value)
    return result, at


def _mapping(lines: list[_Line], at: int, indent: int, depth: int) -> tuple[dict[str, Yaml], int]:
    result: dict[str, Yaml] = {}
    while at < len(lines) and lines[at].indent == indent and (match := _KEY.fullmatch(lines[at].text)):
        line, rest = lines[at], match[2].strip()
        key = _scalar(match[1], line.number)
        if rest:
            value, at = _scalar(rest, line.number), at + 1
        else:
            value, at = _below(lines, at + 1, indent, depth, same=True)
        if isinstance(key, str):
            result[key] = value
    return result, at


def _below(lines: list[_Line], at: int, indent: int, depth: int, *, same: bool = False) -> tuple[Yaml, int]:
    """The block under a key or dash; a list may stand as far left as its key."""
    if at < len(lines):
        line = lines[at]
        if line.indent > indent or (same and line.indent == indent and (line.text + " ").startswith("- ")):
            return _block(lines, at, depth + 1)
    return None, at


def _scalar(text: str, number: int) -> Yaml:
    first = text[0]
    if first == '"':
        return _double_quoted(text, number)
    if first == "'" and len(text) > 1 and text.endswith("'"):
        return text[1:-1].replace("''", "'")
    if first == "[" and text.endswith("]"):
        return [_scalar(item.strip(), number) for item in _split(text[1:-1]) if item.strip()]
    if first == "{" and text.endswith("}") and not re.search(r"[\[\]{}]", text[1:-1]):
        pairs = (item.partition(":") for item in _split(text[1:-1]) if item.strip())
        return {key.strip(): _scalar(value.strip(), number) if value.strip() else None for key, _, value in pairs}
    if first in "[{&*!|>%@`\"'":
        raise Unreadable(f"line {number} starts with `{first}`, which is more YAML than wildcards need")
    if text in {"~", "null", "Null", "NULL"}:
        return None
    if text.lower() in {"true", "yes", "on", "false", "no", "off"} and text in {
        text.lower(),
        text.capitalize(),
        text.upper(),
    }:
        return text.lower() in {"true", "yes", "on"}
    if _WHOLE.fullmatch(text):
        return _whole(text.replace("_", ""))
    return float(text.replace("_", "")) if _DECIMAL.fullmatch(text) else text


def _whole(text: str) -> int:
    """A whole number as YAML 1.1 writes them: `017` is octal, and `16:9` counts in sixties."""
    if ":" in text:
        total = 0
        for digits in text.lstrip("+-").split(":"):
            total = total * 60 + int(digits)
        return -total if text.startswith("-") else total
    if re.fullmatch(r"[-+]?0[0-7]+", text):
        return int(text, 8)
    return int(text, 0)


def _double_quoted(text: str, number: int) -> str:
    try:
        value = json.loads(text)
    except ValueError as problem:
        raise Unreadable(f"line {number} has quotes that do not close") from problem
    return str(value)


def _split(inside: str) -> list[str]:
    """The items of a list on one line; a comma inside quotes parts none."""
    return re.findall(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'])+""", inside)
