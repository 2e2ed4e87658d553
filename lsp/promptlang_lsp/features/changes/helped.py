"""What the help of a finding says to type, as an action, where no fix of the finding writes it.

An action is offered only where it removes its finding and adds none that warns.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator

from promptlang.config.keys import key
from promptlang.config.places import line_under, places_if_read
from promptlang.config.rules import PROJECT_FILE
from promptlang.diagnostics import Diagnostic, Edit, Severity
from promptlang.fixes import applied
from promptlang.source import Span
from promptlang.statements.extent import body
from promptlang.syntax.nodes import Concept
from promptlang.tables.models.known import NAMING, NAMING_FILE
from promptlang.tables.options.table import OPTIONS
from promptlang_lsp.features.changes.edits import Action, action
from promptlang_lsp.features.changes.rewrites import in_file
from promptlang_lsp.features.changes.silencing import ReadFile, project_action
from promptlang_lsp.features.names.names import names_in
from promptlang_lsp.features.names.places import local
from promptlang_lsp.protocol.legend import QUICK_FIX
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

LONGEST = 2_000  # code points of a statement that is checked again while a menu opens
MOST_DECLARATIONS = 100

_WRITE = re.compile(r"write (?:a (?:number|weight|strength|value|size)(?: in quotes)?,? such as )?`(?P<text>[^`…]+)`")
_SUCH = re.compile(r"write [^`]{1,60} such as `(?P<text>/[a-z-]+:[^`…]+)`")  # only an option: words would be made up
_OPTION = re.compile(r"/(?P<name>[a-z][a-z-]*)(?::\S+)?")
_DEFINE = re.compile(r"define it with `/recipe #(?P<name>[^\s`]+) …`")


def helped(page: Page, found: Diagnostic, written: Json, read: ReadFile) -> Iterator[Action]:
    """The action that a finding's help describes; `written` is the finding for the client."""
    if NAMING in found.help:
        yield from ({**each, "diagnostics": [written]} for each in _naming(page, found.label.span, read))
    if NAMING_FILE in found.help:
        yield from ({**each, "diagnostics": [written]} for each in _naming_file(page, found.label.span, read))
    index, at = local(page, found.label.span.start)
    piece = page.snapshot.pieces[index]
    if piece.declares or len(piece.text) > LONGEST or len(page.snapshot.declarations) > MOST_DECLARATIONS:
        return
    span = Span(at, at + found.label.span.end - found.label.span.start)
    for title, edit in _edits(page, index, span, found):
        if not _mends(page, index, found, edit):
            continue
        edits = in_file(page, index, (edit,))
        doubt = "" if found.severity is Severity.ERROR else " (may change the picture)"  # an error has no picture yet
        yield {**action(page, f"{title}{doubt}", QUICK_FIX, edits), "diagnostics": [written]}


def _edits(page: Page, index: int, span: Span, found: Diagnostic) -> Iterator[tuple[str, Edit]]:
    statement = page.statement(index)
    if define := _DEFINE.search(found.help):
        name, top = define["name"], body(statement).start
        words = re.sub(r"[-_]+", " ", name).strip()
        render = "" if statement.command else "/render "  # text without a command would go on with the recipe
        yield f"Create `/recipe #{name}`", Edit(Span(top, top), f"/recipe #{name} {words}\n{render}")
        return
    said = None if found.fixes else _WRITE.match(found.help) or _SUCH.match(found.help)
    if said is None:
        return
    text, title = said["text"], f"Write `{said['text']}`"
    option = _OPTION.fullmatch(text)
    row = OPTIONS.get(option["name"]) if option else None
    if row is None:
        calls = (each.span for each in statement.nodes() if isinstance(each, Concept) and each.span.contains(span))
        if text.startswith("<") and (call := next(calls, None)):
            span = call
        if not text.startswith(("/", "#", "--")):
            yield title, Edit(span, text)
    elif use := statement.option(row.name):
        yield title, Edit(use.span, text)
    else:
        at = statement.command.span.end if statement.command else body(statement).start
        yield title, Edit(Span(at, at), f" {text}" if statement.command else f"{text} ")


def _naming(page: Page, span: Span, read: ReadFile) -> Iterator[Action]:
    """A line of the project file for a name that it lacks; where the file lies is for the writer to say."""
    name, file = page.snapshot.text[span.start : span.end], page.project.file
    text = read(file) if file else None
    if not file or text is None or not name.isprintable():
        return
    written = name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name, ensure_ascii=False)
    path = json.dumps(f"{name}.safetensors", ensure_ascii=False)
    edit = line_under(text, "concepts.names", f"{written} = {{ path = {path} }}")
    try:
        tomllib.loads(applied(text, (edit,)))
    except ValueError:
        return  # half written, or a table in a form that nobody uses
    yield project_action(page, f"Name `<{name[:40]}>` in `{PROJECT_FILE}`", file, text, edit)


def _naming_file(page: Page, call: Span, read: ReadFile) -> Iterator[Action]:
    """The file of a name that is known without one, in its entry in the project file or in a new one."""
    index, file = page.snapshot.index_at(call.start), page.project.file
    name = next((use.name for use in names_in(page, index) if use.kind == "concept" and call.contains(use.span)), "")
    text = read(file) if file and name else None
    if not file or text is None:
        return
    entries = [(path, place) for path, place in places_if_read(text).items() if _is_entry(path, name)]
    if not entries:
        yield from _naming(page, next(use.span for use in names_in(page, index) if use.name == name), read)
        return
    path = f"path = {json.dumps(f'{name}.safetensors', ensure_ascii=False)}"
    value = entries[0][1].value
    written = text[value.start : value.end]
    if written.startswith("{"):
        comma = "" if written[1:-1].strip() == "" else ","
        edit = Edit(Span(value.start + 1, value.start + 1), f" {path}{comma}")
    elif header := re.search(rf"(?mi)^[ \t]*\[concepts\.(?:names\.)?{re.escape(name)}\][^\r\n]*", text):
        edit = Edit(Span(header.end(), header.end()), f"\n{path}")
    else:
        return
    try:
        tomllib.loads(applied(text, (edit,)))
    except ValueError:
        return  # it has a path, or is written in a form that nobody uses
    yield project_action(page, f"Name the file of `<{name[:40]}>` in `{PROJECT_FILE}`", file, text, edit)


def _is_entry(path: tuple[str | int, ...], name: str) -> bool:
    row = key(tuple(map(str, path)))
    return row is not None and row.shape in ("concept", "concept table") and str(path[-1]).lower() == name.lower()


def _mends(page: Page, index: int, found: Diagnostic, edit: Edit) -> bool:
    """Whether the statement is left with fewer findings of that rule, and with no more warnings of any other."""
    text, least = page.snapshot.pieces[index].text, max(found.severity, Severity.WARNING)
    before, after = (_findings(page, index, each, least) for each in (text, applied(text, (edit,))))
    return after[found.rule.name] < before[found.rule.name] and not after - before


def _findings(page: Page, index: int, text: str, least: Severity) -> Counter[str]:
    """How often each rule speaks where a text stands in place of the statement, among the declarations around it; what
    is less severe than `least` does not count.
    """
    from promptlang.checks.review import review

    pieces, numbers = page.snapshot.pieces, page.snapshot.declarations
    above = [pieces[number].text for number in numbers if number < index]
    below = [pieces[number].text for number in numbers if number > index]
    whole = "\n".join((*above, text, *below))
    found = review(whole, project=page.project, path=page.path)
    return Counter(each.rule.name for each in found if each.severity <= least)
