"""The tags of a SwarmUI text filled, as its server does before the text reaches ComfyUI."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from math import inf, isfinite
from operator import attrgetter

from promptlang.diagnostics import Diagnostic, Rule, finding
from promptlang.dialects.swarm import rules
from promptlang.dialects.swarm.cells import NOTHING, Cells, joined, of_passage, written
from promptlang.dialects.swarm.choices import taken
from promptlang.dialects.swarm.tags import DEEPEST, HERE, SECTIONS, Tag, section, split, tags
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Concept
from promptlang.values import dataclass, field

_START = attrgetter("start")
MOST = 20_000  # letters that tags may make of a text
EMBEDDING = "\0\3"  # stands for the word that begins a call; one that is written out begins none
_RANGE = re.compile(r"\s*([^\s-][^-]*)-(.*)", re.DOTALL)
_ESCAPED = re.compile(r"[\\:|\[\]]")
_BY_VARIANTS = "write `/variants:random` to draw one, `/variants:all` for each of them"
_KNOWN_ELSEWHERE = {"preset": "preset", "p": "preset", "param": "parameter", "trigger": "trigger phrase"}


@dataclass()
class Filling:
    """One text on its way: what is set in it, the calls taken out, and what is to be said."""

    variables: dict[str, Cells] = field(default_factory=dict[str, Cells])
    macros: dict[str, Cells] = field(default_factory=dict[str, Cells])
    calls: list[Concept] = field(default_factory=list[Concept])
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    depth: int = 0
    letters: int = 0
    is_away: bool = False  # behind the tag of a step that is not drawn
    whole: Cells = NOTHING
    chosen: tuple[Span, ...] | None = None  # where `/variants` could choose; None until somebody asks

    def filled(self, passage: Passage) -> Cells:
        """The text without its tags."""
        self.whole = of_passage(passage)
        return self.text(self.whole)

    def is_choice(self, tag: Tag) -> bool:
        """Whether `/variants` would take the tag for a choice, where it stands."""
        if self.chosen is None:
            self.chosen = taken(self.whole)
        place = _span(tag)
        before = bisect_right(self.chosen, place.start, key=_START)
        return before > 0 and self.chosen[before - 1].contains(place)

    def text(self, cells: Cells) -> Cells:
        """A text, or the values of a tag, with every tag in it filled."""
        if "<" not in cells.text or self.depth >= DEEPEST:
            return NOTHING if self.is_away else cells
        self.depth += 1
        pieces: list[Cells] = []
        done = 0
        for tag in tags(cells):
            if not self.is_away:
                pieces.append(cells.part(done, tag.start))
            filled = self._tag(tag)
            if not self.is_away:
                pieces.append(filled)
            done = tag.end
        if not self.is_away:
            pieces.append(cells.part(done))
        self.depth -= 1
        result = joined(pieces)
        self.letters += len(result.text) + 1
        return result

    def _tag(self, tag: Tag) -> Cells:
        step = section(tag)
        if step in HERE:
            self.is_away = False
            return written(" ", _span(tag))
        if step in SECTIONS:
            self._section(tag)
            return NOTHING
        if self.is_away:
            return NOTHING
        if self.letters > MOST:
            return tag.written
        if (fill := _FILLS.get(tag.name)) is not None:
            return fill(self, tag)
        if re.fullmatch(r"[a-z][\w ]*", tag.name):
            self.say(rules.UNKNOWN, f"`<{tag.name[:24]}>` is no tag of SwarmUI", tag, "read as words")
        return tag.written

    def _section(self, tag: Tag) -> None:
        if not self.is_away or tag.name not in ("refiner", "video", "videoswap"):
            message = f"`<{tag.name}>` begins a step of SwarmUI's workflow, so it and the words behind it are left out"
            self.say(
                rules.WORKFLOW,
                message,
                tag,
                "not drawn here",
                "remove it, or ask for that step by options",
            )
        self.is_away = True

    def say(self, rule: Rule, message: str, tag: Tag, label: str, help: str = "") -> None:
        """Note a finding on a tag."""
        self.found.append(finding(rule, message, _span(tag), label, help=help))

    def number(self, cells: Cells, tag: Tag) -> float | None:
        """A number, of a range its lower end; None where there is none."""
        text = self.text(cells).text.strip()
        if (value := _lower_end(text)) is not None:
            self.say(rules.LOTS, f"SwarmUI takes any number of `{text}`, here it is {value}", tag, f"read as {value}")
            text = value
        return _float(text)

    def ignored(self, tag: Tag, why: str) -> Cells:
        """A tag that stays as it is written."""
        self.say(rules.IGNORED, f"SwarmUI cannot read `<{tag.name}>`: {why}", tag, "read as words")
        return tag.written


def _span(tag: Tag) -> Span:
    return tag.written.span(0, len(tag.written.text), Span(0, 0))


def _float(text: str) -> float | None:
    try:
        number = float(text) if "_" not in text else inf
    except ValueError:
        return None
    return number if isfinite(number) else None


def _lower_end(text: str) -> str | None:
    """The lower end of `1-5`."""
    match = _RANGE.fullmatch(text)
    if match and _float(match[1]) is not None and _float(match[2]) is not None:
        return match[1].strip()
    return None


def _random(self: Filling, tag: Tag) -> Cells:
    count, separator = 1, " "
    if tag.before is not None:
        ends_in_comma = tag.before.text.endswith(",")
        separator = ", " if ends_in_comma else " "
        number = self.number(tag.before.part(0, len(tag.before.text) - ends_in_comma), tag)
        if number is None:
            return self.ignored(tag, f"`{tag.before.text[:24]}` is no number")
        count = int(min(max(number, 0), 100))
    choices = split(tag.values)
    first = choices[0].text if len(choices[0].text) <= 24 else f"{choices[0].text[:24]}…"
    help = _BY_VARIANTS if self.is_choice(tag) else ""
    if len(choices) > 1 or _lower_end(choices[0].text):
        label = f"{len(choices)} choices" if len(choices) > 1 else ""
        self.say(rules.LOTS, f"SwarmUI draws lots here, `{first}` is drawn", tag, label, help)
    pieces: list[Cells] = []
    for at in range(count):
        choice = choices[at % len(choices)]
        if (number := _lower_end(choice.text)) is not None:
            return written(number, choice.span(0, len(choice.text), _span(tag)))
        pieces += (self.text(choice).stripped(), written(separator, _span(tag)))
    return joined(pieces).stripped()


def _escaped(cells: Cells) -> Cells:
    """As SwarmUI hides signs of a value from what reads `[a|b]`."""
    pieces: list[Cells] = []
    done = 0
    for match in _ESCAPED.finditer(cells.text):
        at = match.start()
        pieces += (cells.part(done, at), written("\\", cells.spans[at]))
        done = at
    return joined((*pieces, cells.part(done)))


def _bracketed(self: Filling, tag: Tag, values: list[Cells], separator: str, end: str) -> Cells:
    if self.letters > MOST:  # each tag around another doubles the backslashes in it
        return tag.written
    opening, closing = tag.written.spans[0], tag.written.spans[-1]
    pieces = [written("[", opening)]
    for at, each in enumerate(values):
        if at:
            pieces.append(written(separator, each.spans[0] if each.spans else closing))
        pieces.append(_escaped(each))
    return joined((*pieces, written(f"{end}]", closing)))


def _alternate(self: Filling, tag: Tag) -> Cells:
    return _bracketed(self, tag, [self.text(each) for each in split(tag.values)], "|", "")


def _fromto(self: Filling, tag: Tag) -> Cells:
    number = None if tag.before is None else self.number(tag.before, tag)
    if number is None or tag.before is None:
        return self.ignored(tag, f"`{tag.before.text[:24] if tag.before else ''}` is no step")
    values = split(tag.values)
    if len(values) != 2:
        return self.ignored(tag, f"it takes two values, found {len(values)}")
    return _bracketed(self, tag, [self.text(each) for each in values], ":", f":{number:g}")


def _repeat(self: Filling, tag: Tag) -> Cells:
    count, values = tag.before, tag.values
    if count is None or not count.text.strip():
        comma = values.text.find(",")
        end = comma if comma >= 0 else len(values.text)
        count, values = values.part(0, end), values.part(end + 1)
    number = self.number(count, tag)
    if number is None:
        return self.ignored(tag, f"`{count.text[:24]}` is no number")
    pieces: list[Cells] = []
    for _ in range(int(min(max(number, 0), MOST // max(len(values.text), 1) + 1))):
        if self.letters > MOST:
            break
        pieces += (self.text(values).stripped(), written(" ", _span(tag)))
    return joined(pieces).stripped()


def _set(self: Filling, tag: Tag) -> Cells:
    name, _, mode = (tag.before.text if tag.before else "").partition(",")
    if not name.strip():
        return self.ignored(tag, "it has no name in square brackets")
    is_shown = mode.lower().strip() != "false"
    if tag.name == "setmacro":
        self.macros[name] = tag.values
        return self.text(tag.values) if is_shown else NOTHING
    value = self.variables[name] = self.text(tag.values)
    return value if is_shown else NOTHING


def _use(self: Filling, tag: Tag) -> Cells:
    name = tag.values.text if tag.values.text.strip() else tag.before.text if tag.before else ""
    kept = self.macros if tag.name == "macro" else self.variables
    if (value := kept.get(name)) is None:
        self.say(rules.IGNORED, f"nothing before it sets `{name[:24]}`, so it is left out", tag, "left out")
        return NOTHING
    if self.depth >= DEEPEST - 1:
        self.say(rules.IGNORED, f"`{name[:24]}` calls itself without end", tag, "read as words")
    here = written(value.text, _span(tag))
    self.letters += len(here.text)
    return self.text(here) if tag.name == "macro" else here


def _lora(self: Filling, tag: Tag) -> Cells:
    values = self.text(tag.values)
    name, *numbers = values.text.split(":")
    read = [_float(each) for each in numbers]
    start = tag.written.text.index(":") + 1 if ":" in tag.written.text else 0
    as_written = tag.written.text[start:-1] == values.text
    place = tag.written.span(start, start + len(name), _span(tag)) if as_written else _span(tag)
    number_at = start + len(name) + 1
    digits = tag.written.span(number_at, number_at + len(numbers[0]), place) if as_written and numbers else None
    loads = bool(name.strip()) and len(numbers) <= 2 and None not in read
    weight = read[0] if read else None
    both = (f"te={numbers[1].strip()}", f"unet={numbers[0].strip()}") if len(numbers) > 1 else ()
    arguments = both if loads else tuple(numbers)
    self.calls.append(Concept(_span(tag), name, place, weight, digits, "lora", arguments, loads))
    if not loads:
        self.say(rules.IGNORED, "SwarmUI cannot read the strength of a LoRA and stops", tag, "not a number")
    return NOTHING


def _embed(self: Filling, tag: Tag) -> Cells:
    name = self.text(tag.values)
    blank = written(" ", _span(tag))
    call = written(EMBEDDING, _span(tag))
    return joined((blank, call, Cells(name.text.replace("\\", "/"), name.spans), blank)) if name.text.strip() else name


def _elsewhere(self: Filling, tag: Tag) -> Cells:
    what = _KNOWN_ELSEWHERE.get(tag.name, tag.name)
    called = (tag.before or tag.values).text.strip()
    name = f" `{called[:24]}`" if called else ""
    help = "write the words themselves" if what != "parameter" else "write an option such as `/guidance:5`"
    self.say(rules.ASKED, f"the {what}{name} is known to SwarmUI alone, so it is left out", tag, "left out", help)
    return NOTHING


def _wildcard(self: Filling, tag: Tag) -> Cells:
    name = tag.values.text.partition(",")[0].strip()
    help = f"{_BY_VARIANTS}; its file belongs into a wildcard folder of the project" if self.is_choice(tag) else ""
    message = f"a line of the wildcard `{name[:24]}` is drawn by lot, so it is left out"
    self.say(rules.ASKED, message, tag, "left out", help)
    return NOTHING


def _break(self: Filling, tag: Tag) -> Cells:
    del self
    return written("<break>", _span(tag))


def _comment(self: Filling, tag: Tag) -> Cells:
    del self
    return NOTHING


_FILLS: Mapping[str, Callable[[Filling, Tag], Cells]] = {
    "random": _random,
    "alternate": _alternate,
    "alt": _alternate,
    "fromto": _fromto,
    "wildcard": _wildcard,
    "wc": _wildcard,
    "repeat": _repeat,
    "setvar": _set,
    "setmacro": _set,
    "var": _use,
    "macro": _use,
    "lora": _lora,
    "embed": _embed,
    "embedding": _embed,
    "break": _break,
    "comment": _comment,
    **dict.fromkeys(_KNOWN_ELSEWHERE, _elsewhere),
}
