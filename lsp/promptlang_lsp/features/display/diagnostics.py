"""Diagnostics as editors show them: pushed for open texts, pulled for one text or for the whole workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from promptlang import handbook
from promptlang.diagnostics import Diagnostic, Label, Severity
from promptlang.files import Report
from promptlang.source import Span
from promptlang.statements.cutting import TOGETHER, is_foreign
from promptlang_lsp.protocol.boundary import Encoding, positions, wire_range
from promptlang_lsp.protocol.words import Json, Steps
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Snapshot

TAGS = {"unnecessary": 1, "deprecated": 2}
Wire = dict[str, Json]


Found = tuple[Diagnostic, ...]


@dataclass(frozen=True, eq=False)
class Known:
    """The diagnostics of a version of a text: `by_piece` holds those of each statement that has any.

    `unseen` are the numbers of the statements that nobody has looked at yet, where a look was cut short by an edit.
    """

    page: Page
    silent: frozenset[str]
    by_piece: dict[int, Found]
    items: list[Wire]
    failures: tuple[Exception, ...] = ()  # mistakes of ours: the other statements are reported all the same
    unseen: Sequence[int] = ()


@dataclass(eq=False)
class Look:
    """A look at a version of a text that is under way: what is known of each statement, and how far it has come.

    The first `touched` of the `changed` statements are those that somebody typed in. One that changed its surroundings
    alone keeps its last diagnostics until it is looked at again.
    """

    page: Page
    by_piece: dict[int, Found] = field(default_factory=dict[int, Found])
    done: int = 0
    changed: Sequence[int] = ()
    touched: int = 0
    silent: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How many statements there are to look at."""
        return len(self.changed)

    @property
    def has_seen_touched(self) -> bool:
        """Whether the statement just looked at is the last one that was touched, with others to come.

        An edit that takes lines away may touch none; what is known then is there after the first.
        """
        return self.done == max(self.touched, 1) < self.size

    def so_far(self) -> Known:
        """What is known by now, for the look at a newer version: what is shown of other statements stays."""
        return Known(self.page, self.silent, self.by_piece.copy(), [], unseen=self.changed[self.done :])

    def items(self) -> list[Wire]:
        """What there is to show by now."""
        return _items(self.page, dict(sorted(self.by_piece.items())), _silent(self.page))


def diagnostics(page: Page, before: Known | None = None, look: Look | None = None) -> Steps[Known]:
    """All diagnostics of a text, worked out statement by statement; capped, with one line that says so.

    `before` are those of an earlier version: only the statements that changed since, and those whose surroundings
    did, are looked at. `look` tells meanwhile what is known.
    """
    snapshot = page.snapshot
    if not snapshot.is_read:
        return Known(page, frozenset(), {}, _of_unread(page))
    silent = _silent(page)
    changed, touched, by_piece = _carried(page, silent, before)
    look = look or Look(page)
    look.by_piece, look.changed, look.touched, look.silent = by_piece, changed, touched, silent
    failures: tuple[Exception, ...] = ()
    for place, index in enumerate(changed):
        if place >= touched and not (place - touched) % TOGETHER:
            with suppress(Exception):  # it comes again, for the statement that it is about
                page.read(changed[place : place + TOGETHER])
        try:
            found = tuple(each for each in page.findings(index) if each.rule.name not in silent)
        except Exception as failure:
            failures = (*failures[-9:], failure)
            found = ()
        if found:
            by_piece[index] = found
        else:
            by_piece.pop(index, None)
        look.done += 1
        yield
    by_piece = dict(sorted(by_piece.items()))
    return Known(page, silent, by_piece, _items(page, by_piece, silent), failures)


def _carried(page: Page, silent: frozenset[str], before: Known | None) -> tuple[Sequence[int], int, dict[int, Found]]:
    """The numbers of the statements to look at, how many of them were touched, and the last diagnostics by number."""
    new = page.snapshot.pieces
    if (
        before is None
        or not before.page.snapshot.is_read
        or before.page.project is not page.project
        or before.silent != silent
    ):
        return *_all(page.snapshot), {}
    head, tail = page.snapshot.shared_with(before.page.snapshot)
    more = len(new) - len(before.page.snapshot.pieces)
    end = len(new) - tail
    kept = {
        (index if index < head else index + more): found
        for index, found in before.by_piece.items()
        if index < head or index + more >= end
    }
    is_same = page.surroundings is before.page.surroundings
    if is_same and not before.unseen:
        return range(head, end), end - head, kept
    unseen = (index if index < head else index + more for index in before.unseen if index < head or index + more >= end)
    later = dict.fromkeys((*(() if is_same else _resituated(page, before.page, head, end)), *unseen))
    return [*range(head, end), *later], end - head, kept


