"""A plan in the words of stable-diffusion-webui, as the tools that read its pictures expect them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from promptlang.dialects.convert import convert
from promptlang.exporters.numbers import guidance
from promptlang.exporters.words import apart, as_drawn
from promptlang.plans.enlarging import second_steps, second_strength, upscaler_of
from promptlang.plans.plan import Conditioning, Plan, Run
from promptlang.plans.refining import BEGUN
from promptlang.source import Passage
from promptlang.statements.parsing import read_prompt
from promptlang.syntax.nodes import Concept, walk
from promptlang.tables.dialects import A1111
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang.version import VERSION

UNSAID: Mapping[str, str] = MappingProxyType(
    {
        "images": "one picture has one text",
        "file_format": "the file itself shows it",
        "freeu": "a script of webui's writes it in words of its own",
        "image": "readers would take a path for one of theirs",
        "mask": "so they would here",
        "control": "an extension of webui's writes it in words of its own",
        "control_net": "so it does this",
        "control_image": "and this, without its path",
        "control_strength": "and this",
        "control_start": "and this",
        "control_end": "and this",
        "blend": "an extension of webui's writes it, too",
        "blend_adapter": "and this",
        "blend_encoder": "and this",
        "blend_strength": "and this",
        "arithmetic": "webui always uses its own",
    }
)
"""The fields of a plan that options fill and that these lines leave to our own chunk, with the reason."""

_PARTS = re.compile(r"^[^\S\n]*(?:Negative prompt|Steps):", re.MULTILINE)
_SPECIAL = re.compile(r"([()\[\]\\])")


Hashes = Mapping[str, str]
"""SHA-256 in hexadecimal, by the path of a file, of what webui reads of it to tell it from others."""

NO_HASHES: Hashes = MappingProxyType({})
MODEL_DIGITS, NETWORK_DIGITS = 10, 12  # how much of a hash webui writes; Civitai finds files by either


def infotext(plan: Plan, seed: int, hashes: Hashes = NO_HASHES) -> str:
    """Prompt, negative prompt and settings in three parts; what webui has no words for is left to our own chunk."""
    positive, negative = prompts(plan)
    lines = [positive, f"Negative prompt: {negative}" if negative else "", settings(plan, seed, hashes)]
    return "\n".join(line for line in lines if line)


def prompts(plan: Plan) -> tuple[str, str]:
    """Both sides as webui would be given them; a prompt in its own dialect stands as it was written."""
    positive, negative = _told(plan)
    loras = [each for each in plan.networks if each.kind == "lora"]
    parts = walk(read_prompt(Passage(positive), A1111.name).parts) if loras else ()
    named = {each.name for each in parts if isinstance(each, Concept)}
    missing = (each for each in loras if each.name not in named)  # called by `/set`, or in another dialect
    calls = [f"<lora:{each.name}:{each.weight:g}>" for each in missing]
    return _readable(" ".join([positive, *calls])), _readable(negative)


def _told(plan: Plan) -> tuple[str, str]:
    """Both sides in webui's dialect, in which networks may be called."""
    own = as_drawn(plan) if plan.dialect == A1111.name else changing(plan)
    return own or (_written(plan.positive), _written(plan.negative))


@lru_cache(maxsize=1)  # who writes the words asks, and who says what they leave out
def changing(plan: Plan) -> tuple[str, str] | None:
    """Both sides of a statement in another dialect whose words change on the way; None where they do not, or where
    webui cannot say all of it.
    """
    own = as_drawn(plan)
    if own is None or all(len(each.segments) < 2 for each in (*plan.positive.branches, *plan.negative.branches)):
        return None
    kinds = {each.name: each.kind for each in plan.networks}
    prompt, negative = (read_prompt(Passage(text), plan.dialect) for text in own)
    found = convert(prompt, A1111.name, negative if own[1] else None, kind_of=lambda name: kinds.get(name, ""))
    return None if found.losses else (found.positive, found.negative)


def _readable(prompt: str) -> str:
    """The prompt without a line that readers take for the next part; CLIP reads small and large letters alike."""
    return _PARTS.sub(lambda match: match[0].lower(), prompt.strip())


def settings(plan: Plan, seed: int, hashes: Hashes = NO_HASHES) -> str:
    """The line of settings: `Steps: 20, Sampler: DPM++ 2M, …`."""
    return ", ".join(f"{name}: {_quoted(value)}" for name, value in _settings(plan, seed, hashes))


