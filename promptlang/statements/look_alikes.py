"""Typographic characters that web pages put where plain ones are meant: read as meant, and said so."""

from __future__ import annotations

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding, replacement
from promptlang.source import Span
from promptlang.syntax.nodes import OptionUse
from promptlang.tables.options.kinds import FilePath, Name, Words, quoted
from promptlang.tables.options.table import option
from promptlang.values import replace

LOOK_ALIKE = Rule(
    name="text/look-alike",
    severity=Severity.INFORMATION,
    summary="a typographic character stands where a plain one is meant",
    why="Web pages print `×` for `x`, full-width colons and digits, curly quotes and long minus signs. They are "
    "read as meant; other programs may not be so kind.",
    example="/render /size:768×768 a cow",
    source="pages of the hosted service",
)
RULES = (LOOK_ALIKE,)

_QUOTES = str.maketrans(dict.fromkeys("“”„″", '"'))
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_TIMES = dict.fromkeys("×✕✖⨯ｘхХ", "x")  # the last two are Cyrillic
_SIGNS = {"：": ":", "−": "-", "–": "-", "－": "-", "，": ",", "．": ".", "｜": "|"}
_PLAIN = str.maketrans(_TIMES | _SIGNS) | _DIGITS | _QUOTES


def plain_value(value: str) -> str:
    """A written value with its look-alikes read as meant, without quotes."""
    return value.translate(_PLAIN).strip('"')


def plain_options(text: str, uses: tuple[OptionUse, ...]) -> tuple[tuple[OptionUse, ...], tuple[Diagnostic, ...]]:
    """The options with look-alike characters read as meant, and a fix for each."""
    found: list[Diagnostic] = []
    return tuple(_plain_option(text, use, found) for use in uses), tuple(found)


def _plain_option(text: str, use: OptionUse, found: list[Diagnostic]) -> OptionUse:
    row = option(use.name)
    if row is None or use.value is None:
        return use
    written = Span(use.name_span.end, use.span.end)
    raw = text[written.start : written.end]
    if raw.isascii():
        return use
    plain = raw.translate(_PLAIN)
    if isinstance(row.kind, Name | Words | FilePath):  # a file may really be called so: only colon and quotes are plain
        plain = ":" + raw[1:].translate(_QUOTES)
    if plain == raw:
        return use
    value = plain[1:].strip('"')
    if '"' in value and raw.count('"') == raw.startswith(':"') + raw.endswith('"') == 2:
        return use  # between plain quotes the others belong to the value
    if '"' in value:  # several, each in quotes of its own
        value = use.value.translate(_QUOTES)
    elif plain[1:] != f'"{value}"':  # a quote without its partner is no part of what is meant
        plain = f":{quoted(value)}"
    found.append(
        finding(
            LOOK_ALIKE,
            f"`{raw}` has typographic characters, read as `{plain}`",
            written,
            help=f"write `{plain}`",
            fixes=(replacement(f"Write `{plain}`", written, plain),),
        )
    )
    return replace(use, value=value)
