"""One text and what it is read against: all that an answer is a function of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from promptlang.diagnostics import Diagnostic, Edit
from promptlang.meaning.project import Project
from promptlang.statements.cutting import LONGEST
from promptlang.syntax.nodes import Statement
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Configuration
from promptlang_lsp.texts.snapshot import Piece, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from promptlang.meaning.contexts import Context
    from promptlang.meaning.surroundings import Surroundings
    from promptlang.meaning.view import View


@dataclass(frozen=True, eq=False)
class Page:
    """A text, its project and the person's settings; statements are known by their number."""

    snapshot: Snapshot
    project: Project
    configuration: Configuration = field(default_factory=Configuration)
    client: Client = field(default_factory=Client)
    word_files: tuple[Path, ...] = ()
    project_text: str | None = None  # of the project file, where an editor shows it
    used: Mapping[str, int] = field(default_factory=dict[str, int], repr=False)  # how often this person wrote words
    earlier: Surroundings | None = field(default=None, repr=False)  # of an older version of the text

    def with_text(self, text: str) -> Page:
        """A page of another text in place of this one; what was worked out of statements that are the same stays."""
        snapshot = self.snapshot.edited([(None, text)], self.snapshot.version)
        return replace(self, snapshot=snapshot, earlier=self.last_surroundings())

    def with_edits(self, edits: Iterable[Edit]) -> Page:
        """A page of the text after edits that do not overlap."""
        before = self.snapshot
        changes = [
            ((before.position(edit.span.start), before.position(edit.span.end)), edit.text)
            for edit in sorted(edits, key=lambda edit: edit.span, reverse=True)  # so that those before stay in place
        ]
        return replace(self, snapshot=before.edited(changes, before.version), earlier=self.last_surroundings())

    @cached_property
    def path(self) -> Path | None:
        """Where the text lies on disk, None for `untitled:` and its kin."""
        return boundary.path_of(self.snapshot.uri)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What the declarations mean; those of an older version as far as they stay."""
        from promptlang.meaning.surroundings import surroundings

        pieces = self.snapshot.pieces
        declarations = [pieces[index] for index in self.snapshot.declarations]
        return surroundings(declarations, self.project, self.earlier)

    def last_surroundings(self) -> Surroundings | None:
        """The surroundings, or those of an older version where nobody has asked for them yet."""
        return self.__dict__.get("surroundings", self.earlier)

    def statement(self, index: int) -> Statement:
        """The parsed statement of that number."""
        return self.snapshot.pieces[index].read_in(self.context(index).parser)

    def read(self, indices: Sequence[int]) -> None:
        """Parse the first of several statements, each step for all of them: as much as one long statement holds."""
        pieces = self.snapshot.pieces
        sizes = accumulate(len(pieces[index].text) for index in indices)
        some = [index for index, size in zip(indices, sizes, strict=True) if size <= LONGEST]
        for index in some:
            _ = pieces[index].scan
        for index in some:
            self.statement(index)

    def context(self, index: int) -> Context:
        """What stands around a statement; the same object as long as nothing there changes."""
        number = bisect_left(self.snapshot.declarations, index)
        return self.surroundings.context(self.snapshot.pieces[index], number)

    def meaning(self, index: int) -> View:
        """The statement with its settings, concepts and weights, as checks and plan see it."""
        from promptlang.meaning.view import view

        context = self.context(index)
        statement = self.statement(index)
        return self.snapshot.pieces[index].remembered("meaning", context, lambda: view(statement, context))

    def findings(self, index: int) -> tuple[Diagnostic, ...]:
        """What there is to say about one statement, before comments silence any of it."""
        piece, context = self.snapshot.pieces[index], self.context(index)
        found = piece.remembered("findings", context, lambda: _checked(piece, context, self.project))
        if index == len(self.snapshot.pieces) - 1:
            from promptlang.checks.pasted.rule import at_the_end

            found = at_the_end(found)
        if piece.declares:
            number = bisect_left(self.snapshot.declarations, index)
            if (other := self.surroundings.findings.get(number)) is not None:
                found += _judged((other,), self.project)
        return found


def _checked(piece: Piece, context: Context, project: Project) -> tuple[Diagnostic, ...]:
    from promptlang.checks.checking import check_statement

    return _judged(check_statement(piece.read_in(context.parser), context), project)


def _judged(found: tuple[Diagnostic, ...], project: Project) -> tuple[Diagnostic, ...]:
    """The diagnostics as the project wants them, in order of place."""
    if not found:
        return ()
    from promptlang.checks.checking import with_severity

    kept = (with_severity(diagnostic, project) for diagnostic in found)
    return tuple(sorted((each for each in kept if each), key=lambda each: (each.label.span, each.severity)))
