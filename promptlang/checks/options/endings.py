"""Where a value ends, at a blank or a closing quote, and the words, quotes and commas that are meant otherwise."""

from __future__ import annotations

import re
from itertools import islice, takewhile

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding, replacement
from promptlang.meaning.settings import read_points
from promptlang.source import Span
from promptlang.syntax.nodes import OptionUse
from promptlang.tables.endings import PICTURES, WEIGHTS
from promptlang.tables.options.kinds import Choice, FilePath, Flag, Name, Size, Words, quoted
from promptlang.tables.options.row import Option

CUT_SHORT = Rule(
    name="option/cut-short",
    severity=Severity.WARNING,
    summary="a value ends at a blank, and the words behind it would belong to it",
    why="A value with blanks stands in quotes. Without them its first word is the value, and the others are drawn.",
    example="/render /sampler:UniPC Karras a cow",
    source=OURS,
)
RULES = (CUT_SHORT,)

_WORD = re.compile(r"\S+")
_MOST_WORDS = 6  # in the name of a sampler
_BEGINS = "/<#"  # an option, a concept or a recipe
_SIGNS = ",.;"  # behind a word, and no part of it
_NOUN = re.compile(r"[^\S\r\n]+(?!(?:an?|the)\b)[^\s/,.;]", re.IGNORECASE)  # what an article stands before
_BEHIND = re.compile(r"[ \t]+(?P<word>[^\s,.;]+)")
_APART = re.compile(r"[ \t]*:?[ \t]*(?P<value>[^\s:/\"]+)")
_IN_QUOTES = re.compile(r"""(["'])([^"'\r\n]+)\1[,;]?""")

# Few values have what these find, so only those compile them.
_SIDES = r"(\d+)(?:[ \t]+[xX×*][ \t]*|[xX×*]?[ \t]+[xX×*]?)(\d+)(?!\S)"
_ITEM = r"[^\s|,/\"<>()\[\]{}]+"
_BARS = rf"{_ITEM}(?:[ \t]*\|[ \t]*{_ITEM})++(?=[\s,]|\Z)"
_COMMAS = rf"{_ITEM}(?:[ \t]*,[ \t]*{_ITEM})++(?=\s|\Z)"


