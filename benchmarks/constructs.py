"""What can be written over and over: texts of any length whose growth is measured, and what is done with each."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.files import FILES, HEADERS, LISTS, PASTED, PLANS, PROJECTS
from benchmarks.texts import BRACKETS, PIECES, STATEMENTS, Maker, nested, repeated
from promptlang.checks.review import review
from promptlang.config.chain import load
from promptlang.dialects.convert import convert
from promptlang.importers.infotext import imported
from promptlang.importers.programs.flags import of_script as from_script
from promptlang.importers.statement import as_statement
from promptlang.importers.typed.blocks import blocks
from promptlang.lowering.explaining import explain
from promptlang.lowering.lower import compile
from promptlang.models.evidence.header import parse_header
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import identify_header
from promptlang.plans.json import PlanError, from_json, to_json
from promptlang.source import Passage
from promptlang.statements.format import format_text
from promptlang.statements.parsing import read_prompt
from promptlang.tables.dialects import DIALECTS, DialectRow
from promptlang.variants.wildcards import read_file
from promptlang.wordlists import read_words
from promptlang_lsp.texts.word_lists import WordList

Work = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Construct:
    """A kind of text, where it stands, how it is made, and what is done with it."""

    name: str
    place: str  # a dialect, or the kind of a file
    made: Maker
    work: Work


def whole(text: str) -> object:
    """Parse, check with the comments that silence, compile and format."""
    return review(text), compile(text), format_text(text)


def in_dialect(row: DialectRow, made: Maker) -> Maker:
    """A text as the prompt of a statement in that dialect."""
    head = f"/render /parser:{row.name} " if row.is_written else "/render "
    return lambda size: head + made(size)


def told(name: str) -> Work:
    """Explain a bare prompt of that dialect, and write it in every other one."""

    def work(text: str) -> object:
        read = read_prompt(Passage(text), name)
        return explain(text, parser=name), tuple(convert(read, other) for other in DIALECTS)

    return work


def read_whole(folder: Path, ending: str) -> Work:
    """A project or wildcard file as it is read from disk."""

    def work(text: str) -> object:
        path = folder / f"cow{ending}"
        path.write_text(text, encoding="utf-8")
        return load(path) if ending == ".toml" else read_file(path, folder)

    return work


def identified(text: str) -> object:
    """The header of a model file, and what it is; a header that is none is refused."""
    try:
        room = max((each["data_offsets"][1] for each in json.loads(text).values() if "data_offsets" in each), default=0)
    except (ValueError, RecursionError, TypeError):
        room = 0
    try:
        return identify_header(parse_header(text.encode(), room))
    except BadHeader as error:
        return str(error)


def listed(text: str) -> object:
    """A list of words, and a search in it."""
    try:
        words = WordList(read_words(text))
    except csv.Error as error:
        return str(error)
    return words, words.search("cow", 100)


def replanned(text: str) -> object:
    """A plan read from JSON and written again."""
    try:
        return to_json(from_json(text))
    except PlanError as error:
        return str(error)


def pasted(text: str) -> object:
    """What other programs write, as statements."""
    script = from_script(text.partition("\n")[0])
    return tuple(map(as_statement, map(imported, blocks(text)))), script and as_statement(script)


def constructs(folder: Path) -> Iterator[Construct]:
    """Everything that is measured."""
    prompts = {
        **{name: repeated(piece) for name, piece in PIECES.items()},
        **{f"nested: {name}": nested(*pair) for name, pair in BRACKETS.items()},
    }
    for row in DIALECTS.values():
        for name, made in prompts.items():
            yield Construct(name, row.name, in_dialect(row, made), whole)
    for row in DIALECTS.values():
        for name, made in prompts.items():
            yield Construct(name, f"{row.name}, told", made, told(row.name))
    for name, made in STATEMENTS.items():
        yield Construct(name, "prompt file", made, whole)
    for name, made in PROJECTS.items():
        yield Construct(name, "project file", made, read_whole(folder, ".toml"))
    for (name, ending), made in FILES.items():
        yield Construct(name, f"wildcards {ending}", made, read_whole(folder, ending))
    for place, table, work in (
        ("model header", HEADERS, identified),
        ("word list", LISTS, listed),
        ("plan", PLANS, replanned),
        ("pasted", PASTED, pasted),
    ):
        for name, made in table.items():
            yield Construct(name, place, made, work)
