"""What any file or text of another program says: which program it is, is told by what is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from promptlang.files import LARGEST, decoded, read_bytes
from promptlang.importers.imported import LIST, Imported, Reading
from promptlang.importers.json_text import parsed
from promptlang.importers.pictures.exif import jpeg_texts, webp_texts
from promptlang.importers.pictures.png import SIGNATURE, png_texts
from promptlang.importers.pictures.written import OWN_NAME, PAGE_NAME, Texts
from promptlang.models.evidence.records import Record
from promptlang.sentences import listed
from promptlang.statements.cutting import has_command
from promptlang.tables.options.table import SAMPLER
from promptlang.tables.samplers import sampler
from promptlang.values import replace

_NEGATIVE_LINE = re.compile(r"^\s*negative prompt:", re.MULTILINE)
_WORD = re.compile(r"\w{3,}")
_NOTHING = "it says nothing about how it was made"
_PAGE = "it is a page of pictures, each of which says itself how it was made"
_BLOCKS = ("parameters", "UserComment", "Comment", "XMP", "ImageDescription", "XPComment", "stealth", "Description")
"""The names that texts about the making of a picture have, that of webui and the most told first."""
_COMFY_TAGS = ("prompt:", "workflow:")
_TABLE, _JSON = ".csv", ".json"


def read_file(path: Path) -> Reading:
    """What a picture or a text file says; raises OSError where the system refuses."""
    with path.open("rb") as file:
        if (texts := _texts(file)) is not None:
            return of_picture(texts, path)
    return _of_bytes(read_bytes(path, LARGEST), path.name)


def read_data(file: BinaryIO, name: str) -> Reading:
    """The same of what came another way than in a file."""
    if (texts := _texts(file)) is not None:
        return of_picture(texts)
    file.seek(0)
    return _of_bytes(file.read(), name)


def _texts(file: BinaryIO) -> Texts | None:
    """The texts of a picture; None where it is none that carries any."""
    head = file.read(16)
    if head.startswith(SIGNATURE):
        return png_texts(file)
    if head.startswith(b"\xff\xd8\xff"):
        return jpeg_texts(file)
    return webp_texts(file) if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _of_bytes(data: bytes, name: str) -> Reading:
    from promptlang.foreign import foreign, language

    if data.lstrip()[:1] not in (b"{", b"[") and (kind := foreign(data, is_named_prompt=True)):
        return Reading(remarks=(f"it is {kind.what}, in which nothing is looked for",))
    text = decoded(data, name)
    remarks = ("it is not UTF-8, and read in part",) if text.problem else ()
    reading = of_text(text.source.text, name=name)
    if reading.program == LIST and has_command(text.source.text):
        return Reading(remarks=("it holds statements of promptlang already",))
    if reading.program == LIST and (kind := language(data, name)) and not kind.lists:
        return Reading(remarks=(f"it is {kind.what}, in which no prompt is found",))
    return replace(reading, remarks=(*remarks, *reading.remarks))


def of_picture(texts: Texts, path: Path | None = None) -> Reading:
    """What the texts of a picture say; of several that disagree the first in the order of their names is taken."""
    if any(name == PAGE_NAME for name, _ in texts.found):
        return Reading(program=OWN_NAME, is_page=True, remarks=(_PAGE,))
    seen = _readings(texts.found)
    readings = [each for each in seen if each.found]
    if not readings and texts.has_alpha and path:
        hidden = _hidden(path)
        readings = [each for each in _readings(hidden.found) if each.found]
        texts = replace(texts, remarks=(*texts.remarks, *hidden.remarks))
    if not readings:
        said = [*texts.remarks, *(remark for each in seen for remark in each.remarks)]
        return Reading(remarks=(*said, *_unread(texts), _NOTHING))
    first, *others = readings
    remarks = (
        *(*texts.remarks, *_twice(texts.found), *first.remarks),
        *(each for other in others for each in _disagreements(first, other)),
    )
    return replace(first, remarks=tuple(dict.fromkeys(remarks)))


def _twice(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Texts of the same name that say something else than the first one."""
    first: dict[str, str] = {}
    for name, text in found:
        if first.setdefault(name, text) != text:
            yield f"it has several texts `{name}` that disagree: the first is taken"


def _unread(texts: Texts) -> tuple[str, ...]:
    names = [f"`{name}`" for name in dict(texts.found)]
    if not names:
        return ()
    said = f"text {names[0]} is" if len(names) == 1 else f"texts {listed(names)} are"
    return (f"its {said} of no program known here",)


def _hidden(path: Path) -> Texts:
    try:
        from promptlang.importers.pictures.stealth import stealth_texts

        return stealth_texts(path)
    except ImportError:
        return Texts(remarks=("whether its pixels hide a text is not looked at: that needs Pillow",))


