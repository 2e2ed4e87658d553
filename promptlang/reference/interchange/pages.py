"""The pages on import and export: what is read of each program, and what each is told, from the table of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from promptlang.exporters.targets import FILLING, ROWS, Target
from promptlang.reference.interchange.round_trips import FEATURES, comes_back, count_of_same, trip

PROGRAMS = (
    ("stable-diffusion-webui, Forge, SD.Next, Civitai", "text under a prompt; PNG, JPEG, WebP"),
    ("Easy Diffusion, posts in forums", "labels with values, in ten languages"),
    ("stable-diffusion-webui's API, Civitai's JSON", "JSON"),
    ("“Prompts from file”, lists, `styles.csv`", "lines and rows, of which styles become recipes"),
    ("ComfyUI", "graphs as they run and as they are drawn, with subgraphs; JSON, PNG, WebP"),
    ("InvokeAI 1 to 6", "JSON, a command line; PNG"),
    ("SwarmUI", "JSON; PNG, JPEG"),
    ("Fooocus", "JSON; PNG, JPEG, WebP"),
    ("NovelAI", "JSON; PNG, the lowest bits of its alpha channel"),
    ("Draw Things", "JSON; XMP, EXIF"),
    ("Midjourney, bots of chats", "words with flags or with `name:value` behind them"),
    ("sd-scripts", "lines for the samples that trainers draw"),
    ("dgenerate", "command lines"),
    ("stable-diffusion.cpp, mflux, `generate.py` of models", "commands as they are typed in a shell"),
    ("curl", "requests to webui, OpenAI and others, with their JSON in the command"),
    ("Python with diffusers or a service", "calls for pictures in its code, which is read and never run"),
    ("OpenAI images endpoints", "JSON"),
)


def import_page(notice: str) -> str:
    """What is read of which program."""
    return "\n".join((notice, "", *_IMPORT, "", *_table(("Program", "What is read"), iter(PROGRAMS)), ""))


def export_page(notice: str) -> str:
    """What is written for which program, and what of it is read back."""
    programs = _table(("`--to`", "Writes", "Prompt", "Comes back"), map(_program, ROWS))
    head = ("", *(f"`{row.name}`" for row in ROWS))
    features = _table(head, ((_called(name), *(_mark(row, name) for row in ROWS)) for name in FEATURES))
    return "\n".join((notice, "", *_EXPORT, "", *programs, "", *_same(), "", *_BY_FEATURE, "", *features, ""))


def _same() -> Iterator[str]:
    yield f"{count_of_same()} of {len(ROWS)} give back the same plan, hash and all, of a prompt with its negative part,"
    yield "model, sampler, schedule, steps, guidance, size and seed."


def _program(row: Target) -> tuple[str, ...]:
    prompt = f"in `{row.dialect}`" if row.dialect else "plain words"
    back = "as the same plan" if comes_back(row.name) else "without its sampler" if row.read_back else "is not read"
    return f"`{row.name}`", row.docs, prompt, back


def _called(name: str) -> str:
    """A feature as a user writes it."""
    own = {"clip_skip": "`/clipskip`", "lora": "LoRA", "inversion": "textual inversion"}
    return own.get(name) or f"`/{FILLING[name]}`"


def _mark(row: Target, name: str) -> str:
    found = trip(row.name, name)
    return "both ways" if found.back else "written" if found.told else ""


def _table(head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


_IMPORT = (
    "# Import",
    "",
    "`promptlang import WHAT…` reads prompts out of pictures, workflows, lists and folders of them, out of standard",
    "input (`-`) and out of what was copied last (`--clipboard`), and prints statements. `--to new` converts them to",
    "another dialect, `-o seen.prompt` stores them; a file that is there is only added to (`--append`) or overwritten",
    "(`--force`) when asked.",
    "",
    "```text",
    "$ promptlang import cow.png",
    "# cow.png: stable-diffusion-webui",
    "/set <foo>",
    "/render /parser:a1111 /guidance:7 /steps:20 /size:512x768 /seed:5 /sampler:dpm2m /schedule:karras",
    "# not read here: Model hash: abcdef0123, Version: v1.10.0",
    "a cow, (red:1.2) <lora:neon:0.7>",
    "/negative ugly",
    "```",
    "",
    "Nothing is dropped silently: what no option says stands in a comment, and what could not be read is said on",
    "standard error, in a graph of ComfyUI with the node that it is about. Of two texts in one picture that disagree",
    "the first is taken, and the difference said.",
    "",
    "Models, LoRAs and VAEs are matched with the files of the project. Where the picture says a hash, the file that",
    "has it is meant, whatever it is called here:",
    "",
    "```text",
    "$ promptlang import cow.png",
    "warning: cow.png: model `foo` is `dreamshaper_8` here, by its hash abcdef0123",
    "```",
    "",
    "The hashes of stable-diffusion-webui are known, new ones and those of eight digits, of Civitai (AutoV1, AutoV2,",
    "AutoV3), of Fooocus and of SwarmUI. Without one the name counts, with or without ending and folders. A file of",
    "that name with another hash is taken and told of, and so is a hash that no file has. Model files are read once",
    "for their hashes, at most 8 GiB of them in a run; `--hashes` reads all that are asked for.",
)
_EXPORT = (
    "# Export",
    "",
    "`promptlang export --to TOOL FILE…` writes the plan of each statement for another program, to standard output or",
    "with `-o` into a file each. What the program has no word for is said on standard error, or stands in the JSON of",
    "`--output-format json`.",
    "",
    "Numbers are converted: guidance that a model takes as an input becomes ComfyUI's `FluxGuidance` and Forge's",
    "distilled CFG; diffusers counts the guidance of Z-Image and Krea 2 from 0; `/clipskip:N` is −N for ComfyUI, N − 1",
    "for diffusers and InvokeAI (N − 2 with Stable Diffusion XL), and 12 at most for stable-diffusion-webui.",
    "",
    "Pictures that `promptlang render` draws hold the text of `a1111` beside our own plan, with the hashes by which",
    "stable-diffusion-webui and Civitai know their files: `Model hash`, `VAE hash` and `TI hashes` are those of whole",
    "files, `Lora hashes` those of what follows the header, or what the trainer left in it. A file is read once for",
    "them, when it is first drawn with; a model in a folder has none.",
    "",
    "## Programs",
)
_BY_FEATURE = (
    "## Program by feature",
    "",
    "*Both ways*: it is written, and `promptlang import` reads the same value back. What stands empty is said where a",
    "statement asks for it.",
)
