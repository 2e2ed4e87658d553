"""Lines of settings, as webui writes them and as people do: `Steps: 20, Sampler: Euler a`, a setting a line, or labels
above what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.imported import SIDES, Entry
from promptlang.importers.typed import by_hand
from promptlang.importers.typed.labels import ENGLISH, MODELS, NEGATIVE, POSITIVE, narrow
from promptlang.tables.options.elsewhere import WORDS

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        **ENGLISH,
        "scheduler": "schedule",
        **dict.fromkeys(("distilled cfg scale", "text guidance", "prompt guidance", "scale"), "guidance"),
        "vae": "vae",
        "hires steps": "hires-steps",
        "hires upscaler": "hires-upscaler",
        **dict.fromkeys(("cfg rescale", "prompt guidance rescale"), "rescale"),
        "noise schedule": "schedule",
        "guidance": "guidance",
        **dict.fromkeys(("number of images", "batch size"), "images"),
        **WORDS,
    }
)
"""The settings that are options here, by their names in lower case."""

MODEL = "model"
MODELS_CALLED = frozenset({*MODELS, "stable diffusion model", "model used", "base model", "checkpoint"})
_SIGNS = frozenset((*OPTIONS, *MODELS_CALLED, *SIDES, MODEL, "model hash", "version", "ensd", "rng"))
"""A line of settings begins with one."""
BESIDE = frozenset(
    {
        *("prompt strength", "use face correction", "use upscaling", "upscale by", "hypernetwork model"),
        *("hypernetwork strength", "lora model", "lora strength", "vae model", "tiling", "init image"),
        *("preset", "preset style", "contrast", "finetuned model", "prompt magic", "photoreal", "alchemy", "pipeline"),
        "hires",
    }
)  # what Easy Diffusion and Leonardo write between the others, a line each

_OF_WEBUI = re.compile(
    r"(?i)(?:ADetailer|Hires|ControlNet|Refiner|Token merging|FreeU|Tiled Diffusion)\b[\w /.-]*|dynthres_\w+|Module \d"
    r"|Variation seed(?: strength)?|Schedule (?:max sigma|min sigma|rho)|(?:Lora|TI|VAE) hash(?:es)?|Hashes"
    r"|(?:Negative )?Template|Wildcard prompt|Face restoration|Batch pos|Mask blur|Pad conds|Eta"
    r"|Civitai (?:resources|metadata)"
)
"""What webui and its extensions write among settings: a line that begins so, below settings, goes with them."""

FOOOCUS = frozenset(
    {
        *("fooocus v2 expansion", "styles", "performance", "resolution", "guidance scale", "sharpness"),
        *("adm guidance", "base model", "refiner model", "refiner switch", "metadata scheme"),
    }
)  # a line each, as the copied log of Fooocus has them
FEWEST_OF_FOOOCUS = 4
_MOST_BETWEEN = 3  # lines with other names
FEWEST = 3  # settings that make a line one of parameters, as in webui

NEGATIVE_LABEL = re.compile(
    r"[ \t]*((?:Negative[ _]?Prompt|(?P<undesired>Undesired[ _]Content))[ \t]*(?::|\Z)"
    rf"|Neg[ _]Prompt[ \t]*:|(?:Neg(?:ative)?|(?P<short>UC))[ \t]*:(?=\s|\Z)|{NEGATIVE})",
    re.IGNORECASE,
)
POSITIVE_LABEL = re.compile(
    rf"(?:(?:Positive[ _]?)?Prompt|Positive|Parameters|{POSITIVE})[ \t]*[:：][ \t]*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,]*+")
_KEY = re.compile(r"(\w[\w \-/.&]*+)[ \t]*+:[ \t]*+")
_QUOTED = re.compile(r'"(?:\\.|[^\\"])*"(?=[ \t]*(?:,|\Z))')
_BRACKETED = re.compile(r"(?:\([^()\r\n]*\)|\[[^\[\]\r\n]*\])(?=[ \t]*(?:,|\Z))")
_BARE = re.compile(r"[^,]*")
_LORA = re.compile(r"lora \d+")
_NAMES = "|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))
_KNOWN = re.compile(rf"(?i)(?<=\S)[ \t](?=(?:{_NAMES}):)")
"""The blank before a setting, where no comma parts them."""


_Line = tuple[int, tuple[Entry, ...]]
"""The number of a line, and the settings on it."""


def settings_by_line(lines: Sequence[tuple[int, str]], labelled: Mapping[int, Entry]) -> Iterator[_Line]:
    """Each line by its number, with its settings where it and its neighbours have enough of them."""
    run: list[_Line] = []
    between: list[_Line] = []  # lines that go with a run where it goes on below them
    for number, (_, written) in enumerate(lines):
        entries = () if number in labelled else said_on(narrow(written).replace("`", " "))
        if entries:
            if between and _repeats(run, entries):
                yield from _enough(run, between)
                run, between = [], []
            run += (*between, (number, entries))
            between = []
            continue
        if run and (beside := _beside(narrow(written), len(between))):
            between.append((number, beside))
            if _OF_WEBUI.fullmatch(beside[0].name):
                run, between = [*run, *between], []
            continue
        yield from _enough(run, between)
        run, between = [], []
        yield number, (labelled[number],) if number in labelled else ()
    yield from _enough(run, between)


def _repeats(run: Sequence[_Line], entries: Sequence[Entry]) -> bool:
    """Whether settings are those of another prompt."""
    names = {each.name.lower() for _, above in run for each in above}
    return not names.isdisjoint(each.name.lower() for each in entries if each.name)


def _beside(line: str, above: int) -> tuple[Entry, ...]:
    """What a line says that may be a setting whose name is no option here, below so many whose names are not known."""
    begin = by_hand.begin(line)
    name = _KEY.match(line, begin)
    if name is None or NEGATIVE_LABEL.match(line) or POSITIVE_LABEL.match(line.strip()):
        return ()
    may_be = len(name[1].split()) <= FEWEST and above < _MOST_BETWEEN
    return entries_of(line[begin:]) if may_be or _OF_WEBUI.fullmatch(name[1].rstrip()) else ()


def said_on(line: str) -> tuple[Entry, ...]:
    """The settings of a line that begins with one, with colons or as people write them."""
    begin = by_hand.begin(line)
    line = line if "," in line or line.count(":") < FEWEST else _KNOWN.sub(",", line)
    first = _KEY.match(line, _beginning(line, begin))
    if first is None or not _is_sign(first[1].rstrip().lower()):
        return by_hand.settings(line)
    return tuple(each if each.name else by_hand.setting(each.value) or each for each in entries_of(line[begin:]))


def _is_sign(name: str) -> bool:
    """Whether a line of settings begins with that name."""
    return name in _SIGNS or name in FOOOCUS or name in BESIDE or _LORA.fullmatch(name) is not None


def _enough(run: Sequence[_Line], behind: Sequence[_Line]) -> Iterator[_Line]:
    """The lines of a run, with their settings where these are enough; then those behind it, which do not go with it."""
    named = [each.name.lower() for _, entries in run for each in entries if each.name]
    known = _SIGNS.intersection(named)
    are_settings = (len(known) >= 2 and (len(named) >= FEWEST or len(known) == len(named))) or (
        len(FOOOCUS.intersection(named)) >= FEWEST_OF_FOOOCUS
    )
    yield from ((number, entries if are_settings else ()) for number, entries in run)
    yield from ((number, ()) for number, _ in behind)


def entries_of(line: str) -> tuple[Entry, ...]:
    """The settings of a line; nothing of it is lost."""
    found: list[Entry] = []
    at = _beginning(line, 0)
    while at < len(line) and (key := _KEY.match(line, at) or _BARE.match(line, at)):
        name = key[1].rstrip() if key.re is _KEY else ""
        end = _value_end(line, key.end()) if name else key.end()
        if value := line[key.end() if name else at : end].strip(" \t,"):
            found.append(Entry(name, value))
        at = _beginning(line, max(end, at))
    return tuple(found)


def _beginning(line: str, at: int) -> int:
    """Where the next setting begins."""
    found = _BETWEEN.match(line, at)
    return found.end() if found else at


def _value_end(line: str, start: int) -> int:
    """Where the value of a setting ends: at a comma that stands in no quotes and in no JSON."""
    if line[start : start + 1] in ("[", "{"):
        try:
            return json.JSONDecoder().raw_decode(line, start)[1]
        except (ValueError, RecursionError):
            pass
    found = _QUOTED.match(line, start) or _BRACKETED.match(line, start) or _BARE.match(line, start)
    return found.end() if found else start
