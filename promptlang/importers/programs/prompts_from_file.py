"""A line for the script “Prompts from file” of stable-diffusion-webui: `--prompt "a cow" --steps 20`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from promptlang.importers.imported import Entry, Imported
from promptlang.tables.options.table import SIZE

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "steps": "steps",
        "sampler_name": "sampler",
        "scheduler": "schedule",
        "cfg_scale": "guidance",
        "seed": "seed",
        "n_iter": "images",
        "batch_size": "images",
    }
)
"""The flags that are options here; width and height are one."""

_FLAG = re.compile(r"--(?P<name>[a-z_]+)(?:[ \t]+(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|(?!--)\S+))?\s*+")


def imported(line: str) -> Imported | None:
    """What a line says; None where it has no `--prompt`, or more than flags."""
    flags: dict[str, str] = {}
    at = 0
    line = line.strip()
    while at < len(line):
        found = _FLAG.match(line, at)
        if found is None:
            return None
        flags[found["name"]] = _plain(found["value"] or "")
        at = found.end()
    if "prompt" not in flags:
        return None
    entries = {name: Entry(f"--{name}", value) for name, value in flags.items()}
    options = {OPTIONS[name]: entry for name, entry in entries.items() if name in OPTIONS}
    if "width" in flags and "height" in flags:
        options[SIZE.name] = Entry(SIZE.name, f"{flags['width']}x{flags['height']}")
    said = {"prompt", "negative_prompt", "sd_model", *OPTIONS, *(("width", "height") if SIZE.name in options else ())}
    return Imported(
        positive=flags["prompt"].strip(),
        negative=flags.get("negative_prompt", "").strip(),
        model=flags.get("sd_model", ""),
        options=tuple(options.items()),
        rest=tuple(entry for name, entry in entries.items() if name not in said),
    )


def _plain(value: str) -> str:
    if value[:1] == "'":
        return value[1:-1]
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value
