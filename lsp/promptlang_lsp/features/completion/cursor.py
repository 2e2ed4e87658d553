"""Where the cursor stands, read from the characters before it, so that it works in text that is not finished."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from promptlang.source import Span, line_start
from promptlang.statements.wording import Opener
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.kinds import Choice
from promptlang.tables.options.table import ELSEWHERE, option
from promptlang_lsp.features.completion.signs import Signs, signs
from promptlang_lsp.features.names.places import is_escaped

Kind = Literal[
    "command", "option", "value", "weight", "concept", "recipe", "wildcard", "embedding", "rule", "comment", "words"
]

_TOKEN = re.compile(r'(?:[^\s"]|(?<=:)"[^"\r\n]*(?:"|$)|")*$')
_CLOSED = re.compile(r"[^<>:,|\r\n]*(?=(?::[\d.]*)?>)")  # the rest of a name, with the blanks in it
_LINE = re.compile(r"[^\r\n]*")
_WILDCARD = re.compile(r"__(?P<name>[\w/\-*. ]*?)$")
_SUPPRESSION = re.compile(r"#[ \t]+promptlang:[ \t]*ignore(?:-file)?[ \t]*\[[^\]\r\n]*?(?P<name>[^\s,\[\]]*)$")
_PHRASE_ENDS = ',()[]{}<>|\r\n\t"“”'
_COMMAS = ',\r\n\t"“”'
_LONGEST_NAME = 200  # code points of a name with brackets
_BRACKETS = re.compile(r"\\.|[()\[\]]")
_OPENERS = {")": "(", "]": "["}
_LONGEST = 20_000  # code points that are looked through for brackets
_SIGNS = re.compile(r"(?<!\S)[/#]\S*\s+")
VALUE_ENDS = re.compile(r"\||\.\.")  # of one value among several


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is being written: `typed` is the part before the cursor, `span` all of it; offsets count in the text.

    `owner` is the option of a value, the prefix (`lora`) of a concept, what a weight is of: `concept` or `words`, or
    says that `more` words stand before those that count. `quoted` says that a quote stands open before a value.
    """

    kind: Kind
    typed: str
    span: Span
    owner: str = ""
    quoted: bool = False


def cursor(text: str, at: int, parser: str) -> Cursor:
    """What stands at the offset `at` of a statement's text, which the dialect `parser` reads."""
    written = signs(parser)
    start = line_start(text, at)
    line = text[start:at]
    if comment := _comment(line, text, at):
        return comment
    token = _TOKEN.search(line)
    assert token is not None
    word = token[0]
    if word.startswith("/"):
        name, colon, value = word.partition(":")
        if colon:
            return _value(name[1:].lower(), value, text, at)
        kind = "command" if not line[: token.start()].strip(" \t\ufeff") else "option"
        return Cursor(kind, name[1:], Span(at - len(word), _name_end(text, at, word[1:])))
    if weight := _weight(line, text, at, written):
        return weight
    if concept := written.call.search(line):
        name = concept["name"].rpartition("|")[2].lstrip()
        is_call = written.call_closes == ">" and (concept["kind"] or dialect_row(parser).network == "<{name}>")
        whole = _CLOSED.match(text, at) if is_call else None
        end = whole.end() if whole else _concept_end(text, at, written.call_closes)
        return Cursor("concept", name, Span(at - len(name), end), concept["kind"] or "")
    if word.startswith("#"):
        return Cursor("recipe", word[1:], Span(at - len(word), _end(text, at, "")))
    if written.embedding and word.startswith(written.embedding):
        name = word.removeprefix(written.embedding)
        return Cursor("embedding", name, Span(at - len(name), _end(text, at, ",()")))
    if line.count("__") % 2 and (wildcard := _WILDCARD.search(line)):
        return Cursor("wildcard", wildcard["name"], Span(start + wildcard.start(), _wildcard_end(text, at)))
    return phrase(text, at, start)


def _comment(line: str, text: str, at: int) -> Cursor | None:
    body = line.lstrip(" \t")
    if not body.startswith("#") or body[1:2] not in ("", " ", "\t"):
        return None
    if rule := _SUPPRESSION.search(body):
        return Cursor("rule", rule["name"], Span(at - len(rule["name"]), _end(text, at, ",]")))
    return Cursor("comment" if len(body) > 1 else "recipe", body[1:], Span(at - len(body), at))


def _weight(line: str, text: str, at: int, written: Signs) -> Cursor | None:
    """A number behind the sign of a group or a call."""
    for owner, pattern, sign in (
        ("concept", written.strength, written.strength_sign),
        ("words", written.weight, written.weight_sign),
    ):
        if pattern and sign in line and (found := pattern.search(line)):
            number = found["number"]
            return Cursor("weight", number, Span(at - len(number), _end(text, at, ":,()[]<>{}|")), owner)
    return None


