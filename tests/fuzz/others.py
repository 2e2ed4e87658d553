"""What holds for what other programs leave: pasted parameters, EXIF, side files, model folders, kept findings, TOML."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from promptlang.checks.pasted.rule import RULE as PASTED
from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic
from promptlang.fixes import applied
from promptlang.foreign import foreign
from promptlang.importers.infotext import imported
from promptlang.importers.programs import flags
from promptlang.importers.statement import as_statement
from promptlang.importers.typed.blocks import blocks
from promptlang.many.packing import packed, unpacked
from promptlang.models.evidence.identity import Identity
from promptlang.models.folders import INDEX
from promptlang.models.sidecars import TRIGGER_LIMIT, Sidecar, sidecar
from promptlang.statements.format import format_text
from tests.fuzz.broken import hold
from tests.fuzz.files import as_bytes, has_evidence, identity_of, place

SIZE = 40  # of the text that kept findings are of


def text(given: str) -> str:
    """The text as it stands."""
    return given


# --- what is pasted ---------------------------------------------------------------------------------------------------


def becomes_statements(read: str) -> None:
    """What other programs write becomes statements that the formatter has nothing to say to."""
    found = [imported(block) for block in blocks(read)]
    found += filter(None, map(flags.of_script, read.splitlines()))
    for each in found:
        statement = as_statement(each)
        if statement is not None:
            once = format_text(statement)
            hold(
                "an imported statement is formatted", seen=(statement, once), is_true=once.strip() == statement.strip()
            )


def is_mended(read: str) -> None:
    """The fix for what was pasted takes its finding away, and leaves those on other statements."""
    found = [each for each in review(read) if each.rule is PASTED]
    for fix in (fix for each in found for fix in each.fixes):
        after = applied(read, fix.edits)
        left = [each.message for each in review(after) if each.rule is PASTED]
        hold("what was pasted is found once", seen=(after, left), is_true=len(left) == len(found) - 1)


def is_told_apart(read: str) -> None:
    """A text that begins with a command is a prompt, and every other file is one or is named."""
    data = as_bytes(read)
    for is_named_prompt in (False, True):
        found = foreign(data, is_named_prompt=is_named_prompt)
        hold("a foreign file is named", seen=found, is_true=found is None or bool(found.what and found.help))
    hold("a command begins a prompt", seen=read, is_true=foreign(b"/render " + data, is_named_prompt=True) is None)


# --- pictures ---------------------------------------------------------------------------------------------------------


@cache
def _pixel() -> object:
    from PIL import Image

    return Image.new("RGB", (1, 1))


def photograph(given: str) -> Path:
    """A line `JPEG` or `WEBP`, then a comment and, behind two zeros, a note of the maker; or `raw` and the EXIF."""
    from PIL import ExifTags, Image

    kind, _, rest = given.partition("\n")
    comment, _, note = rest.encode("latin-1", "replace").partition(b"\0\0")
    block = Image.Exif()
    tags = block.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.UserComment] = comment
    tags[ExifTags.Base.MakerNote] = note
    pixel = _pixel()
    assert isinstance(pixel, Image.Image)
    buffer = BytesIO()
    pixel.save(buffer, "WEBP" if kind == "WEBP" else "JPEG", exif=b"Exif\0\0" + comment if kind == "raw" else block)
    path = place("photograph")
    path.write_bytes(buffer.getvalue())
    return path


# --- beside models ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside a model, and what a folder of models is."""

    found: Sidecar
    identity: Identity | str


def beside(given: str) -> Beside:
    """The text as each of the JSON files that lie beside a model file or in a model folder."""
    data = as_bytes(given)
    model = place("cow.safetensors")
    for ending in (".json", ".civitai.info"):
        model.with_name(f"cow{ending}").write_bytes(data)
    folder = place("cows")
    for part in (".", "unet", "text_encoder", "scheduler", "transformer", "vae"):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / (INDEX if part == "." else "config.json")).write_bytes(data)
    (folder / "scheduler" / "scheduler_config.json").write_bytes(data)
    return Beside(sidecar(model), identity_of(folder))


def is_said_in_a_line(read: Beside) -> None:
    """Phrases are short and in one line; a folder is something, with its evidence, or is refused in one clause."""
    for phrase in read.found.triggers:
        is_line = 0 < len(phrase) <= TRIGGER_LIMIT and len(phrase.splitlines()) == 1
        hold("a phrase is a line", seen=phrase, is_true=is_line)
    if isinstance(read.identity, str):
        hold("a reason is a line", seen=read.identity, is_true=len(read.identity.splitlines()) == 1)
    else:
        has_evidence(read.identity)


# --- what is kept, and what is edited ---------------------------------------------------------------------------------


def kept(given: str) -> tuple[Diagnostic, ...]:
    """The text as findings that an earlier run left."""
    return unpacked(json.loads(given), SIZE)


def is_kept(read: tuple[Diagnostic, ...]) -> None:
    """Findings lie in their text, and are the same when kept again."""
    for each in read:
        span = each.label.span
        hold("a kept finding lies in its text", seen=span, is_true=0 <= span.start <= span.end <= SIZE)
    again = unpacked(json.loads(json.dumps(packed(read))), SIZE)
    hold("findings survive being kept", seen=again, is_true=again == read)


def is_switched_off(read: str) -> None:
    """A rule is switched off in a project file, and nothing else changes."""
    from promptlang_lsp.features.changes.silencing import switched_off

    rule = "clipskip/high"
    edit = switched_off(read, rule)
    if edit is None:
        return
    after = tomllib.loads(read[: edit.span.start] + edit.text + read[edit.span.end :])
    hold("the rule is off", seen=after, is_true=after["rules"].pop(rule) == "off")
    try:
        before = tomllib.loads(read)
    except ValueError:
        return  # what is put in may be what it lacked
    before.get("rules", {}).pop(rule, None)
    before.setdefault("rules", {})
    hold("nothing else changes", seen=(before, after), is_true=repr(before) == repr(after))
