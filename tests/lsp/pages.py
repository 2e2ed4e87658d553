"""Pages for the tests of features: the cursor is written `‸`, a selection stands between two of them."""

from __future__ import annotations

from pathlib import Path

from promptlang.diagnostics import Edit
from promptlang.fixes import applied
from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang.tables.models.known import KnownConcept
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Configuration
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import opened

MARK = "‸"
COW = KnownConcept(name="cow", kind="lora", family="sd1", evidence="its metadata", triggers=("moo",))
PROJECT = Project(concepts=(COW,))


def page(
    text: str,
    *,
    project: Project = PROJECT,
    client: Client | None = None,
    configuration: Configuration | None = None,
    uri: str = "file:///tmp/none/a.prompt",
    words: tuple[Path, ...] = (),
) -> tuple[Page, Span]:
    """The page of a text without its marks, and the place of the marks."""
    parts = text.split(MARK)
    assert len(parts) in (1, 2, 3), "one mark for a cursor, two for a selection"
    start = len(parts[0]) if len(parts) > 1 else 0
    end = start + len(parts[1]) if len(parts) == 3 else start
    snapshot = opened(uri, 1, "".join(parts), (client or Client()).encoding)
    return Page(snapshot, project, configuration or Configuration(), client or Client(), words), Span(start, end)


def after(text: Page, edits: tuple[Edit, ...]) -> str:
    """The text after edits."""
    return applied(text.snapshot.text, edits)


def after_wire(text: Page, edits: object) -> str:
    """The text after edits as the protocol writes them, to the letter."""
    assert isinstance(edits, list)
    found = sorted(((span_of(text, edit["range"]), edit["newText"]) for edit in edits), key=lambda edit: edit[0])
    assert len({span.start for span, _ in found}) == len(found), "clients disagree about two edits at one place"
    before, parts, at = text.snapshot.text, [], 0
    for span, new in found:
        assert at <= span.start, "edits must not overlap"
        parts += [before[at : span.start], new]
        at = span.end
    return "".join((*parts, before[at:]))


def span_of(text: Page, place: dict[str, dict[str, int]]) -> Span:
    """The span of a range; fails where the range does not lie in the text."""
    start, end = place["start"], place["end"]
    span = text.snapshot.span((start["line"], start["character"]), (end["line"], end["character"]))
    assert text.snapshot.file_range(span) == place, f"{place} is no place of the text"
    return span
