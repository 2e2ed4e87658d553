"""dgenerate: command lines of a `.dgen` file, one picture or a product of several each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from types import MappingProxyType

from promptlang.importers.imported import Call, Entry, Imported, Reading, is_count

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "--inference-steps": "steps",
        "--guidance-scales": "guidance",
        "--guidance-rescales": "rescale",
        "--seeds": "seed",
        "--output-size": "size",
        "--image-seed-strengths": "strength",
        "--image-seeds": "image",
        "--vae": "vae",
        "--image-format": "format",
    }
)
SHORT: Mapping[str, str] = MappingProxyType(
    {"-s": "--inference-steps", "-g": "--guidance-scales", "-p": "--prompts", "-se": "--seeds", "-mt": "--model-type"}
)
SCHEDULERS: Mapping[str, str] = MappingProxyType(
    {
        "use-karras-sigmas=true": "karras",
        "use-exponential-sigmas=true": "exponential",
        "use-beta-sigmas=true": "beta",
        "timestep-spacing=linspace": "normal",
        "timestep-spacing=trailing": "simple",
        "timestep-spacing=leading": "ddim_uniform",
    }
)
"""What stands behind the class of a scheduler, and the schedule that it asks for."""

_IDLE = frozenset({"--model-type", "--dtype", "--variant", "--output-path", "--output-prefix", "--device"})
_JOINED = re.compile(r"\\\r?\n[ \t]*|\r?\n[ \t]+(?=-)")
_SWEPT = "|"


def reading(text: str) -> Reading | None:
    """What the lines ask for; None where there is none of dgenerate's."""
    found: list[Imported] = []
    remarks: list[str] = []
    for line in _JOINED.sub(" ", text).splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("\\") or "{{" in line or "{%" in line:
            remarks.append(f"a line is not read, for it is a command or a template of dgenerate: {line[:80]}")
        elif each := _imported(line):
            found.append(each)
    return Reading(program="dgenerate", found=tuple(found), remarks=tuple(remarks)) if found else None


def _imported(line: str) -> Imported | None:
    try:
        model, *words = shlex.split(line)
    except ValueError:
        return None
    flags = dict(_flags(words))
    if not flags.get("--prompts"):
        return None
    above: dict[str, Entry] = {}
    for flag, name in OPTIONS.items():
        if values := flags.get(flag):
            above[name] = Entry(flag, _SWEPT.join(values))
    above |= dict(_scheduler(flags.get("--scheduler", ())))
    if skips := flags.get("--clip-skips"):
        further = 2 if "sdxl" in "".join(flags.get("--model-type", ())) else 1  # diffusers counts what is left out
        counts = (int(each) for each in skips if is_count(each))
        above["clipskip"] = Entry("--clip-skips", _SWEPT.join(str(each + further) for each in counts))
    first, *further_prompts = flags["--prompts"]
    positive, _, negative = first.partition(";")
    read = {"--prompts", "--scheduler", "--clip-skips", "--loras", *OPTIONS, *_IDLE}
    rest = [Entry(flag, " ".join(values)) for flag, values in flags.items() if flag not in read]
    rest += [Entry("--prompts", each) for each in further_prompts]
    return Imported(
        positive=positive.strip(),
        negative=negative.strip(),
        plain="--prompt-weighter" not in flags,
        model=model,
        networks=tuple(_networks(flags.get("--loras", ()))),
        command="remix" if _is_path(above.get("image")) else "render",
        options=(*above.items(),),
        rest=tuple(rest),
    )


def _is_path(entry: Entry | None) -> bool:
    """Whether a picture is drawn over that is named alone, without a mask or others beside it."""
    return entry is not None and not any(sign in entry.value for sign in (";", _SWEPT, ","))


def _flags(words: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each flag with the values behind it."""
    name, values = "", list[str]()
    for word in (*words, "--"):
        if word.startswith("-") and not _is_number(word):
            if name:
                yield SHORT.get(name, name), tuple(values)
            name, values = word, []
        else:
            values.append(word)


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.]+", word))


def _scheduler(values: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    if not values:
        return
    name, *settings = values[0].split(";")
    yield "sampler", Entry("--scheduler", name)
    for each in settings:
        if schedule := SCHEDULERS.get(each.strip().lower().replace("_", "-")):
            yield "schedule", Entry("--scheduler", schedule)


def _networks(values: Sequence[str]) -> Iterator[Call]:
    for each in values:
        name, *settings = each.split(";")
        scale = next(
            (value for key, _, value in (one.partition("=") for one in settings) if key.strip() == "scale"), "1"
        )
        yield Call(name, _strength(scale))


def _strength(text: str) -> float:
    """The number; none where the text is none, so that no other is drawn in its place."""
    try:
        return float(text)
    except ValueError:
        return nan