def _value(name: str, value: str, text: str, at: int) -> Cursor:
    row = option(name)
    is_quoted = value.startswith('"')
    is_list = isinstance(row.kind, Choice) if is_quoted and row else not (is_quoted or (row and row.is_path))
    typed = (VALUE_ENDS.split(value) if is_list else [value])[-1]
    if is_quoted and typed == value:
        typed = value[1:]
    stops = '"|' if is_list else '"'
    end = _quote_end(text, at, stops) if is_quoted else _value_end(text, at)
    return Cursor("value", typed, Span(at - len(typed), end), name, is_quoted)


def _value_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in ' \t\r\n"|' and not text.startswith("..", at):
        at += 1
    return at


def _quote_end(text: str, at: int, stops: str) -> int:
    """To the end of a value in quotes; of one whose quotes are still to be closed, to the end of its word."""
    line = _LINE.match(text, at)
    assert line is not None
    rest = line[0]
    if rest.count('"') % 2 == 0:
        return _end(text, at, stops)
    return at + min(found for each in stops if (found := rest.find(each)) >= 0)


def phrase(text: str, at: int, line_start: int) -> Cursor:
    """The words around the cursor, between commas and brackets."""
    begin = at
    while begin > line_start and (text[begin - 1] not in _PHRASE_ENDS or is_escaped(text, begin - 1)):
        begin -= 1
    while begin < at and text[begin].isspace():
        begin += 1
    for sign in _SIGNS.finditer(text, begin, at):  # options and names between the words
        begin = sign.end()
    end = at
    while end < len(text) and not _ends_word(text, end):
        end += 1
    return Cursor("words", text[begin:at], Span(begin, end))


def between_commas(text: str, at: int) -> Cursor:
    """The words around the cursor with the brackets in them, as in `fate (series)`.

    The `)` that an editor writes beside a `(` belongs to it.
    """
    begin = at
    while begin > 0 and at - begin < _LONGEST_NAME and text[begin - 1] not in _COMMAS:
        begin -= 1
    for sign in _SIGNS.finditer(text, begin, at):
        begin = sign.end()
    end = at
    while end < len(text) and not _ends_word(text, end):
        end += 1
    typed = text[begin:at]
    if text[end : end + 1] == ")" and typed.count("(") > typed.count(")"):
        end += 1
    return Cursor("words", typed, Span(begin, end))


def parts_phrases(text: str) -> bool:
    """Whether a bracket or another sign in a text parts the words on both sides of it."""
    return not set(_PHRASE_ENDS).isdisjoint(text)


def as_words(text: str, here: Cursor) -> Cursor:
    """A call that is no call: words such as `<3`."""
    if text[: here.span.start][-1:] != "<":
        return here
    return Cursor("words", f"<{here.typed}", Span(here.span.start - 1, here.span.end))


def _ends_word(text: str, at: int) -> bool:
    """Whether a blank or a sign of its own stands here."""
    if text[at].isspace() or _is_sign(text, at):
        return True
    return text[at] in _PHRASE_ENDS and not is_escaped(text, at)


def opener(text: str, at: int, parser: str) -> Opener:
    """The innermost bracket of the dialect that stands open at an offset."""
    row = dialect_row(parser)
    has_squares = row.negatives or row.steps
    opened: list[Opener] = []
    for found in _BRACKETS.finditer(text, max(at - _LONGEST, 0), at):
        match found[0]:
            case "(":
                opened.append("(")
            case "[" if has_squares:
                opened.append("[")
            case ")" | "]" if opened and opened[-1] == _OPENERS[found[0]]:
                opened.pop()
            case _:
                pass
    return opened[-1] if opened else ""


def _is_sign(text: str, at: int) -> bool:
    """Whether a colon or slash separates here; inside `:d` or `and/or` it belongs to the words."""
    return text[at] == ":" and text[at + 1 : at + 2].isdigit()


def _name_end(text: str, at: int, typed: str) -> int:
    """To the end of the command or option around the cursor; a word that only stands behind it is none of it."""
    end = _end(text, at, '/:"')
    name = f"{typed}{text[at:end]}".lower()
    return end if text.startswith(":", end) or option(name) or name in ELSEWHERE or command(name) else at


def _end(text: str, at: int, stops: str) -> int:
    while at < len(text) and not text[at].isspace() and text[at] not in stops:
        at += 1
    return at


def _concept_end(text: str, at: int, closes: str) -> int:
    while at < len(text) and text[at] not in f"<>:|,\r\n{closes}" and not text[at].isspace():
        at += 1
    return at


def _wildcard_end(text: str, at: int) -> int:
    end = re.compile(r"[\w/\-*.]*?__|[\w/\-*.]*").match(text, at)
    return end.end() if end else at