def _all(snapshot: Snapshot) -> tuple[Sequence[int], int]:
    """Every statement, what was typed last before the others, and how many that are."""
    every = range(len(snapshot.pieces))
    if snapshot.basis is None:
        return every, 0
    _, head, tail = snapshot.basis
    end = len(every) - tail
    return [*every[head:end], *every[:head], *every[end:]], end - head


def _resituated(page: Page, before: Page, head: int, end: int) -> Iterator[int]:
    """The statements outside the edit, `head` to `end`, whose surroundings differ from those in an older version."""
    old, new, pieces = before.surroundings, page.surroundings, page.snapshot.pieces
    more = len(new.places) - len(old.places)
    edges = (-1, *page.snapshot.declarations, len(pieces))
    for number, (above, below) in enumerate(pairwise(edges)):
        for part, was in (
            (range(above + 1, min(below, head)), number),
            (range(max(above + 1, end), below), number - more),
        ):
            if not part:
                continue
            alike = old.places[was] is new.places[number]
            yield from (index for index in part if not alike or "#" in pieces[index].text)
    yield from (index for index in edges[1:-1] if not head <= index < end)


def _items(page: Page, by_piece: dict[int, tuple[Diagnostic, ...]], silent: frozenset[str]) -> list[Wire]:
    limit = page.configuration.diagnostics.limit
    if page.snapshot.silencing:
        starts = page.snapshot.starts
        found = [each.moved(starts[index]) for index, several in by_piece.items() for each in several]
        kept = [each for each in _unsuppressed(page, found) if each.rule.name not in silent]
        items = [placed(page, each) for each in kept[: limit + 1]]
    else:
        items = list[Wire]()
        for index, found in by_piece.items():
            items += _written(page, index, found)
            if len(items) > limit:
                break
    return [*items[:limit], _more(items[limit])] if len(items) > limit else items


def findings(page: Page, span: Span) -> Steps[list[Diagnostic]]:
    """The diagnostics that touch a span and that neither a comment nor the project silences; spans count in the file.

    A comment may speak for a statement far away, so with comments that silence the whole file is looked at.
    """
    snapshot, silent = page.snapshot, _silent(page)
    numbers = range(snapshot.index_at(span.start), snapshot.index_at(span.end) + 1)
    found: list[Diagnostic] = []
    for index in range(len(snapshot.pieces)) if snapshot.silencing else numbers:
        start = snapshot.starts[index]
        found += (each.moved(start) for each in page.findings(index) if each.rule.name not in silent)
        yield
    kept = _unsuppressed(page, found) if snapshot.silencing else found
    return [
        each
        for each in kept
        if each.rule.name not in silent and each.label.span.start <= span.end and span.start <= each.label.span.end
    ]


def _silent(page: Page) -> frozenset[str]:
    from promptlang.checks.suppress import silent_in

    return silent_in(page.project, page.path) if page.path else frozenset()


def _unsuppressed(page: Page, found: list[Diagnostic]) -> list[Diagnostic]:
    """What no comment silences, and what is wrong with the comments, as the project wants it."""
    from promptlang.checks.checking import with_severity
    from promptlang.checks.suppress import unsuppressed

    known = set(map(id, found))
    result: list[Diagnostic] = []
    for each in unsuppressed(page.snapshot.text, found, project=page.project):
        judged = each if id(each) in known else with_severity(each, page.project)
        if judged:
            result.append(judged)
    return result


def _of_unread(page: Page) -> list[Wire]:
    """What there is to say about a text that is not looked at: it is somebody else's, or a statement is too long."""
    from promptlang.checks.checking import with_severity
    from promptlang.statements.parsing import parse
    from promptlang_lsp.texts.snapshot import LARGEST

    snapshot = page.snapshot
    if len(snapshot) > LARGEST:
        return []
    if snapshot.is_project_file:
        return _of_project(page)
    head = snapshot.pieces[0].text[:2000]
    if is_foreign(head):
        kept = (with_severity(each, page.project) for each in parse(head).diagnostics)
        return [placed(page, each) for each in kept if each]
    return [_too_long(page, index) for index in snapshot.too_long[:1]]


def _of_project(page: Page) -> list[Wire]:
    """What is wrong with a project file as it stands in the editor."""
    from pathlib import Path

    from promptlang.config.chain import load
    from promptlang.files import TextFile
    from promptlang.source import Source

    if page.path is None:
        return []
    path = page.path.absolute()
    reports = load(path, TextFile(Source(page.snapshot.text, str(path)))).reports
    own = (each for each in reports if Path(each.source.name).absolute() == path)
    return [item for each in own for item in report_items(page.snapshot.uri, each, page.snapshot.encoding)]


def _too_long(page: Page, index: int) -> Wire:
    from promptlang.statements.cutting import LONGEST

    text = page.snapshot.pieces[index].text
    return {
        "range": page.snapshot.range(index, Span(0, len(text[:40].split(None, 1)[0]) if text[:1].strip() else 0)),
        "severity": int(Severity.WARNING),
        "source": "promptlang",
        "message": f"a statement of {len(text):,} characters, above {LONGEST:,}, keeps this file from being looked at"
        "\nhelp: shorten it, or run `promptlang check`, which reads all",
    }


