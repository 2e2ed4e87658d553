"""`docs/families.md`, written from the table of families; a test holds the two together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptlang.reference import detection, side_by_side
from promptlang.reference.headers import comfyui
from promptlang.sentences import listed
from promptlang.tables.models.abilities import FEATURES, Ability
from promptlang.tables.models.clip_skip import (
    A1111_HIGHEST_CLIP_SKIP,
    a1111_clip_skip,
    clip_skip_range,
    comfy_clip_layer,
    diffusers_clip_skip,
)
from promptlang.tables.models.encoders import Encoder
from promptlang.tables.models.families import FAMILIES, UNKNOWN, family
from promptlang.tables.models.family import Family, Variant

HEAD = """# Model families

{notice}

What a prompt means depends on the family of the model that reads it. The family is read from the model file, never
guessed from its name; `promptlang inspect FILE` says which it is and how that is known. Prompts for every family are
checked and compiled; `promptlang render` draws those that say so.
"""

OVERVIEW = ("Family", "Name", "Text encoders", "`/clipskip`", "Default", "Drawn")

NUMBERS = """## The same layer in other programs

`/clipskip:N` counts hidden states from the end of the text encoder, 1 being the last.
"""

ABILITIES = """## What does something where

A dash: it does nothing there, and `promptlang check` says so where it is asked for. *Not drawn*: it would act, and
`promptlang render` refuses it there, which is said as well. What a variant makes different
(FLUX.1 schnell reads no guidance) stands with the family below.
"""

FORMS = """## Drawn from what

A folder is one in the layout of diffusers, also with files of half precision alone (`*.fp16.safetensors`). Parts are a
denoiser, its text encoders and its VAE in files of their own, as ComfyUI keeps them; `text-encoder` and `vae` of its
entry in `promptlang.toml` name them. Numbers of eight bits and the blocks of GGUF files are made plain ones when they
are read, and the plan names them as `quantization`. Files of weights do not say
how a text encoder divides texts, CLIP's apart, so a `tokenizer.json` lies beside them.
"""
FORM_COLUMNS = ("Folder", "Single file", "Parts", "Eight bits (fp8)", "GGUF, its denoiser", "`tokenizer.json` of")

DETECTION = """## Told by their headers

