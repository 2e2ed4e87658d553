"""A line for Midjourney, `/imagine prompt: a cow --ar 16:9 --no people`, or for a bot with its command and parameters.

Chats show those as `/imagine prompt:a cow negative:people steps:30`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from promptlang.importers.imported import SIDES, Entry, Imported, sized
from promptlang.tables.dialects import DEFAULT
from promptlang.tables.options.elsewhere import DRAWING, IMAGINE, INSTEAD, MIDJOURNEY, MODEL_WORDS
from promptlang.tables.options.reading import read
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ELSEWHERE, NEGATIVE, OPTIONS, VARIANTS

_OPENING = re.compile(
    rf"[ \t\ufeff]*/(?P<command>{'|'.join(DRAWING)})(?:[ \t]+prompt[ \t]*:|[ \t]+prompt\b|(?=\s|\Z))[ \t]*",
    re.IGNORECASE,
)
_FLAG = re.compile(r"(?<!\S)(?:--|[—–])([a-z][a-z_-]*)(?=\s|\Z|\*\*|[\"”])")
_PARAMETER = re.compile(r"(?<!\S)([a-z]\w*):[ \t]*(?=(\S+))")
_BLANKS = " \t\r\n|"  # some bots take bars between the parameters
_QUOTED = re.compile(r'\A"([^"]*)"\Z')
_PICTURE = re.compile(r"(?:<?https?://\S+\s+)+")  # pictures to start from stand before the words
_LABEL = r"prompt(?:[ \t]*#?[0-9]+)?"
_MARK = re.compile(r"\s*(?:[-*•]|[0-9]{1,3}[.)])[ \t]+")
"""The mark of a list, as posts have it before a line."""
_LABELLED = re.compile(rf"\s*(?:\*\*{_LABEL}(?::\*\*|\*\*[ \t]*:)|{_LABEL}[ \t]*:)[ \t]*", re.IGNORECASE)
_AROUND = re.compile(r"\*\*(?P<bold>(?:(?!\*\*).)+)\*\*(?P<behind>.*)|([\"“])(?P<quoted>[^\"“”]+)[\"”]\s*", re.DOTALL)
"""Quotes around a line, or bold letters as Midjourney itself answers, behind which stands who asked for it."""
_BRACES = re.compile(r"(\\,|[{}]|(?<!\s)\s++,\s*|,\s*)")  # a run of blanks is looked through once
_VARIES = re.compile(r"[|$#%]|__|::|//|/\*")  # signs of `/variants` that Midjourney has not
_OWN = MIDJOURNEY.intersection(
    ("ar", "aspect", "chaos", "cref", "cw", "iw", "niji", "oref", "ow", "sref", "stylize", "sv", "sw", "v", "weird")
)
"""Flags that no other program takes."""
_SIDES = (("w", "h"), SIDES)
_OPTIONS = {"seed": "seed"}  # an aspect ratio is no size, and stylize and quality are Midjourney's own


def prompts(text: str) -> tuple[str, ...]:
    """Each prompt of a text: one begins with the command, or below flags, which are the end of the one before."""
    found: list[list[str]] = []
    has_flags = False
    for line in filter(str.strip, text.splitlines()):
        if not found or has_flags or _OPENING.match(line):
            found.append([])
        found[-1].append(line)
        has_flags = _FLAG.search(line) is not None
    return tuple(map("\n".join, found))


def begins(text: str) -> bool:
    """Whether a text begins with the command of Midjourney, or with that of a bot and what bots take."""
    opening = _OPENING.match(text)
    if opening is None or opening["command"].lower() == IMAGINE:
        return opening is not None
    first, _, _ = text[opening.end() :].partition("\n")
    return "prompt" in opening[0].lower() or _FLAG.search(first) is not None or bool(_parameters(first))


def has_flags(text: str) -> bool:
    """Whether words without the command have flags behind them, all of them Midjourney's."""
    flags = _FLAG.findall(text)
    return bool(flags) and not text.startswith("--") and MIDJOURNEY.issuperset(flags)


def flags_alone(text: str) -> tuple[tuple[int, int], ...]:
    """Where the flags stand of prompts without the command, where one of them is known from Midjourney alone; nothing
    where a prompt among them has none, or those of others."""
    found = tuple(_FLAG.finditer(text))
    own = (each[1] for each in found if each[1] in _OWN and each[0].startswith("--"))
    is_own = any(own) or any(each[1] == "ar" for each in found)  # a long dash is mostly just a dash
    are_own = is_own and all(map(has_flags, prompts(text)))
    return tuple(each.span() for each in found) if are_own else ()


