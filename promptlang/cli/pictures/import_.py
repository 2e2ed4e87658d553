"""`promptlang import`: what pictures, workflows and texts of other programs say, as statements."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from math import inf
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, STANDARD_INPUT, Projects, naming, projects
from promptlang.cli.mistakes import DEBUG, tell
from promptlang.cli.outputs import FORCE, cannot_write, output, refuse_existing, stored
from promptlang.cli.pictures.looking import inside, with_progress
from promptlang.cli.terminal import TEXT_OR_JSON, complain, hand_out, is_unicode, quiet, warn
from promptlang.files import reason, visible
from promptlang.importers.imported import Reading
from promptlang.importers.retold import Told
from promptlang.meaning.project import Project
from promptlang.models.hashes.search import LIMIT, File, Search
from promptlang.statements.parsing import SELDOM
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.endings import TOLD
from promptlang.values import dataclass
from promptlang.writing import write_text

MOST_REMARKS = 50  # of one file that are printed
DIALECT_NAMES = tuple(row.name for row in DIALECTS.values() if row.is_written)

COMMAND = Command(
    name="import",
    summary="Read prompts out of pictures, workflows and texts of other programs.",
    arguments=(
        Argument(
            names=("what",),
            value="WHAT",
            help="Pictures, workflows, lists, folders of them, or - for standard input.",
            many=True,
        ),
        Argument(names=("--clipboard",), help="Read the text that was copied last."),
        Argument(names=("--to",), value="DIALECT", choices=DIALECT_NAMES, help="Write the prompts in this dialect."),
        output("Write the statements to a file that does not exist yet."),
        Argument(names=("--append",), help="Put them behind what the output file holds."),
        FORCE,
        TEXT_OR_JSON,
        Argument(names=("--hashes",), help="Read model files of any size for their hashes, each once."),
        *CONFIG,
        quiet("remarks"),
        DEBUG,
    ),
    details=(
        "Text chunks of PNG, EXIF and XMP of JPEG and WebP, and texts hidden in pixels (that needs Pillow) are read. "
        "So are parameters of stable-diffusion-webui, Forge, SD.Next and Civitai, JSON of InvokeAI, SwarmUI, Fooocus, "
        "NovelAI and Draw Things, lines for Midjourney and dgenerate, `styles.csv`, and lists, tables and YAML "
        "of prompts.",
        "Models are matched with those of the project, by their hashes where some are written, else by name. At most "
        f"{LIMIT // 1024**3} GiB of model files are read for that; what was read once is remembered.",
        "What this language has no word for stands in a comment of the statement; what could not be read is said on "
        "standard error.",
        "Exit code: 0, 1 where something held no prompt, 2 where the command could not do its work.",
    ),
    examples=("promptlang import cow.png", "promptlang import outputs/ -o seen.prompt", "promptlang import - --to new"),
)

_ENDINGS = (*TOLD, ".json", ".txt", ".csv", ".dgen")
_CLIPBOARDS = (
    ("wl-paste", "--no-newline"),
    ("xclip", "-selection", "clipboard", "-o"),
    ("xsel", "--clipboard", "--output"),
    ("pbpaste",),
    ("powershell", "-NoProfile", "-Command", "Get-Clipboard -Raw"),
)


@dataclass(frozen=True, slots=True)
class _Source:
    """Something to be read: a file, or data that came another way."""

    name: str
    path: Path | None = None
    data: bytes = b""


def run(arguments: Given) -> int:
    """Read everything named, and print or store what it says."""
    gc.set_threshold(*SELDOM)
    file = arguments.text("output")
    _may_write(file, arguments)
    known, searches = projects(arguments), dict[Path | None, Search]()
    pieces: list[str] = []
    failed, empty, read, pages = False, False, False, False
    for source in with_progress(tuple(_sources(arguments))):
        try:
            reading = _read(source)
            told = _told(reading, source, arguments, known, searches)
        except OSError as error:
            complain(f"cannot read `{source.name}`: {reason(error)}")
            failed = True
            continue
        except Exception as error:  # one file's misfortune silences no other
            tell(error, source.name, arguments)
            failed = True
            continue
        read |= bool(told.statements)
        pages |= reading.is_page
        empty |= not (told.statements or reading.is_page)
        if not arguments.flag("quiet"):
            for remark in _shown(told.remarks):
                warn(f"{source.name}: {remark}", "information" if reading.is_page else "warning")
        piece = _written(source, reading, told, arguments)
        if file:
            pieces.append(piece)
        elif piece:
            hand_out(f"{piece}\n")
    if file and pieces and not _stored(file, "\n".join(filter(None, pieces)), arguments):
        return FAILED
    return FAILED if failed else FOUND if empty or (pages and not read) else CLEAN


def _shown(remarks: Sequence[str]) -> tuple[str, ...]:
    """The remarks, of very many the first and how many others there are."""
    if len(remarks) <= MOST_REMARKS:
        return tuple(remarks)
    others = len(remarks) - MOST_REMARKS + 1
    return (*remarks[: MOST_REMARKS - 1], f"{others:,} remarks more, which `--output-format json` lists")


def _may_write(file: str | None, arguments: Given) -> None:
    if arguments.flag("append") and arguments.flag("force"):
        raise UsageError("`--append` and `--force` exclude each other", "leave one of them out")
    if file and not arguments.flag("append"):
        help = "write `--append` to add to it, or `--force` to overwrite it"
        refuse_existing(file, arguments, arguments.texts("what"), help)


def _sources(arguments: Given) -> Iterator[_Source]:
    """Everything that the command names, folders looked through in order of name."""
    what = arguments.texts("what")
    if arguments.flag("clipboard"):
        yield _Source("clipboard", data=_clipboard())
    elif not what:
        raise UsageError("nothing to import is named", "write `promptlang import cow.png`, or `--clipboard`")
    for name in what:
        if name == STANDARD_INPUT:
            yield _Source("standard input", data=sys.stdin.buffer.read())
        elif os.path.isdir(name):
            yield from (_Source(visible(path), Path(path)) for path in inside(name, _ENDINGS))
        else:
            yield _Source(visible(name), Path(name))


def _clipboard() -> bytes:
    """What was copied last, by whichever program of the system tells."""
    import shutil
    import subprocess

    for words in _CLIPBOARDS:
        if shutil.which(words[0]):
            done = subprocess.run(words, capture_output=True, check=False)
            if done.returncode == 0:
                return done.stdout
    raise UsageError("no program here tells what was copied", "install `wl-clipboard` or `xclip`, or write `-`")


def _read(source: _Source) -> Reading:
    from promptlang.importers.reading import read_data, read_file

    return read_file(source.path) if source.path else read_data(BytesIO(source.data), source.name)


def _told(
    reading: Reading, source: _Source, arguments: Given, known: Projects, searches: dict[Path | None, Search]
) -> Told:
    from promptlang.importers.retold import told

    project = known.of(source.path or Path("import"))
    if project and project.file not in searches:
        limit = inf if arguments.flag("hashes") else LIMIT
        searches[project.file] = Search(lambda: _models(project), limit, _tell)
    return told(reading, arguments.text("to") or "", naming(project), searches[project.file] if project else None)


def _models(project: Project) -> Iterator[File]:
    """The model files of a project."""
    yield from ((each.name, each.path, each.kind) for each in project.concepts if each.path)
    yield from ((project.files.name(path), path, "unknown") for path in project.files.by_name.values())


def _tell(path: Path) -> None:
    print(f"reading `{visible(path.name)}` for its hash", file=sys.stderr, flush=True)


def _written(source: _Source, reading: Reading, told: Told, arguments: Given) -> str:
    """What is printed of one source."""
    if arguments.text("output-format") == "json":
        data = {
            "file": source.name,
            "program": reading.program,
            "statements": told.statements,
            "remarks": told.remarks,
        }
        return json.dumps(data, ensure_ascii=not is_unicode(sys.stdout))
    if not told.statements:
        return ""
    heading = f"# {source.name}: {reading.program}\n" if reading.program else f"# {source.name}\n"
    return heading + "\n\n".join(told.statements) + "\n"


def _stored(file: str, text: str, arguments: Given) -> bool:
    """Write the statements, or put them behind what the file holds; false where the system refuses."""
    if not (arguments.flag("append") and os.path.exists(file)):
        return stored(file, text, arguments)
    from promptlang.files import read_text

    try:
        before = read_text(Path(file))
        write_text(Path(file), f"{before.source.text.rstrip()}\n\n{text}", mark=before.mark, before=before)
    except OSError as error:
        return cannot_write(file, error)
    return True