What a safetensors file is shows in the names and shapes of its tensors. `promptlang inspect FILE` names the keys that
decided. The columns behind say where diffusers, asked about the same keys, answers otherwise, and what ComfyUI calls a
model and looks for: it asks one question after the other, and the first key that is there decides. `–` is a model for
which it has no question.
"""

CAPS = f"""A1111 and Forge end at {A1111_HIGHEST_CLIP_SKIP}. ComfyUI reads an index beyond the layers as the last layer.
"""


def page(notice: str) -> str:
    """The whole page in Markdown; `notice` tells readers of the source where it comes from."""
    known = [row for row in FAMILIES if row is not UNKNOWN]
    parts = (
        HEAD.format(notice=notice),
        _table(OVERVIEW, map(_overview, (*known, UNKNOWN))),
        ABILITIES,
        _table(("Family", *(each.title.replace("|", "\\|") for each in FEATURES)), map(_abilities, known)),
        FORMS,
        _table(("Family", *FORM_COLUMNS), (_forms(row) for row in known if row.rendered)),
        side_by_side.TEXT,
        _table(side_by_side.head(), side_by_side.rows()),
        "## Defaults\n\nUsed where neither the prompt, the project nor the model says otherwise.\n",
        _table(("Family", "Guidance", "Steps", "Sampler", "Predicts", "`/freeu`"), map(_defaults, known)),
        "## Sizes\n\nA model at home in another size than its family scales these.\n",
        _table(("Family", "Square", "`/portrait`", "`/tall`", "`/landscape`", "`/wide`"), map(_sizes, known)),
        NUMBERS,
        _table(("`/clipskip`", "diffusers, sd1", "diffusers, sdxl and sd3", "A1111, Forge", "ComfyUI"), _numbers()),
        CAPS,
        DETECTION,
        _table(
            (
                "Model",
                "Keys that decide",
                "promptlang",
                f"diffusers {detection.DIFFUSERS}",
                "Why",
                f"ComfyUI {comfyui.VERSION}",
            ),
            detection.rows(),
        ),
        *map(_section, FAMILIES),
    )
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, tuple("---" for _ in head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _overview(row: Family) -> tuple[str, ...]:
    encoders = ", ".join(map(_encoder, row.encoders)) or "–"
    steps = clip_skip_range(row)
    legal = f"{steps[0]} to {steps[-1]}: " if steps else ""
    shown = legal + row.clip_skip.value
    return f"`{row.name}`", row.title, encoders, shown, str(row.clip_skip_default or "–"), _drawn(row)


def _drawn(row: Family) -> str:
    if not row.rendered:
        return "–"
    if row.single_files:
        limited = [each.name for each in row.variants if each.limit]
        in_folders = "".join(f"; {each.name}: from folders" for each in row.variants if each.single_files is False)
        return f"yes, but for {listed(limited)}{in_folders}" if limited else f"yes{in_folders}"
    others = [each.name for each in row.variants if each.single_files]
    return f"from folders; {', '.join(others)}: yes" if others else "from folders"


def _forms(row: Family) -> tuple[str, ...]:
    variants = [each for each in row.variants if each.single_files]
    without = ", ".join(each.name for each in row.variants if each.single_files is False)
    whole = f"yes, but for {without}" if without else "yes"
    files = whole if row.single_files else ", ".join(each.name for each in variants) or "–"
    readers = row.encoders if row.single_files else tuple(one for each in variants for one in each.encoders)
    divided = [each.name for each in readers if each.end]
    return f"`{row.name}`", "yes", *[files] * (len(FORM_COLUMNS) - 2), ", ".join(divided) or "–"


def _encoder(row: Encoder) -> str:
    return f"{row.name} ({row.layers} layers)" if row.layers else row.name


def _abilities(row: Family) -> tuple[str, ...]:
    return f"`{row.name}`", *(_cell(each.judge(row, row.guides)) for each in FEATURES)


def _cell(found: Ability) -> str:
    return "not drawn" if found.limit else "yes" if found.acts else "–"


def _defaults(row: Family) -> tuple[str, ...]:
    freeu = f"`{','.join(f'{each:g}' for each in row.freeu)}`" if row.freeu else "–"
    predicts = "either" if row.prediction == "unknown" else row.prediction
    return f"`{row.name}`", f"{row.guidance:g}", str(row.steps), f"`{row.sampler}`", predicts, freeu


def _sizes(row: Family) -> tuple[str, ...]:
    shapes = tuple(f"{width} × {height}" for width, height in row.sizes.values())
    return f"`{row.name}`", f"{row.native} × {row.native}", *shapes


def _numbers() -> Iterator[tuple[str, ...]]:
    first, second = family("sd1"), family("sdxl")
    for number in clip_skip_range(first) or ():
        ours = str(number), _or_none(diffusers_clip_skip(first, number)), _or_none(diffusers_clip_skip(second, number))
        capped = a1111_clip_skip(number)
        yield *ours, str(capped) if capped == number else f"{capped} (capped)", str(comfy_clip_layer(number))


def _or_none(number: int | None) -> str:
    return "none" if number is None else str(number)


def _variant(row: Variant) -> str:
    marks = [f"{row.steps} steps"] if row.steps else []
    marks += [f"guidance {row.guidance:g}"] if row.guidance else []
    marks += [f"guidance: {row.guides.value}"] if row.guides else []
    marks += [f"drawn by `/sampler:{row.sampler}` alone"] if row.sampler else []
    marks += ["to be named in `promptlang.toml`"] if row.hidden else []
    shown = f"- *{row.name}*: {row.docs}" + (f" ({'; '.join(marks)})" if marks else "")
    return f"{shown} Not drawn yet: it {row.limit}." if row.limit else shown


def _section(row: Family) -> str:
    lines = [f"## {row.title}\n", row.docs]
    if row.variants:
        lines += ["", *map(_variant, row.variants)]
    lines.append(f"\nGuidance: {row.guides.value}.")
    if row.below:
        lines.append(f"diffusers counts guidance {row.below:g} lower.")
    if row.networks_from:
        lines.append(
            f"\nLoRAs made for {', '.join(family(each).title for each in row.networks_from)} load here as well."
        )
    if row.reads:
        lines.append(f"\nA prompt is read up to about {row.reads} tokens.")
    if row.refiner:
        lines.append(f"\nIts pictures may be finished by a {family(row.refiner).title}; `/nofix` leaves it out.")
    return "\n".join([*lines, f"\nSource: {row.source}.\n"])
