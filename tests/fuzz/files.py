"""What holds for the files that lie beside prompts: projects, wildcards, word lists, models, plans, pictures."""

from __future__ import annotations

import json
import zlib
from atexit import register
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

from promptlang.checks.checking import check
from promptlang.config.chain import Configuration, load
from promptlang.exporters.infotext import infotext
from promptlang.files import TextFile
from promptlang.lowering.lower import compile
from promptlang.models.evidence.header import BITS, Header, parse_header
from promptlang.models.evidence.identity import Identity
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import identify_header
from promptlang.models.folders import identify_folder
from promptlang.plans.json import content_hash, from_json, to_data, to_json, verify
from promptlang.plans.plan import Plan
from promptlang.source import Source
from promptlang.variants.structured import HEAVIEST
from promptlang.variants.wildcards import WildcardFile, read_file
from tests.fuzz.broken import hold

NOWHERE = Path("/nowhere/promptlang.toml")


@cache
def _folder() -> Path:
    folder = TemporaryDirectory(prefix="promptlang-fuzz-", ignore_cleanup_errors=True)
    register(folder.cleanup)
    return Path(folder.name)


def place(name: str) -> Path:
    """Where a file or a folder of that name may lie until the end."""
    return _folder() / name


def as_bytes(text: str) -> bytes:
    """The text in UTF-8, as far as there is any."""
    return text.encode("utf-8", "surrogatepass")


# --- project files ----------------------------------------------------------------------------------------------------


def project(text: str) -> Configuration:
    """The text as a project file that lies nowhere."""
    return load(NOWHERE, TextFile(Source(text)))


def is_configured(read: Configuration) -> None:
    """Findings lie inside the text, and prompts can be read against whatever came of it."""
    for report in read.reports:
        for each in report.diagnostics:
            span = each.label.span
            inside = 0 <= span.start <= span.end <= len(report.source.text)
            hold(f"{each.rule.name} lies inside the project file", seen=span, is_true=inside)
    known = replace(read.project, folders=(), wildcards=())
    check("/render a (cow)", project=known)
    for plan in compile("/render a (cow)", project=known).plans:
        hold("a project leads to valid plans", seen=verify(plan), is_true=not verify(plan))


# --- wildcards and word lists -----------------------------------------------------------------------------------------


def wildcards(ending: str) -> Callable[[str], WildcardFile]:
    """Texts as wildcard files with that ending."""

    def read(text: str) -> WildcardFile:
        path = place(f"w{ending}")
        path.write_bytes(as_bytes(text))
        return read_file(path, _folder())

    return read


def are_values(read: WildcardFile) -> None:
    """Values are texts with a weight that can be drawn by; what is left out has its reason."""
    hold("a file has wildcards or a problem", seen=read, is_true=not (read.problem and read.wildcards))
    for wildcard in read.wildcards:
        for value in wildcard.values:
            hold("a wildcard can be drawn by its weight", seen=value, is_true=0 <= value.weight <= HEAVIEST)
        for each in wildcard.left_out:
            hold(
                "what is left out has a reason", seen=each, is_true=bool(each.problem and each.help) and each.line >= 0
            )


def word_list(text: str) -> object:
    """The text as a list of words to complete from."""
    from promptlang.wordlists import read_words
    from promptlang_lsp.texts.word_lists import WordList

    return WordList(read_words(text))


def is_searched(read: object) -> None:
    """A search finds words that are in the list."""
    from promptlang_lsp.texts.word_lists import WordList

    assert isinstance(read, WordList)
    for query in ("c", "co", "a", "_", "ow"):
        for match in read.search(query, 10):
            hold("a match is a word of one line", seen=match, is_true=bool(match.word) and "\n" not in match.word)


# --- models -----------------------------------------------------------------------------------------------------------


def header(text: str) -> Header:
    """Lines `name: type sides` and `=key value` as a header that fits its file; a text in braces as it stands."""
    if text.startswith("{"):
        return parse_header(as_bytes(text), _room(text))
    record: dict[str, object] = {}
    metadata: dict[str, str] = {}
    at = 0
    for line in text.splitlines():
        if line.startswith("="):
            key, _, value = line[1:].partition(" ")
            metadata[key] = value
            continue
        name, *sides = line.split(" ")
        name, _, kind = name.partition(":")
        shape = [int(side) if side.isdecimal() and len(side) < 12 else side for side in sides if side]
        size = prod(side for side in shape if isinstance(side, int)) * BITS.get(kind, 16) // 8
        record[name] = {"dtype": kind or "F16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    if metadata:
        record["__metadata__"] = metadata
    return parse_header(json.dumps(record).encode(), at)


def _room(text: str) -> int:
    """How many bytes the tensors of a header say they take."""
    try:
        entries = json.loads(text)
        return max((entry["data_offsets"][1] for entry in entries.values() if "data_offsets" in entry), default=0)
    except (ValueError, TypeError, LookupError, RecursionError):
        return 0


def is_identified(read: Header) -> None:
    """Whatever tensors a file holds, there is something to say of it, with its evidence."""
    has_evidence(identify_header(read))


def identity_of(folder: Path) -> Identity | str:
    """What a model folder is, or why nothing can be said of it."""
    try:
        return identify_folder(folder)
    except BadHeader as error:
        return str(error)


def has_evidence(found: Identity) -> None:
    """Whatever is known is known by something."""
    hold("an identity has evidence", seen=found, is_true=found.kind == "unknown" or bool(found.evidence))


# --- plans and pictures -----------------------------------------------------------------------------------------------


@cache
def _plain_plan() -> dict[str, object]:
    return dict(to_data(compile("/render a cow").plans[0]))


def plan(text: str) -> Plan:
    """The fields of a JSON object in place of those of a plain plan; any other text as it stands."""
    try:
        fields: object = json.loads(text)
    except (ValueError, RecursionError):
        return from_json(text)
    return from_json(json.dumps({**_plain_plan(), **fields}) if isinstance(fields, dict) else text)


def is_checked(read: Plan) -> None:
    """A plan survives JSON, has its hash, and where it is valid a text for other tools."""
    back = from_json(to_json(read))
    hold("a plan survives JSON", seen=back, is_true=content_hash(back) == content_hash(read))
    if not verify(read):
        infotext(read, 1)


def picture(text: str) -> Path:
    """Lines `tEXt data` as the chunks of a PNG of one pixel."""
    from struct import pack

    body = b"\x89PNG\r\n\x1a\n"
    lines = [line.encode("latin-1", "replace") for line in text.split("\n")]
    head = [b"IHDR " + pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)]
    for line in (*head, *lines, b"IDAT " + zlib.compress(b"\0\0"), b"IEND "):
        kind, data = line[:4].ljust(4, b"x"), line[5:]
        body += pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
    path = place("picture.png")
    path.write_bytes(body)
    return path


def says_its_making(read: Path) -> None:
    """Whatever a picture says, there is an answer; a plan in it is one."""
    from promptlang_runtime.output.metadata import read as making

    try:
        made = making(read)
    except OSError:
        return  # Pillow's word for a broken picture, which the caller of `read` expects
    if made.plan:
        verify(made.plan)
