"""Flags with values: lines for webui's script “Prompts from file”, and commands as they are typed in a shell.

`--prompt "a cow" --steps 20`; `./sd -p "a cow" --steps 20`, `python generate.py --prompt "a cow"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from math import prod
from types import MappingProxyType

from promptlang.importers.imported import SIDES, Entry, Imported, sized
from promptlang.tables.options.table import GUIDANCE, IMAGES, SAMPLER, SEED, SIZE, STEPS, TRUE_CFG

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

_COUNTS = ("n_iter", "batch_size")  # which multiply
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_FLAG = re.compile(r"--(?P<name>[a-z_]+)(?:[ \t]+(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|(?!--)\S+))?\s*+")


def of_script(line: str) -> Imported | None:
    """What a line says; None where it has no `--prompt`, or more than flags."""
    flags: dict[str, str] = {}
    at = 0
    line = line.strip()
    while at < len(line):
        found = _FLAG.match(line, at)
        if found is None:
            return None
        flags[found["name"]] = _unquoted(found["value"] or "")
        at = found.end()
    if "prompt" not in flags:
        return None
    entries = {name: Entry(f"--{name}", value) for name, value in flags.items()}
    options = {OPTIONS[name]: entry for name, entry in entries.items() if name in OPTIONS}
    if all(_COUNT.fullmatch(flags.get(name, "")) for name in _COUNTS):
        options[IMAGES.name] = Entry("--n_iter times --batch_size", str(prod(int(flags[name]) for name in _COUNTS)))
    options |= sized(flags)
    said = {"prompt", "negative_prompt", "sd_model", *OPTIONS, *(SIDES if SIZE.name in options else ())}
    return Imported(
        positive=flags["prompt"].strip(),
        negative=flags.get("negative_prompt", "").strip(),
        model=flags.get("sd_model", ""),
        options=tuple(options.items()),
        rest=tuple(entry for name, entry in entries.items() if name not in said),
    )


def _unquoted(value: str) -> str:
    if value[:1] == "'":
        return value[1:-1]
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value


# --- commands of a shell ----------------------------------------------------------------------------------------------

_PROGRAM = re.compile(
    r"\s*(?:\$\s+)?(?:(?:uv\s+run\s+)?python[\d.]*\s+(?:-m\s+\S|\S+\.py\s)|\.{0,2}/?(?:[\w.~-]+/)*(?:sd|sd-cli|mflux-\w+|curl)\s)"
)
_REQUEST = re.compile(r"(?:\S*/)?curl")
_SENT = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_POSITIVE, _NEGATIVE, _MODEL = "prompt", "negative", "model"
_MEANS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("p", "prompt", "text_prompt"), _POSITIVE),
        **dict.fromkeys(("n", "negative_prompt", "neg_prompt", "negative"), _NEGATIVE),
        **dict.fromkeys(("m", "model", "model_id", "diffusion_model", "ckpt", "ckpt_path"), _MODEL),
        **dict.fromkeys(("steps", "sample_steps", "num_inference_steps", "inference_steps", "ddim_steps"), STEPS.name),
        **dict.fromkeys(("cfg_scale", "guidance", "guidance_scale", "sample_guide_scale", "scale"), GUIDANCE.name),
        **dict.fromkeys(("s", "seed", "base_seed"), SEED.name),
        **dict.fromkeys(("sampling_method", "sampler", "sampler_name"), SAMPLER.name),
        **dict.fromkeys(("batch_count", "num_images", "n_samples"), IMAGES.name),
        **dict.fromkeys(("w", "width"), "width"),
        **dict.fromkeys(("h", "height"), "height"),
        **dict.fromkeys(("size", "resolution"), SIZE.name),
    }
)
"""What flags of such programs mean, in small letters and with `_` for `-`."""
_SAID_AS = frozenset({STEPS.name, GUIDANCE.name, SEED.name, SAMPLER.name, IMAGES.name, TRUE_CFG.name})
_SIDES = re.compile(r"(\d+)[x*,](\d+)")


def begins(text: str) -> bool:
    """Whether a text begins as such a command does."""
    return _PROGRAM.match(text) is not None


def words_of(text: str) -> list[str]:
    """The words of a command; none where its quotes are open."""
    import shlex  # of few texts

    try:
        return shlex.split(re.sub(r"\\\r?\n", " ", text))
    except ValueError:
        return []


def is_request(words: Sequence[str]) -> bool:
    """Whether curl sends something."""
    return any(map(_REQUEST.fullmatch, words[:2]))  # behind `$`, perhaps


def sent(words: Sequence[str]) -> str:
    """The JSON that curl is told to send; empty where it is told none."""
    bodies = (body for flag, body in pairwise(words) if flag in _SENT)
    joined = (word.partition("=")[2] for word in words if word.partition("=")[0] in _SENT)
    body = next(chain(bodies, joined), "")
    return body if body.lstrip()[:1] == "{" else ""


def of_shell(words: Sequence[str]) -> Imported | None:
    """What the command of a program that draws says; None where it names no prompt."""
    flags = _by_flag(words)
    means = _meanings(flags)
    named = {meaning: flags[flag] for flag, meaning in means.items()}
    if not named.get(_POSITIVE):
        return None
    options = {name: Entry(name, value) for name, value in named.items() if name in _SAID_AS and value}
    options |= sized(named)
    if SIZE.name not in options and (sides := _SIDES.fullmatch(named.get(SIZE.name, ""))):
        options[SIZE.name] = Entry(SIZE.name, f"{sides[1]}x{sides[2]}")
    said = {_POSITIVE, _NEGATIVE, _MODEL, *options, *(SIDES if SIZE.name in options else ())}
    return Imported(
        positive=named[_POSITIVE].strip(),
        negative=named.get(_NEGATIVE, "").strip(),
        model=re.split(r"[/\\]", named.get(_MODEL, ""))[-1],
        options=tuple(options.items()),
        rest=tuple(Entry(flag, value) for flag, value in flags.items() if means.get(flag) not in said),
    )


def _meanings(flags: Mapping[str, str]) -> Mapping[str, str]:
    """What each flag means that means something here; of several for one thing the last one does. `--cfg-scale` beside
    `--guidance`, which a model reads that is distilled, is classifier-free guidance, as in stable-diffusion.cpp.
    """
    by_meaning: dict[str, str] = {}
    names = {_plain(flag) for flag in flags}
    for flag, value in flags.items():
        meaning = _MEANS.get(_plain(flag), "")
        if _plain(flag) == "cfg_scale" and "guidance" in names:
            meaning = TRUE_CFG.name if value not in ("1", "1.0") else ""
        if meaning:
            by_meaning[meaning] = flag
    return {flag: meaning for meaning, flag in by_meaning.items()}


def _by_flag(words: Sequence[str]) -> Mapping[str, str]:
    """The flags as they are written, each with what stands behind it."""
    found: dict[str, list[str]] = {}
    last: list[str] | None = None
    for word in words:
        if re.match(r"--?[A-Za-z]", word):
            flag, _, value = word.partition("=")
            last = found.setdefault(flag, [])
            last += [value] if value else []
        elif last is not None:
            last.append(word)
    return {flag: " ".join(values) for flag, values in found.items()}


def _plain(flag: str) -> str:
    """Of letters only those for sides are read in either case: `-M` is no `-m`."""
    name = flag.lstrip("-").replace("-", "_")
    return name if len(name) == 1 and name not in "WH" else name.lower()
