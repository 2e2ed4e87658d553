"""Settings as people write them below a prompt, `Steps 30, CFG 7, Euler a, 512x768`, and as pages show them that are
copied: a label, and its value on the next line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.imported import Entry
from promptlang.importers.typed.labels import ENGLISH
from promptlang.tables.options import table
from promptlang.tables.options.kinds import Choice
from promptlang.tables.options.reading import named_item
from promptlang.tables.schedules import SCHEDULES

STEPS, GUIDANCE, SEED, SIZE, SAMPLER = "Steps", "CFG scale", "Seed", "Size", "Sampler"
_SCHEDULE, _HIRES, _CLIP_SKIP, _STRENGTH = "Schedule type", "Hires upscale", "Clip skip", "Denoising strength"
_BY_NUMBER: Mapping[str, str] = MappingProxyType(
    {
        "steps": STEPS, "guidance": GUIDANCE, "seed": SEED,
        "clipskip": _CLIP_SKIP, "strength": _STRENGTH, "hires": _HIRES,
    }
)  # fmt: skip
_WEBUI: Mapping[str, str] = MappingProxyType({**_BY_NUMBER, "size": SIZE, "sampler": SAMPLER, "schedule": _SCHEDULE})
"""What webui calls an option, and of these the ones that a number says."""
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **{label: _BY_NUMBER[option] for label, option in ENGLISH.items() if option in _BY_NUMBER},
        **dict.fromkeys(("step count", "number of steps"), STEPS),
        **dict.fromkeys(("cfgscale", "guidance"), GUIDANCE),
        **dict.fromkeys(("clipskip",), _CLIP_SKIP),
        **dict.fromkeys(("denoise", "denoising", "denoise strength"), _STRENGTH),
        **dict.fromkeys(("hires fix", "hires", "hiresfix", "hires. fix"), _HIRES),
    }
)
"""What is said by a number, with webui's names for it."""
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **_NAMES,
        **{label: _WEBUI[option] for label, option in ENGLISH.items()},
        **dict.fromkeys(("input resolution",), SIZE),
        **dict.fromkeys(("scheduler",), SAMPLER),
        **dict.fromkeys(("model", "base model", "finetuned model", "checkpoint"), "Model"),
        **dict.fromkeys(
            ("pipeline", "preset", "preset style", "number of images", "init strength", "image strength"), ""
        ),
        **dict.fromkeys(("aspect ratio", "style", "vae", "created on", "created", "creator", "generation mode"), ""),
    }
)
"""The labels of pages, in lower case; an empty name stands for the label itself."""
_PROMPT, _NEGATIVE = frozenset({"prompt", "prompt details", "positive prompt"}), "negative prompt"
_TELLING = frozenset({STEPS, GUIDANCE, SEED, SIZE, SAMPLER})
_FEWEST = 3  # labels that make lines a page
_NUMBER = r"x?(?P<number>-?\d+(?:\.\d+)?)x?"
_NUMBERED = re.compile(rf"(?P<name>[a-z][a-z. ]*?)(?:[ \t]*\([^()]*\))?[ \t]*[:=]?[ \t]*{_NUMBER}")
_COUNTED = re.compile(rf"{_NUMBER}[ \t]*(?P<name>steps|sampling steps|cfg|cfg scale)")
_SIZED = re.compile(
    r"(?:(?:size|resolution|res|dimensions)[ \t]*[:=]?[ \t]*)?(\d{2,5})[ \t]*[x×*][ \t]*(\d{2,5})[ \t]*(?:px|pixels)?"
)
_SAMPLED = re.compile(r"(?:sampler[ \t]*[:=]?[ \t]*)?(.+?)(?:[ \t]+sampler)?")
_BULLET = re.compile(r"[ \t]*[-*•][ \t]+")
_TITLE = re.compile(r"[ \t]*(?:[a-z]+[ \t]+)?(?:settings|params|parameters)[ \t]*:[ \t]*", re.IGNORECASE)
_HEADING = re.compile(r"[ \t]*(?:other metadata|generation (?:data|info|details))[ \t]*:?[ \t]*", re.IGNORECASE)


