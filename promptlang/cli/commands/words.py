"""`promptlang words`: the word lists that completion offers in a project, and how another one gets there."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG
from promptlang.cli.terminal import complain
from promptlang.config.chain import Configuration, load
from promptlang.config.find import find
from promptlang.config.rules import PROJECT_FILE
from promptlang.diagnostics import Edit
from promptlang.files import TextFile, read_bytes, read_text, reason, shown
from promptlang.fixes import applied
from promptlang.foreign import foreign
from promptlang.sentences import counted
from promptlang.source import Source, Span
from promptlang.wordlists import LARGEST_FILE, read_words

COMMAND = Command(
    name="words",
    summary="List the word lists that editors complete from, or add one.",
    arguments=(
        Argument(names=("action",), value="ACTION", choices=("add",), help="What to do; nothing lists them."),
        Argument(names=("lists",), value="FILE", help="Word lists to add.", many=True),
        CONFIG[0],
    ),
    details=(
        'A list is a CSV file with a word a line, `long_hair,0,4350743,"/lh,longhair"`: name, category, how often it '
        "is used, other names; the name alone will do.",
        f"The file stays where it lies; `{PROJECT_FILE}` names it under `[settings]`, and all else there is kept.",
        "Exit code: 0, 2 where a list cannot be read, or the project file cannot be written.",
    ),
    examples=("promptlang words", "promptlang words add tags/danbooru.csv"),
)
_TAGS = ("settings", "tags")
_OTHERS = {".prompt": "a file of prompts", ".toml": "a file of settings"}


def run(arguments: Given) -> int:
    """List the lists, or add some."""
    file = _project_file(arguments.text("config"))
    lists = arguments.texts("lists")
    if arguments.text("action") is None:
        return _listed(load(file))
    if not lists:
        raise UsageError("FILE is missing", "write `promptlang words add FILE`")
    counts = {path: _count(path) for path in lists}
    return _added(file, counts)


def _project_file(named: str | None) -> Path:
    if named and not os.path.isfile(named):
        raise UsageError(f"there is no project file `{named}`", "`promptlang init` writes one")
    file = Path(named).absolute() if named else find(Path.cwd())
    if file is None:
        raise UsageError(f"there is no `{PROJECT_FILE}` here or above", "`promptlang init` writes one")
    return file


def _listed(configuration: Configuration) -> int:
    """Print every list with its words; 2 where one cannot be read."""
    code = CLEAN
    for path in configuration.project.tags:
        try:
            print(f"{shown(path)}: {counted(_count(str(path)), 'word')}")
        except UsageError as error:
            complain(str(error), error.help)
            code = FAILED
    if not configuration.project.tags:
        print("no word lists; `promptlang words add FILE` adds one")
    return code


def _count(path: str) -> int:
    """How many words a list has, each counted once; raises UsageError for a file that is none."""
    if what := _OTHERS.get(Path(path).suffix):
        raise UsageError(f"`{path}` is {what}, not a word list", "name a CSV file")
    try:
        data = read_bytes(path, LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {reason(error)}") from error
    if found := foreign(data[:4096], is_named_prompt=True):  # a table is what it should be
        raise UsageError(f"`{path}` is {found.what}, not a word list", "name a CSV file")
    try:
        count = len({name for name, *_ in read_words(data.decode("utf-8-sig"))})
    except UnicodeDecodeError:
        raise UsageError(f"`{path}` is not UTF-8", "save the file as UTF-8") from None
    except csv.Error as error:
        raise UsageError(f"`{path}` is no CSV file: {error}", "write a word a line") from error
    if not count:
        raise UsageError(f"`{path}` holds no words", 'write a word a line, such as `long_hair,0,4350743,"longhair"`')
    return count


def _added(file: Path, counts: dict[str, int]) -> int:
    """Name the lists in the project file, and say so."""
    before = load(file)
    known = before.project.tags
    new = {Path(os.path.abspath(path)): path for path in counts}
    for path in [each for each in new if each in known]:
        print(f"{shown(new.pop(path))} is named in {shown(file)} already")
    if not new:
        return CLEAN
    text = read_text(file)
    wanted = (*known, *new)
    written = applied(text.source.text, (_edit(text.source.text, file, known, tuple(new)),))
    after = load(file, TextFile(Source(written, text.source.name), text.mark))
    if after.project.tags != wanted or len(after.reports) > len(before.reports):
        names = ", ".join(_written(each, file) for each in wanted)
        complain(f"`{shown(file)}` is left as it is", f"write `tags = [{names}]` under `[settings]`")
        return FAILED
    from promptlang.writing import write_text

    write_text(file, written, mark=text.mark, before=text)
    for path in new.values():
        print(f"{shown(path)}: {counted(counts[path], 'word')}, named in {shown(file)}")
    return CLEAN


def _edit(text: str, file: Path, known: tuple[Path, ...], new: tuple[Path, ...]) -> Edit:
    """What names the new lists behind those that are known; a file that only inherits its lists names all of them."""
    from promptlang.config.places import line_under, places_if_read

    places = places_if_read(text)
    here = places.get(_TAGS)
    if here is None:
        return line_under(text, "settings", f"tags = [{', '.join(_written(each, file) for each in (*known, *new))}]")
    names = ", ".join(_written(each, file) for each in new)
    items = [place.value.end for path, place in places.items() if path[:2] == _TAGS and len(path) == 3]
    if items:
        return Edit(Span(max(items), max(items)), f", {names}")
    if text.startswith("[", here.value.start):
        return Edit(Span(here.value.start + 1, here.value.start + 1), names)
    return Edit(here.value, f"[{text[here.value.start : here.value.end]}, {names}]")


def _written(path: Path, file: Path) -> str:
    """A path as the project file writes it: from there where it lies inside."""
    inside = path.relative_to(file.parent) if path.is_relative_to(file.parent) else path
    return json.dumps(inside.as_posix(), ensure_ascii=False)
