"""The tags that draw lots as `/variants` writes choices: `<random:a|b>` is `{a|b}`, and `<wildcard:x>` is `__x__`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.dialects.swarm.cells import Cells, joined, of_passage, written
from promptlang.dialects.swarm.tags import DEEPEST, HERE, SECTIONS, Tag, section, split, tags
from promptlang.source import Passage, Span

_WILDCARDS = ("wildcard", "wc")
_MOST = 1000  # numbers of a range
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")
_NUMBERS = re.compile(r"\s*-?\d[\d.]*\s*-\s*-?\d[\d.]*\s*")
_COUNT = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?(,?)")
_MEANT = re.compile(r"\||\$\$|^\s*[~!@]|^\s*[\d.+-]+::")
"""What `/variants` would read in an option that SwarmUI takes as it stands."""


def choices(passage: Passage) -> Passage:
    """The text with the tags that `/variants` can take in its own signs; each letter knows where it comes from."""
    cells = of_passage(passage)
    found = _text(cells)
    if found is cells:
        return passage
    return Passage(found.text, tuple(range(len(found.text))) or (0,), tuple(each.start for each in found.spans) or (0,))


def taken(cells: Cells) -> tuple[Span, ...]:
    """Where the tags stand that are written so, with all inside them."""
    return tuple(tag.written.span(0, len(tag.written.text), Span(0, 0)) for tag, _ in _chosen(cells))


def _text(cells: Cells, depth: int = 0) -> Cells:
    pieces: list[Cells] = []
    done = 0
    for tag, choice in _chosen(cells, depth):
        pieces += (cells.part(done, tag.start), choice)
        done = tag.end
    return joined((*pieces, cells.part(done))) if pieces else cells


def _chosen(cells: Cells, depth: int = 0) -> Iterator[tuple[Tag, Cells]]:
    """The tags of the picture that `/variants` can take, and what it takes for them; none that lie too deep."""
    is_away = False
    for tag in tags(cells) if depth < DEEPEST else ():
        if (kind := section(tag)) in HERE or kind in SECTIONS:
            is_away = kind in SECTIONS
        if not is_away and (choice := _anywhere(tag, depth)) is not None:
            yield tag, choice


def _anywhere(tag: Tag, depth: int) -> Cells | None:
    """A tag that draws lots, or one that sets a variable to what is drawn; None for any other, and for what no choice
    can say.
    """
    if tag.name in _WILDCARDS:
        return _wildcard(tag)
    if tag.name == "random":
        return _random(tag, depth)
    if tag.name != "setvar":
        return None
    start = len(tag.written.text) - len(tag.values.text) - 1
    inside = _text(tag.values, depth + 1)
    if inside is tag.values:
        return None
    return joined((tag.written.part(0, start), inside, tag.written.part(len(tag.written.text) - 1)))


def _random(tag: Tag, depth: int) -> Cells | None:
    values = split(tag.values)
    options = [_option(each, depth + 1) for each in values]
    bound = _bound(tag)
    if bound is None or None in options or not tag.values.text.strip():
        return None
    if bound and int(_counts(tag)[1]) > len(options):  # SwarmUI takes some of them twice
        return None
    pieces = [written(f"{{{bound}", _first(tag))]
    for at, (value, option) in enumerate(zip(values, options, strict=True)):
        if at:
            bar = value.spans[0].start if value.spans else _last(tag).start
            pieces.append(written("|", Span(bar, bar)))
        pieces.append(option or value)
    return joined((*pieces, written(f"}}{_counts(tag)[2]}", _last(tag))))


def _option(value: Cells, depth: int) -> Cells | None:
    """A value as an option; whole numbers from one to another are as many options."""
    if match := _RANGE.fullmatch(value.text):
        low, high = sorted((int(match[1]), int(match[2])))
        numbers = "|".join(map(str, range(low, high + 1)))
        place = value.span(0, len(value.text), Span(0, 0))
        return written(f"{{{numbers}}}", place) if high - low < _MOST else None
    if _NUMBERS.fullmatch(value.text):
        return None
    inside = _text(value, depth)
    outside = "".join(_outside(value))
    return None if _MEANT.search(outside) else inside


def _outside(value: Cells) -> Iterator[str]:
    """What stands outside of tags."""
    done = 0
    for tag in tags(value):
        yield value.text[done : tag.start]
        done = tag.end
    yield value.text[done:]


def _wildcard(tag: Tag) -> Cells | None:
    name, bound = tag.values.stripped(), _bound(tag)
    if bound is None or not re.fullmatch(r"[\w][\w ./-]*", name.text) or "__" in name.text:
        return None
    pieces = [written("__", _first(tag)), name, written("__", _last(tag))]
    if bound:
        pieces = [written("{" + bound, _first(tag)), *pieces, written("}", _last(tag))]
    return joined((*pieces, written(_counts(tag)[2], _last(tag))))


def _bound(tag: Tag) -> str | None:
    """`2$$ $$` for `[2]`, with what stands between the picks; empty for one, None where it is no count."""
    low, high, comma = _counts(tag)
    if not low:
        return None
    separator = ", " if comma else " "
    counts = low if low == high else f"{low}-{high}"
    return "" if counts == "1" else f"{counts}$${separator}$$"


def _counts(tag: Tag) -> tuple[str, str, str]:
    """The least and the greatest number of picks, and the comma behind each; three empty texts where it is none."""
    if tag.before is None:
        return "1", "1", ""
    match = _COUNT.fullmatch(tag.before.text.strip())
    return (match[1], match[2] or match[1], match[3]) if match else ("", "", "")


def _first(tag: Tag) -> Span:
    return tag.written.spans[0]


def _last(tag: Tag) -> Span:
    return tag.written.spans[-1]
