"""The parameters that stable-diffusion-webui writes under a prompt, and those who write as it does (Forge, SD.Next,
Civitai, savers of ComfyUI): `Negative prompt: …`, then a line `Steps: 20, Sampler: …`; and the log of Fooocus.

It is read as webui reads it, with liberties: several blocks may follow each other, the settings may stand on several
lines, and be two where both are well known, a value may be JSON, as Civitai leaves it without quotes, and people write
`Negative:` and `**Prompt:**` where they post what they drew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.hashes import Hashes, listed, recorded
from promptlang.importers.imported import Entry, Imported
from promptlang.importers.json_text import parsed
from promptlang.importers.typed import by_hand
from promptlang.importers.typed.labels import LABELS, MODELS, NEGATIVE, POSITIVE, narrow
from promptlang.models.evidence.records import Record
from promptlang.source import Span
from promptlang.tables.arithmetics import WEBUI, has, schedules
from promptlang.tables.options.table import HIRES_STEPS, HIRES_STRENGTH, SAMPLER, SCHEDULE, SIZE, TRUE_CFG
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang.values import dataclass

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "sampler": "sampler",
        "schedule type": "schedule",
        "scheduler": "schedule",
        "cfg scale": "guidance",
        "distilled cfg scale": "guidance",
        "guidance scale": "guidance",
        "seed": "seed",
        "size": "size",
        "clip skip": "clipskip",
        "vae": "vae",
        "denoising strength": "strength",
        "hires upscale": "hires",
        "hires steps": "hires-steps",
        "hires upscaler": "hires-upscaler",
        "cfg rescale": "rescale",
        "inference steps": "steps",
        **LABELS,
    }
)
"""The settings that are options here, by their names in lower case."""

_MODEL = "model"
_RESOURCES = "civitai resources"
_OF_DRAW_THINGS = "seed mode"  # which puts a dash before the line of the negative prompt
_MODELS = frozenset({*MODELS, "stable diffusion model"})
_SIDES = ("width", "height")
_AUTOMATIC = "automatic"
_HASH = "model hash"
_SIGNS = frozenset((*OPTIONS, *_MODELS, *_SIDES, _MODEL, "model hash", "version", "ensd", "rng"))
"""A line of settings begins with one."""
_BESIDE = frozenset(
    {
        *("prompt strength", "use face correction", "use upscaling", "upscale by", "hypernetwork model"),
        *("hypernetwork strength", "lora model", "lora strength", "vae model", "tiling", "init image"),
    }
)  # what Easy Diffusion writes between the others, a line each

_SCHEDULES: Mapping[str, str] = MappingProxyType({row.webui.lower(): row.name for row in SCHEDULES.values()})
_FOOOCUS = frozenset(
    {
        *("fooocus v2 expansion", "styles", "performance", "resolution", "guidance scale", "sharpness"),
        *("adm guidance", "base model", "refiner model", "refiner switch", "metadata scheme"),
    }
)  # a line each, as the copied log of Fooocus has them
_FEWEST_OF_FOOOCUS = 4
_FEWEST = 3  # settings that make a line one of parameters, as in webui
NETWORKS = frozenset({"lora", "lycoris", "locon", "dora"})
"""What Civitai calls the networks that a prompt calls as LoRAs."""

_NEGATIVE = re.compile(
    rf"[ \t]*(Neg(?:ative[ _]Prompt[ \t]*(?::|\Z)|(?:ative)?[ \t]*:(?=\s|\Z))|{NEGATIVE})",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    rf"(?:(?:Positive[ _]?)?Prompt|Positive|Parameters|{POSITIVE})[ \t]*[:：][ \t]*",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(?<![ \t])[ \t]*+\*\*([\w ]++)(?::\*\*|\*\*[ \t]*:)")  # a label as forums show it
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\w*[ \t]*")  # around a block of code in Markdown
_BETWEEN = re.compile(r"[\s,]*+")
_KEY = re.compile(r"(\w[\w \-/.&]*+)[ \t]*+:[ \t]*+")
_QUOTED = re.compile(r'"(?:\\.|[^\\"])*"(?=[ \t]*(?:,|\Z))')
_QUOTE = re.compile(r'\\.|(")')
_BRACKETED = re.compile(r"(?:\([^()\r\n]*\)|\[[^\[\]\r\n]*\])(?=[ \t]*(?:,|\Z))")
_BARE = re.compile(r"[^,]*")
_BELOW = re.compile(r"[ \t]*(Template|Negative Template|Used embeddings|Time taken)[ \t]*:[ \t]*(.*)")
_SIGN = re.compile(r"(?<!\\)#")
_LORA = re.compile(r"lora \d+")
_SETTINGS = re.compile(r"[ \t]*(Settings|Params|Parameters)[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)
_LABEL = re.compile(r"parameters[ \t]*:?", re.IGNORECASE)  # what webui's tab “PNG Info” prints above


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One prompt with what stands under it; `sign` is the first place that gives it away, None where nothing does."""

    positive: str
    negative: str
    settings: tuple[Entry, ...]
    sign: Span | None


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in order; the last one may be a prompt that nothing stands under."""
    found: list[Block] = []
    reader = _Reader()
    lines, labelled = by_hand.with_values(_lines(text))
    fences = frozenset(number for number, (_, line) in enumerate(lines) if _FENCE.fullmatch(line))
    is_outside = bool(fences)
    for number, entries in _settings_by_line(lines, labelled):
        start, line = lines[number]
        if number in fences:
            is_outside = not is_outside
            continue
        if is_outside and not entries and _is_remark(line):
            reader.remarks.append(Entry("", line.strip()))
            continue
        if entries:
            reader.take_settings(start, line, entries)
            continue
        if reader.settings and (below := reader.below(line)):
            reader.settings += below
            continue
        if reader.sign and (label := _SETTINGS.fullmatch(line)):
            reader.settings.append(Entry(label[1].strip(), label[2].strip()))
            continue
        if reader.settings and line.strip(" \t:").lower() in _BESIDE:
            continue  # a label without a value
        if reader.is_whole and line.strip() and not reader.takes_negative(line):
            found.append(reader.block())
            reader = _Reader()
        reader.take_words(start, line)
    last = reader.block()
    return (*found, last) if last.positive or last.sign else tuple(found)


def imported(block: Block) -> Imported:
    """What a block says, by the names of this language."""
    entries = {_known_as(each.name): each for each in reversed(block.settings) if each.name}
    if len(_FOOOCUS.intersection(entries)) >= _FEWEST_OF_FOOOCUS and (found := _of_fooocus(block)):
        return found
    resources = _resources(entries.get(_RESOURCES))
    options: dict[str, Entry] = {}
    rest: list[Entry] = []
    if all(side in entries for side in _SIDES) and SIZE.name not in entries:
        options[SIZE.name] = Entry(SIZE.name, "x".join(entries[side].value.strip() for side in _SIDES))
    for each in block.settings:
        name = _option(each, entries)
        if each.name.lower() in _SIDES and SIZE.name in options:
            continue
        if name == HIRES_STEPS.name and each.value.strip() == "0":
            continue  # which means as many as in the first pass
        if OPTIONS.get(each.name.lower()) == SCHEDULE.name and each.value.strip().lower() == _AUTOMATIC:
            continue  # which is what the sampler is drawn with where no option names one
        if name and name not in options:
            options[name] = each
        elif _known_as(each.name) != _MODEL:
            rest.append(each)
    model = _said(entries, _MODEL)
    hashes = _hashes(entries)
    positive, negative = block.positive, block.negative
    if _OF_DRAW_THINGS in entries and not negative:
        positive, _, negative = positive.partition("\n-")
    return Imported(
        positive=_with_networks(as_signs(positive), resources),
        negative=as_signs(negative),
        model=model or next((each.name for each in resources if each.kind == "checkpoint"), ""),
        model_hash=hashes.model,
        vae_hash=hashes.vae,
        network_hashes=tuple(hashes.networks.items()),
        options=tuple((name, Entry(each.name, _value(name, each.value))) for name, each in options.items()),
        rest=tuple(rest),
    )


def _said(entries: Mapping[str, Entry], name: str) -> str:
    return _plain(entries[name].value) if name in entries else ""


def _hashes(entries: Mapping[str, Entry]) -> Hashes:
    """What is written of files in entries of their own, and in the list that savers write for Civitai."""
    of_civitai = parsed(_said(entries, "hashes"))
    found = recorded(of_civitai) if isinstance(of_civitai, Record) else Hashes()
    return Hashes(
        _said(entries, _HASH) or found.model,
        _said(entries, "vae hash") or found.vae,
        found.networks | listed(_said(entries, "lora hashes")),
    )


def _known_as(label: str) -> str:
    return _MODEL if label.lower() in _MODELS else label.lower()


def _of_fooocus(block: Block) -> Imported | None:
    """What the log of Fooocus says, which has the names of what it leaves in pictures."""
    from promptlang.importers.programs.fooocus import reading

    said = Record()
    name = ""
    for each in block.settings:  # a value of Fooocus goes on behind commas
        said[each.name or name] = each.value if each.name else f"{said.text(name)}, {each.value}"
        name = each.name or name
    said["Prompt"], said["Negative Prompt"] = as_signs(block.positive), as_signs(block.negative)
    read = reading(said)
    return read.found[0] if read else None


# --- lines ------------------------------------------------------------------------------------------------------------


class _Reader:
    """The block that is being read."""

    def __init__(self) -> None:
        self.positive: list[str] = []
        self.negative: list[str] = []
        self.settings: list[Entry] = []
        self.remarks: list[Entry] = []  # what people write around a prompt in a code block
        self.sign: Span | None = None
        self.is_negative = False
        self.is_whole = False  # whether settings stand under words
        self.is_open = False  # whether a quoted value goes on in the next line, as some extensions leave it

    def take_words(self, start: int, line: str) -> None:
        """A line of one side; the mark turns the side."""
        if found := _NEGATIVE.match(line):
            self.is_negative = True
            self.sign = self.sign or Span(start + found.start(1), start + found.end(1))
            line = line[found.end() :]
        if not self.is_negative and not self.positive and (not line.strip() or _LABEL.fullmatch(line.strip())):
            return
        (self.negative if self.is_negative else self.positive).append(line.strip(" \t"))

    def takes_negative(self, line: str) -> bool:
        """Whether a line is the negative prompt that has not come yet, which some write below settings."""
        return not self.is_negative and bool(self.positive) and _NEGATIVE.match(line) is not None

    def take_settings(self, start: int, line: str, entries: Sequence[Entry]) -> None:
        """A line of settings."""
        begin = len(line) - len(line.lstrip(" \t,"))
        first, _, _ = narrow(line)[begin:].partition(",")
        self.sign = self.sign or Span(start + begin, start + begin + len(first.rstrip()))
        self.settings += entries
        self.is_whole = self.is_negative or bool(self.positive)
        self.is_open = sum(map(bool, _QUOTE.findall(line))) % 2 == 1

    def below(self, line: str) -> tuple[Entry, ...]:
        """What a line says that stands under settings and goes on with them; nothing where it does not."""
        if found := _BELOW.fullmatch(line):
            return (Entry(found[1], found[2]),)
        if self.is_open and line.strip():
            self.is_open = sum(map(bool, _QUOTE.findall(line))) % 2 == 0
            return (Entry("", line.strip()),)
        return _entries(line) if line.lstrip(" \t").startswith(",") else ()

    def block(self) -> Block:
        """What was read."""
        positive, negative = ("\n".join(side).strip() for side in (self.positive, self.negative))
        if self.sign and (label := _POSITIVE.match(positive)):
            positive = positive[label.end() :].lstrip()
        settings = (*self.settings, *self.remarks)
        return Block(positive=positive, negative=negative, settings=settings, sign=self.sign)


def _is_remark(line: str) -> bool:
    """Whether a line outside of the code blocks around it says anything, and is no label."""
    is_label = _NEGATIVE.match(line) or _POSITIVE.fullmatch(line.strip()) or _SETTINGS.fullmatch(line)
    return bool(line.strip()) and not is_label


def _lines(text: str) -> list[tuple[int, str]]:
    """Each line without its end and with plain blanks, and where it starts."""
    text = text.replace("\u00a0", " ")
    return [(found.start(), _BOLD.sub(_unmarked, found[1], count=1)) for found in _LINE.finditer(text)]


def _unmarked(label: re.Match[str]) -> str:
    """A label in bold letters without its asterisks, of the same length."""
    return label[0].replace("*", " ")


def _settings_by_line(
    lines: Sequence[tuple[int, str]], labelled: Mapping[int, Entry]
) -> Iterator[tuple[int, tuple[Entry, ...]]]:
    """Each line by its number, with its settings where it and its neighbours have enough of them."""
    run: list[tuple[int, tuple[Entry, ...]]] = []
    for number, (_, written) in enumerate(lines):
        if number not in labelled and (entries := _said_on(narrow(written))):
            run.append((number, entries))
            continue
        yield from _enough(run)
        run = []
        yield number, (labelled[number],) if number in labelled else ()
    yield from _enough(run)


def _said_on(line: str) -> tuple[Entry, ...]:
    """The settings of a line that begins with one, with colons or as people write them."""
    begin = by_hand.begin(line)
    first = _KEY.match(line, _beginning(line, begin))
    if first is None or not _is_sign(first[1].rstrip().lower()):
        return by_hand.settings(line)
    return tuple(each if each.name else by_hand.setting(each.value) or each for each in _entries(line[begin:]))


def _is_sign(name: str) -> bool:
    """Whether a line of settings begins with that name."""
    return name in _SIGNS or name in _FOOOCUS or name in _BESIDE or _LORA.fullmatch(name) is not None


def _enough(run: list[tuple[int, tuple[Entry, ...]]]) -> Iterator[tuple[int, tuple[Entry, ...]]]:
    named = [each.name.lower() for _, entries in run for each in entries if each.name]
    known = _SIGNS.intersection(named)
    are_settings = (len(known) >= 2 and (len(named) >= _FEWEST or len(known) == len(named))) or (
        len(_FOOOCUS.intersection(named)) >= _FEWEST_OF_FOOOCUS
    )
    return ((number, entries if are_settings else ()) for number, entries in run)


def _entries(line: str) -> tuple[Entry, ...]:
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


def _option(entry: Entry, entries: Mapping[str, Entry]) -> str:
    """The option that a setting is, beside the others; empty where none says it."""
    match entry.name.lower():
        case "cfg scale" if "distilled cfg scale" in entries:
            return TRUE_CFG.name if entry.value.strip() not in ("1", "1.0") else ""
        case "denoising strength" if "hires upscale" in entries:
            return HIRES_STRENGTH.name  # one number, which is that of the second pass where there is one
        case name:
            option = OPTIONS.get(name, "")
            return "" if option == SCHEDULE.name and _lays_out_itself(entries) else option


def _lays_out_itself(entries: Mapping[str, Entry]) -> bool:
    """Whether the sampler takes steps of its own in webui, which writes a schedule all the same and does not use it."""
    named = next((each for name, each in entries.items() if OPTIONS.get(name) == SAMPLER.name), None)
    row = sampler(_plain(named.value)) if named else None
    return row is not None and has(row, WEBUI.name) and not schedules(row, WEBUI.name)


def _value(name: str, value: str) -> str:
    plain = _plain(value)
    return schedule(plain) if name == SCHEDULE.name else plain


def schedule(name: str) -> str:
    """A schedule by the name that it has here, where the name of webui is that of a sampler too."""
    return _SCHEDULES.get(name.lower(), name)


def _plain(value: str) -> str:
    """A value without the quotes that webui writes around one with a comma, a colon or a line end."""
    if value[:1] != '"':
        return value
    try:
        read: object = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) else value


def as_signs(prompt: str) -> str:
    """The prompt with a backslash before each `#`: its program has cut comments out before it wrote it down."""
    return _SIGN.sub(r"\\#", prompt)


# --- what Civitai lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Resource:
    kind: str
    name: str
    weight: float


def _resources(entry: Entry | None) -> tuple[_Resource, ...]:
    """The models that Civitai lists, with their names there."""
    try:
        listed: object = json.loads(entry.value) if entry else ()
    except (ValueError, RecursionError):
        return ()
    if not isinstance(listed, list):
        return ()
    return tuple(filter(None, map(_resource, listed)))  # pyright: ignore[reportUnknownArgumentType]


def _resource(listed: object) -> _Resource | None:
    match listed:
        case {"type": str(kind), "modelName": str(name), "weight": int() | float() as weight}:
            return _Resource(kind.lower(), name, weight)
        case {"type": str(kind), "modelName": str(name)}:
            return _Resource(kind.lower(), name, 1)
        case _:
            return None


def _with_networks(prompt: str, resources: tuple[_Resource, ...]) -> str:
    """The prompt with the LoRAs that are listed; one that calls any calls them all, under the names of files."""
    if "<lora:" in prompt or "<lyco:" in prompt:
        return prompt
    calls = (f"<lora:{each.name}:{each.weight:g}>" for each in resources if each.kind in NETWORKS)
    return " ".join((prompt, *calls)).strip()
