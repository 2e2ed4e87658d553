"""Views of a prompt that the language server gives, at the cursor `‸` or the text between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang_lsp.features.changes.code_actions import code_actions
from promptlang_lsp.features.completion.completion import completion
from promptlang_lsp.features.completion.signature import signature_help
from promptlang_lsp.features.display.code_lens import code_lenses
from promptlang_lsp.features.display.inlay_hints import inlay_hints
from promptlang_lsp.features.display.semantic_tokens import statement_tokens
from promptlang_lsp.features.hover.hover import hover
from promptlang_lsp.features.names.declaration import declaration
from promptlang_lsp.features.names.structure import symbols
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.legend import EXTRACT, INLINE, MODIFIERS, QUICK_FIX, REWRITE, TYPES
from promptlang_lsp.protocol.words import finished
from promptlang_lsp.texts.page import Page
from tests.golden.cases import MARK, Case
from tests.golden.compiler import NAME
from tests.lsp.pages import after_wire, page, span_of

NOTHING = "nothing"
FIRST = 7  # items of a long list that are shown; the last one says what comes last

Wire = Any  # answers as the protocol writes them


def _page(case: Case, *, needs_mark: bool = False) -> tuple[Page, int, int]:
    """The text as an editor shows it, and the selection."""
    assert MARK in case.written or not needs_mark, f"the prompt needs a {MARK}"
    return _opened(case, case.written, case.folder / NAME)


def _opened(case: Case, text: str, path: Path) -> tuple[Page, int, int]:
    project = case.project or Project()
    here, span = page(text, project=project, uri=boundary.uri_of(path), words=project.tags)
    return here, span.start, span.end


def hovered(case: Case, _: str) -> str:
    """What is shown about the thing at the cursor."""
    here, at, _end = _page(case, needs_mark=True)
    found: Wire = hover(here, at)
    return found["contents"]["value"] if found else NOTHING


def signature(case: Case, _: str) -> str:
    """The form of the option being written, the part at the cursor in brackets, and its documentation."""
    here, at, _end = _page(case, needs_mark=True)
    found: Wire = signature_help(here, at)
    if not found:
        return NOTHING
    form = found["signatures"][found["activeSignature"]]
    start, end = form["parameters"][found["activeParameter"]]["label"]
    label = form["label"]
    return f"{label[:start]}[{label[start:end]}]{label[end:]}\n\n{form['documentation']['value']}"


def declared(case: Case, _: str) -> str:
    """What decides the option at the cursor where it does not stand: the text there, to its end, or the file's line."""
    here, at, _end = _page(case, needs_mark=True)
    found: Wire = declaration(here, at)
    if found is None:
        return NOTHING
    if found["uri"] != here.snapshot.uri:
        path = boundary.path_of(found["uri"])
        assert path is not None
        return f"{path.name}: {path.read_text('utf-8').splitlines()[found['range']['start']['line']]}"
    span = span_of(here, found["range"])
    return f"{here.snapshot.position(span.start)[0] + 1}: {here.snapshot.text[span.start : span.end]}"


def completed(case: Case, label: str) -> str:
    """The list at the cursor; with a label, the text after that item is accepted."""
    here, at, _end = _page(case, needs_mark=True)
    found: Wire = completion(here, at)
    items = found["items"]
    if label:
        item = next(each for each in items if each["label"] == label)
        return after_wire(here, [item["textEdit"]])
    lines = [_item(each) for each in items]
    if len(lines) > FIRST + 2:
        lines[FIRST:-1] = [f"… {len(lines) - FIRST - 1} more, the last of them"]
    return "\n".join(lines) or NOTHING


def _item(item: Wire) -> str:
    details = item.get("labelDetails", {})
    about = details.get("description")
    return f"{item['label']}{details.get('detail', '')}" + (f" · {about}" if about else "")


EVERY_KIND = (QUICK_FIX, REWRITE, EXTRACT, INLINE)


def acted(case: Case, title: str) -> str:
    """What can be done at the cursor or with the selection; with a title (less its backticks), the text after that."""
    here, start, end = _page(case, needs_mark=True)
    actions: Wire = finished(code_actions(here, Span(start, end), EVERY_KIND, lambda path: path.read_text("utf-8")))
    if title:
        chosen = next(each for each in actions if each["title"].replace("`", "") == title)
        return "\n".join(_changed(case, here, chosen["edit"]["changes"]))
    groups = groupby(actions, key=lambda each: each["kind"])
    return "\n".join(line for kind, some in groups for line in (kind, *map(_title, some))) or NOTHING


def _title(action: Wire) -> str:
    return f"  {action['title']}" + (" (preferred)" if action.get("isPreferred") else "")


def _changed(case: Case, here: Page, changes: Wire) -> Iterator[str]:
    """Every text that an action changes, as it is then."""
    for uri, edits in changes.items():
        path = boundary.path_of(uri)
        if uri == here.snapshot.uri or path is None:
            yield after_wire(here, edits)
        else:
            yield after_wire(_opened(case, path.read_text("utf-8"), path)[0], edits)


def hinted(case: Case, _: str) -> str:
    """The text with its inlay hints."""
    here, _start, _end = _page(case)
    text = here.snapshot.text
    hints: list[Wire] = [hint for index in _statements(here) for hint in inlay_hints(here, index)]
    for hint in reversed(hints):
        at = span_of(here, {"start": hint["position"], "end": hint["position"]}).start
        text = f"{text[:at]}⟨{hint['label']}⟩{text[at:]}"
    return text


def lenses(case: Case, _: str) -> str:
    """The text with its code lenses above the lines they stand at."""
    here, _start, _end = _page(case)
    above: dict[int, list[str]] = {}
    found: list[Wire] = [lens for index in _statements(here) for lens in code_lenses(here, index)]
    for lens in found:
        above.setdefault(lens["range"]["start"]["line"], []).append(lens["command"]["title"])
    lines = here.snapshot.text.split("\n")
    return "\n".join(f"⟨{' | '.join(above[at])}⟩\n{line}" if at in above else line for at, line in enumerate(lines))


def coloured(case: Case, _: str) -> str:
    """Every word that has a colour: what it is, and what is said of it."""
    here, _start, _end = _page(case)
    return "\n".join(line for index in _statements(here) for line in _colours(here, index)) or NOTHING


def _colours(here: Page, index: int) -> Iterator[str]:
    text = here.snapshot.pieces[index].text
    for start, end, kind, modifiers in statement_tokens(here, index):
        said = [name for at, name in enumerate(MODIFIERS) if modifiers >> at & 1]
        yield f"{text[start:end]} · {' '.join((TYPES[kind], *said))}"


def outlined(case: Case, _: str) -> str:
    """The outline of the file."""
    here, _start, _end = _page(case)
    entries: list[Wire] = [entry for index in _statements(here) for entry in symbols(here, index)]
    return "\n".join(line for entry in entries for line in _entry(entry, "")) or NOTHING


def _entry(entry: Wire, indent: str) -> Iterator[str]:
    detail = entry.get("detail")
    yield f"{indent}{entry['name']}" + (f" · {detail}" if detail else "")
    for below in entry.get("children", ()):
        yield from _entry(below, f"{indent}  ")


def _statements(here: Page) -> range:
    return range(len(here.snapshot.pieces))