def cut_short(text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """A name that is one with the words behind it as well, unless they are the article of others: `Euler a cow`.

    A path may hold any sign, so one that begins with a quote is only said here; so is one of several words, of which
    the last has the ending of a file: `my cow.png`.
    """
    if (use.value or "").startswith('"'):
        return _ill_quoted(CUT_SHORT, text, row, use)
    if "|" in text and (several := _several(_BARS, text, row, use)):
        return _ends_at_blank(CUT_SHORT, text, use, *several)
    if isinstance(row.kind, FilePath | Name):
        path = _path_with_words_behind(text, row.kind, use)
        return _ends_at_blank(CUT_SHORT, text, use, path) if path else _without_ending(text, row.kind, use)
    if not isinstance(row.kind, Choice) or not row.kind.endings:
        return None
    whole = _with_words_behind(text, row, use)
    if whole is None or _ends_in_article(text, use.value_span.start, use.value or "", whole):
        return None
    return _ends_at_blank(CUT_SHORT, text, use, whole)


def misread(rule: Rule, text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """Why a value is none that is one with the words behind it, in other quotes, or without a blank or a comma."""
    if not use.value:
        return _behind_a_blank(rule, text, row, use)
    if isinstance(row.kind, Size) and (sides := re.compile(_SIDES).match(text, use.value_span.start)):
        return _sides_apart(rule, row, use, sides)
    if whole := _with_words_behind(text, row, use):
        return _ends_at_blank(rule, text, use, whole)
    if several := _several(_BARS, text, row, use):
        return _ends_at_blank(rule, text, use, *several)
    return _ill_quoted(rule, text, row, use) or _with_comma(rule, text, row, use)


def _behind_a_blank(rule: Rule, text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """A value that is none, with one behind the blank: `/seed: 1`, `/seed :1`, `/seed 1`."""
    found = _APART.match(text, use.span.end)
    if found is None or isinstance(row.kind, FilePath | Flag | Name | Words):
        return None
    first, start = found["value"].rstrip(_SIGNS), found.start("value")
    value = _longest(text, row, start) or first
    if first and _ends_in_article(text, start, first, value):
        value = first
    if not value or read_points(row.name, value).values is None:
        return None
    whole = Span(use.span.start, start + len(value))
    written = f"/{use.name}:{quoted(value)}"
    end = _behind_signs(text, whole.end)
    behind = " " if text[end : end + 1].strip() else ""
    fix = replacement(f"Write `{written}`", Span(whole.start, end), written + behind, safe=False)
    message = f"a blank parts `/{use.name}` from its value"
    return finding(rule, message, whole, help=f"write `{written}`", fixes=(fix,))


def _sides_apart(rule: Rule, row: Option, use: OptionUse, sides: re.Match[str]) -> Diagnostic | None:
    """A size with blanks in it: `/size:1024 x 768`."""
    written = f"{sides[1]}x{sides[2]}"
    if read_points(row.name, written).values is None:
        return None
    span = Span(*sides.span())
    fix = replacement(f"Write `{written}`", span, written, safe=False)
    message = f"the value of `/{use.name}` ends at the blank, so it is `{use.value}` and not `{written}`"
    return finding(rule, message, span, help=f"write `/{use.name}:{written}`", fixes=(fix,))


def _ill_quoted(rule: Rule, text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """A value whose quotes are others, or are closed where no blank follows, or never."""
    written, start = use.value or "", use.value_span.start
    if written[:1] not in ("'", '"') or text[start] != written[0]:
        return None
    pair = _IN_QUOTES.match(text, start)
    if pair is None:
        message = f"the quote before `{written[1:]}` is never closed"
        return finding(rule, message, Span(start, start + 1), help=f'write `/{use.name}:"…"` with a quote on both ends')
    if not read_points(row.name, pair[2]).values:
        return None
    at_blank = text[pair.end() : pair.end() + 1].strip() == ""
    fix = replacement(
        f"Write `{quoted(pair[2])}`",
        Span(start, pair.end()),
        quoted(pair[2]) + ("" if at_blank else " "),
        safe=False,
    )
    message = (
        f"no blank follows the closing quote, so the value of `/{use.name}` is `{written}`"
        if pair[1] == '"'
        else f"only double quotes hold a value, so that of `/{use.name}` is `{written}`"
    )
    help = f"write `/{use.name}:{quoted(pair[2])}`{'' if at_blank else ' and a blank'}"
    return finding(rule, message, Span(start, start + len(written)), "ends here", help=help, fixes=(fix,))


def _with_comma(rule: Rule, text: str, row: Option, use: OptionUse) -> Diagnostic | None:
    """A value that is one without the sign at its end."""
    written = use.value or ""
    kept = written.rstrip(_SIGNS)
    if kept == written or not kept or written.endswith("..") or not read_points(row.name, kept).values:
        return None
    if several := _several(_COMMAS, text, row, use):
        return _ends_at_blank(rule, text, use, *several)
    sign = Span(use.value_span.start + len(kept), use.value_span.end)
    message = f"the value of `/{use.name}` ends at a blank, so it is `{written}` and not `{kept}`"
    fix = replacement(f"Write `{kept}`", sign, "")
    return finding(rule, message, sign, "part of it", help=f"write `/{use.name}:{kept}`", fixes=(fix,))


def _several(pattern: str, text: str, row: Option, use: OptionUse) -> tuple[str, int] | None:
    """The values of a sweep that blanks part, as a sweep is written, and where the last one ends."""
    if not (row.sweeps and use.value) or isinstance(row.kind, FilePath | Name | Words):
        return None
    found = re.compile(pattern).match(text, use.value_span.start)
    written = "|".join(each.strip() for each in re.split("[|,]", found[0])) if found else ""
    is_cut = written != use.value and read_points(row.name, written).values
    return (written, found.end()) if found and is_cut else None


def _with_words_behind(text: str, row: Option, use: OptionUse) -> str | None:
    """The longest value that a written one and the words behind it make together."""
    is_bare = bool(use.value) and text[use.value_span.start - 1] != '"'
    return _longest(text, row, use.value_span.start) if is_bare else None


def _longest(text: str, row: Option, start: int) -> str | None:
    """The longest name that several words from `start` on make together."""
    if not isinstance(row.kind, Choice):
        return None
    line = text[start:].splitlines()[0]
    ends = [match.start() + len(match[0].rstrip(_SIGNS)) for match in islice(_WORD.finditer(line), _MOST_WORDS)]
    return next((line[:end] for end in reversed(ends[1:]) if read_points(row.name, line[:end]).values), None)


def _ends_in_article(text: str, start: int, value: str, whole: str) -> bool:
    """Whether the letter that would end a name is the article of the next word, as in `Euler a cow`."""
    is_letter = len(whole[len(value) :].strip()) == 1
    return is_letter and _NOUN.match(text, start + len(whole)) is not None


def _path_with_words_behind(text: str, kind: FilePath | Name, use: OptionUse) -> str | None:
    """A written path without the ending of a file, and the words behind it up to one with such an ending."""
    value, start = use.value or "", use.value_span.start
    endings = PICTURES if isinstance(kind, FilePath) else WEIGHTS
    if not value or "|" in value or text[start - 1] == '"' or value.lower().endswith((*PICTURES, *WEIGHTS)):
        return None
    line = text[start:].splitlines()[0]
    words = islice(_WORD.finditer(line), 1, _MOST_WORDS)
    ends = (
        word.start() + len(word[0].rstrip(_SIGNS)) for word in takewhile(lambda word: word[0][0] not in _BEGINS, words)
    )
    return next((line[:end] for end in ends if line[:end].lower().endswith(endings)), None)


def _without_ending(text: str, kind: FilePath | Name, use: OptionUse) -> Diagnostic | None:
    """A path to a picture that has not the ending of one, and words behind it that may be the rest."""
    value, end = use.value or "", use.span.end
    if isinstance(kind, Name) or not value or "|" in value or "." in value or text[end - 1] == '"':
        return None
    behind = _BEHIND.match(text, end)
    if behind is None or behind["word"][0] in _BEGINS:
        return None
    whole = f"{value} {behind['word']}"
    return finding(
        CUT_SHORT,
        f"the value of `/{use.name}` ends at the blank, so it is `{value}`, without the ending of a picture",
        use.value_span,
        "ends here",
        help=f"write the whole path with its ending and in quotes, such as `/{use.name}:{quoted(f'{whole}.png')}`",
    )


def _ends_at_blank(rule: Rule, text: str, use: OptionUse, whole: str, end: int = 0) -> Diagnostic:
    message = f"the value of `/{use.name}` ends at the blank, so it is `{use.value}` and not `{whole}`"
    span = Span(use.value_span.start, _behind_signs(text, end or use.value_span.start + len(whole)))
    fix = replacement(f"Write `{quoted(whole)}`", span, quoted(whole), safe=False)
    return finding(
        rule,
        message,
        use.value_span,
        "ends here",
        help=f"write `/{use.name}:{quoted(whole)}`",
        fixes=(fix,),
    )


def _behind_signs(text: str, end: int) -> int:
    """Where the signs end that stand behind a word, which would be part of a value."""
    while text[end : end + 1] in tuple(_SIGNS):
        end += 1
    return end