def _settings(plan: Plan, seed: int, hashes: Hashes) -> Iterator[tuple[str, str]]:
    yield "Steps", str(plan.steps)
    yield "Sampler", sampler_name(plan)
    if schedule := schedule_name(plan):
        yield "Schedule type", schedule
    guided = guidance(plan)
    yield "CFG scale", f"{guided.cfg:g}"
    if guided.embedded is not None:
        yield "Distilled CFG Scale", f"{guided.embedded:g}"
    yield "Seed", str(seed)
    yield "Size", f"{plan.size[0]}x{plan.size[1]}"
    if known := _hash(plan.model.path, hashes):
        yield "Model hash", known
    yield "Model", plan.model.name
    if vae := vae_of(plan):
        if known := _hash(vae, hashes):
            yield "VAE hash", known
        yield "VAE", vae_name(vae)
    if plan.refiner:
        known = _hash(plan.refiner.path, hashes)
        yield "Refiner", f"{plan.refiner.name} [{known}]" if known else plan.refiner.name
        yield "Refiner switch at", f"{BEGUN:g}"
    if plan.clip_skip and plan.clip_skip > 1:
        yield "Clip skip", str(plan.clip_skip)
    if plan.strength is not None or plan.hires is not None:
        strength = second_strength(plan) if plan.strength is None else plan.strength
        yield "Denoising strength", f"{strength:g}"
    if plan.hires is not None:
        yield "Hires upscale", f"{plan.hires:g}"
        yield "Hires steps", f"{second_steps(plan)}"
        yield "Hires upscaler", upscaler_of(plan).webui
    if plan.rescale:
        yield "CFG Rescale", f"{plan.rescale:g}"
    if plan.weighting == "a1111-no-norm":
        yield "Emphasis", "No norm"
    for kind, name in (("lora", "Lora hashes"), ("inversion", "TI hashes")):
        if known := _hashes_of(plan, kind, hashes):
            yield name, known
    yield "RNG", "CPU"
    yield "Version", f"promptlang {VERSION}"


def vae_of(plan: Plan) -> str | None:
    """The VAE that is asked for in place of the model's own: where it lies, or what it is called."""
    called = [each.path or each.name for each in plan.networks if each.kind == "vae"]
    return plan.vae or (called[-1] if called else None)


def vae_name(vae: str) -> str:
    """A VAE as webui calls it: the name of its file; of what is no file, such as a name on the hub, all of it."""
    return os.path.basename(vae) if os.path.isabs(vae) or vae.endswith(SAFETENSORS) else vae


def _hash(path: str | None, hashes: Hashes) -> str:
    return hashes.get(path, "")[:MODEL_DIGITS] if path else ""


def _hashes_of(plan: Plan, kind: str, hashes: Hashes) -> str:
    """`ink: 0123456789ab, oak: …`; webui takes the signs out of names that part them."""
    found = {each.name: hashes.get(each.path or "", "") for each in plan.networks if each.kind == kind}
    known = ((re.sub("[:,]", "", name), digest[:NETWORK_DIGITS]) for name, digest in found.items() if digest)
    return ", ".join(f"{name}: {digest}" for name, digest in known)


def sampler_name(plan: Plan) -> str:
    """The plan's sampler as webui calls it; by its name here where webui has none such."""
    row = sampler(plan.sampler)
    return (row.webui if row else "") or plan.sampler


def schedule_name(plan: Plan) -> str:
    """The plan's schedule as webui calls it; empty where it is the sampler's own."""
    if not plan.schedule:
        return ""
    return SCHEDULES[plan.schedule].webui if plan.schedule in SCHEDULES else plan.schedule


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r"[,:\n]", value) else value


def _written(conditioning: Conditioning) -> str:
    """The branches as `AND`, each with its first words where they change on the way."""
    branches = [
        (_runs(branch.segments[0].runs) if branch.segments else "", branch.weight) for branch in conditioning.branches
    ]
    return " AND ".join(text if weight == 1 else f"{text} :{weight:g}" for text, weight in branches)


def _runs(runs: Sequence[Run]) -> str:
    return "".join(map(_run, apart(runs))).strip()


def _run(run: Run) -> str:
    text = _SPECIAL.sub(r"\\\1", run.text)
    words = text.strip()
    if run.weight != 1 and words:
        left, _, right = text.partition(words)
        text = f"{left}({words}:{run.weight:g}){right}"
    return f"{text} BREAK " if run.ends_chunk else text
