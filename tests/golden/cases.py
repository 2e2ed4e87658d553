"""Golden cases as they are written: Markdown with headings, the files of a project, prompts, and views of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path

from promptlang.config.chain import Configuration, load
from promptlang.config.rules import PROJECT_FILE
from promptlang.meaning.project import Project

HOUSE = Path(__file__).resolve().parents[2]
FOLDER = HOUSE / "tests/cases"
MARK = "‸"  # the cursor; two of them are a selection
PROMPT = "prompt"
PART = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>[\w./-]+)(?: (?P<argument>[^`\n]+))?\n(?P<body>.*?)^(?P=fence)$"
    r"|^(?P<level>#{1,6}) (?P<heading>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)
ESCAPES = {"\\r": "\r", "\\0": "\0", "\\x0b": "\v", "\\u200b": "\u200b", "\\u200f": "\u200f", "\\ufeff": "\ufeff"}


@dataclass(frozen=True)
class Case:
    """A prompt, and the files of the project it lies in, written to `folder` when they are first needed."""

    written: str
    files: Mapping[str, str]
    folder: Path

    @property
    def text(self) -> str:
        """The prompt without its marks."""
        return self.written.replace(MARK, "")

    @cached_property
    def configuration(self) -> Configuration | None:
        """What the project file says; None where the case has none."""
        for name, body in self.files.items():
            _write(self.folder / name, body)
        return load(self.folder / PROJECT_FILE) if PROJECT_FILE in self.files else None

    @property
    def project(self) -> Project | None:
        """The project of the case; None where it has none."""
        return self.configuration.project if self.configuration else None

    def shown(self, answer: str) -> str:
        """An answer as a page can hold it: the project's folder, and ours, by the names that they have in every run."""
        for folder, name in ((self.folder, "project"), (HOUSE, "promptlang")):
            answer = answer.replace(folder.as_uri(), f"file:///{name}").replace(str(folder), f"/{name}")
        for written, meant in ESCAPES.items():
            answer = answer.replace(meant, written)
        return answer


@dataclass(frozen=True)
class Block:
    """One expected block: the view it shows of the prompt above it, and where it stands."""

    path: Path
    number: int
    heading: str
    kind: str
    argument: str
    body: str
    prompt: str
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def id(self) -> str:
        """`clipskip/values: A word: diagnostics`."""
        what = f"{self.kind} {self.argument}" if self.argument else self.kind
        return f"{self.path.parent.name}/{self.path.stem}: {self.heading}: {what}"

    def case(self, folder: Path) -> Case:
        """What the block is about, its files in a folder."""
        return Case(_unescaped(self.prompt), self.files, folder)


def blocks(path: Path) -> Iterator[Block]:
    """The expected blocks of a page; a file above the first `##` holds for the page, one below it for its section."""
    heading, prompt, depth = "", "", 0
    common: dict[str, str] = {}
    own: dict[str, str] = {}
    for number, part in enumerate(PART.finditer(path.read_text(encoding="utf-8"))):
        kind, argument = part["kind"], part["argument"] or ""
        if kind is None:
            heading, prompt, depth, own = part["heading"], "", len(part["level"]), {}
        elif kind == PROMPT:
            prompt = part["body"].removesuffix("\n")
        elif "." in kind or "/" in kind:
            (common if depth < 2 else own)[f"{kind} {argument}".rstrip()] = part["body"]
        else:
            body = part["body"].removesuffix("\n")
            yield Block(path, number, heading, kind, argument, body, prompt, {**common, **own})


def rewrite(block: Block, now: str) -> None:
    """Put what a block shows today into its page."""
    page = block.path.read_text(encoding="utf-8")
    part = list(PART.finditer(page))[block.number]
    inside = max((len(run) for run in re.findall("^`{3,}", now, re.MULTILINE)), default=2)
    fence = "`" * max(inside + 1, len(part["fence"]))
    head = f"{fence}{block.kind} {block.argument}".rstrip()
    block.path.write_text(f"{page[: part.start()]}{head}\n{now}\n{fence}{page[part.end() :]}", encoding="utf-8")


def _unescaped(text: str) -> str:
    """The text of a prompt block, `\\r` and its kin as those characters."""
    for written, meant in ESCAPES.items():
        text = text.replace(written, meant)
    return text


def _write(path: Path, body: str) -> None:
    """A file of a project; that of a model is written as its header alone, `{"name of a tensor": [its shape]}`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".safetensors" or not body.startswith("{"):
        path.write_text(body, encoding="utf-8")
        return
    header: dict[str, object] = {}
    end = 0
    for name, value in json.loads(body).items():
        if name == "__metadata__":
            header[name] = value
            continue
        start, end = end, end + 2 * prod(value)
        header[name] = {"dtype": "F16", "shape": value, "data_offsets": [start, end]}
    written = json.dumps(header).encode()
    path.write_bytes(len(written).to_bytes(8, "little") + written)
    with path.open("r+b") as file:
        file.truncate(8 + len(written) + end)
