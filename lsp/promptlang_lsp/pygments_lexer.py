"""The colours of the server for Pygments: `pygmentize -l prompt`, Sphinx, notebooks, terminals.

Pygments imports every lexer that is installed when it looks for a name, so the compiler is loaded with the first text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Text
from pygments.token import _TokenType as Kind  # pyright: ignore[reportPrivateUsage]  # it has no other name

from promptlang_lsp.protocol.legend import NEGATIVE, STRONGER, STRONGEST, TYPES, WEAKER

# By the name that the server has for them; words alone are told by how much they count.
KINDS: dict[str, Kind] = {
    "keyword": Keyword,
    "property": Name.Attribute,
    "number": Number,
    "string": Text,
    "class": Name.Class,
    "function": Name.Function,
    "comment": Comment.Single,
    "operator": Operator,
    "macro": Name.Variable,
    "enumMember": Name.Constant,
}
WORDS: tuple[tuple[int, Kind], ...] = (
    (NEGATIVE, Generic.Deleted),
    (STRONGEST, Generic.Strong),
    (STRONGER, Generic.Emph),
    (WEAKER, String),
)


class PromptLexer(Lexer):
    """What each stretch of a `.prompt` file is, as the server's semantic tokens say it."""

    name = "Prompt"
    aliases: ClassVar[Sequence[str]] = ("prompt", "promptlang")
    filenames: ClassVar[Sequence[str]] = ("*.prompt",)
    mimetypes: ClassVar[Sequence[str]] = ("text/x-prompt",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Kind, str]]:
        """The whole text in pieces, with the offset and the kind of each."""
        at = 0
        for start, end, kind, modifiers in _tokens(text):
            if at < start:
                yield at, Text, text[at:start]
            yield start, _kind(TYPES[kind], modifiers), text[start:end]
            at = end
        if at < len(text):
            yield at, Text, text[at:]


def _tokens(text: str) -> Iterator[tuple[int, int, int, int]]:
    """The server's tokens, counted from the start of the text; none of what is too long to be looked at."""
    from promptlang.meaning.project import EMPTY_PROJECT
    from promptlang_lsp.features.display.semantic_tokens import statement_tokens
    from promptlang_lsp.protocol.client import Client
    from promptlang_lsp.texts.page import Page
    from promptlang_lsp.texts.snapshot import opened

    page = Page(opened("untitled:prompt", 0, text, Client().encoding), EMPTY_PROJECT)
    if not page.snapshot.is_read:
        return
    for index, begin, _ in page.snapshot.placed():
        for start, end, kind, modifiers in statement_tokens(page, index):
            yield begin + start, begin + end, kind, modifiers


def _kind(name: str, modifiers: int) -> Kind:
    if name == "string":
        return next((kind for modifier, kind in WORDS if modifiers & modifier), Text)
    return KINDS[name]