def settings(line: str) -> tuple[Entry, ...]:
    """The settings of a line without colons, by webui's names; nothing where it begins with none, or most is none."""
    pieces = [each.strip() for each in line[begin(line) :].split(",") if each.strip()]
    if not pieces or setting(pieces[0]) is None:
        return ()
    found = [setting(each) or _named(each) for each in pieces]
    return tuple(found) if 2 * sum(bool(each.name) for each in found) >= len(found) else ()


def begin(line: str) -> int:
    """Where the settings of a line begin, behind a bullet and the word `Settings:`."""
    bullet = _BULLET.match(line)
    title = _TITLE.match(line, bullet.end() if bullet else 0)
    last = title or bullet
    return last.end() if last else 0


def is_title(line: str) -> bool:
    """Whether a line says no more than that settings come."""
    return _TITLE.fullmatch(line) is not None or _HEADING.fullmatch(line) is not None


def setting(written: str) -> Entry | None:
    """What a few words say, such as `30 steps`, `CFG 7` or `DPM++ 2M Karras`; None where they are no setting."""
    words = " ".join(written.split()).rstrip(".")
    small = words.lower()
    if sized := _SIZED.fullmatch(small):
        return Entry(SIZE, f"{sized[1]}x{sized[2]}")
    numbered = _NUMBERED.fullmatch(small) or _COUNTED.fullmatch(small)
    if numbered and (name := _NAMES.get(numbered["name"])):
        return Entry(name, numbered["number"])
    if (named := _SAMPLED.fullmatch(words)) and _is_sampler(named[1]):
        return Entry(SAMPLER, named[1])
    if small == "random seed":
        return Entry(SEED, "random")
    if any(row.webui.lower() == small for row in SCHEDULES.values()):
        return Entry(_SCHEDULE, words)
    return None


def _named(written: str) -> Entry:
    """What stands between two commas, with the name before its colon."""
    name, colon, value = written.partition(":")
    return Entry(name.strip(), value.strip()) if colon and value.strip() else Entry("", written)


def _is_sampler(name: str) -> bool:
    """Whether it is one, or one with its schedule."""
    kind = table.SAMPLER.kind
    return isinstance(kind, Choice) and named_item(kind, name.lower()) is not None


def with_values(lines: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], Mapping[int, Entry]]:
    """The lines of a page, a label and its value as one, and what these say, by the numbers of their lines.

    Where the lines are of no such page, they are as they were.
    """
    labels = {number: small for number, (_, line) in enumerate(lines) if (small := _label(line))}
    known = {_LABELS.get(small) for small in labels.values()}
    if len(labels) < _FEWEST or not known & _TELLING or len(set(labels.values())) < len(labels):
        return [*lines], {}
    found: list[tuple[int, str]] = []
    said: dict[int, Entry] = {}
    for number, (start, line), value in _with_next(lines, labels):
        if number in labels and labels[number] in _PROMPT:
            found.append((start, "Prompt:"))
        elif number in labels and labels[number] != _NEGATIVE:
            said[len(found)] = Entry(_LABELS[labels[number]] or line.strip(), value)
            found.append((start, line))
        else:
            found.append((start, line))
    return found, said


def is_label(line: str) -> bool:
    """Whether a line is a label above its value."""
    return bool(_label(line))


def _label(line: str) -> str:
    """The label that a line is, in lower case; empty where it is none."""
    small = " ".join(line.lower().split()).removesuffix(":")
    return small if small in _LABELS or small in _PROMPT or small == _NEGATIVE else ""


def _with_next(
    lines: Sequence[tuple[int, str]], labels: Mapping[int, str]
) -> Iterator[tuple[int, tuple[int, str], str]]:
    """Each line by its number with the value below it, without the lines that are a value."""
    number = 0
    while number < len(lines):
        below = number + 1
        if labels.get(number) in _LABELS:
            while below < len(lines) and not lines[below][1].strip():
                below += 1
            is_there = below < len(lines) and below not in labels
            value = lines[below][1].strip() if is_there else ""
            yield number, lines[number], size(value)
            number = below + is_there
            continue
        yield number, lines[number], ""
        number = below


def size(value: str) -> str:
    """A size as an option takes it; any other value as it is."""
    sized = _SIZED.fullmatch(value.lower())
    return f"{sized[1]}x{sized[2]}" if sized else value