def _readings(found: Sequence[tuple[str, str]]) -> list[Reading]:
    """Each text that a program is known by, read."""
    named: dict[str, str] = {}
    for name, text in found:
        for tag in _COMFY_TAGS:
            if text[: len(tag)].lower() == tag:  # in EXIF the graph stands behind its name
                named.setdefault(tag[:-1], text[len(tag) :])
        named.setdefault(name, text)
    readings: list[Reading | None] = []
    if own := named.get(OWN_NAME):
        readings.append(_own(own))
    readings += [_block(name, named) for name in _BLOCKS if name in named]
    readings += [_invoke(named), _comfy(named)]
    return [each for each in readings if each]


def _own(text: str) -> Reading | None:
    from promptlang.importers.programs.promptlang import reading

    record = parsed(text)
    return reading(record) if isinstance(record, Record) else None


def _block(name: str, named: dict[str, str]) -> Reading | None:
    """One of the texts that several programs write under the same name."""
    text = named[name]
    record = parsed(text) if text.lstrip()[:1] == "{" else None
    if isinstance(record, Record):
        found = _of_record(record, named)
        return found if found and found.found else None
    if name in ("Description", "ImageDescription", "Comment") and "Steps:" not in text:
        return None
    return _written(text) or _infotext(text)


def _invoke(named: dict[str, str]) -> Reading | None:
    from promptlang.importers.programs.invoke import KEYS, dream, reading

    newest, older, oldest = KEYS
    for key in (newest, older):
        record = parsed(named.get(key, ""))
        if isinstance(record, Record) and (found := reading(record)):
            return found
    return dream(named[oldest]) if oldest in named else None


def _comfy(named: dict[str, str]) -> Reading | None:
    """The graph that ran, or else the one that was drawn."""
    from promptlang.importers.comfyui.reading import reading

    found: Reading | None = None
    for key in ("prompt", "workflow"):
        record = parsed(named.get(key, ""))
        each = reading(record) if isinstance(record, Record) else None
        if each and each.found:
            return each
        found = found or each
    return found


def _written(text: str) -> Reading | None:
    """webui's parameters where they end as a program writes them."""
    from promptlang.importers.infotext import imported
    from promptlang.importers.typed.blocks import written

    block = written(text)
    return Reading(program=_program(text), found=(imported(block),)) if block else None


def _infotext(text: str) -> Reading | None:
    from promptlang.importers.infotext import imported
    from promptlang.importers.typed.blocks import blocks

    found = blocks(text)
    if not any(each.sign for each in found):
        return None
    return Reading(program=_program(text), found=tuple(map(imported, found)))


def _program(text: str) -> str:
    """The one that wrote webui's parameters, as far as they tell."""
    signs = (
        ("App: SD.Next", "SD.Next"),
        ("Version: Fooocus", "Fooocus"),
        ("Version: f", "Forge"),
        ("Civitai resources", "Civitai"),
    )
    return next((name for sign, name in signs if sign in text), "stable-diffusion-webui")


# --- texts ------------------------------------------------------------------------------------------------------------


def of_text(text: str, *, name: str = "") -> Reading:
    """What a text says, in whichever form; plain words are prompts, one a line."""
    body = text.lstrip("\ufeff").strip()
    if not body:
        return Reading(remarks=("it is empty",))
    if body[:1] in ("{", "["):
        value = parsed(body)
        if value is not None and (found := _of_json(value)):
            return found
        if value is None and (name.lower().endswith(_JSON) or body[:2] in ('{"', "[{", "{\n", "{\r", "[\n")):
            return Reading(remarks=("it begins as JSON does and cannot be read as such",))
    if name.endswith(_TABLE) and (found := _styles(body)):
        return found
    from promptlang.importers.programs.midjourney import begins, imported, prompts

    if begins(body):
        return Reading(program="Midjourney", found=tuple(map(imported, prompts(body))))
    return (
        _dgenerate(body)
        or _command(body)
        or _python(body)
        or _yaml(body)
        or _table(body)
        or _infotext(body)
        or _styles(body)
        or _trainer(body)
        or _flags(body)
        or _lines(body)
    )


def _flags(body: str) -> Reading | None:
    """Words with Midjourney's flags behind them, without its command."""
    from promptlang.importers.programs.midjourney import has_flags, imported, prompts

    if not has_flags(body):
        return None
    return Reading(program="Midjourney", found=tuple(map(imported, prompts(body))))


def _trainer(body: str) -> Reading | None:
    """Lines for the samples of a trainer, where each is one."""
    from promptlang.importers.programs.sd_scripts import imported

    lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [each for line in lines if (each := imported(line))]
    return Reading(program="sd-scripts", found=tuple(found)) if found and len(found) == len(lines) else None


