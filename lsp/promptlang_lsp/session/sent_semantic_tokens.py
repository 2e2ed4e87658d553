"""Semantic tokens as they were last sent, so that the next answer is only what changed."""

from __future__ import annotations

from dataclasses import dataclass

from promptlang_lsp.protocol.words import Steps, Work
from promptlang_lsp.texts.page import Page


@dataclass(frozen=True, eq=False)
class Sent:
    """An answer: its id, the page it was for, and how many numbers each statement has in it."""

    number: str
    page: Page
    counts: list[int]


class SemanticTokens:
    """The last answer for each text."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}
        self._count = 0

    def full(self, page: Page) -> Work:
        """All tokens of a text."""
        from promptlang_lsp.features.display.semantic_tokens import encoding

        last = len(page.snapshot.pieces)
        counts = yield from _counted(page, 0, last)
        data = yield from encoding(page, 0, last)
        return {"resultId": self._remember(page, counts), "data": data.tolist()}

    def delta(self, page: Page, previous: str) -> Work:
        """What changed since the answer with that id; all tokens where it is not known any more.

        The statements that changed are packed anew, and the first token behind them, which is counted from the last
        one before it.
        """
        from promptlang_lsp.features.display.semantic_tokens import encoding

        before = self._sent.get(page.snapshot.uri)
        if (
            before is None
            or before.number != previous
            or before.page.surroundings is not page.surroundings
            or before.page.project is not page.project
        ):
            return (yield from self.full(page))
        pieces = page.snapshot.pieces
        head, tail = page.snapshot.shared_with(before.page.snapshot)
        end, old_end = len(pieces) - tail, len(before.counts) - tail
        middle = yield from _counted(page, head, end)
        counts = [*before.counts[:head], *middle, *before.counts[old_end:]]
        after = next((index for index in range(end, len(counts)) if counts[index]), None)
        moved = 0 if after is None else 5
        data = yield from encoding(page, head, end if after is None else after + 1)
        number = self._remember(page, counts)
        if after is not None:
            del data[len(data) - counts[after] + moved :]
        gone = sum(before.counts[head:old_end]) + moved
        if not gone and not data:
            return {"resultId": number, "edits": []}
        edit = {"start": sum(before.counts[:head]), "deleteCount": gone, "data": data.tolist()}
        return {"resultId": number, "edits": [edit]}

    def _remember(self, page: Page, counts: list[int]) -> str:
        self._count += 1
        self._sent[page.snapshot.uri] = Sent(str(self._count), page, counts)
        return str(self._count)

    def forget(self, uri: str) -> None:
        """The text is shown no more."""
        self._sent.pop(uri, None)


def _counted(page: Page, first: int, last: int) -> Steps[list[int]]:
    """How many numbers each statement has, worked out in steps."""
    from promptlang_lsp.features.display.semantic_tokens import STEP, packed

    counts: list[int] = []
    for index in range(first, last):
        counts.append(max(len(packed(page, index)) - 2, 0))
        if not index % STEP:
            yield
    return counts
