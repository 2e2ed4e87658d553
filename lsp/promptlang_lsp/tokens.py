"""Semantic tokens as they were last sent, so that the next answer is only what changed."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Work


class Tokens:
    """The last packed tokens of each text, with the id they were sent under."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[str, array[int]]] = {}
        self._count = 0

    def full(self, page: Page, still: Callable[[Page], None]) -> Work:
        """All tokens of a text."""
        data = yield from _packed(page, still)
        return {"resultId": self._remember(page, data), "data": data.tolist()}

    def delta(self, page: Page, previous: str, still: Callable[[Page], None]) -> Work:
        """What changed since the answer with that id; all tokens where it is not known."""
        from promptlang_lsp.features.semantic_tokens import delta

        data = yield from _packed(page, still)
        known = self._sent.get(page.snapshot.uri)
        number = self._remember(page, data)
        if known is None or known[0] != previous:
            return {"resultId": number, "data": data.tolist()}
        return {"resultId": number, "edits": delta(known[1], data)}

    def _remember(self, page: Page, data: array[int]) -> str:
        self._count += 1
        self._sent[page.snapshot.uri] = str(self._count), data
        return str(self._count)

    def forget(self, uri: str) -> None:
        """The text is shown no more."""
        self._sent.pop(uri, None)


def _packed(page: Page, still: Callable[[Page], None]) -> Work:
    from promptlang_lsp.features.semantic_tokens import encoded, statement_tokens

    for index in range(len(page.snapshot.pieces)):
        statement_tokens(page, index)
        if not index % 8:
            yield
            still(page)
    return encoded(page, 0, len(page.snapshot.pieces))