def _styles(body: str) -> Reading | None:
    from promptlang.importers.typed.lists import styles

    return styles(body)


def _lines(body: str) -> Reading:
    from promptlang.importers.typed.lists import lines

    found = lines(body)
    return found if found.found else replace(found, remarks=(*found.remarks, "it holds no prompt"))


def _dgenerate(body: str) -> Reading | None:
    if "--prompts" not in body and "--inference-steps" not in body:
        return None
    from promptlang.importers.programs.dgenerate import reading

    return reading(body)


def _command(body: str) -> Reading | None:
    found = of_command(body)
    return Reading(program="a command line", found=found) if found else None


def of_command(text: str) -> tuple[Imported, ...]:
    """What was typed in a shell: a program with its options, or a request that curl sends."""
    from promptlang.importers.programs.flags import begins, is_request, of_shell, sent, words_of

    words = words_of(text) if begins(text) else []
    if is_request(words):
        body = sent(words)
        return of_text(body, name="request.json").found if body else ()
    found = of_shell(words)
    return (found,) if found else ()


def _python(body: str) -> Reading | None:
    """Code that draws."""
    from promptlang.importers.programs.python.code import imported

    found = imported(body)
    return Reading(program="Python code", found=found) if found else None


def _yaml(body: str) -> Reading | None:
    from promptlang.importers.typed.yaml_text import imported

    found = imported(body)
    return Reading(program="YAML", found=found) if found else None


def _table(body: str) -> Reading | None:
    from promptlang.importers.typed.table_text import begins, imported

    found = imported(body) if begins(body) else ()
    return Reading(program="a table", found=found) if found else None


def _of_json(value: object) -> Reading | None:
    if isinstance(value, Record):
        return _of_record(value, {})
    if isinstance(value, list):
        found = [each for record in value if isinstance(record, Record) if (each := _of_record(record, {}))]  # pyright: ignore[reportUnknownVariableType]
        if found:
            return Reading(
                program=found[0].program,
                found=tuple(prompt for each in found for prompt in each.found),
                remarks=tuple(remark for each in found for remark in each.remarks),
            )
    return None


def _of_record(record: Record, named: dict[str, str]) -> Reading | None:
    """JSON by the names in it."""
    from promptlang.importers.comfyui.reading import reading as comfyui
    from promptlang.importers.programs import (
        draw_things,
        fooocus,
        invoke,
        novelai,
        openai,
        promptlang,
        swarm,
        webui_json,
    )

    def of_novelai(each: Record) -> Reading | None:
        return novelai.reading(each, named.get("Description", ""), named.get("Source", "")) or novelai.hidden(each)

    readers: tuple[Callable[[Record], Reading | None], ...] = (
        promptlang.reading,
        comfyui,
        swarm.reading,
        invoke.reading,
        fooocus.reading,
        draw_things.reading,
        of_novelai,
        openai.reading,
        webui_json.reading,
    )
    found = next((each for read in readers if (each := read(record))), None)
    return found or Reading(remarks=("it is JSON of no program known here",))


# --- two texts about one picture --------------------------------------------------------------------------------------


def _disagreements(first: Reading, second: Reading) -> tuple[str, ...]:
    """What two texts of one picture say differently."""
    if len(first.found) != 1 or len(second.found) != 1:
        return ()
    here, there = first.found[0], second.found[0]
    pairs: list[tuple[str, str, str]] = []
    if here.dialect == there.dialect or _share_no_word(here.positive, there.positive):
        pairs.append(("the prompt", _words(here.positive), _words(there.positive)))
    mine, other = dict(here.options), dict(there.options)
    pairs += [(name, _plain(name, mine[name].value), _plain(name, other[name].value)) for name in mine if name in other]
    return tuple(
        f"what {first.program} and {second.program} wrote disagrees about {name} (`{one[:60]}` and `{two[:60]}`): "
        "the first is taken"
        for name, one, two in pairs
        if one != two
    )


def _share_no_word(one: str, two: str) -> bool:
    """Whether two prompts in different dialects cannot say the same, whatever their signs are."""
    first, second = (set(_WORD.findall(_words(each))) for each in (one, two))
    return bool(first and second) and first.isdisjoint(second)


def _words(prompt: str) -> str:
    """The words in the one way in which they are compared, up to a line that readers take for the negative prompt.

    CLIP reads small and large letters alike.
    """
    return " ".join(_NEGATIVE_LINE.split(prompt.lower(), 1)[0].split())


def _plain(name: str, value: str) -> str:
    """A value in the one way in which it is compared."""
    row = sampler(value) if name == SAMPLER.name else None
    try:
        return row.name if row else f"{float(value):g}" if "." in value else value.lower()
    except ValueError:
        return value