def imported(text: str) -> Imported:
    """What the command and what follows it says; its flags stand behind the words."""
    words, behind = _bare(text)
    first = _FLAG.search(words)
    if first is None and (named := _parameters(words)):
        return _of_bot(words, named)
    pictures = found[0] if (found := _PICTURE.match(words)) else ""
    flags = list(_flags(words[first.start() :])) if first else []
    size = _size(flags)
    options = {**size}
    negative: list[str] = []
    rest: list[Entry] = []
    for each in reversed(flags):  # the last one counts
        name = each.name.removeprefix("--")
        row = OPTIONS[_OPTIONS[name]] if name in _OPTIONS else _of_others(name)
        if name == "no" or row is NEGATIVE:
            negative.insert(0, each.value)
        elif row and row.name not in options:
            options[row.name] = each
        elif not (size and any(name in pair for pair in _SIDES)):
            rest.insert(0, each)
    positive = words[len(pictures) : first.start() if first else None].strip()
    choices = None if is_for_bot(text) else _choices(positive)
    if choices:
        options[VARIANTS.name] = Entry(VARIANTS.name, "all")
    return Imported(
        positive=choices or positive,
        negative=", ".join(negative),
        dialect=DEFAULT,
        options=tuple(options.items()),
        rest=(*(Entry("", each) for each in (*pictures.split(), behind) if each), *rest),
    )


def _bare(line: str) -> tuple[str, str]:
    """A line without its command and what posts write before and around it, and what stands behind it; words without
    flags stay.
    """
    has_flags = _FLAG.search(line) is not None
    mark = _MARK.match(line) if has_flags else None
    opening = _OPENING.match(line, mark.end() if mark else 0)
    last = opening or mark
    words = line[last.end() if last else 0 :]
    if not has_flags:
        return words, ""
    label = _LABELLED.match(words)
    words = words[label.end() if label else 0 :]
    around = _AROUND.fullmatch(words)
    inside = (around["bold"] or around["quoted"]) if around else ""
    if around is None or not _FLAG.search(inside):
        return words, ""
    return inside, (around["behind"] or "").strip().removeprefix("- ")


def _choices(words: str) -> str | None:
    """Words of which Midjourney draws each of some, `a {red, blue} cow`, in the signs of `/variants`; None where there
    are none, or where these read something else as well.
    """
    depth, has_some = 0, False
    written: list[str] = []
    for sign in _BRACES.split(words):
        depth += (sign == "{") - (sign == "}")
        parts = depth > 0 and sign.strip() == ","
        has_some |= parts
        written.append("|" if parts else "," if depth and sign == "\\," else sign)
        if depth < 0:
            return None
    return "".join(written) if has_some and not depth and not _VARIES.search(words) else None


def _size(flags: Sequence[Entry]) -> Mapping[str, Entry]:
    """The size that two flags are; alone, `--w` is Midjourney's own."""
    said = {each.name.removeprefix("--"): each.value for each in flags if each.value.isdecimal()}
    return next(filter(None, (sized(said, pair) for pair in _SIDES)), sized({}))


def _of_others(name: str) -> Option | None:
    """The option that a flag is which Midjourney never had, as other bots take it."""
    return _row(name) if name not in MIDJOURNEY else None


def is_for_bot(text: str) -> bool:
    """Whether a line has the command, the parameters or a flag of another bot."""
    opening = _OPENING.match(text)
    is_other = opening is not None and opening["command"].lower() != IMAGINE
    flags = _FLAG.findall(text)
    return any(map(_of_others, flags)) or (not flags and (is_other or bool(_parameters(text))))


def _parameters(words: str) -> tuple[re.Match[str], ...]:
    """The parameters that are options here, and others behind a value; words of a prompt may look like those."""
    found: list[re.Match[str]] = []
    for each in _PARAMETER.finditer(words):
        goes_on = bool(found) and _row(found[-1][1]) not in (None, NEGATIVE)
        is_foreign = bool(found) and each[1] in INSTEAD
        if goes_on or is_foreign or _is_option(each[1], each[2]):
            found.append(each)
    return tuple(found)


def _is_option(name: str, value: str) -> bool:
    row = _row(name)
    if name in MODEL_WORDS:
        return bool(value)
    is_side_of_size = name in SIDES and value.isdecimal()
    return (
        row is NEGATIVE or is_side_of_size or (row is not None and read(row.kind, row.words, value).value is not None)
    )


def _row(name: str) -> Option | None:
    return OPTIONS.get(name) or ELSEWHERE.get(name)


def _of_bot(words: str, named: tuple[re.Match[str], ...]) -> Imported:
    ends = [*(each.start() for each in named[1:]), len(words)]
    said: dict[str, str] = {}
    rest: list[Entry] = []
    for each, end in zip(named, ends, strict=True):
        value = words[each.end() : end].strip(_BLANKS)
        if said.setdefault(each[1], value) is not value:
            rest.append(Entry(each[1], value))
    size = sized(said)
    options = {**size}
    model = next((said.pop(name) for name in (*said,) if name in MODEL_WORDS), "")
    for name, value in said.items():
        row = _row(name)
        if size and name in SIDES:
            continue
        if row and row.name not in options:
            options[row.name] = Entry(name, value)
        else:
            rest.append(Entry(name, value))
    negative = options.pop(NEGATIVE.name, None)
    return Imported(
        positive=_QUOTED.sub(r"\1", words[: named[0].start()].strip(_BLANKS)),
        negative=negative.value if negative else "",
        model=model,
        dialect=DEFAULT,
        options=tuple(options.items()),
        rest=tuple(rest),
    )


def _flags(text: str) -> Iterator[Entry]:
    """Each flag with all that stands before the next one."""
    found = list(_FLAG.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    for each, end in zip(found, ends, strict=True):
        yield Entry(f"--{each[1]}", " ".join(text[each.end() : end].split()))
