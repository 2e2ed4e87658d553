"""The page on conversion: each sign as every dialect writes it, found out by converting it there and back."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.dialects.convert import Conversion, convert
from promptlang.source import Passage
from promptlang.statements.parsing import read_prompt
from promptlang.tables.dialects import A1111, COMFY, COMPEL, DIALECTS, NEW, DialectRow

SAMPLES = (
    ("A weight", A1111.name, "(red cow:1.3)"),
    ("Brackets alone", A1111.name, "(red cow)"),
    ("Brackets in brackets", A1111.name, "((red:1.2) cow:1.1)"),
    ("A weight below 0", COMFY.name, "(red cow:-0.5)"),
    ("A weight inside a word", COMFY.name, "sun(flower:1.2)"),
    ("Signs as words", A1111.name, "a cow \\(big\\)"),
    ("The end of a chunk", A1111.name, "red BREAK cow"),
    ("Several prompts", A1111.name, "cow AND hat :0.5"),
    ("A change at a step", A1111.name, "[cow:hat:0.5]"),
    ("Words in turn", A1111.name, "[cow|hat]"),
    ("A negative part", NEW.name, "a cow [blurry]"),
    ("A mixture", COMPEL.name, '("cow", "hat").blend(0.6, 0.4)'),
    ("A swap", COMPEL.name, "cow.swap(hat)"),
    ("A LoRA", A1111.name, "a cow <lora:ink:0.6>"),
    ("Its two strengths", A1111.name, "a cow <lora:ink:0.5:0.8>"),
    ("A textual inversion", COMFY.name, "a cow embedding:hen"),
)
"""What a prompt may say, with the dialect that the sample is written in."""

_WRITTEN = tuple(row for row in DIALECTS.values() if row.is_written)
_KINDS = {"ink": "lora", "hen": "inversion"}


def conversion_page(notice: str) -> str:
    """Every sample in every dialect."""
    head = ("", *(f"`{row.name}`" for row in _WRITTEN))
    rows = ((said, *(_cell(row, source, text) for row in _WRITTEN)) for said, source, text in SAMPLES)
    table = [f"| {' | '.join(each)} |" for each in (head, ("---",) * len(head), *rows)]
    losses = (f"- {said}: {'; '.join(dict.fromkeys(_losses(source, text)))}." for said, source, text in SAMPLES)
    lost = [each for each in losses if not each.endswith(": .")]
    return "\n".join((notice, "", *_WORDS, "", *table, "", *_LOST, "", *lost, ""))


def there(row: DialectRow, source: str, text: str) -> Conversion:
    """A sample in another dialect."""
    return convert(read_prompt(Passage(text), source), row.name, kind_of=lambda name: _KINDS.get(name, ""))


def back(made: Conversion, row: DialectRow, source: str) -> Conversion:
    """What was written, in the dialect of the sample again."""
    negative = read_prompt(Passage(made.negative), row.name, is_negative=True) if made.negative else None
    prompt = read_prompt(Passage(made.positive), row.name)
    return convert(prompt, source, negative, kind_of=lambda name: _KINDS.get(name, ""))


def _cell(row: DialectRow, source: str, text: str) -> str:
    if row.name == source:
        return _code(text)
    made = there(row, source, text)
    if made.losses:
        return ""
    negative = f" and `/negative` {_code(made.negative)}" if made.negative else ""
    return f"{_code(made.positive)}{negative}{' →' if back(made, row, source).losses else ''}"


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"


def _losses(source: str, text: str) -> Iterator[str]:
    """What is said of a sample where a dialect has no sign for it."""
    for row in _WRITTEN:
        if row.name != source:
            for each in there(row, source, text).losses:
                yield each.message.replace(f"`/parser:{row.name}`", "it").replace(row.title, "it")


_WORDS = (
    "# Convert",
    "",
    "`promptlang convert --from a1111 --to comfy TEXT` writes a prompt in another dialect, `promptlang convert --to",
    "comfy cow.prompt` those of a file, and so do the actions of an editor. What the other dialect has no sign for",
    "is said with its place. With `--recompute` the numbers become those by which the other program's formula comes",
    "nearest to the picture.",
    "",
    "```text",
    '$ promptlang convert --from a1111 --to comfy "a ((red:1.3) hat) BREAK field"',
    "<text>:1:18: warning: ComfyUI cannot end a chunk by hand, left out",
    "a (red:1.43) (hat:1.1) field",
    "```",
    "",
    "## Dialect by sign",
    "",
    "The same prompt in every dialect. What is written is read back by the rules of its dialect, and weighs every",
    "word the same to one in a million. An empty cell: the dialect has no sign for it. `→`: it has, and something",
    "is lost on the way back.",
)
_LOST = ("## What is said where a sign is missing",)