def _written(page: Page, index: int, found: tuple[Diagnostic, ...]) -> Iterator[Wire]:
    """The diagnostics of a statement; those it had before an edit elsewhere only change their lines."""
    snapshot = page.snapshot
    line, piece = snapshot.lines[index], snapshot.pieces[index]
    if any(not _is_inside(page, index, label.span) for each in found for label in each.related):
        return (_wire(page, index, each) for each in found)  # what is between the two may have grown
    place, items = piece.remembered("written", found, lambda: (line, [_wire(page, index, each) for each in found]))
    return (_moved(item, line - place) for item in items)


def _moved(item: Wire, lines: int) -> Wire:
    if not lines:
        return item
    moved = {**item, "range": _lower(item["range"], lines)}
    related = item.get("relatedInformation")
    if isinstance(related, list):
        moved["relatedInformation"] = [_lower(each, lines) for each in related]
    return moved


def _lower(value: Json, lines: int) -> Json:
    """A value with every line in it moved down."""
    if not isinstance(value, dict):
        return value
    line = value.get("line")
    if isinstance(line, int):
        return {**value, "line": line + lines}
    return {name: _lower(each, lines) for name, each in value.items()}


def _wire(page: Page, index: int, diagnostic: Diagnostic) -> Wire:
    related = [_related(page, index, label) for label in diagnostic.related]
    return _item(diagnostic, page.snapshot.range(index, _shown(page, index, diagnostic.label.span)), related)


def _is_inside(page: Page, index: int, span: Span) -> bool:
    return span.start >= 0 and span.end <= len(page.snapshot.pieces[index].text)


def _in_file(page: Page, index: int, span: Span) -> Span:
    """A span that counts from the start of a statement, in the file.

    One outside the statement lies in another declaration: `Surroundings` counts as if only they stood in the file.
    """
    snapshot = page.snapshot
    if _is_inside(page, index, span):
        return span.moved(snapshot.starts[index])
    declarations = snapshot.declarations
    number, at = declarations.index(index), span.start
    while at < 0:
        number -= 1
        at += len(snapshot.pieces[declarations[number]].text) + 1
    while at > len(snapshot.pieces[declarations[number]].text):
        at -= len(snapshot.pieces[declarations[number]].text) + 1
        number += 1
    start = snapshot.starts[declarations[number]] + at
    return Span(start, start + span.end - span.start)


def _shown(page: Page, index: int, span: Span) -> Span:
    """The span without a line end at its end, which editors would underline on the next line."""
    text = page.snapshot.pieces[index].text[span.start : span.end]
    return Span(span.start, span.start + len(text.rstrip())) if text.strip() else span


def placed(page: Page, diagnostic: Diagnostic) -> Wire:
    """A diagnostic whose spans count from the start of the file."""
    snapshot = page.snapshot
    index = snapshot.index_at(diagnostic.label.span.start)
    return _wire(page, index, diagnostic.moved(-snapshot.starts[index]))


def report_items(uri: str, report: Report, encoding: Encoding) -> list[Wire]:
    """The diagnostics of a file that is no prompt, such as `promptlang.toml`."""
    text, starts = report.source.text, report.source.line_starts

    def place(span: Span) -> Json:
        (start,), (end,) = (positions(text, starts, (at,), encoding) for at in (span.start, span.end))
        return wire_range(start, end)

    return [
        _item(
            each,
            place(each.label.span),
            [
                {"location": {"uri": uri, "range": place(label.span)}, "message": label.text or "here"}
                for label in each.related
            ],
        )
        for each in report.diagnostics
    ]


def _related(page: Page, index: int, label: Label) -> Json:
    place = page.snapshot.file_range(_in_file(page, index, label.span))
    return {"location": {"uri": page.snapshot.uri, "range": place}, "message": label.text or "here"}


def _item(diagnostic: Diagnostic, place: Json, related: list[Json]) -> Wire:
    rule = diagnostic.rule
    help_line = f"\nhelp: {diagnostic.help}" if diagnostic.help else ""
    item: Wire = {
        "range": place,
        "severity": int(diagnostic.severity),
        "code": rule.name,
        "source": "promptlang",
        "message": diagnostic.message + help_line,
    }
    if address := handbook.address(handbook.RULES, rule.name):
        item["codeDescription"] = {"href": address}
    if related:
        item["relatedInformation"] = related
    if tags := [TAGS[tag] for tag in rule.tags if tag in TAGS]:
        item["tags"] = tags
    return item


def _more(first_left_out: Wire) -> Wire:
    return {
        "range": first_left_out["range"],
        "severity": 3,
        "source": "promptlang",
        "message": "there are more findings in this file than are shown",
    }
